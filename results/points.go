package results

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A PointTable shows a sweep of one axis, or a sample, with a row for each
// variant of each point and a column for each metric and limit.
type PointTable struct {
	// Places are the names of what the points change, if it is not the name of the
	// rows.
	Places, Metrics, Limits []string
	Corner                  string // what the names of the rows are
	Rows                    []PointRow
}

// PointRow is a variant at a point.
type PointRow struct {
	Name     string   // of the point, or its only value
	Places   []string // its values, if they do not fit into the name
	Metrics  []string
	Verdicts []*Expectation // nil where the limit does not apply
}

// ByPoint reports whether a table of points shows the result better than tables
// of a grid.
func (r *Result) ByPoint() bool { return r.Points > 0 && (len(r.Axes) == 1 || len(r.Sampled) > 0) }

// PointTable returns the table of a result that is shown ByPoint.
func (r *Result) PointTable() PointTable {
	t := PointTable{Places: r.Sampled, Corner: "point"}
	if len(r.Sampled) == 0 {
		t.Corner = r.Axes[0].Name
	}
	rows := r.Shown()
	for _, row := range rows {
		t.Metrics = append(t.Metrics, row.Term.Label)
	}
	limits := r.Limits()
	for _, l := range limits {
		t.Limits = append(t.Limits, l.Text)
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		p := PointRow{Name: v.At[0]}
		if len(r.Sampled) > 0 {
			each := len(r.Variants) / r.Points
			p.Name, p.Places = strconv.Itoa(i/each+1), v.At
		}
		for k := range rows {
			p.Metrics = append(p.Metrics, rows[k].Value(i))
		}
		for _, l := range limits {
			p.Verdicts = append(p.Verdicts, l.Cells[i])
		}
		t.Rows = append(t.Rows, p)
	}
	return t
}

// Shown are the rows of the metrics that have tables.
func (r *Result) Shown() (rows []Row) {
	names := r.Tables
	if len(names) == 0 {
		names = defaultTables
		if r.placed() {
			names = placedTables
		}
	}
	for _, name := range names {
		row := r.newRow(name, "")
		known := false
		for i := range r.Variants {
			if m, ok := r.Variants[i].Metric(name); ok {
				row.Cells[i] = m.Estimate
				known = known || m.Known()
			}
		}
		if known || len(r.Tables) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// Of a sweep, a terminal is given so many rows of points, or tables of so many
// cells.
const (
	mostRows  = 60
	mostCells = 400
)

// pointText writes the table of points in no more columns than width.
func (r *Result) pointText(width int, color bool) (sections []string) {
	t := r.PointTable()
	g := grid{corner: t.Corner}
	for i, name := range slices.Concat(t.Places, t.Metrics, t.Limits) {
		if i < len(t.Places) {
			name = brokenPath(name)
		}
		g.columns = append(g.columns, wrapped(name, headWidth))
	}
	for _, p := range t.Rows[:min(len(t.Rows), mostRows)] {
		g.add(p.Name, slices.Concat(p.Places, p.Metrics, verdictWords(p.Verdicts, color)))
	}
	g.align()
	n := len(g.columns)
	for n > 1 && g.first(n).width() > width {
		n--
	}
	parts, _ := g.parts(n)
	if left := len(t.Rows) - mostRows; left > 0 {
		parts = append(parts, fmt.Sprintf("  %s in the report and in sweep.csv\n", counted(left, "more row")))
	}
	return parts
}

// headWidth is how wide the heading of a column may be.
const headWidth = 22

// brokenPath puts spaces after dots where a path that is too long may be broken.
func brokenPath(path string) string {
	var lines []string
	line := ""
	for part := range strings.SplitAfterSeq(path, ".") {
		if line != "" && len(line)+len(part) > headWidth {
			lines = append(lines, line)
			line = ""
		}
		line += part
	}
	return strings.Join(append(lines, line), " ")
}

func verdictWords(cells []*Expectation, color bool) (words []string) {
	for _, x := range cells {
		if x == nil {
			words = append(words, "-")
		} else {
			words = append(words, colored(x.Verdict, color))
		}
	}
	return words
}

// pointGrid is the table of points for Markdown.
func (r *Result) pointGrid() grid {
	t := r.PointTable()
	g := grid{corner: t.Corner, columns: slices.Concat(t.Places, t.Metrics, t.Limits)}
	for _, p := range t.Rows {
		g.add(p.Name, slices.Concat(p.Places, p.Metrics, verdictWords(p.Verdicts, false)))
	}
	return g
}
