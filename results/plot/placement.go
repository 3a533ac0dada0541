package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"lbsim/results"
)

var placement = Figure{
	Name: "placement",
	Doc:  "Which host has which virtual machine over simulated time, a lane for each host, a chart for each variant; of large clusters, how many hosts and machines are up.",
	Draw: drawPlacement,
}

// How a database group and its witness are called in marks.
const (
	groupName   = "dag"
	witnessName = "witness"
)

// noHost is the name of the lane of machines that no host has.
const noHost = "no host"

// chartsMost is how many variants a picture of lanes shows.
const chartsMost = 8

func drawPlacement(r *results.Result) (*Picture, error) {
	var panels []timePanel
	var list []*results.Variant
	for i := range r.Variants {
		if v := &r.Variants[i]; v.Placement != nil && len(v.Placement.Stays) > 0 {
			list = append(list, v)
			panels = append(panels, timePanel{marks: hostMarks(v)})
		}
	}
	if len(list) == 0 {
		return hostsOverTime.figure(r)
	}
	left := len(list) - chartsMost
	list, panels = list[:min(len(list), chartsMost)], panels[:min(len(list), chartsMost)]
	in := overTime{}.shownSpan(r, panels)
	var gantts []*gantt
	var legend []entry
	together := false
	for k, v := range list {
		g, entries := placementOf(v, in)
		g.title, g.events = v.Name, eventsOf(panels[k].marks, in)
		for _, e := range entries {
			legend = explain(legend, e)
		}
		together = together || slices.ContainsFunc(g.lanes, func(l lane) bool { return len(l.marked) > 0 })
		gantts = append(gantts, g)
	}
	if slices.ContainsFunc(gantts, (*gantt).homeless) { // lanes of all charts begin at one line then
		for _, g := range gantts {
			if !g.homeless() {
				g.lanes = append(g.lanes, lane{name: noHost})
			}
		}
	}
	legend = append(legend, entry{text: "host is down", tone: rule})
	if together {
		legend = append(legend, entry{text: "machines of one class on one host", tone: focus, width: focusLine})
	}
	note := "Filled: the machine answers; pale: it migrates; hatched: it boots; dashed: it does not answer."
	return chartPicture("placement", "Virtual machines on their hosts", note, r, legend, in, gantts, left)
}

// homeless reports whether a chart has a lane for machines that no host has.
func (g *gantt) homeless() bool { return g.lanes[len(g.lanes)-1].name == noHost }

// chartPicture makes a picture of gantts.
func chartPicture(name, title, note string, r *results.Result, legend []entry, in span, gantts []*gantt, left int) (*Picture, error) {
	chart, worded := newChart(in, gantts)
	if r.Replications > 1 {
		note = "The first replication. " + note
	}
	if in.from > 0 || in.to < r.Duration {
		note += fmt.Sprintf(" Shown: %s to %s of %s.", results.ShortClock(in.from), results.ShortClock(in.to), results.ShortClock(r.Duration))
	}
	if !worded {
		note += " The timeline names the events that have no words here."
	}
	if left > 0 {
		note += fmt.Sprintf(" %d more variants are left out.", left)
	}
	return newPicture(name, title, note, legend, chart.height(), chart.draw), nil
}

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
	var ends [][]float64 // of the last bar, by lane and row
	for range g.lanes {
		ends = append(ends, nil)
	}
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

// downOf returns when a host was down or cut off, up to the end of what is shown.
func downOf(v *results.Variant, host string, end float64) (spans []span) {
	since := -1.
	for _, m := range v.Marks {
		switch {
		case m.Actor != host || m.Server != "" || m.Service != "":
		case m.Kind == "fail" && since < 0:
			since = m.At
		case m.Kind == "recover" && since >= 0:
			spans = append(spans, span{since, m.At})
			since = -1
		}
	}
	if since >= 0 {
		spans = append(spans, span{since, end})
	}
	return spans
}

// hostMarks are the events of hosts and of what they have in common.
func hostMarks(v *results.Variant) (marks []results.Mark) {
	for _, m := range shownMarks(v) {
		ours := m.Server == "" && m.Service == "" && !slices.Contains(v.Placement.Members, m.Actor) && m.Actor != groupName && m.Actor != witnessName
		if ours && slices.Contains([]string{"fail", "recover", "out", "back"}, m.Kind) {
			marks = append(marks, m)
		}
	}
	return marks
}

// shownMarks are the events that figures have words for: not those of single virtual
// machines and databases, which are many and follow from others.
func shownMarks(v *results.Variant) []results.Mark {
	if v.Placement == nil {
		return v.Marks
	}
	return slices.DeleteFunc(slices.Clone(v.Marks), func(m results.Mark) bool {
		alone := m.Server == "" && m.Service == ""
		return alone && (m.Kind == "set" || strings.HasPrefix(m.Actor, "vm:") || slices.Contains(v.Placement.Databases, m.Actor))
	})
}

// hostsOverTime shows hosts and machines that are too many for lanes.
var hostsOverTime = overTime{
	name: "placement", title: "Hosts and virtual machines that are up",
	axis: func(low, _ float64) axis { return upAxis(low) },
	panels: func(r *results.Result) (panels []timePanel) {
		for i := range r.Variants {
			v := &r.Variants[i]
			if v.Placement == nil || len(v.Placement.Hosts) == 0 {
				continue
			}
			p := timePanel{title: v.Name}
			p.traces = append(p.traces, shareOf(v, "vms_up", "virtual machines", len(v.Placement.VMs), calm[0])...)
			p.traces = append(p.traces, shareOf(v, "hosts_up", "hosts", len(v.Placement.Hosts), calm[4])...)
			panels = append(panels, p)
		}
		return panels
	},
}

// upAxis is an axis of shares up to 1, from 0 or from a round share below the lowest
// if that is more than half.
func upAxis(low float64) axis {
	ticks := countTicks{panelTicks, 0, func(v float64) string { return plainLabel(v * 100) }}
	from := 0.
	if low > 0.5 {
		step := ticks.step(max(1-low, 1e-4))
		from = 1 - float64(math.Ceil((1-low)/step+0.2)*step)
	}
	return axis{"share that is up (%)", ticks, max(0, from), 1 + (1-from)*0.05, false}
}

// shareOf is the trace of a number over that of all.
func shareOf(v *results.Variant, metric, label string, all int, t tone) []trace {
	for i := range v.Series {
		if v.Series[i].Metric != metric {
			continue
		}
		s := v.Series[i]
		part := func(x []float64) []float64 {
			out := slices.Clone(x)
			for k := range out {
				out[k] /= float64(cmp.Or(all, 1))
			}
			return out
		}
		s.Mean, s.Min, s.Max = part(s.Mean), part(s.Min), part(s.Max)
		return []trace{{series: &s, label: label, tone: t, width: vg.Length(dataLine)}}
	}
	return nil
}
