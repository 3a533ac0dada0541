package report

import "lbsim/results"

// sizing is the answer of lbsim size: the plans, what it takes by year where traffic
// grows, what was measured of each plan and of one fewer, and the cheapest in words.
type sizing struct {
	Plans, Trials metricTable
	Years         *metricTable // nil without growth
	Words         []string
}

func newSizing(r *results.Result) *sizing {
	s := r.Sizing
	if s == nil {
		return nil
	}
	out := &sizing{Plans: metricTable{Corner: "design", Variants: results.PlanColumns}, Trials: metricTable{Corner: "design, state"}, Words: s.Words()}
	for i := range s.Objectives {
		out.Trials.Variants = append(out.Trials.Variants, s.Objectives[i].Words())
	}
	for i := range s.Plans {
		p := &s.Plans[i]
		out.Plans.Rows = append(out.Plans.Rows, wordRow(p.Candidate, s.PlanCells(p)))
		for _, row := range s.PlanRows(p) {
			out.Trials.Rows = append(out.Trials.Rows, wordRow(row.Label, row.Cells))
		}
	}
	if len(s.Years) > 0 {
		out.Years = &metricTable{Corner: "year", Variants: s.YearColumns()}
	}
	for i := range s.Years {
		out.Years.Rows = append(out.Years.Rows, wordRow(s.Years[i].Words(), s.YearCells(i)))
	}
	return out
}

// wordRow is a row of a table of words.
func wordRow(label string, cells []string) metricRow {
	row := metricRow{Label: label, Name: label}
	for _, text := range cells {
		row.Cells = append(row.Cells, metricCell{Value: text})
	}
	return row
}
