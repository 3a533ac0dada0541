package results

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// TextOptions are what a terminal knows and a Result does not.
type TextOptions struct {
	Elapsed time.Duration // wall time of the run, left out if 0
	Report  string        // path of the report, left out if empty
	Width   int           // columns, 100 if 0
	Warned  bool          // the reader has seen the warnings about the scenario: leave them out
	Color   bool          // colour the verdicts
}

// Text writes a result for a terminal: what was run, what became of the
// expectations, the metrics that matter, what differs between the variants,
// warnings, and how to repeat it.
func Text(w io.Writer, r *Result, opt TextOptions) error {
	if opt.Width == 0 {
		opt.Width = 100
	}
	var b strings.Builder
	header := r.Header()
	if opt.Elapsed > 0 {
		header += "   " + Seconds.Human(opt.Elapsed.Seconds())
	}
	b.WriteString(header + "\n")
	section := func(s string) {
		if s != "" {
			b.WriteString("\n" + s)
		}
	}
	if r.Sizing != nil {
		for _, s := range r.sizingText(opt.Width) {
			section(s)
		}
	} else if r.Points > 0 && len(r.Axes) > 1 && len(r.Variants) > mostCells {
		section("  Tables of " + counted(len(r.Variants), "combination") + " are in the report.\n")
	} else if r.ByPoint() {
		for _, s := range r.pointText(opt.Width, opt.Color) {
			section(s)
		}
		section(wrapAll("cannot tell: ", r.Undecided(), opt.Width))
	} else if len(r.Axes) > 0 {
		for _, s := range slices.Concat(r.verdictTables(opt.Width, opt.Color), r.gridText(opt.Width)) {
			section(s)
		}
		section(wrapAll("cannot tell: ", r.Undecided(), opt.Width))
	} else {
		section(r.verdictGrid(opt.Color).text(opt.Width))
		section(wrapAll("cannot tell: ", r.Undecided(), opt.Width))
		section(r.keyGrid().text(opt.Width))
		for _, g := range r.partGrids() {
			section(g.text(opt.Width))
		}
	}
	section(wrapAll("", r.Method(), opt.Width))
	section(r.whatIfText(opt.Width))
	if r.Sizing == nil { // its variants are states, not versions
		section(wrapAll("", r.Unexplained(), opt.Width))
		section(wrapAll("", r.Sentences(), opt.Width))
	}
	if !opt.Warned {
		section(wrapAll("warning: ", r.DistinctWarnings(), opt.Width))
	}
	if opt.Warned { // but not of what came out
		unseen := slices.DeleteFunc(r.Doubts(), func(s string) bool { return !slices.Contains(r.Warnings, s) })
		section(wrapAll("warning: ", unseen, opt.Width))
	}
	b.WriteString("\n")
	if opt.Report != "" {
		fmt.Fprintf(&b, "report   %s\n", opt.Report)
	}
	if r.Command != "" {
		fmt.Fprintf(&b, "repeat   %s        ", r.Command)
	}
	fmt.Fprintf(&b, "(fingerprint %s)\n", Hex(r.Fingerprint()))
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the same for a comment on a pull request.
func Markdown(w io.Writer, r *Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s\n", escapeMarkdown(r.Scenario), escapeMarkdown(r.Extent()))
	if r.Sizing != nil {
		b.WriteString("\n" + r.sizingMarkdown())
	} else if r.ByPoint() {
		b.WriteString("\n" + r.pointGrid().markdown())
	} else if len(r.Axes) > 0 {
		r.gridMarkdown(&b)
	} else {
		if g := r.verdictGrid(false); !g.empty() {
			b.WriteString("\n" + g.markdown())
		}
		for _, g := range append([]grid{r.keyGrid()}, r.partGrids()...) {
			if !g.empty() {
				b.WriteString("\n" + g.markdown())
			}
		}
	}
	if r.WhatIf != nil {
		b.WriteString("\n" + r.whatIfMarkdown())
	}
	for i, list := range [][]string{r.Undecided(), r.Unexplained(), r.Sentences(), r.Method(), r.DistinctWarnings()} {
		for k, s := range list {
			if k == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "* %s%s\n", [...]string{"cannot tell: ", "", "", "", "warning: "}[i], escapeMarkdown(s))
		}
	}
	fmt.Fprintf(&b, "\nRepeat: `%s` (fingerprint %s)\n", strings.ReplaceAll(r.Command, "`", "'"), Hex(r.Fingerprint()))
	_, err := io.WriteString(w, b.String())
	return err
}

