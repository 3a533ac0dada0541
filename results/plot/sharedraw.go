package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

// Sizes of the rows in points. A group of few servers has a bar for each, one
// of more a strip of dots, and one of very many a strip that sums them up.
const (
	barHeight   = 7
	stripHeight = 18
	groupHead   = 13 // for the words above the bars
	groupGap    = 7
	namesMost   = 150 // of the variants' names at the left
	columnTitle = 18
	columnGap   = 16
	axisHeight  = 34
	dotsMost    = 200
)

// drawColumns draws columns of the same groups side by side.
func drawColumns(r *results.Result, name, title, note string, columns []serverColumn) *Picture {
	palette := newPalette(r)
	groups := columns[0].groups
	var legend []entry
	most := mostServers(groups)
	if most <= serversMost {
		for _, g := range groups {
			for _, s := range g.servers {
				legend = explain(legend, entry{text: s, tone: palette.of(s)})
			}
		}
	}
	var height vg.Length = columnTitle + axisHeight
	for _, g := range groups {
		height += g.height()
	}
	highest := 0.0
	for _, column := range columns {
		highest = max(highest, column.highest())
	}
	names := namesWidth(groups)
	return newPicture(name, title, serversNote(note, most, r.Replications), legend, height, func(c draw.Canvas) {
		wide := (c.Max.X - c.Min.X - names - vg.Length(len(columns)-1)*columnGap) / vg.Length(len(columns))
		for i, column := range columns {
			left := c.Min.X + names + vg.Length(i)*(wide+columnGap)
			at := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: left, Y: c.Min.Y}, Max: vg.Point{X: left + wide, Y: c.Max.Y}}}
			column.draw(at, highest, palette)
		}
		drawNames(c, groups)
	})
}

func (g *serverGroup) height() vg.Length {
	least := vg.Length(len(g.nameLines()))*labelSize*lineHeight + groupGap
	if len(g.servers) > serversMost {
		return max(groupHead+stripHeight+groupGap, least)
	}
	return max(groupHead+vg.Length(len(g.servers))*barHeight+groupGap, least)
}

func (g *serverGroup) nameLines() []string {
	return wrap(written(ink, labelSize, true), g.name, namesMost)
}

func namesWidth(groups []serverGroup) vg.Length {
	s := written(ink, labelSize, true)
	var most vg.Length
	for _, g := range groups {
		for _, l := range g.nameLines() {
			most = max(most, s.Width(l))
		}
	}
	return most + 8
}

func drawNames(c draw.Canvas, groups []serverGroup) {
	y := c.Max.Y - columnTitle
	for _, g := range groups {
		middle := y - groupHead - (g.height()-groupHead-groupGap)/2
		if lines := vg.Length(len(g.nameLines())) * labelSize * lineHeight; lines > g.height()-groupHead {
			middle = y - g.height()/2 // they need the room of the words above the bars as well
		}
		drawLines(c, written(ink, labelSize, true), vg.Point{X: c.Min.X, Y: middle}, g.nameLines())
		y -= g.height()
	}
}

// draw draws a column: its title, an axis of shares below, and the groups.
func (c serverColumn) draw(at draw.Canvas, highest float64, p *palette) {
	title := written(ink, panelSize, true)
	at.FillText(title, vg.Point{X: at.Min.X, Y: at.Max.Y - panelSize}, c.title)
	shares := shareAxis(c.axis, highest, at.Max.X-at.Min.X)
	x := func(share float64) vg.Length { return at.Min.X + vg.Length(shares.place(share))*(at.Max.X-at.Min.X) }
	drawAxis(at, shares, x, at.Max.Y-columnTitle)
	y := at.Max.Y - columnTitle
	for _, g := range c.groups {
		g.draw(at, x, y, p)
		y -= g.height()
	}
	for _, v := range c.limits {
		at.StrokeLine2(line(ink, 0.9), x(v), at.Max.Y-columnTitle, x(v), at.Min.Y+axisHeight)
	}
}

