package results

import (
	"fmt"
	"math"
	"strings"
)

// A Table is one metric of a grid of variants: a row for each value of the first
// axis, a column for each combination of the others.
type Table struct {
	Row // by variant; Variant finds a cell's
	// Rows are the values of the first axis, which is Axis.
	Axis string
	Rows []string
	// Columns are the values of the other axes, by column; empty lists if there
	// are no others.
	Columns [][]string
	// Spans are how many columns side by side have the same value of each of the
	// other axes; Group is the first of them, 1 if there is none.
	Spans []int
	Group int
}

// defaultTables are the metrics of a grid that does not name its own, and
// placedTables those where there are virtual machines or databases.
var (
	defaultTables = []string{"imbalance.max_over_mean", "broken_sessions_share"}
	placedTables  = []string{"members_up.mean", "colocated_time", "availability", "databases.downtime", "response_time.p95"}
)

// Grid returns the tables of a grid of variants, none of a list. A metric that no
// variant has is left out if it was not asked for.
func (r *Result) Grid() (tables []Table) {
	if len(r.Axes) == 0 {
		return nil
	}
	for _, row := range r.Shown() {
		tables = append(tables, r.table(row))
	}
	return tables
}

// table lays a row out over the axes.
func (r *Result) table(row Row) Table {
	t := Table{Row: row, Axis: r.Axes[0].Name, Rows: r.Axes[0].Values, Columns: [][]string{nil}, Group: 1}
	for _, axis := range r.Axes[1:] {
		var longer [][]string
		for _, column := range t.Columns {
			for _, value := range axis.Values {
				longer = append(longer, append(append([]string{}, column...), value))
			}
		}
		t.Columns = longer
		for a := range t.Spans {
			t.Spans[a] *= len(axis.Values)
		}
		t.Spans = append(t.Spans, 1)
	}
	if len(t.Spans) > 0 {
		t.Group = t.Spans[0]
	}
	return t
}

// Layout returns a table of no metric, for anything else that variants have.
func (r *Result) Layout() Table { return r.table(Row{}) }

// Variant is the number of the variant in a cell.
func (t *Table) Variant(row, column int) int { return row*len(t.Columns) + column }

// Title names the metric in words and as programs do.
func (t *Table) Title() string {
	if t.Term.Label == t.Metric {
		return t.Metric
	}
	return t.Term.Label + " (" + t.Metric + ")"
}

// grid makes a table of words, of what cell says of each variant. Values of
// several axes stand below one another where lines is true, else side by side.
func (t *Table) grid(cell func(variant int) string, lines bool) grid {
	g := grid{corner: t.Axis}
	for k, values := range t.Columns {
		switch {
		case len(values) == 0:
			g.columns = append(g.columns, "value")
		case lines:
			g.columns = append(g.columns, strings.Join(t.heading(k), "\n"))
		default:
			g.columns = append(g.columns, strings.Join(values, ", "))
		}
	}
	for i, name := range t.Rows {
		var cells []string
		for k := range t.Columns {
			cells = append(cells, cell(t.Variant(i, k)))
		}
		g.add(name, cells)
	}
	return g
}

// heading is what stands above a column: the values that it has, but for those
// that the column before has as well.
func (t *Table) heading(column int) []string {
	values := append([]string{}, t.Columns[column]...)
	for a, span := range t.Spans {
		if column%span != 0 {
			values[a] = noBreak
		}
	}
	return values
}

// text writes the words of all variants in no more columns than width: in one
// table or, if it is too wide, in as few parts as fit, below one another, about
// equally wide and cut between groups.
func (t *Table) text(cell func(variant int) string, width int) string {
	g := t.grid(cell, true)
	g.align()
	for _, group := range [...]int{t.Group, 1} {
		groups := len(g.columns) / group
		for n := 1; n <= groups; n++ {
			parts, wide := g.parts((groups + n - 1) / n * group)
			if wide <= width || group == 1 && n == groups {
				return strings.Join(parts, "\n")
			}
		}
	}
	return ""
}

// parts cuts a grid into several of so many columns. wide is the widest.
func (g grid) parts(columns int) (parts []string, wide int) {
	for !g.empty() {
		part := g.first(min(columns, len(g.columns)))
		parts, wide = append(parts, part.render()), max(wide, part.width())
		g = g.after(len(part.columns))
	}
	return parts, wide
}

// cut writes a grid in as few parts, below one another, as fit into the width.
func (g grid) cut(width int) string {
	for n := len(g.columns); ; n-- {
		if parts, wide := g.parts(n); wide <= width || n == 1 {
			return strings.Join(parts, "\n")
		}
	}
}

// gridText writes all tables of a grid for a terminal.
func (r *Result) gridText(width int) (sections []string) {
	for _, t := range r.Grid() {
		sections = append(sections, t.Title()+"\n"+t.text(t.Value, width))
	}
	return sections
}

// verdictList holds the expectations on a grid that are for few variants.
func (r *Result) verdictList(color bool) grid {
	g := grid{corner: "expectation", columns: []string{"variant", "verdict"}}
	for _, l := range r.Limits() {
		for v, x := range l.Cells {
			if x != nil && l.Few() {
				g.add(l.Text, []string{x.Variant, l.cell(v, color)})
			}
		}
	}
	return g
}

// verdictTables writes the other expectations on a grid, each as a table, and
// before them those for few variants.
func (r *Result) verdictTables(width int, color bool) (sections []string) {
	if g := r.verdictList(color); !g.empty() {
		for i := range g.cells {
			g.cells[i][0] = wrapped(g.cells[i][0], max(16, width/3))
		}
		sections = append(sections, g.render())
	}
	for _, l := range r.Limits() {
		if l.Few() {
			continue
		}
		t := r.Layout()
		sections = append(sections, l.Text+"\n"+t.text(func(v int) string { return l.cell(v, color) }, width))
	}
	return sections
}

// gridMarkdown writes both for a comment on a pull request.
func (r *Result) gridMarkdown(b *strings.Builder) {
	add := func(title string, g grid) { b.WriteString("\n" + escapeMarkdown(title) + "\n\n" + g.markdown()) }
	if g := r.verdictList(false); !g.empty() {
		b.WriteString("\n" + g.markdown())
	}
	for _, l := range r.Limits() {
		if l.Few() {
			continue
		}
		t := r.Layout()
		add(l.Text, t.grid(func(v int) string { return l.cell(v, false) }, false))
	}
	for _, t := range r.Grid() {
		add(t.Title(), t.grid(t.Value, false))
	}
}

// extremes says of each table where in the grid its metric is lowest and where it
// is highest.
func (r *Result) extremes() (sentences []string) {
	for _, t := range r.Shown() {
		low, high := -1, -1
		for i, c := range t.Cells {
			if math.IsNaN(c.Mean) {
				continue
			}
			if low < 0 || c.Mean < t.Cells[low].Mean {
				low = i
			}
			if high < 0 || c.Mean > t.Cells[high].Mean {
				high = i
			}
		}
		if low >= 0 && t.Cells[low].Mean < t.Cells[high].Mean {
			at := func(i int) string {
				return unbroken(t.Term.Human(t.Cells[i].Mean)) + " (" + r.Variants[i].Name + ")"
			}
			sentences = append(sentences, fmt.Sprintf("%s: from %s to %s.", t.Term.Label, at(low), at(high)))
		}
	}
	return sentences
}
