package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a chart of bars in lanes, in points.
const (
	barRow   = 12 // height of a bar with its gap
	laneGap  = 5
	barAxis  = 20 // for the ticks of the time
	barTitle = panelLine + panelFoot
	barLabel = 7.5
	thinnest = 0.8 // width of a bar that would be thinner
)

// A bar is a time in which somebody was somewhere.
type bar struct {
	row  int
	span span
	tone tone
	look look
	text string // inside, if there is room
}

// look is how a bar is filled.
type look uint8

const (
	filled   look = iota
	pale          // it moves
	hatched       // it starts
	outlined      // it does not answer
)

// A lane is a place with rows of bars, and when something was the matter with it.
type lane struct {
	name   string
	rows   int
	bars   []bar
	shaded []span // the place was down
	marked []span // its bars should not be there together
}

// A link joins the end of a bar with the beginning of the next one elsewhere.
type link struct {
	at               float64
	fromLane, toLane int
	fromRow, toRow   int
	tone             tone
}

// A gantt is lanes below one another over simulated time (Gantt 1903).
type gantt struct {
	title  string
	lanes  []lane
	links  []link
	events eventLines
}

// rows is how high all lanes are, in rows; a gap is a part of one.
func (g *gantt) rows() (n float64) {
	for i := range g.lanes {
		n += g.lanes[i].height()
	}
	return n
}

func (l *lane) height() float64 { return float64(max(1, l.rows)) + laneGap/float64(barRow) }

// top is where a lane begins, in rows from below.
func (g *gantt) top(lane int) float64 {
	y := g.rows()
	for i := range lane {
		y -= g.lanes[i].height()
	}
	return y
}

// middle is the height of the middle of a row.
func (g *gantt) middle(lane, row int) float64 {
	return g.top(lane) - laneGap/float64(2*barRow) - float64(row) - 0.5
}

// Plot implements plot.Plotter.
func (g *gantt) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	x := func(t float64) vg.Length { return tx(min(max(t, p.X.Min), p.X.Max)) }
	inside := func(s span) bool { return s.to >= p.X.Min && s.from <= p.X.Max }
	for i := range g.lanes {
		l := &g.lanes[i]
		top, bottom := ty(g.top(i)), ty(g.top(i)-l.height())
		for _, s := range l.shaded {
			if inside(s) {
				c.FillPolygon(rule.light, box(x(s.from), bottom+0.5, x(s.to), top-0.5))
			}
		}
		for _, s := range l.marked {
			if inside(s) {
				c.StrokeLine2(line(focus, focusLine), x(s.from), bottom+1.5, x(s.to), bottom+1.5)
			}
		}
		c.StrokeLine2(line(rule, thinLine), c.Min.X, bottom, c.Max.X, bottom)
	}
	for _, k := range g.links {
		if inside(span{k.at, k.at}) {
			c.StrokeLine2(line(k.tone, thinLine), x(k.at), ty(g.middle(k.fromLane, k.fromRow)), x(k.at), ty(g.middle(k.toLane, k.toRow)))
		}
	}
	for i := range g.lanes {
		for _, b := range g.lanes[i].bars {
			if inside(b.span) {
				b.draw(c, x(b.span.from), x(b.span.to), ty(g.middle(i, b.row)))
			}
		}
	}
}

// draw draws a bar around a middle height.
func (b *bar) draw(c draw.Canvas, left, right, middle vg.Length) {
	const half = (barRow - 2) / 2.
	right = max(right, left+thinnest)
	bottom, top := middle-half, middle+half
	switch b.look {
	case filled:
		c.FillPolygon(b.tone.faded(0.5), box(left, bottom, right, top))
	case pale:
		c.FillPolygon(b.tone.faded(0.2), box(left, bottom, right, top))
	case hatched:
		hatch(c, line(b.tone, 0.6), left, bottom, right, top)
	}
	edge := line(b.tone, 0.7)
	if b.look == outlined {
		edge.Dashes = []vg.Length{1.5, 1.5}
	}
	c.StrokeLines(edge, append(box(left, bottom, right, top), vg.Point{X: left, Y: bottom}))
	s := written(ink, barLabel, false)
	s.YAlign = text.YCenter
	if b.text != "" && s.Width(b.text)+5 <= right-left {
		c.FillText(s, vg.Point{X: left + 3, Y: middle}, b.text)
	}
}