// shareAxis is an axis of percentages with as many ticks as their words have room.
func shareAxis(words string, highest float64, wide vg.Length) axis {
	label := written(muted, tickSize, false)
	for most := 5; ; most-- {
		ticks := countTicks{most, 0, func(v float64) string { return plainLabel(v * 100) }}
		a := axis{words, ticks, 0, min(1, ticks.above(highest)), false}
		all := ticks.Ticks(a.low, a.high)
		var widest vg.Length
		for _, t := range all {
			widest = max(widest, label.Width(t.Label))
		}
		if most == 1 || (widest+8)*vg.Length(len(all)) <= wide {
			return a
		}
	}
}

// draw draws a group whose upper edge is at y.
func (g *serverGroup) draw(c draw.Canvas, x func(share float64) vg.Length, y vg.Length, p *palette) {
	if g.words == "" {
		c.FillText(written(muted, markSize, false), vg.Point{X: c.Min.X, Y: y - groupHead + 3}, "not known")
		return
	}
	c.FillText(written(muted, markSize, false), vg.Point{X: c.Min.X, Y: y - groupHead + 3}, g.words)
	top := y - groupHead
	bottom := y - g.height() + groupGap
	switch {
	case len(g.servers) <= serversMost:
		g.drawBars(c, x, top, p)
	case len(g.servers) <= dotsMost:
		g.drawDots(c, x, top, bottom)
	default:
		g.drawSummary(c, x, (top+bottom)/2)
	}
	fair := line(ink, 0.9)
	fair.Dashes = []vg.Length{3, 2}
	at := x(g.dashed)
	c.StrokeLine2(fair, at, top+1, at, bottom-2)
}

func (g *serverGroup) drawBars(c draw.Canvas, x func(share float64) vg.Length, top vg.Length, p *palette) {
	for i, s := range g.servers {
		upper := top - vg.Length(i)*barHeight
		c.FillPolygon(p.of(s).light, box(x(0), upper-barHeight+1, x(g.mean[i]), upper))
		if g.high[i] > g.low[i] {
			middle := upper - (barHeight-1)/2.
			c.StrokeLine2(line(ink, 0.6), x(g.low[i]), middle, x(g.high[i]), middle)
		}
	}
}

// drawDots spreads the dots over the height of the strip, in an order without
// pattern, so that equal ones do not cover one another.
func (g *serverGroup) drawDots(c draw.Canvas, x func(share float64) vg.Length, top, bottom vg.Length) {
	const golden = 0.6180339887498949
	for i, share := range g.mean {
		_, f := math.Modf(float64(float64(i) * golden))
		y := bottom + 2 + vg.Length(f)*(top-bottom-4)
		c.FillPolygon(calm[0].faded(0.7), diamond(x(share), y, 1.9))
	}
}

func diamond(x, y, r vg.Length) []vg.Point {
	return []vg.Point{{X: x - r, Y: y}, {X: x, Y: y + r}, {X: x + r, Y: y}, {X: x, Y: y - r}}
}

func (g *serverGroup) drawSummary(c draw.Canvas, x func(share float64) vg.Length, y vg.Length) {
	sorted := slices.Sorted(slices.Values(g.mean))
	at := func(p float64) vg.Length { return x(sorted[int(math.Round(p*float64(len(sorted)-1)))]) }
	c.StrokeLine2(line(calm[0], 1), at(0), y, at(1), y)
	c.StrokeLine2(line(calm[0], 7), at(0.1), y, at(0.9), y)
	c.StrokeLine2(line(paper, 1.5), at(0.5), y-3.5, at(0.5), y+3.5)
}

func mostServers(groups []serverGroup) int {
	most := 0
	for _, g := range groups {
		most = max(most, len(g.servers))
	}
	return most
}

// highest is the largest value that is drawn.
func (c serverColumn) highest() float64 {
	most := slices.Max(append(c.limits, 0))
	for _, g := range c.groups {
		top := g.high
		if len(g.servers) > serversMost {
			top = g.mean
		}
		for _, x := range top {
			if !math.IsNaN(x) {
				most = max(most, x)
			}
		}
		most = max(most, g.dashed)
	}
	return most
}
