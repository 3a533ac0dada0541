package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/models/flow"
)

// lifeline is where the line of a column is, from the diagram's left.
func (p *ladderPlan) lifeline(column int) vg.Length {
	wire, x := p.width-ladderTime, vg.Length(ladderTime)
	for c, room := range p.room {
		wire -= room
		if c <= column {
			x += room
		}
	}
	wire /= vg.Length(len(p.Ends) - 1)
	if column%2 == 1 {
		x -= p.room[column]
	}
	return x + wire*vg.Length((column+1)/2)
}

// outward is the direction from a column's lifeline to its labels.
func outward(column int) vg.Length {
	if column%2 == 1 {
		return 1
	}
	return -1
}

// draw draws the diagram with its upper left corner there.
func (p *ladderPlan) draw(c draw.Canvas, left, top vg.Length) {
	p.drawHead(c, left, top)
	bottom := p.depth[len(p.depth)-1] + p.tall[len(p.tall)-1] + ladderLine/2
	first := p.depth[0] - ladderLine/2
	for i := 1; i < len(p.Ends)-1; i++ {
		c.FillPolygon(rule.light, box(left+p.lifeline(2*i-1), top-bottom, left+p.lifeline(2*i), top-first))
	}
	for column := range p.columns() {
		x := left + p.lifeline(column)
		c.StrokeLine2(line(muted, dataLine), x, top-first, x, top-bottom)
	}
	axis := left + ladderTime - 3
	c.StrokeLine2(line(rule, dataLine), axis, top-first, axis, top-bottom)
	s := written(muted, ladderText, false)
	s.XAlign, s.YAlign = text.XRight, text.YCenter
	for i, t := range p.instants {
		y := top - p.depth[i]
		c.StrokeLine2(line(muted, thinLine), axis-2, y, axis, y)
		c.FillText(s, vg.Point{X: axis - 4, Y: y}, milliseconds(t))
	}
	for _, b := range p.bars {
		b.draw(c, left+p.lifeline(b.column), top)
	}
	for i, cut := range p.cut {
		if !cut {
			continue
		}
		y := top - (p.depth[i]+p.tall[i]+p.depth[i+1])/2
		drawCut(c, axis-4, axis+4, y)
		for column := range p.columns() {
			x := left + p.lifeline(column)
			far := x + outward(column)*(vg.Length(p.lanes[column])*(ladderBar+2)+3)
			drawCut(c, min(x-4, far), max(x+4, far), y)
		}
	}
	for _, a := range p.arrows {
		column := columnOf(a.packet.Leg, a.packet.Back)
		a.draw(c, vg.Point{X: left + p.lifeline(column), Y: top - a.from}, vg.Point{X: left + p.lifeline(column^1), Y: top - a.to})
	}
	for _, l := range p.labels {
		p.drawLabel(c, l, left, top)
	}
	if p.More > 0 {
		c.FillText(written(muted, ladderText, false), vg.Point{X: left + ladderTime, Y: top - p.height}, fmt.Sprintf("%d more packets are left out.", p.More))
	}
}

// drawHead writes title, outcome and the names of the ends.
func (p *ladderPlan) drawHead(c draw.Canvas, left, top vg.Length) {
	y := top
	for _, l := range p.title {
		y -= panelLine
		c.FillText(written(ink, panelSize, true), vg.Point{X: left, Y: y + 2}, l)
	}
	y -= labelSize * lineHeight
	c.FillText(written(muted, labelSize, false), vg.Point{X: left, Y: y + 2}, p.outcome())
	s := written(ink, labelSize, false)
	s.XAlign = text.XCenter
	for i, name := range p.Ends {
		x := p.lifeline(max(0, 2*i-1))
		if i > 0 && i < len(p.Ends)-1 {
			x = (x + p.lifeline(2*i)) / 2
		}
		c.FillText(s, vg.Point{X: left + x, Y: y - ladderNames + 3}, name)
	}
	s = written(muted, ladderText, false)
	s.XAlign = text.XRight
	c.FillText(s, vg.Point{X: left + ladderTime - 7, Y: y - ladderNames + 3}, "ms")
}

func (p *ladderPlan) drawLabel(c draw.Canvas, l ladderLabel, left, top vg.Length) {
	s := written(ink, ladderText, l.bold)
	s.YAlign = text.YCenter
	s.XAlign = text.XRight
	if outward(l.column) > 0 {
		s.XAlign = text.XLeft
	}
	c.FillText(s, vg.Point{X: left + p.lifeline(l.column) + outward(l.column)*p.beyond(l.column), Y: top - l.depth}, l.text)
}

// draw draws a bar beside a lifeline. What is held back is hatched: it is there
// because of another wait, or of a round trip.
func (b *ladderBarAt) draw(c draw.Canvas, x, top vg.Length) {
	t := waitTones[b.kind]
	near := x + outward(b.column)*(2+vg.Length(b.lane)*(ladderBar+2))
	far := near + outward(b.column)*ladderBar
	near, far = min(near, far), max(near, far)
	corners := box(near, top-b.to, far, top-b.from)
	if b.kind != flow.WaitHeld {
		c.FillPolygon(t.light, corners)
		return
	}
	hatch(c, line(t, thinLine), near, top-b.to, far, top-b.from)
	c.StrokeLines(line(t, thinLine), append(corners, corners[0]))
}

// drawCut draws two slanting strokes across a line, and between them paper.
func drawCut(c draw.Canvas, left, right, y vg.Length) {
	const half, slope = 2, 1.5
	c.FillPolygon(paper.light, []vg.Point{
		{X: left, Y: y - half - slope}, {X: right, Y: y - half + slope}, {X: right, Y: y + half + slope}, {X: left, Y: y + half - slope},
	})
	for _, d := range [...]vg.Length{-half, half} {
		c.StrokeLine2(line(muted, thinLine), left, y+d-slope, right, y+d+slope)
	}
}

// draw draws an arrow, or half of one that ends in a cross where the packet is lost.
func (a *ladderArrow) draw(c draw.Canvas, from, to vg.Point) {
	t := packetTones[a.packet.Kind]
	s := line(t, dataLine)
	if a.packet.Again {
		s.Dashes = []vg.Length{3, 2}
	}
	if a.packet.Lost {
		const half = 3
		to = vg.Point{X: (from.X + to.X) / 2, Y: (from.Y + to.Y) / 2}
		c.StrokeLine2(s, from.X, from.Y, to.X, to.Y)
		c.StrokeLine2(line(focus, focusLine), to.X-half, to.Y-half, to.X+half, to.Y+half)
		c.StrokeLine2(line(focus, focusLine), to.X-half, to.Y+half, to.X+half, to.Y-half)
		return
	}
	const long, half = 6, 2.3
	dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
	norm := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	ux, uy := vg.Length(dx/norm), vg.Length(dy/norm)
	neck := vg.Point{X: to.X - long*ux, Y: to.Y - long*uy}
	c.StrokeLine2(s, from.X, from.Y, neck.X, neck.Y)
	c.FillPolygon(t.light, []vg.Point{to, {X: neck.X - half*uy, Y: neck.Y + half*ux}, {X: neck.X + half*uy, Y: neck.Y - half*ux}})
}
