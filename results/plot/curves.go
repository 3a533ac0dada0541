package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var curves = Figure{
	Name: "curves",
	Doc:  "Of a grid of variants or a sweep whose first axis has numbers, each metric among tables over it, a line for each combination of the others.",
	Draw: drawCurves,
}

func drawCurves(r *results.Result) (*Picture, error) {
	if len(r.Axes) == 0 || !results.Numeric(r.Axes[0].Values) {
		return nil, ErrNothing
	}
	layout := r.Layout()
	if len(layout.Columns) > results.MostLines {
		return nil, ErrNothing
	}
	var legend []entry
	var tones []tone
	for k, values := range layout.Columns {
		tones = append(tones, toneOf(k))
		if len(layout.Columns) > 1 {
			legend = append(legend, entry{strings.Join(values, ", "), toneOf(k), dataLine})
		}
	}
	x, label := placesOf(r.Axes[0])
	var g grid
	rows := r.Shown()
	left := len(rows) - panelMost
	for _, row := range rows[:min(len(rows), panelMost)] {
		lines := make([][]reading, len(layout.Columns))
		for i := range layout.Rows {
			for k := range lines {
				lines[k] = append(lines[k], reading{x.of[i], row.Cells[layout.Variant(i, k)]})
			}
		}
		if p, ok := curvePanel(&row, lines, tones); ok {
			x.axis.set(&p.plot.X)
			g.panels = append(g.panels, p)
		}
	}
	if len(g.panels) == 0 {
		return nil, ErrNothing
	}
	g.xLabel = label
	note := meansNote(r) + leftNote(left)
	return newPicture("curves", "Over "+r.Axes[0].Name, note, legend, g.height(), g.draw), nil
}

func meansNote(r *results.Result) string {
	if r.Replications == 1 {
		return "One replication."
	}
	return fmt.Sprintf("Means of %s replications; bands: their 95 %% intervals.", r.Made())
}

func leftNote(left int) string {
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf(" %d more panels are left out.", left)
}

// toneOf is the colour of a line: there are results.MostLines of them.
func toneOf(k int) tone {
	return append(slices.Clone(calm), focus)[k%(len(calm)+1)]
}

// places are where the values of an axis stand: numbers where they are, anything
// else side by side.
type places struct {
	of   []float64
	axis axis
}

// placesOf lays the values of an axis out, and names it with its unit.
func placesOf(a results.Axis) (places, string) {
	var p places
	low, high := math.Inf(1), math.Inf(-1)
	_, unit, _ := results.Number(a.Values[0])
	for _, text := range a.Values {
		v, _, _ := results.Number(text)
		p.of = append(p.of, v)
		low, high = min(low, v), max(high, v)
	}
	label := a.Name
	if unit != "" && unit != "s" {
		label += " (" + unit + ")"
	}
	switch {
	case spansMuch(low, high):
		p.axis = logAxis(label, low, high, plainLabel)
		if unit == "s" {
			p.axis = logAxis(label, low, high, wholeTime)
		}
		p.axis.low, p.axis.high = low, high
		label = p.axis.label
	case unit == "s":
		p.axis = secondsAxis(label, 0, high, 2*panelTicks)
		p.axis.low, p.axis.high = low, high
		label = p.axis.label
	default:
		least := 1.0
		if slices.ContainsFunc(p.of, func(v float64) bool { return v != math.Trunc(v) }) {
			least = 0
		}
		p.axis = axis{label, countTicks{2 * panelTicks, least, plainLabel}, low, high, false}
	}
	return p, label
}

// metricAxis lays the values of a metric out.
func metricAxis(t results.Term, low, high float64) axis {
	switch t.Display {
	case results.Seconds:
		return secondsAxis("", low, high, panelTicks)
	case results.Percent:
		ticks := countTicks{panelTicks, 0, func(v float64) string { return plainLabel(v * 100) }}
		return axis{" (%)", ticks, 0, ticks.above(high), false}
	}
	return numberAxis("", low, high, panelTicks)
}

// A reading is a value at a place.
type reading struct {
	x float64
	results.Estimate
}

// curvePanel makes the panel of a metric with a line through each list of
// readings. ok is false if nothing is known.
func curvePanel(row *results.Row, lines [][]reading, tones []tone) (p panel, ok bool) {
	return valuePanel(row, lines, func(p *plot.Plot) {
		for k, l := range lines {
			p.Add(through(l, tones[k]), markers{l, tones[k]})
		}
	})
}

// valuePanel makes a panel with an axis for the values of a metric.
func valuePanel(row *results.Row, lines [][]reading, fill func(*plot.Plot)) (p panel, ok bool) {
	low, high := math.Inf(1), 0.0
	for _, l := range lines {
		for _, e := range l {
			for _, v := range [...]float64{e.Mean, e.Low, e.High} {
				if v > 0 { // false for no interval
					low, high = min(low, v), max(high, v)
				}
			}
			ok = ok || e.Known()
		}
	}
	if !ok {
		return p, false
	}
	values := metricAxis(row.Term, low, high)
	p = panel{title: row.Term.Label, side: strings.TrimPrefix(strings.TrimSpace(values.label), ", "), plot: newPlot()}
	p.plot.Add(gridLines{vertical: true, horizontal: true})
	fill(p.plot)
	values.set(&p.plot.Y)
	return p, true
}

// through is the line through readings, with the band of their intervals, broken
// where nothing is known.
func through(l []reading, t tone) curve {
	l = slices.Clone(l)
	slices.SortStableFunc(l, func(a, b reading) int { return cmp.Compare(a.x, b.x) })
	v := curve{tone: t, width: dataLine}
	var line, lower, upper plotter.XYs
	end := func() {
		if len(line) > 1 {
			v.lines = append(v.lines, line)
		}
		if len(upper) > 1 {
			slices.Reverse(lower)
			v.band = append(v.band, append(upper, lower...))
		}
		line, lower, upper = nil, nil, nil
	}
	for _, e := range l {
		if !e.Known() {
			end()
			continue
		}
		line = append(line, plotter.XY{X: e.x, Y: e.Mean})
		if e.Half() >= 0 {
			lower, upper = append(lower, plotter.XY{X: e.x, Y: max(0, e.Low)}), append(upper, plotter.XY{X: e.x, Y: e.High})
		}
	}
	end()
	return v
}

// markers are dots at readings.
type markers struct {
	at   []reading
	tone tone
}

// Plot implements plot.Plotter.
func (m markers) Plot(c draw.Canvas, p *plot.Plot) {
	for _, e := range m.at {
		if e.Known() {
			at := onPaper(plotter.XYs{{X: e.x, Y: e.Mean}}, &c, p)[0]
			c.DrawGlyph(draw.GlyphStyle{Color: m.tone.light, Radius: markerRadius, Shape: draw.CircleGlyph{}}, at)
		}
	}
}

const markerRadius = vg.Length(1.8)
