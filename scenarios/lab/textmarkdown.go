package lab

import (
	"fmt"
	"io"
	"strings"

	"lbsim/results"
)

// MarkdownHeader begins the table that Markdown writes rows of.
const MarkdownHeader = "| experiment | metric | real | simulated | difference | simulated mean |\n| --- | --- | --- | --- | --- | --- |\n"

// Markdown writes the comparisons as rows of a table.
func (o *Outcome) Markdown(w io.Writer) error {
	var b strings.Builder
	for i := range o.Variants {
		v := &o.Variants[i]
		title := escape(o.title(v))
		line := func(cells ...string) {
			fmt.Fprintf(&b, "| %s | %s |\n", title, strings.Join(cells, " | "))
			title = ""
		}
		for k := range v.Rows {
			c := v.Rows[k].cells()
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

// picks adds up the repetitions.
func (v *Variant) picks() (same, all int, random bool) {
	for _, a := range v.Agreements {
		same, all = same+a.Before.Same+a.After.Same, all+a.Before.All+a.After.All
		random = random || a.Random
	}
	return same, all, random
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
