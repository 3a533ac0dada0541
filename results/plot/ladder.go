package plot

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/models/flow"
	"lbsim/results"
)

var ladder = Figure{
	Name: "ladder",
	Doc:  "What passes between client and server in an exchange, packet by packet, and who waits for what: a diagram for each remedy that makes a difference.",
	Draw: drawLadders,
}

const (
	ladderGap      = 20 // between diagrams
	ladderSection  = panelSize + 3
	laddersMost    = 24 // in a picture
	ladderPatterns = 4  // exchanges in a picture
)

// A ladderTile is a diagram at its place: on a row and in a column of it.
type ladderTile struct {
	*ladderPlan
	row, column int
}

// A ladderRow is the diagrams side by side, below the name of their exchange if they
// are its first.
type ladderRow struct {
	heading []string
	height  vg.Length // of the diagrams
}

func (r ladderRow) top() vg.Length {
	return vg.Length(len(r.heading)) * ladderSection * lineHeight
}

func drawLadders(r *results.Result) (*Picture, error) {
	if r.WhatIf == nil {
		return nil, ErrNothing
	}
	var tiles []ladderTile
	var rows []ladderRow
	patterns, cases := r.WhatIf.Unlisted, 0
	var desc []string
	for i := range r.WhatIf.Rows {
		x := &r.WhatIf.Rows[i]
		if len(x.Ladders) == 0 {
			if x.Like == "" && x.Missing == "" {
				patterns++
			}
			continue
		}
		if len(rows) > 0 && (patternsOf(rows) == ladderPatterns || len(tiles)+len(x.Ladders) > laddersMost) {
			patterns++
			continue
		}
		columns := ladderColumns(&x.Ladders[0])
		heading := wrap(written(ink, ladderSection, true), x.Name+": "+x.Writes, width-2*margin)
		shown := x.Ladders[:min(len(x.Ladders), laddersMost)]
		cases += len(x.Ladders) - len(shown)
		plans := make([]*ladderPlan, len(shown))
		for k := range shown {
			plans[k] = newLadderPlan(&shown[k], ladderWidth(columns))
		}
		alike(plans)
		for k, plan := range plans {
			if k%columns == 0 {
				rows = append(rows, ladderRow{heading: heading})
				heading = nil
			}
			last := &rows[len(rows)-1]
			last.height = max(last.height, plan.height)
			tiles = append(tiles, ladderTile{plan, len(rows) - 1, k % columns})
			desc = append(desc, fmt.Sprintf("%s, %s: %s.", x.Name, shown[k].Title, plan.outcome()))
		}
	}
	if len(tiles) == 0 {
		return nil, ErrNothing
	}
	var height vg.Length
	for _, row := range rows {
		height += row.top() + row.height + ladderGap
	}
	note := "Time in ms runs downwards and is not to scale: cut lines stand for long waits. Numbers are bytes of data. Bars: who waits or works for how long."
	note += leftOut(patterns, "exchange") + leftOut(cases, "diagram")
	p := newPicture("ladder", "Packets of an exchange", note, ladderLegend(tiles), height, func(c draw.Canvas) {
		y := c.Max.Y
		next := 0
		for i, row := range rows {
			for _, l := range row.heading {
				y -= ladderSection * lineHeight
				c.FillText(written(ink, ladderSection, true), vg.Point{X: c.Min.X, Y: y + 3}, l)
			}
			for ; next < len(tiles) && tiles[next].row == i; next++ {
				t := tiles[next]
				t.draw(c, c.Min.X+vg.Length(t.column)*(t.width+ladderGap), y)
			}
			y -= row.height + ladderGap
		}
	})
	p.Desc = strings.Join(desc, " ")
	return p, nil
}

// leftOut says that so many more are not in a picture.
func leftOut(n int, what string) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return " 1 more " + what + " is left out."
	}
	return fmt.Sprintf(" %d more %ss are left out.", n, what)
}

func patternsOf(rows []ladderRow) (n int) {
	for _, r := range rows {
		if len(r.heading) > 0 {
			n++
		}
	}
	return n
}

// ladderColumns is how many diagrams have room side by side.
func ladderColumns(l *flow.Ladder) int {
	if len(l.Ends) > 2 {
		return 1
	}
	return 2
}

func ladderWidth(columns int) vg.Length {
	return (width - 2*margin - vg.Length(columns-1)*ladderGap) / vg.Length(columns)
}

// packetTones and waitTones are the colours of arrows and of bars.
var (
	packetTones = map[flow.PacketKind]tone{
		flow.PacketData: calm[0], flow.PacketAck: calm[5], flow.PacketSyn: calm[1], flow.PacketSynAck: calm[1], flow.PacketFin: calm[1],
	}
	waitTones = map[flow.WaitKind]tone{
		flow.WaitHeld: calm[4], flow.WaitAck: calm[5], flow.WaitStall: focus, flow.WaitLost: calm[2], flow.WaitWork: calm[3],
	}
)

// ladderEntries explain the colours, in the order of reading.
var ladderEntries = []struct {
	entry
	of func(l *flow.Ladder) bool
}{
	{entry{"data", packetTones[flow.PacketData], dataLine}, hasPacket(flow.PacketData)},
	{entry{"acknowledgement alone", packetTones[flow.PacketAck], dataLine}, hasPacket(flow.PacketAck)},
	{entry{"connection opened or closed", packetTones[flow.PacketSyn], dataLine}, hasPacket(flow.PacketSyn, flow.PacketFin)},
	{entry{"stall: a delayed ACK that data wait for", waitTones[flow.WaitStall], 0}, hasWait(flow.WaitStall)},
	{entry{"delayed ACK that nothing waits for", waitTones[flow.WaitAck], 0}, hasWait(flow.WaitAck)},
	{entry{"data held back", waitTones[flow.WaitHeld], 0}, hasWait(flow.WaitHeld)},
	{entry{"lost, not noticed yet", waitTones[flow.WaitLost], 0}, hasWait(flow.WaitLost)},
	{entry{"the server works", waitTones[flow.WaitWork], 0}, hasWait(flow.WaitWork)},
}

func hasPacket(kinds ...flow.PacketKind) func(*flow.Ladder) bool {
	return func(l *flow.Ladder) bool {
		for _, p := range l.Packets {
			for _, k := range kinds {
				if p.Kind == k {
					return true
				}
			}
		}
		return false
	}
}

func hasWait(kind flow.WaitKind) func(*flow.Ladder) bool {
	return func(l *flow.Ladder) bool {
		for _, w := range l.Waits {
			if w.Kind == kind {
				return true
			}
		}
		return false
	}
}

func ladderLegend(tiles []ladderTile) (legend []entry) {
	for _, e := range ladderEntries {
		for _, t := range tiles {
			if e.of(t.Ladder) {
				legend = append(legend, e.entry)
				break
			}
		}
	}
	return legend
}

// outcome says what came of an exchange: how long it took, and what of it was a
// stall.
func (p *ladderPlan) outcome() string {
	words := milliseconds(p.Done) + " ms"
	if p.Stalls > 0 {
		words += fmt.Sprintf(", %d stalls", p.Stalls)
	}
	if p.Stalls == 1 {
		words = strings.TrimSuffix(words, "s")
	}
	return words
}