// hatch fills a box with slanting lines.
func hatch(c draw.Canvas, s draw.LineStyle, left, bottom, right, top vg.Length) {
	const step = 3
	high := top - bottom
	for x := left - high + step; x < right; x += step {
		from, to := vg.Point{X: x, Y: bottom}, vg.Point{X: x + high, Y: top}
		if from.X < left {
			from = vg.Point{X: left, Y: bottom + left - x}
		}
		if to.X > right {
			to = vg.Point{X: right, Y: bottom + right - x}
		}
		c.StrokeLine2(s, from.X, from.Y, to.X, to.Y)
	}
}

// A chart is several gantts below one another over the same time.
type chart struct {
	in     span
	gantts []*gantt
	plots  []*plot.Plot
	heads  []vg.Length // room for words above the lanes
}

// newChart lays the gantts out. worded is whether all events have words.
func newChart(in span, gantts []*gantt) (h *chart, worded bool) {
	h, worded = &chart{in: in, gantts: gantts}, true
	for _, g := range gantts {
		p := newPlot()
		p.Add(gridLines{vertical: true}, g, g.events)
		p.X.Min, p.X.Max, p.X.Tick.Marker = in.from, in.to, ticksOfTime(in.to-in.from, 12)
		p.Y.Min, p.Y.Max, p.Y.Tick.Length = 0, g.rows(), 0
		p.Y.Tick.Label = written(ink, labelSize, false)
		p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = text.XRight, text.YCenter
		var ticks plot.ConstantTicks
		for i := range g.lanes {
			ticks = append(ticks, plot.Tick{Value: g.top(i) - g.lanes[i].height()/2, Label: shortened(g.lanes[i].name)})
		}
		p.Y.Tick.Marker = ticks
		h.plots = append(h.plots, p)
		wide := p.DataCanvas(draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width - 2*margin, Y: 4 * vg.Inch}}}).Size().X
		rows, all := g.events.rows(in, wide)
		worded = worded && all
		h.heads = append(h.heads, vg.Length(rows)*eventRow+2)
	}
	return h, worded
}

// shortened leaves so much of a name as there is room for beside lanes.
func shortened(name string) string {
	s := written(ink, labelSize, false)
	const most = 110
	if s.Width(name) <= most {
		return name
	}
	return name[:fitting(s, name, most-s.Width("…"))] + "…"
}

// part is the height of gantt i with its title and axis.
func (h *chart) part(i int) vg.Length {
	return barTitle + h.heads[i] + vg.Length(math.Ceil(h.gantts[i].rows()*barRow)) + barAxis
}

func (h *chart) height() (sum vg.Length) {
	for i := range h.gantts {
		sum += h.part(i)
	}
	return sum + axisLabel
}

// draw fills the canvas.
func (h *chart) draw(c draw.Canvas) {
	label := written(ink, labelSize, false)
	label.XAlign = text.XCenter
	c.FillText(label, vg.Point{X: c.Center().X, Y: c.Min.Y + 2}, "simulated time ("+ticksOfTime(h.in.to-h.in.from, 12).unit.name+")")
	top := c.Max.Y
	for i, p := range h.plots {
		below := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: c.Min.X, Y: top - h.part(i) + 4}, Max: vg.Point{X: c.Max.X, Y: top - barTitle - h.heads[i]},
		}}
		lines := wrap(written(ink, panelSize, true), h.gantts[i].title, c.Size().X)
		c.FillText(written(ink, panelSize, true), vg.Point{X: c.Min.X, Y: top - panelSize*1.2}, lines[0])
		p.Draw(below)
		top -= h.part(i)
	}
}
