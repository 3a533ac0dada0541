package plot

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/sim"
)

// Sizes of a ladder diagram, in points.
const (
	ladderText  = markSize
	ladderLine  = 10 // from one label to the next
	ladderStep  = 5  // between arrows that come at one instant
	ladderTime  = 30 // room for the times
	ladderWords = 62 // most width of what is said of a wait
	ladderFall  = 34 // how far the slowest packet falls
	ladderMost  = 46 // most between two instants of a time axis that is not cut
	ladderCut   = 38 // where it is
	ladderApart = 6  // least between what is said of waits and of packets
	ladderBar   = 6  // width of a bar
	ladderNames = 14 // for the names of the ends
)

// A ladderPlan says where everything is in a ladder diagram. Each leg has two
// columns, one for either end, where labels stand: left of the lifeline of the end
// that is nearer to the client, and right of the other's. Depths count from the
// diagram's top.
type ladderPlan struct {
	*flow.Ladder
	width, height vg.Length
	title         []string
	instants      []sim.Time
	depth         []vg.Length // of each instant
	cut           []bool      // whether the time axis is cut after it
	tall          []vg.Length // what labels and arrows of one instant take
	arrows        []ladderArrow
	labels        []ladderLabel
	bars          []ladderBarAt
	lanes         []int       // of bars, by column
	room          []vg.Length // for bars and labels, by column
}

// A ladderArrow is where a packet leaves and arrives.
type ladderArrow struct {
	packet   *flow.LadderPacket
	from, to vg.Length
}

// A ladderLabel is a line of words beside a lifeline.
type ladderLabel struct {
	column int
	depth  vg.Length
	text   string
	bold   bool
}

// A ladderBarAt is a wait at a lifeline.
type ladderBarAt struct {
	column, lane int
	kind         flow.WaitKind
	from, to     vg.Length
}

func columnOf(leg int, back bool) int {
	if back {
		return 2*leg + 1
	}
	return 2 * leg
}

func newLadderPlan(l *flow.Ladder, wide vg.Length) *ladderPlan {
	p := &ladderPlan{Ladder: l, width: wide, title: wrap(written(ink, panelSize, true), l.Title, wide)}
	p.collect()
	p.bar()
	p.space(p.rooms())
	p.place()
	p.measure()
	p.height = p.depth[len(p.depth)-1] + p.tall[len(p.tall)-1] + ladderLine
	if p.More > 0 {
		p.height += ladderLine
	}
	return p
}

// head is the height of what stands above the lifelines' first instant.
func (p *ladderPlan) head() vg.Length {
	return vg.Length(len(p.title))*panelLine + labelSize*lineHeight + ladderNames + ladderLine
}

// columns is how many columns there are.
func (p *ladderPlan) columns() int { return 2 * (len(p.Ends) - 1) }

// collect finds the instants at which something happens.
func (p *ladderPlan) collect() {
	p.instants = append(p.instants, 0, p.Done)
	for i := range p.Packets {
		p.instants = append(p.instants, p.Packets[i].Leaves, p.Packets[i].Arrives)
	}
	for i := range p.Waits {
		p.instants = append(p.instants, p.Waits[i].From, p.Waits[i].To)
	}
	slices.Sort(p.instants)
	p.instants = slices.Compact(p.instants)
}

// instant returns the number of an instant.
func (p *ladderPlan) instant(t sim.Time) int {
	i, _ := slices.BinarySearch(p.instants, t)
	return i
}

// bar puts the waits of a column that overlap side by side.
func (p *ladderPlan) bar() {
	ends := make([][]sim.Time, p.columns())
	p.lanes = make([]int, p.columns())
	p.bars = make([]ladderBarAt, len(p.Waits))
	for _, i := range p.waitsInOrder() {
		w := &p.Waits[i]
		c := columnOf(w.Leg, w.Back)
		lane := slices.IndexFunc(ends[c], func(t sim.Time) bool { return t <= w.From })
		if lane < 0 {
			lane = len(ends[c])
			ends[c] = append(ends[c], 0)
		}
		ends[c][lane] = w.To
		p.lanes[c] = len(ends[c])
		p.bars[i] = ladderBarAt{column: c, lane: lane, kind: w.Kind}
	}
}

