package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels that share their axes are drawn in a grid of up to two columns. Their
// axes have the same ticks, so equal tiles give equal areas for the data.
const (
	panelGap   = 16
	panelMost  = 12               // panels in a picture
	panelTicks = 5                // most steps between the ticks of a value axis
	panelLine  = panelSize * 1.25 // of a title
	panelFoot  = panelSize * 0.45 // below a title
	tallPanel  = 3.3 * vg.Inch
	shortPanel = 1.95 * vg.Inch
	axisLabel  = labelSize * 1.6
)

// A panel is a plot with a title and room for more words above the data.
type panel struct {
	title string
	side  string // at the right of the title or below it, weaker
	plot  *plot.Plot
}

// titleLines are the lines that a title needs in a panel of that width.
func (p panel) titleLines(wide vg.Length) []string {
	return wrap(written(ink, panelSize, true), p.title, wide)
}

// beside reports whether the words at the side have room in the title's line.
func (p panel) beside(wide vg.Length) bool {
	title, side := written(ink, panelSize, true), written(muted, labelSize, false)
	return p.side == "" || title.Width(p.title)+side.Width(p.side)+8 <= wide
}

// A grid lays out panels of the same axes, whose labels stand once, at the
// left and below.
type grid struct {
	panels         []panel
	xLabel, yLabel string
	head           vg.Length // room between title and data
}

func (g grid) columns() int { return min(2, len(g.panels)) }

func (g grid) rows() int { return (len(g.panels) + g.columns() - 1) / g.columns() }

func (g grid) height() vg.Length {
	each := vg.Length(shortPanel)
	if g.rows() == 1 {
		each = tallPanel
	}
	return vg.Length(g.rows())*(each+g.head+g.titles()-panelLine) + axisLabel
}

// titles is the height of the titles, the same for all panels.
func (g grid) titles() vg.Length {
	lines := 1
	for _, p := range g.panels {
		lines = max(lines, len(p.titleLines(g.titleWidth())))
	}
	if !g.beside() {
		lines++
	}
	return vg.Length(lines) * panelLine
}

// beside reports whether all words at the side have room in their titles' lines.
func (g grid) beside() bool {
	return !slices.ContainsFunc(g.panels, func(p panel) bool { return !p.beside(g.titleWidth()) })
}

// titleWidth is the room for a title, wherever the data of its panel begin.
func (g grid) titleWidth() vg.Length { return panelWidth(len(g.panels)) - 10 }

// panelWidth is about how wide the data of a panel are.
func panelWidth(panels int) vg.Length {
	columns := vg.Length(min(2, panels))
	return (width-2*margin-axisLabel-(columns-1)*panelGap)/columns - 40
}

// dataWidth is how wide the data of panel i are, once it has its axes.
func (g grid) dataWidth(i int) vg.Length {
	columns := vg.Length(g.columns())
	tile := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: (width - 2*margin - axisLabel - (columns-1)*panelGap) / columns, Y: shortPanel}}}
	return g.panels[i].plot.DataCanvas(tile).Size().X
}

// draw fills the canvas.
func (g grid) draw(c draw.Canvas) {
	label := written(ink, labelSize, false)
	label.XAlign = text.XCenter
	inner := draw.Crop(c, axisLabel, 0, axisLabel, 0)
	c.FillText(label, vg.Point{X: inner.Center().X, Y: c.Min.Y + 2}, g.xLabel)
	label.Rotation = math.Pi / 2
	c.FillText(label, vg.Point{X: c.Min.X + labelSize, Y: inner.Center().Y}, g.yLabel)
	tiles := draw.Tiles{Cols: g.columns(), Rows: g.rows(), PadX: panelGap, PadY: panelGap / 2}
	for i, p := range g.panels {
		p.draw(tiles.At(inner, i%tiles.Cols, i/tiles.Cols), g)
	}
}

func (p panel) draw(tile draw.Canvas, g grid) {
	below := draw.Crop(tile, 0, 0, 0, -g.titles()-panelFoot-g.head)
	at := vg.Point{X: p.plot.DataCanvas(below).Min.X, Y: tile.Max.Y - panelSize*1.2}
	title, side := written(ink, panelSize, true), written(muted, labelSize, false)
	beside := g.beside()
	if p.side != "" && beside {
		side.XAlign = text.XRight
		tile.FillText(side, vg.Point{X: tile.Max.X, Y: at.Y}, p.side)
	}
	for _, l := range p.titleLines(g.titleWidth()) {
		tile.FillText(title, at, l)
		at.Y -= panelLine
	}
	if p.side != "" && !beside {
		tile.FillText(side, at, p.side)
	}
	p.plot.Draw(below)
}

// gridLines are light lines at the ticks.
type gridLines struct{ vertical, horizontal bool }

// Plot implements plot.Plotter.
func (g gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	s := line(rule, thinLine)
	if g.vertical {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if t.Value > p.X.Min && !t.IsMinor() { // else on the axis
				c.StrokeLine2(s, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
			}
		}
	}
	if g.horizontal {
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if t.Value > p.Y.Min && !t.IsMinor() {
				c.StrokeLine2(s, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
			}
		}
	}
}
