package plot

import (
	"fmt"

	"lbsim/results"
)

var serversOverYears = Figure{
	Name: "servers-over-years",
	Doc:  "Of a sizing with growth, how many servers it takes from year to year and what they cost, a line for each candidate.",
	Draw: drawYears,
}

func drawYears(r *results.Result) (*Picture, error) {
	s := r.Sizing
	if s == nil || len(s.Years) == 0 {
		return nil, ErrNothing
	}
	plans := s.Plans[:min(len(s.Plans), results.MostLines)]
	var legend []entry
	var tones []tone
	for k := range plans {
		tones = append(tones, toneOf(k))
		legend = append(legend, entry{plans[k].Candidate, toneOf(k), dataLine})
	}
	var g grid
	for _, x := range [...]struct {
		title string
		of    func(p *results.SizingPlan) float64 // what each server counts
	}{
		{"servers", func(*results.SizingPlan) float64 { return 1 }},
		{"price of all", func(p *results.SizingPlan) float64 { return p.Price }},
	} {
		lines := make([][]reading, len(plans))
		for k := range plans {
			for i, n := range plans[k].ByYear {
				if n > 0 {
					lines[k] = append(lines[k], reading{s.Years[i].After, results.EstimateOf([]float64{float64(n) * x.of(&plans[k])}, "")})
				}
			}
		}
		row := &results.Row{Term: results.Term{Label: x.title, Display: results.Plain}}
		if p, ok := curvePanel(row, lines, tones); ok {
			years := s.Years[len(s.Years)-1].After
			axis{"", countTicks{2 * panelTicks, 1, plainLabel}, 0, years, false}.set(&p.plot.X)
			g.panels = append(g.panels, p)
		}
	}
	if len(g.panels) == 0 {
		return nil, ErrNothing
	}
	g.xLabel = "years from now"
	last := &s.Years[len(s.Years)-1]
	note := fmt.Sprintf("The smallest number that keeps every objective in every state. In %s there is %.0f %% of today's traffic.%s", last.Words(), 100*last.Load, leftNote(len(s.Plans)-len(plans)))
	return newPicture("servers-over-years", "Servers over the years", note, legend, g.height(), g.draw), nil
}