func (p *ladderPlan) waitsInOrder() []int {
	order := make([]int, len(p.Waits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Waits[a].From, p.Waits[b].From) })
	return order
}

// A ladderNote is the words of a wait and between which instants they stand.
type ladderNote struct {
	lines []string
	after int // the instant before
}

// rooms finds a place for the words of each wait: the longest time within it in
// which its column has no others.
func (p *ladderPlan) rooms() []ladderNote {
	notes := make([]ladderNote, len(p.Waits))
	taken := map[[2]int]bool{}
	for _, i := range p.waitsInOrder() {
		w, c := &p.Waits[i], p.bars[i].column
		first, last := p.instant(w.From), p.instant(w.To)
		best := first
		better := func(a, b int) bool { // whether a is better than b
			if taken[[2]int{a, c}] != taken[[2]int{b, c}] {
				return taken[[2]int{b, c}]
			}
			return p.instants[a+1]-p.instants[a] > p.instants[b+1]-p.instants[b]
		}
		for k := first; k < last; k++ {
			if better(k, best) {
				best = k
			}
		}
		taken[[2]int{best, c}] = true
		s := written(ink, ladderText, w.Kind == flow.WaitStall)
		notes[i] = ladderNote{waitLines(w, s), best}
	}
	return notes
}

// beyond is how far from a lifeline its bars reach.
func (p *ladderPlan) beyond(column int) vg.Length {
	return 5 + vg.Length(p.lanes[column])*(ladderBar+2)
}

// waitLines say what waits and how long, on one line or two.
func waitLines(w *flow.LadderWait, s text.Style) []string {
	what, long := "ACK delayed", milliseconds(w.To-w.From)+" ms"
	switch w.Kind {
	case flow.WaitHeld:
		what = results.Plain.Human(float64(w.Bytes)) + " held"
	case flow.WaitLost:
		what = results.Plain.Human(float64(w.Bytes)) + " lost"
	case flow.WaitWork:
		what = "works"
	}
	if one := what + " " + long; s.Width(one) <= ladderWords {
		return []string{one}
	}
	return []string{what, long}
}

// milliseconds writes a time without its unit.
func milliseconds(t sim.Time) string {
	return strconv.FormatFloat(math.Round(float64(t)/1e3)/1e3, 'f', -1, 64)
}

// space gives each instant its depth: in proportion to time, but never so near that
// words would overlap, nor so far as to leave the page empty.
func (p *ladderPlan) space(notes []ladderNote) {
	way := sim.Time(0)
	for i := range p.Packets {
		way = max(way, p.Packets[i].Arrives-p.Packets[i].Leaves)
	}
	if way == 0 {
		way = max(1, p.Done)
	}
	need := map[[2]int]int{} // lines of words, by instant before and column
	most := make([]int, len(p.instants))
	for i, n := range notes {
		at := [2]int{n.after, p.bars[i].column}
		need[at] += len(n.lines)
		most[n.after] = max(most[n.after], need[at])
	}
	p.stack(nil)
	y := p.head()
	p.cut = make([]bool, len(p.instants))
	for i := range p.instants {
		p.depth = append(p.depth, y)
		y += p.tall[i]
		if i+1 < len(p.instants) {
			d := ladderFall * vg.Length(p.instants[i+1]-p.instants[i]) / vg.Length(way)
			if p.cut[i] = d > ladderMost; p.cut[i] {
				d = ladderCut
			}
			least := vg.Length(ladderLine)
			if most[i] > 0 {
				least += ladderLine*vg.Length(most[i]) + ladderApart
			}
			y += max(d, least)
		}
	}
	for i, n := range notes {
		p.bars[i].from, p.bars[i].to = p.depth[p.instant(p.Waits[i].From)], p.depth[p.instant(p.Waits[i].To)]
		at := [2]int{n.after, p.bars[i].column}
		// Those of one place stand below one another around its middle.
		middle := (p.depth[n.after] + p.tall[n.after] + p.depth[n.after+1]) / 2
		all := 0
		for k, other := range notes {
			if other.after == n.after && p.bars[k].column == at[1] {
				all += len(other.lines)
			}
		}
		first := middle - ladderLine*vg.Length(all-1)/2 + ladderLine*vg.Length(all-need[at])
		for k, line := range n.lines {
			p.labels = append(p.labels, ladderLabel{at[1], first + vg.Length(k)*ladderLine, line, p.bars[i].kind == flow.WaitStall})
		}
		need[at] -= len(n.lines)
	}
}

