package plot

import (
	"cmp"
	"slices"
	"strings"

	"lbsim/results"
)

// A visit is a time in which a machine was on one host, or on none.
type visit struct {
	vm, lane, row int
	stays         []results.Stay
}

func (v *visit) span() span { return span{v.stays[0].From, v.stays[len(v.stays)-1].To} }

// placementOf makes the lanes of a variant.
func placementOf(v *results.Variant, in span) (*gantt, []entry) {
	p := v.Placement
	g := &gantt{lanes: make([]lane, len(p.Hosts))}
	for h, name := range p.Hosts {
		g.lanes[h].name, g.lanes[h].shaded = name, downOf(v, name, in.to)
	}
	visits := visitsOf(p, &g.lanes)
	tone, legend := tonesOf(p)
	last := map[int]*visit{}
	ends := make([][]float64, len(g.lanes)) // of the last bar, by lane and row
	for _, x := range visits {
		rows := &ends[x.lane]
		x.row = slices.IndexFunc(*rows, func(end float64) bool { return end <= x.span().from })
		if x.row < 0 {
			x.row = len(*rows)
			*rows = append(*rows, 0)
		}
		(*rows)[x.row] = x.span().to
		g.lanes[x.lane].rows = len(*rows)
		g.lanes[x.lane].bars = append(g.lanes[x.lane].bars, x.bars(p, tone(x.vm), in)...)
		if before := last[x.vm]; before != nil && before.span().to == x.span().from {
			g.links = append(g.links, link{x.span().from, before.lane, x.lane, before.row, x.row, tone(x.vm)})
		}
		last[x.vm] = x
	}
	for h := range p.Hosts {
		g.lanes[h].marked = sharedBy(p, visits, h)
	}
	return g, legend
}

// visitsOf joins the stays of each machine on each host. Those without a host are in
// a lane of their own, which is added if there are any; a machine that is off is
// nowhere.
func visitsOf(p *results.Placement, lanes *[]lane) (visits []*visit) {
	under := map[int]*visit{}
	for _, s := range p.Stays {
		at := s.Host
		switch {
		case s.Is == results.Off:
			delete(under, s.VM)
			continue
		case at < 0:
			if at = len(p.Hosts); len(*lanes) == at {
				*lanes = append(*lanes, lane{name: noHost})
			}
		}
		x := under[s.VM]
		if x == nil || x.lane != at {
			x = &visit{vm: s.VM, lane: at}
			under[s.VM] = x
			visits = append(visits, x)
		}
		x.stays = append(x.stays, s)
	}
	slices.SortStableFunc(visits, func(a, b *visit) int { return cmp.Compare(a.span().from, b.span().from) })
	return visits
}

var looks = map[results.Condition]look{
	results.Pending: outlined, results.Booting: hatched, results.Serving: filled, results.Moving: pale, results.Stopped: outlined,
}

// bars are those of a visit. The longest of what is shown has the machine's name,
// of those in which it answers if there are any.
func (v *visit) bars(p *results.Placement, t tone, in span) (bars []bar) {
	longest := 0
	long := func(b bar) float64 {
		d := in.clamp(b.span.to) - in.clamp(b.span.from)
		if b.look == filled && d > 0 {
			d += in.to
		}
		return d
	}
	for i, s := range v.stays {
		bars = append(bars, bar{row: v.row, span: span{s.From, s.To}, tone: t, look: looks[s.Is]})
		if long(bars[i]) > long(bars[longest]) {
			longest = i
		}
	}
	bars[longest].text = p.VMs[v.vm]
	return bars
}

// tonesOf gives each machine its colour: its own if they are few, that of its first
// class if they are many.
func tonesOf(p *results.Placement) (of func(vm int) tone, legend []entry) {
	if len(p.VMs) <= len(calm) {
		for v, name := range p.VMs {
			legend = append(legend, entry{text: name, tone: calm[v]})
		}
		return func(vm int) tone { return calm[vm] }, legend
	}
	const grey = 5
	var classes []string
	number := make([]int, len(p.VMs))
	alone := false
	for v, names := range p.Classes {
		if number[v] = grey; len(names) == 0 {
			alone = true
			continue
		}
		k := slices.IndexFunc(classes, func(name string) bool { return strings.EqualFold(name, names[0]) })
		if k < 0 {
			k = len(classes)
			classes = append(classes, names[0])
			legend = append(legend, entry{text: names[0], tone: calm[k%grey]})
		}
		number[v] = k % grey
	}
	if alone {
		legend = append(legend, entry{text: "no class", tone: calm[grey]})
	}
	return func(vm int) tone { return calm[number[vm]] }, legend
}

// sharedBy returns when a host had two machines or more of one class.
func sharedBy(p *results.Placement, visits []*visit, host int) (spans []span) {
	here := slices.DeleteFunc(slices.Clone(visits), func(v *visit) bool { return v.lane != host })
	for i, a := range here {
		for _, b := range here[:i] {
			s := span{max(a.span().from, b.span().from), min(a.span().to, b.span().to)}
			if s.from < s.to && slices.ContainsFunc(p.Classes[a.vm], func(name string) bool {
				return slices.ContainsFunc(p.Classes[b.vm], func(other string) bool { return strings.EqualFold(name, other) })
			}) {
				spans = append(spans, s)
			}
		}
	}
	return spans
}
