package results

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A Pair is two results of scenarios with the same seed and replications, put into
// one, whose variants are those of both.
type Pair struct {
	Result *Result
	pairs  [][2]int // variants that belong together
}

// NewPair pairs the variants of the same name of two results, which names tell
// apart; or, where each has one, these. The error says that there are none.
func NewPair(a, b *Result, nameA, nameB string) (*Pair, error) {
	if nameA == nameB {
		nameA, nameB = nameA+" (A)", nameB+" (B)"
	}
	p := &Pair{Result: &Result{
		Scenario: nameB + " against " + nameA, Seed: a.Seed, Replications: a.Replications, Duration: a.Duration, Warmup: a.Warmup, Start: a.Start,
		Warnings: sharedWarnings(a, b, nameA, nameB),
	}}
	r := p.Result
	single := len(a.Variants) == 1 && len(b.Variants) == 1
	for _, base := range a.Variants {
		i := slices.IndexFunc(b.Variants, func(v Variant) bool { return single || v.Name == base.Name })
		if i < 0 {
			continue
		}
		other := b.Variants[i]
		if single {
			base.Name, other.Name = nameA, nameB
		} else {
			base.Name, other.Name = base.Name+" in "+nameA, other.Name+" in "+nameB
		}
		base.Against, other.Against = "", base.Name
		base.At, other.At = nil, nil
		p.pairs = append(p.pairs, [2]int{len(r.Variants), len(r.Variants) + 1})
		r.Variants = append(r.Variants, base, other)
	}
	if len(p.pairs) == 0 {
		return nil, fmt.Errorf("no variant of %s has the name of one of %s: there is nothing to compare", nameB, nameA)
	}
	if a.Duration != b.Duration {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s lasts %s and %s %s: counts and largest values differ for that alone", nameA, Seconds.Human(a.Duration), nameB, Seconds.Human(b.Duration)))
	}
	if a.Warmup != b.Warmup {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s is measured from %s on and %s from %s on", nameA, Clock(a.Warmup), nameB, Clock(b.Warmup)))
	}
	r.Comparisons = Compare(r.Variants)
	return p, nil
}

// sharedWarnings are those of both, which names stand before where only one has them.
func sharedWarnings(a, b *Result, nameA, nameB string) (list []string) {
	for _, side := range [...]struct {
		r, other *Result
		name     string
	}{{a, b, nameA}, {b, a, nameB}} {
		for _, w := range side.r.DistinctWarnings() {
			if !slices.Contains(side.other.Warnings, w) {
				list = append(list, side.name+": "+w)
			} else if side.r == a {
				list = append(list, w)
			}
		}
	}
	return list
}

// tables are the metrics that matter of each pair, with the difference and what it
// owes to the same clients.
func (p *Pair) tables() (list []grid) {
	rows := p.Result.KeyRows()
	for _, at := range p.pairs {
		a, b := at[0], at[1]
		g := grid{corner: "metric", columns: []string{p.Result.Variants[a].Name, p.Result.Variants[b].Name, "difference", "saved"}}
		for i := range rows {
			row := &rows[i]
			g.add(row.Label(), append([]string{row.Value(a), row.Value(b)}, row.change(b)...))
		}
		list = append(list, g)
	}
	return list
}

// change writes a variant's difference from the one it is compared with, ~ if chance
// explains it, and the share of variance saved.
func (w *Row) change(variant int) []string {
	c := w.Against[variant]
	switch {
	case c == nil || !c.Difference.Known():
		return []string{"-", "-"}
	case c.Difference.N < 2:
		return []string{w.Term.Display.HumanChange(c.Difference), "-"}
	}
	share := "-"
	if !math.IsNaN(c.Saved) {
		share = percentOf(c.Saved)
	}
	if c.Significant && !w.hidden(variant, c) {
		return []string{w.Term.Display.HumanChange(c.Difference), share}
	}
	if c.Significant || c.Difference.Half() == 0 {
		return []string{"~", share}
	}
	return []string{"~ (" + w.Term.Display.HumanHalf(c.Difference.Half()) + ")", share}
}

// hidden reports whether rounding hides a difference.
func (w *Row) hidden(variant int, c *Comparison) bool {
	d, other := w.Term.Display, w.Cells[variant].Mean
	return d.Human(other) == d.Human(other-c.Difference.Mean)
}

// Text writes the pair for a terminal.
func (p *Pair) Text(w io.Writer, opt TextOptions) error {
	if opt.Width == 0 {
		opt.Width = 100
	}
	r := p.Result
	var b strings.Builder
	b.WriteString(p.header())
	if opt.Elapsed > 0 {
		b.WriteString("   " + Seconds.Human(opt.Elapsed.Seconds()))
	}
	b.WriteString("\n")
	for _, g := range p.tables() {
		b.WriteString("\n" + g.text(opt.Width))
	}
	for _, s := range []string{wrapAll("", r.Method(), opt.Width), wrapAll("", p.single(), opt.Width), wrapAll("warning: ", r.Warnings, opt.Width)} {
		if s != "" {
			b.WriteString("\n" + s)
		}
	}
	fmt.Fprintf(&b, "\nrepeat   %s        (fingerprint %s)\n", r.Command, Hex(r.Fingerprint()))
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the same for a comment on a pull request.
func (p *Pair) Markdown(w io.Writer) error {
	r := p.Result
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", escapeMarkdown(p.header()))
	for _, g := range p.tables() {
		b.WriteString("\n" + g.markdown())
	}
	notes := slices.Concat(r.Method(), p.single())
	for _, s := range r.Warnings {
		notes = append(notes, "warning: "+s)
	}
	for i, s := range notes {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "* %s\n", escapeMarkdown(s))
	}
	fmt.Fprintf(&b, "\nRepeat: `%s` (fingerprint %s)\n", strings.ReplaceAll(r.Command, "`", "'"), Hex(r.Fingerprint()))
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Pair) header() string {
	r := p.Result
	return fmt.Sprintf("%s   %s, %s simulated each, seed %d", r.Scenario, counted(r.Replications, "replication"), Seconds.Human(r.Duration), r.Seed)
}

// single says what one replication cannot tell.
func (p *Pair) single() []string {
	if p.Result.Replications > 1 {
		return nil
	}
	return []string{"With one replication, differences have no interval: small ones may be chance."}
}

// worseMetrics are those of which less is better for whoever asks.
var worseMetrics = []string{"response_time.mean", "response_time.p95", "response_time.p99", "rejected_share", "timed_out_share", "reset_share"}

// Worse reports whether some other side is worse than its base in a response time or
// in what did not succeed by more than a share of the base's value, and not by chance.
func (p *Pair) Worse(share float64) bool {
	return slices.ContainsFunc(p.Result.Comparisons, func(c Comparison) bool {
		if !c.Significant || !slices.Contains(worseMetrics, c.Metric) {
			return false
		}
		v, _ := variantNamed(p.Result.Variants, c.Base)
		base, _ := v.Metrics.Get(c.Metric)
		return c.Difference.Mean > share*base.Mean
	})
}
