package plot

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var scatter = Figure{
	Name: "scatter",
	Doc:  "Of a sweep, each metric against each value that the points change, a dot with its interval for each point.",
	Draw: drawScatter,
}

// drawScatter has a panel for each metric and axis, those of a metric side by
// side. If the points have variants, these are apart by colour.
func drawScatter(r *results.Result) (*Picture, error) {
	if r.Points == 0 {
		return nil, ErrNothing
	}
	axes := placeAxes(r)
	each := len(r.Variants) / r.Points
	var tones []tone
	var legend []entry
	for k := range min(each, results.MostLines) {
		tones = append(tones, toneOf(k))
		if each > 1 {
			legend = append(legend, entry{variantOf(&r.Variants[k], len(axes)), toneOf(k), 0})
		}
	}
	var g grid
	all := 0
	for _, row := range r.Shown() {
		for a, values := range axes {
			x := dotPlaces(values)
			lists := make([][]reading, len(tones))
			for i := range r.Variants {
				if k := i % each; k < len(lists) {
					lists[k] = append(lists[k], reading{x.of[slices.Index(values.Values, r.Variants[i].At[a])], row.Cells[i]})
				}
			}
			p, ok := scatterPanel(&row, lists, tones)
			if all++; !ok || len(g.panels) == panelMost {
				continue
			}
			p.title, p.side = strings.TrimSpace(row.Term.Label+" "+p.side)+" over "+x.axis.label, ""
			x.axis.set(&p.plot.X)
			g.panels = append(g.panels, p)
		}
	}
	if len(g.panels) == 0 {
		return nil, ErrNothing
	}
	note := strings.Replace(meansNote(r), "bands", "lines", 1) + leftNote(all-len(g.panels))
	return newPicture("scatter", "Each metric over each value", note, legend, g.height(), g.draw), nil
}

// placeAxes are what the points change, with all values that there are, without
// the variants.
func placeAxes(r *results.Result) (axes []results.Axis) {
	names := r.Sampled
	for _, a := range r.Axes {
		names = append(names, a.Name)
	}
	each := len(r.Variants) / r.Points
	for a, name := range names {
		differ := slices.ContainsFunc(r.Variants[:each], func(v results.Variant) bool { return v.At[a] != r.Variants[0].At[a] })
		if differ { // in one point: it is not the points that change it
			break
		}
		axis := results.Axis{Name: name}
		for _, v := range r.Variants {
			if !slices.Contains(axis.Values, v.At[a]) {
				axis.Values = append(axis.Values, v.At[a])
			}
		}
		axes = append(axes, axis)
	}
	return axes
}

func variantOf(v *results.Variant, axes int) string { return strings.Join(v.At[axes:], ", ") }

// dotPlaces lays out numbers where they are, and anything else side by side.
func dotPlaces(a results.Axis) places {
	if results.Numeric(a.Values) {
		p, _ := placesOf(a)
		return p
	}
	var p places
	for i := range a.Values {
		p.of = append(p.of, float64(i))
	}
	p.axis = axis{a.Name, wordTicks(a.Values), -0.5, float64(len(a.Values)) - 0.5, false}
	return p
}

// wordTicks marks 0, 1, 2, ... with words.
type wordTicks []string

// Ticks implements plot.Ticker.
func (t wordTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	const most = 12 // letters of a word
	for i, word := range t {
		if letters := []rune(word); len(letters) > most && len(t) > 2 {
			word = string(letters[:most-1]) + "\u2026"
		}
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: word})
	}
	return ticks
}

// scatterPanel is a curvePanel with dots alone.
func scatterPanel(row *results.Row, lists [][]reading, tones []tone) (panel, bool) {
	return valuePanel(row, lists, func(p *plot.Plot) {
		for k := range lists {
			p.Add(intervals{lists[k], tones[k]}, markers{lists[k], tones[k]})
		}
	})
}

// intervals are upright lines at readings.
type intervals struct {
	at   []reading
	tone tone
}

// Plot implements plot.Plotter.
func (v intervals) Plot(c draw.Canvas, p *plot.Plot) {
	for _, e := range v.at {
		if e.Known() && !math.IsNaN(e.Half()) {
			ends := onPaper(plotter.XYs{{X: e.x, Y: max(0, e.Low)}, {X: e.x, Y: e.High}}, &c, p)
			c.StrokeLine2(line(v.tone, dataLine), ends[0].X, ends[0].Y, ends[1].X, ends[1].Y)
		}
	}
}
