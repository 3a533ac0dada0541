package lab

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"lbsim/results"
)

// MarkdownHeader begins the table that Markdown writes rows of.
const MarkdownHeader = "| experiment | metric | real | simulated | difference | simulated mean |\n| --- | --- | --- | --- | --- | --- |\n"

// Markdown writes the comparisons as rows of a table: of each variant the metrics that
// the scenario names or, where it names none, those of events and response times; and
// how often both picked the same server.
func (o *Outcome) Markdown(w io.Writer) error {
	var b strings.Builder
	for i := range o.Variants {
		v := &o.Variants[i]
		title := escape(o.title(v))
		line := func(cells ...string) {
			fmt.Fprintf(&b, "| %s | %s |\n", title, strings.Join(cells, " | "))
			title = ""
		}
		for _, row := range v.headlines() {
			c := row.cells()
			for i := range c {
				c[i] = escape(c[i])
			}
			line(c[:]...)
		}
		same, all, random := v.picks()
		text := fmt.Sprintf("%s of %s", results.Plain.Human(float64(same)), results.Plain.Human(float64(all)))
		if random {
			text += ", by chance"
		}
		line("same server picked", text, "", "", results.Percent.Human(float64(same)/float64(all)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// headlines are the rows that a short table has.
func (v *Variant) headlines() []Row {
	asked := slices.DeleteFunc(slices.Clone(v.Rows), func(r Row) bool { return !r.Asked })
	if len(asked) > 0 {
		return asked
	}
	main := slices.Concat(eventMetrics, requestMetrics)
	return slices.DeleteFunc(slices.Clone(v.Rows), func(r Row) bool { return !slices.Contains(main, r.Metric) })
}

// picks adds up the repetitions.
func (v *Variant) picks() (same, all int, random bool) {
	for _, a := range v.Agreements {
		same, all = same+a.Before.Same+a.After.Same, all+a.Before.All+a.After.All
		random = random || a.Random
	}
	return same, all, random
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
