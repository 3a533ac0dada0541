package plot

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	dotRadius = 3
	dotGap    = 3 // between an interval and its words
	capHeight = 2.5
)

// draw draws a column of dots at these heights: title, axis, the line of the
// first variant, and each dot with its interval and words.
func (d dotColumn) draw(c draw.Canvas, ys []vg.Length) {
	c.FillText(written(ink, panelSize, true), vg.Point{X: c.Min.X, Y: c.Max.Y - panelSize}, d.title)
	x := func(v float64) vg.Length { return c.Min.X + vg.Length(d.axis.place(v))*(c.Max.X-c.Min.X) }
	top := c.Max.Y - columnTitle
	drawAxis(c, d.axis, x, top)
	var words []vg.Rectangle
	for i := range d.dots {
		words = append(words, d.dots[i].place(c, x, ys[i]))
	}
	if first := d.dots[0]; first.Known() && len(d.dots) > 1 {
		drawReference(c, x(first.Mean), top, words)
	}
	for i := range d.dots {
		d.dots[i].draw(c, x, ys[i], words[i], i == 0)
	}
}

// drawAxis draws an axis below and its lines up to top.
func drawAxis(c draw.Canvas, a axis, x func(float64) vg.Length, top vg.Length) {
	bottom := c.Min.Y + axisHeight
	label := written(muted, tickSize, false)
	label.XAlign = text.XCenter
	for _, t := range a.ticks.Ticks(a.low, a.high) {
		if t.IsMinor() {
			c.StrokeLine2(line(muted, thinLine), x(t.Value), bottom, x(t.Value), bottom-2)
			continue
		}
		c.StrokeLine2(line(rule, thinLine), x(t.Value), bottom, x(t.Value), top)
		// Words at an end stay within the column, so that they do not run into
		// those of the next.
		half := label.Width(t.Label) / 2
		at := min(max(x(t.Value), c.Min.X+half), c.Max.X-half)
		c.FillText(label, vg.Point{X: at, Y: bottom - tickSize*1.2}, t.Label)
	}
	c.StrokeLine2(line(muted, thinLine), c.Min.X, bottom, c.Max.X, bottom)
	label.Color = ink.light
	c.FillText(label, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: bottom - tickSize*2.6}, a.label)
}

// drawReference draws a vertical line that leaves out the words it would cross.
func drawReference(c draw.Canvas, x, top vg.Length, words []vg.Rectangle) {
	s := line(ink, 0.6)
	s.Dashes = []vg.Length{3, 2}
	y := top
	for _, w := range words {
		if x > w.Min.X-1 && x < w.Max.X+1 {
			c.StrokeLine2(s, x, y, x, w.Max.Y)
			y = w.Min.Y
		}
	}
	c.StrokeLine2(s, x, y, x, c.Min.Y+axisHeight)
}

// place returns where the words of a dot stand: to the right of its interval if
// there is room, else to the left, else above it.
func (d dot) place(c draw.Canvas, x func(float64) vg.Length, y vg.Length) vg.Rectangle {
	s := written(ink, markSize, false)
	w := s.Width(d.words)
	left, low := c.Min.X+dotGap, y-markSize*0.6
	if d.Known() {
		from, to := x(d.Mean)-dotRadius, x(d.Mean)+dotRadius
		if d.Half() > 0 {
			from, to = min(from, x(d.Low)), max(to, x(d.High))
		}
		switch {
		case to+dotGap+w <= c.Max.X:
			left = to + dotGap
		case from-dotGap-w >= c.Min.X:
			left = from - dotGap - w
		default:
			left = min(max(x(d.Mean)-w/2, c.Min.X), c.Max.X-w)
			low = y + dotRadius + 0.5
		}
	}
	return vg.Rectangle{Min: vg.Point{X: left, Y: low}, Max: vg.Point{X: left + w, Y: low + markSize*1.2}}
}

func (d dot) draw(c draw.Canvas, x func(float64) vg.Length, y vg.Length, words vg.Rectangle, first bool) {
	color := muted
	if d.Known() {
		color = ink
		fill := calm[0]
		if first {
			fill = focus
		}
		if d.Half() > 0 {
			c.StrokeLine2(line(fill, dataLine), x(d.Low), y, x(d.High), y)
			for _, end := range [...]float64{d.Low, d.High} {
				c.StrokeLine2(line(fill, dataLine), x(end), y-capHeight, x(end), y+capHeight)
			}
		}
		c.DrawGlyph(draw.GlyphStyle{Color: fill.light, Radius: dotRadius, Shape: draw.CircleGlyph{}}, vg.Point{X: x(d.Mean), Y: y})
	}
	s := written(color, markSize, false)
	c.FillText(s, vg.Point{X: words.Min.X, Y: words.Min.Y + markSize*0.15}, d.words)
}
