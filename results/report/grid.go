package report

import (
	"slices"

	"lbsim/results"
)

// A gridTable shows one metric, or one expectation, of a grid of variants.
type gridTable struct {
	Title string
	Axis  string       // of the rows
	Heads [][]gridHead // lines above the columns
	Rows  []gridRow
}

// A gridHead is a value that some columns side by side have.
type gridHead struct {
	Value string
	Span  int
}

type gridRow struct {
	Name     string
	Cells    []metricCell  // of a metric
	Verdicts []verdictCell // of an expectation
}

// newGrids makes the tables of expectations and of metrics.
func newGrids(r *results.Result) (expected, metrics []gridTable) {
	if len(r.Axes)+len(r.Sampled) == 0 {
		return nil, nil
	}
	if r.ByPoint() {
		return nil, []gridTable{newPointTable(r)}
	}
	if few := newVerdictList(r); len(few.Rows) > 0 {
		expected = append(expected, few)
	}
	for _, l := range r.Limits() {
		if l.Few() {
			continue
		}
		t := r.Layout()
		g := newGridTable(&t, l.Text)
		for i := range g.Rows {
			for k := range t.Columns {
				g.Rows[i].Verdicts = append(g.Rows[i].Verdicts, newVerdictCell(l.Cells[t.Variant(i, k)]))
			}
		}
		expected = append(expected, g)
	}
	for _, t := range r.Grid() {
		g := newGridTable(&t, t.Title())
		cells := metricRows([]results.Row{t.Row})[0].Cells
		for i := range g.Rows {
			first := t.Variant(i, 0)
			g.Rows[i].Cells = cells[first : first+len(t.Columns)]
		}
		metrics = append(metrics, g)
	}
	return expected, metrics
}

// newVerdictList makes one table of the expectations that are for few variants.
func newVerdictList(r *results.Result) gridTable {
	g := gridTable{Title: "Of one or two variants", Axis: "expected", Heads: [][]gridHead{{{"verdict", 1}, {"variant", 1}}}}
	for _, l := range r.Limits() {
		for _, x := range l.Cells {
			if x != nil && l.Few() {
				g.Rows = append(g.Rows, gridRow{Name: l.Text, Verdicts: []verdictCell{newVerdictCell(x)}, Cells: []metricCell{{Value: x.Variant}}})
			}
		}
	}
	return g
}

// newGridTable returns a table with rows that have no cells yet.
func newGridTable(t *results.Table, title string) gridTable {
	g := gridTable{Title: title, Axis: t.Axis}
	for _, name := range t.Rows {
		g.Rows = append(g.Rows, gridRow{Name: name})
	}
	for a := range t.Columns[0] {
		var line []gridHead
		for k, values := range t.Columns {
			if k > 0 && k%t.Spans[a] != 0 {
				line[len(line)-1].Span++
				continue
			}
			line = append(line, gridHead{values[a], 1})
		}
		g.Heads = append(g.Heads, line)
	}
	if len(g.Heads) == 0 {
		g.Heads = [][]gridHead{{{"value", 1}}}
	}
	return g
}

// newPointTable shows a sweep with a row for each point.
func newPointTable(r *results.Result) gridTable {
	t := r.PointTable()
	g := gridTable{Title: "A row for each point", Axis: t.Corner}
	var heads []gridHead
	for _, name := range slices.Concat(t.Limits, t.Places, t.Metrics) {
		heads = append(heads, gridHead{name, 1})
	}
	g.Heads = [][]gridHead{heads}
	for _, p := range t.Rows {
		row := gridRow{Name: p.Name}
		for _, x := range p.Verdicts {
			row.Verdicts = append(row.Verdicts, newVerdictCell(x))
		}
		for _, text := range slices.Concat(p.Places, p.Metrics) {
			row.Cells = append(row.Cells, metricCell{Value: text})
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
