package report

import (
	"strings"

	"lbsim/results"
)

// whatIf is the table of what exchanges take with each remedy.
type whatIf struct {
	Table metricTable
	Notes []string // what the remedies are, and what is not shown
}

func newWhatIf(r *results.Result) *whatIf {
	if r.WhatIf == nil || len(r.WhatIf.Rows) == 0 {
		return nil
	}
	w := &whatIf{Table: metricTable{Corner: "remedy"}}
	for i := range r.WhatIf.Rows {
		x := &r.WhatIf.Rows[i]
		w.Table.Variants = append(w.Table.Variants, x.Name+": "+strings.ReplaceAll(x.Writes, "->", "→")) // lines may break within the former
	}
	for k, remedy := range r.WhatIf.Remedies {
		w.Notes = append(w.Notes, remedy.Name+": "+remedy.Doc)
		row := metricRow{Label: remedy.Name, Name: remedy.Doc}
		for i := range r.WhatIf.Rows {
			c := metricCell{Value: "-"}
			if effects := r.WhatIf.Rows[i].Effects; effects != nil {
				c = metricCell{Value: results.HumanTime(effects[k].Latency), Change: results.StallWords(&effects[k]), Hint: "delayed acknowledgements that data wait for"}
			}
			row.Cells = append(row.Cells, c)
		}
		w.Table.Rows = append(w.Table.Rows, row)
	}
	w.Notes = append(w.Notes, r.WhatIfNotes()...)
	return w
}