func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "|", `\|`, "[", `\[`).Replace(s)
}

// DistinctWarnings are the warnings, each once: variants may share one.
func (r *Result) DistinctWarnings() (list []string) {
	for _, w := range r.Warnings {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// Header says in one line what was run.
func (r *Result) Header() string { return strings.TrimSpace(r.Scenario + "   " + r.Extent()) }

// Extent says how much was run.
func (r *Result) Extent() string {
	if r.Sizing != nil {
		return fmt.Sprintf("%s, %s, seed %d", counted(len(r.Sizing.Plans), "candidate"), counted(r.Sizing.Runs, "replication"), r.Seed)
	}
	what := counted(len(r.Variants), "variant")
	if r.Points > 0 {
		what = counted(r.Points, "point")
		if each := len(r.Variants) / r.Points; each > 1 {
			what += " x " + counted(each, "variant")
		}
	}
	replications := r.Made() + " replications"
	if r.Replications == 1 {
		replications = "1 replication"
	}
	return fmt.Sprintf("%s x %s, %s simulated each, seed %d", what, replications, Seconds.Human(r.Duration), r.Seed)
}

// Undecided says what would decide the expectations that cannot be told.
func (r *Result) Undecided() []string {
	var out []string
	for i := range r.Expectations {
		x := &r.Expectations[i]
		if x.Verdict != CannotTell {
			continue
		}
		s := x.Variant + ": " + strings.ReplaceAll(x.Words(), "  ", " ") + ", measured "
		if x.Value.Known() {
			s += TermOf(x.Metric).Display.HumanInterval(x.Value)
		} else {
			s += "nothing"
			if v, ok := variantNamed(r.Variants, x.Variant); ok && v.Missing(x.Metric) != "" {
				s += ": " + v.Missing(x.Metric)
			}
		}
		if x.More > 0 {
			s += "; about " + counted(x.More, "more replication") + " would decide"
		}
		out = append(out, s)
	}
	const most = 5 // variants of a grid that are listed
	if n := len(out) - most; len(r.Axes)+len(r.Sampled) > 0 && n > 1 {
		out = append(out[:most], fmt.Sprintf("%d more, see the tables", n))
	}
	return out
}

// verdictGrid holds the expectations by variant.
func (r *Result) verdictGrid(color bool) grid {
	g := grid{corner: "expectation"}
	for _, v := range r.Variants {
		g.columns = append(g.columns, v.Name)
	}
	for _, l := range r.Limits() {
		cells := make([]string, len(l.Cells))
		for i := range l.Cells {
			cells[i] = l.cell(i, color)
		}
		g.add(l.Text, cells)
	}
	return g
}

// cell says what became of an expectation in a variant.
func (l *Limit) cell(variant int, color bool) string {
	x := l.Cells[variant]
	if x == nil {
		return "-"
	}
	words := colored(x.Verdict, color)
	if x.Value.Known() {
		words += " " + TermOf(x.Metric).Human(x.Value.Mean)
	}
	return words
}

// keyGrid holds the metrics that matter by variant, with their intervals.
func (r *Result) keyGrid() grid {
	g := grid{corner: "metric"}
	for _, v := range r.Variants {
		g.columns = append(g.columns, v.Name)
	}
	if len(r.Variants) == 1 {
		g.columns[0] = "value"
	}
	for _, row := range r.KeyRows() {
		cells := make([]string, len(row.Cells))
		for i := range row.Cells {
			cells[i] = row.Value(i)
		}
		g.add(row.Label(), cells)
	}
	return g
}

func colored(v Verdict, color bool) string {
	if !color {
		return v.String()
	}
	return [...]string{"\x1b[33m", "\x1b[32m", "\x1b[31m"}[v] + v.String() + "\x1b[0m"
}
