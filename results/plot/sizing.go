package plot

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"lbsim/results"
)

var objectiveOverCount = Figure{
	Name: "objective-over-count",
	Doc:  "Of a sizing, each objective in its worst state over the number of servers, a line for each candidate, with the limit.",
	Draw: func(r *results.Result) (*Picture, error) {
		return drawSizing(r, "objective-over-count", "Objectives over the number of servers", "servers", true,
			func(t *results.SizingTrial) float64 { return float64(t.Count) })
	},
}

var costOverObjective = Figure{
	Name: "cost-over-objective",
	Doc:  "Of a sizing, each objective in its worst state over what the servers cost, dots for each candidate, with the limit.",
	Draw: func(r *results.Result) (*Picture, error) {
		return drawSizing(r, "cost-over-objective", "Objectives over the price of all servers", "price", false,
			func(t *results.SizingTrial) float64 { return t.Cost })
	},
}

// drawSizing has a panel for each objective: what was measured of it over something
// that a number of servers has.
func drawSizing(r *results.Result, name, title, label string, lines bool, at func(*results.SizingTrial) float64) (*Picture, error) {
	s := r.Sizing
	if s == nil || len(s.Tried) == 0 {
		return nil, ErrNothing
	}
	var candidates []string
	high := 0.0
	for i := range s.Tried {
		if t := &s.Tried[i]; !slices.Contains(candidates, t.Candidate) {
			candidates = append(candidates, t.Candidate)
		}
		high = max(high, at(&s.Tried[i]))
	}
	candidates = candidates[:min(len(candidates), results.MostLines)]
	var legend []entry
	var tones []tone
	for k, candidate := range candidates {
		tones = append(tones, toneOf(k))
		legend = append(legend, entry{candidate, toneOf(k), dataLine})
	}
	var g grid
	for o := range s.Objectives {
		if p, ok := sizingPanel(s, o, candidates, tones, lines, at); ok && len(g.panels) < panelMost {
			axis{label, countTicks{2 * panelTicks, 1, plainLabel}, 0, high, false}.set(&p.plot.X)
			g.panels = append(g.panels, p)
		}
	}
	if len(g.panels) == 0 {
		return nil, ErrNothing
	}
	g.xLabel = label
	return newPicture(name, title, "In the state that is worst for each; bands: 95 % intervals; dashed: the limit."+leftNote(len(s.Objectives)-len(g.panels)), legend, g.height(), g.draw), nil
}

// sizingPanel is the panel of an objective.
func sizingPanel(s *results.Sizing, objective int, candidates []string, tones []tone, lines bool, at func(*results.SizingTrial) float64) (panel, bool) {
	lists := make([][]reading, len(candidates))
	for i := range s.Tried {
		t := &s.Tried[i]
		k := slices.Index(candidates, t.Candidate)
		if t.Objective != objective || k < 0 {
			continue
		}
		n := len(lists[k])
		switch x := at(t); {
		case n == 0 || lists[k][n-1].x != x:
			lists[k] = append(lists[k], reading{x, t.Value})
		case s.Worse(objective, t.Value.Mean, lists[k][n-1].Mean):
			lists[k][n-1].Estimate = t.Value
		}
	}
	o := &s.Objectives[objective]
	row := &results.Row{Metric: o.Metric, Term: results.TermOf(o.Metric)}
	limits := limitLines{o.Below, o.Above}
	all := append(slices.Clone(lists), limits.readings())
	return valuePanel(row, all, func(p *plot.Plot) {
		for k, l := range lists {
			if lines {
				p.Add(through(l, tones[k]))
			} else {
				p.Add(intervals{l, tones[k]})
			}
			p.Add(markers{l, tones[k]})
		}
		p.Add(limits)
	})
}

// limitLines are dashed lines across the data at limits, those that are not NaN.
type limitLines [2]float64

// readings make room for the limits on the axis.
func (l limitLines) readings() (list []reading) {
	for _, v := range l {
		list = append(list, reading{0, results.Estimate{Mean: v, Low: v, High: v}})
	}
	return list
}

// Plot implements plot.Plotter.
func (l limitLines) Plot(c draw.Canvas, p *plot.Plot) {
	s := line(ink, dataLine)
	s.Dashes = []vg.Length{3, 2}
	for _, v := range l {
		if v >= p.Y.Min && v <= p.Y.Max { // false for NaN
			ends := onPaper(plotter.XYs{{X: p.X.Min, Y: v}, {X: p.X.Max, Y: v}}, &c, p)
			c.StrokeLine2(s, ends[0].X, ends[0].Y, ends[1].X, ends[1].Y)
		}
	}
}
