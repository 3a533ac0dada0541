package plot

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A ladderBarAt is a wait at a lifeline, and its words.
type ladderBarAt struct {
	column, lane int
	kind         flow.WaitKind
	from, to     vg.Length
	words        []string
	after        int // the instant after which the words stand
}

// putWaits gives each wait a lane, such that those of a column that overlap are side
// by side, and finds a place for its words: the longest time within it in which its
// column has no others.
func (p *ladderPlan) putWaits() {
	order := make([]int, len(p.Waits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Waits[a].From, p.Waits[b].From) })
	ends := make([][]sim.Time, p.columns())
	p.lanes = make([]int, p.columns())
	p.bars = make([]ladderBarAt, len(p.Waits))
	taken := map[[2]int]bool{} // by instant and column
	for _, i := range order {
		w := &p.Waits[i]
		c := columnOf(w.Leg, w.Back)
		lane := slices.IndexFunc(ends[c], func(t sim.Time) bool { return t <= w.From })
		if lane < 0 {
			lane = len(ends[c])
			ends[c] = append(ends[c], 0)
		}
		ends[c][lane] = w.To
		p.lanes[c] = len(ends[c])
		after := p.longest(w, func(k int) bool { return taken[[2]int{k, c}] })
		taken[[2]int{after, c}] = true
		p.bars[i] = ladderBarAt{column: c, lane: lane, kind: w.Kind, words: waitWords(w), after: after}
	}
}

// longest returns the instant in a wait after which nothing happens for longest, of
// those that are not taken if there are any.
func (p *ladderPlan) longest(w *flow.LadderWait, taken func(instant int) bool) int {
	best := p.instant(w.From)
	for k := best + 1; k < p.instant(w.To); k++ {
		longer := p.instants[k+1]-p.instants[k] > p.instants[best+1]-p.instants[best]
		if taken(best) && !taken(k) || taken(best) == taken(k) && longer {
			best = k
		}
	}
	return best
}

// mostLines is how many lines of words about waits stand after each instant, in the
// column that has most.
func (p *ladderPlan) mostLines() []int {
	most := make([]int, len(p.instants))
	for i := range p.bars {
		most[p.bars[i].after] = max(most[p.bars[i].after], len(p.together(i)))
	}
	return most
}

// together are all lines that stand where those of a wait do.
func (p *ladderPlan) together(wait int) (lines []string) {
	b := &p.bars[wait]
	for i := range p.bars {
		if x := &p.bars[i]; x.after == b.after && x.column == b.column {
			lines = append(lines, x.words...)
		}
	}
	return lines
}

// beyond is how far from a lifeline its bars reach.
func (p *ladderPlan) beyond(column int) vg.Length {
	return 5 + vg.Length(p.lanes[column])*(ladderBar+2)
}

// placeWaits gives the bars their ends, and puts the words that stand at one place
// below one another around its middle.
func (p *ladderPlan) placeWaits() {
	next := map[[2]int]vg.Length{} // depth of the next line, by instant and column
	for i := range p.bars {
		b := &p.bars[i]
		b.from, b.to = p.depth[p.instant(p.Waits[i].From)], p.depth[p.instant(p.Waits[i].To)]
		at := [2]int{b.after, b.column}
		y, ok := next[at]
		if !ok {
			middle := (p.depth[b.after] + p.tall[b.after] + p.depth[b.after+1]) / 2
			y = middle - ladderLine*vg.Length(len(p.together(i))-1)/2
		}
		for _, line := range b.words {
			p.labels = append(p.labels, ladderLabel{b.column, y, line, b.kind == flow.WaitStall})
			y += ladderLine
		}
		next[at] = y
	}
}
