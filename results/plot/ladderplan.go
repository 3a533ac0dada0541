package plot

import (
	"slices"

	"gonum.org/v1/plot/vg"

	"lbsim/models/flow"
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
	bars          []ladderBarAt // of each wait
	lanes         []int         // of bars, by column
	room          []vg.Length   // for bars and labels, by column
}

// A ladderLabel is a line of words beside a lifeline.
type ladderLabel struct {
	column int
	depth  vg.Length
	text   string
	bold   bool
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
	p.putWaits()
	p.space()
	p.placeWaits()
	p.placePackets()
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

// space gives each instant its depth: in proportion to time, but never so near that
// words would overlap, nor so far as to leave the page empty.
func (p *ladderPlan) space() {
	way := sim.Time(0)
	for i := range p.Packets {
		way = max(way, p.Packets[i].Arrives-p.Packets[i].Leaves)
	}
	if way == 0 {
		way = max(1, p.Done)
	}
	most := p.mostLines()
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
