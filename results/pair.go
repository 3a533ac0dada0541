package results

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A Pair is two results, put into one, whose variants are those of both.
type Pair struct {
	Result *Result
	pairs  [][2]int // variants that belong together
	made   string   // replications, in words
	// unpaired says why differences are those of independent runs; "" where they are
	// taken replication by replication, of the first common ones.
	unpaired string
	common   int
}

// NewPair pairs the variants of the same name of two results, which names tell
// apart; or, where each has one, these. They are compared replication by replication
// where both had the same seed, and so the same clients, and the values of single
// replications are there; otherwise as independent runs. The error says that there are
// no such variants.
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
	if a.Version != b.Version {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s was made by lbsim %s and %s by %s: what differs may be that", nameA, a.Version, nameB, b.Version))
	}
	if p.made = counted(a.Replications, "replication"); a.Replications != b.Replications {
		p.made = fmt.Sprintf("%d and %s", a.Replications, counted(b.Replications, "replication"))
	}
	p.common, p.unpaired = min(a.Replications, b.Replications), unpaired(a, b)
	r.Comparisons = p.compared()
	r.correctBy(func(c *Comparison) string { return c.Base }) // each pair has a table
	return p, nil
}

const seedsDiffer = "the seeds differ"

// unpaired says why two results cannot be compared replication by replication, "" if they
// can.
func unpaired(a, b *Result) string {
	switch {
	case a.Batches > 0 || b.Batches > 0:
		return "intervals are of parts of one run"
	case a.Seed != b.Seed:
		return seedsDiffer
	case !a.valued() || !b.valued():
		return "the values of single replications are not there"
	}
	return ""
}

// valued reports whether the values of single replications are known.
func (r *Result) valued() bool {
	return !slices.ContainsFunc(r.Variants, func(v Variant) bool {
		return len(v.Metrics) > 0 && !slices.ContainsFunc(v.Metrics, func(m Metric) bool { return len(m.Values) > 0 })
	})
}

// compared compares the variants that belong together.
func (p *Pair) compared() (out []Comparison) {
	for _, at := range p.pairs {
		base, other := &p.Result.Variants[at[0]], &p.Result.Variants[at[1]]
		for _, x := range base.Metrics {
			y, ok := other.Metrics.Get(x.Name)
			if !ok {
				continue
			}
			c := Comparison{Metric: x.Name, Saved: math.NaN()}
			if p.unpaired != "" {
				c.Difference, c.alone = welch(x.Estimate, y.Estimate)
				c.P = c.alone
				ok = c.Difference.Known()
			} else if len(x.Values) < p.common || len(y.Values) < p.common {
				continue
			} else {
				x.Values, y.Values = x.Values[:p.common], y.Values[:p.common]
				c, ok = paired(x, y)
			}
			if c.Base, c.Other = base.Name, other.Name; ok {
				out = append(out, c)
			}
		}
	}
	correct(out)
	return out
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
// explains it, ? before it if chance does among all that are shown; and the share of
// variance saved.
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
	if c.Perhaps && !w.hidden(variant, c) {
		return []string{"? " + w.Term.Display.HumanChange(c.Difference), share}
	}
	if c.Significant || c.Perhaps || c.Difference.Half() == 0 {
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
	for _, s := range []string{wrapAll("", r.Method(), opt.Width), wrapAll("", p.notes(), opt.Width), wrapAll("warning: ", r.Warnings, opt.Width)} {
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
	notes := slices.Concat(r.Method(), p.notes())
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
	header := r.Scenario + "   " + p.made
	if r.Duration > 0 { // what was read from files does not tell
		header += fmt.Sprintf(", %s simulated each", Seconds.Human(r.Duration))
	}
	if p.unpaired == seedsDiffer {
		return header
	}
	return header + fmt.Sprintf(", seed %d", r.Seed)
}

// notes say how the differences were found, where that is not as usual, and what one
// replication cannot tell.
func (p *Pair) notes() (list []string) {
	switch {
	case p.unpaired != "":
		list = append(list, "Differences are those of independent runs (Welch), as "+p.unpaired+".")
	case strings.Contains(p.made, " and "):
		list = append(list, fmt.Sprintf("Differences are those of the first %s, which both have.", counted(p.common, "replication")))
	}
	if among := amongOf(p.Result.KeyRows()); among > 0 {
		list = append(list, "? "+perhapsSentence(among))
	}
	if p.common == 1 {
		list = append(list, "With one replication, differences have no interval: small ones may be chance.")
	}
	return list
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