// place gives each packet its ends, with a label where it leaves.
func (p *ladderPlan) place() {
	p.arrows = make([]ladderArrow, len(p.Packets))
	p.stack(func(i int, leaves bool, offset vg.Length) {
		switch {
		case i < 0:
			p.labels = append(p.labels, ladderLabel{0, p.depth[p.instant(p.Done)] + offset, "done", true})
		case leaves:
			x := &p.Packets[i]
			p.arrows[i].packet, p.arrows[i].from = x, p.depth[p.instant(x.Leaves)]+offset
			p.labels = append(p.labels, ladderLabel{columnOf(x.Leg, x.Back), p.arrows[i].from, packetWords(x), false})
		default:
			p.arrows[i].to = p.depth[p.instant(p.Packets[i].Arrives)] + offset
		}
	})
}

// measure finds out how much room labels need.
func (p *ladderPlan) measure() {
	p.room = make([]vg.Length, p.columns())
	for c := range p.room {
		p.room[c] = p.beyond(c)
	}
	for _, l := range p.labels {
		p.room[l.column] = max(p.room[l.column], p.beyond(l.column)+written(ink, ladderText, l.bold).Width(l.text)+3)
	}
	// Names of ends stand above the lifelines.
	s := written(ink, labelSize, false)
	last := len(p.room) - 1
	p.room[0] = max(p.room[0], s.Width(p.Ends[0])/2)
	p.room[last] = max(p.room[last], s.Width(p.Ends[len(p.Ends)-1])/2)
}

// alike gives diagrams the same room for labels, so that their lifelines are below
// one another.
func alike(plans []*ladderPlan) {
	for c := range plans[0].room {
		for _, p := range plans {
			plans[0].room[c] = max(plans[0].room[c], p.room[c])
		}
	}
	for _, p := range plans[1:] {
		p.room = plans[0].room
	}
}

// stack puts what happens at one instant in one column below one another: what
// arrives, that the exchange is done, what leaves. It calls put, if not nil, for
// each with its offset; done is packet -1.
func (p *ladderPlan) stack(put func(packet int, leaves bool, offset vg.Length)) {
	type place struct{ instant, column int }
	came, rows := map[place]int{}, map[place]int{}
	p.tall = make([]vg.Length, len(p.instants))
	note := func(at place, packet int, leaves bool) {
		var offset vg.Length
		if leaves {
			offset = ladderStep*vg.Length(max(0, came[at]-1)) + ladderLine*vg.Length(rows[at])
			rows[at]++
		} else {
			offset = ladderStep * vg.Length(came[at])
			came[at]++
		}
		p.tall[at.instant] = max(p.tall[at.instant], offset)
		if put != nil {
			put(packet, leaves, offset)
		}
	}
	for i := range p.Packets {
		x := &p.Packets[i]
		note(place{p.instant(x.Arrives), columnOf(x.Leg, !x.Back)}, i, false)
	}
	note(place{p.instant(p.Done), 0}, -1, true)
	for i := range p.Packets {
		x := &p.Packets[i]
		note(place{p.instant(x.Leaves), columnOf(x.Leg, x.Back)}, i, true)
	}
}

// packetWords say what a packet is.
func packetWords(x *flow.LadderPacket) string {
	words := x.Kind.String()
	if x.Bytes > 0 {
		words += " " + results.Plain.Human(float64(x.Bytes))
	}
	if x.Count > 1 {
		words = strings.TrimPrefix(words, "data ")
		words = strconv.Itoa(x.Count) + " × " + words
	}
	switch {
	case x.Lost:
		words += ", lost"
	case x.Again:
		words += ", again"
	}
	return words
}
