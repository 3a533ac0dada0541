package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var stormByVariant = Figure{
	Name: "storm-by-variant",
	Doc:  "How high and how long the storm on a returning server is and what it does to response times, all variants below one another.",
	Draw: drawStorms,
}

// stormColumns are the metrics side by side.
var stormColumns = []struct {
	metric, title string
	axis          func(low, high float64) axis
}{
	{"storm.peak_factor", "storm peak", func(low, high float64) axis { return numberAxis("times the fair share", low, high, 4) }},
	{"storm.rebalance_time", "level after", func(low, high float64) axis { return secondsAxis("time", low, high, 4) }},
	{"storm.response_time.during.p99", "response time p99", func(low, high float64) axis { return secondsAxis("in the storm", low, high, 4) }},
}

// A dotColumn is one metric of all variants.
type dotColumn struct {
	title string
	axis  axis
	dots  []dot // by variant
}

// A dot is a value with its interval and its words; a value that does not
// exist is words only.
type dot struct {
	results.Estimate
	words string
}

func drawStorms(r *results.Result) (*Picture, error) {
	var columns []dotColumn
	known := false
	for _, m := range stormColumns {
		c := dotColumn{title: m.title}
		low, high := math.Inf(1), 0.0
		for i := range r.Variants {
			d := newDot(&r.Variants[i], m.metric)
			if d.Known() {
				known = true
				for _, v := range [...]float64{d.Mean, d.High, d.Low} {
					if v > 0 { // false for no interval
						low, high = min(low, v), max(high, v)
					}
				}
			}
			c.dots = append(c.dots, d)
		}
		c.axis = m.axis(low, high)
		columns = append(columns, c)
	}
	if !known {
		return nil, ErrNothing
	}
	rows := newNameColumn(r)
	note := "One replication; dots: its value."
	if r.Replications > 1 {
		note = fmt.Sprintf("Dots: mean of %d replications; lines: its 95 %% interval.", r.Replications)
	}
	if len(r.Variants) > 1 {
		note += " Dashed: " + r.Variants[0].Name + "."
	}
	note += " The storm with the highest peak counts; response times are those while it lasted."
	height := columnTitle + axisHeight + rows.height()
	return newPicture("storm-by-variant", "Storm on the returning server, by variant", note, nil, height, func(c draw.Canvas) {
		left := c.Min.X + rows.width + columnGap
		wide := (c.Max.X - left - vg.Length(len(columns)-1)*columnGap) / vg.Length(len(columns))
		rows.draw(c)
		for _, column := range columns {
			column.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: left, Y: c.Min.Y}, Max: vg.Point{X: left + wide, Y: c.Max.Y},
			}}, rows.middles(c))
			left += wide + columnGap
		}
	}), nil
}

func newDot(v *results.Variant, metric string) dot {
	m, ok := v.Metrics.Get(metric)
	if !ok || !m.Known() {
		words := v.Missing(metric)
		if words == "" {
			words = "none"
		}
		return dot{results.Estimate{Mean: math.NaN()}, words}
	}
	words := results.TermOf(metric).Display.HumanInterval(m.Estimate)
	if m.N < len(m.Values) {
		words += fmt.Sprintf(" (%d of %d runs)", m.N, len(m.Values))
	}
	return dot{m.Estimate, words}
}

// A nameColumn holds the variants' names, in lines, beside the dots.
type nameColumn struct {
	names [][]string
	width vg.Length
}

const (
	dotRow   = 24  // least height of a variant's row
	dotNames = 165 // most width of the names
)

func newNameColumn(r *results.Result) nameColumn {
	s := written(ink, labelSize, true)
	var n nameColumn
	for i := range r.Variants {
		lines := wrap(s, r.Variants[i].Name, dotNames)
		for _, l := range lines {
			n.width = max(n.width, s.Width(l))
		}
		n.names = append(n.names, lines)
	}
	return n
}

func (n nameColumn) row(i int) vg.Length {
	return max(dotRow, vg.Length(len(n.names[i]))*labelSize*lineHeight+6)
}

func (n nameColumn) height() (h vg.Length) {
	for i := range n.names {
		h += n.row(i)
	}
	return h
}

// middles are the heights of the rows' middles.
func (n nameColumn) middles(c draw.Canvas) []vg.Length {
	y := c.Max.Y - columnTitle
	var ys []vg.Length
	for i := range n.names {
		ys = append(ys, y-n.row(i)/2)
		y -= n.row(i)
	}
	return ys
}

func (n nameColumn) draw(c draw.Canvas) {
	for i, y := range n.middles(c) {
		drawLines(c, written(ink, labelSize, true), vg.Point{X: c.Min.X, Y: y}, n.names[i])
	}
}

// drawLines writes lines of text around a middle height.
func drawLines(c draw.Canvas, s text.Style, at vg.Point, lines []string) {
	s.YAlign = text.YCenter
	at.Y += vg.Length(len(lines)-1) / 2 * s.Font.Size * lineHeight
	for _, l := range lines {
		c.FillText(s, at, l)
		at.Y -= s.Font.Size * lineHeight
	}
}
