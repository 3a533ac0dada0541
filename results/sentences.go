package results

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const noBreak = "\u00a0"

// A sentence lists at most maxChanges differences, and of what a measure costs
// only those of at least minCost, relative to the larger value.
const (
	maxChanges = 4
	minCost    = 0.1
)

// Sentences says for each variant how it differs from the one it is compared
// with: of the metrics that matter, and what a measure may cost, in those that
// have changed most; and in which of the former there is no difference. A difference that chance
// explains, with as many variants as there are, is none; half its interval's width stands beside it. Spaces within
// values are no-break spaces. What a single replication cannot tell is said once.
// Of a grid it says in place of this how far each of its tables reaches.
func (r *Result) Sentences() []string {
	if len(r.Variants) < 2 {
		return nil
	}
	if len(r.Axes)+len(r.Sampled) > 0 { // the tables show differences, and the variants are many
		return r.extremes()
	}
	rows := r.HeadlineRows()
	main := len(rows)
	for _, row := range r.rowsOf(slices.DeleteFunc(slices.Clone(costMetrics), func(name string) bool { return name == "moved" })) {
		if !slices.ContainsFunc(rows, func(w Row) bool { return w.Metric == row.Metric }) {
			rows = append(rows, row)
		}
	}
	var sentences []string
	among := 0 // comparisons, if something is said to be perhaps
	for i := range r.Variants {
		changed, perhaps, same := r.changes(rows, main, i)
		if len(perhaps) > 0 {
			changed = append(changed, "perhaps "+strings.Join(perhaps, ", "))
			among = amongOf(rows)
		}
		if len(same) > 0 {
			changed = append(changed, "no difference in "+strings.Join(same, ", "))
		}
		if len(changed) == 0 {
			continue
		}
		sentences = append(sentences, r.Variants[i].Name+" against "+r.Variants[i].Against+": "+strings.Join(changed, "; ")+".")
	}
	if among > 0 {
		sentences = append(sentences, perhapsSentence(among))
	}
	sentences = append(sentences, r.savedSentence(rows)...)
	if r.Replications == 1 && r.Batches == 0 && len(sentences) > 0 {
		sentences = append(sentences, "With one replication, differences have no interval: small ones may be chance.")
	}
	return sentences
}

// changes returns the rows that differ most in variant i, the largest relative
// difference first; those of the main rows that perhaps do, and those that do not
// differ. One that rounding hides is neither.
func (r *Result) changes(rows []Row, main, i int) (changed, perhaps, same []string) {
	type change struct {
		words    string
		relative float64
	}
	var changes []change
	base := slices.IndexFunc(r.Variants, func(v Variant) bool { return v.Name == r.Variants[i].Against })
	for k := range rows {
		row := &rows[k]
		c := row.Against[i]
		if c == nil || !c.Difference.Known() {
			continue
		}
		d := row.Term.Display
		half := c.Difference.Half()
		before, after := row.Cells[base].Mean, row.Cells[i].Mean
		values := row.Label() + " " + unbroken(d.Human(before)) + " -> " + unbroken(d.Human(after))
		differs := func(more string) {
			relative := math.Abs(after-before) / max(math.Abs(before), math.Abs(after))
			if k < main && d.Human(before) != d.Human(after) || relative >= minCost {
				changes = append(changes, change{values + more, relative})
			}
		}
		switch {
		case !finite(half) && c.Difference.Mean == 0:
			same = appendIf(k < main, same, row.Label())
		case !finite(half) && r.Replications == 1:
			differs("")
		case !finite(half):
			differs(" (no interval)")
		case c.Significant:
			differs(" (" + unbroken(d.HumanChange(c.Difference)) + ")")
		case c.Perhaps && d.Human(before) != d.Human(after):
			perhaps = appendIf(k < main, perhaps, values+" ("+unbroken(d.HumanChange(c.Difference))+")")
		case half == 0:
			same = appendIf(k < main, same, row.Label())
		default:
			same = appendIf(k < main, same, row.Label()+" ("+unbroken(d.HumanHalf(half))+")")
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(b.relative, a.relative) })
	for _, c := range changes[:min(len(changes), maxChanges)] {
		changed = append(changed, c.words)
	}
	return changed, perhaps, same
}

func appendIf(wanted bool, list []string, s string) []string {
	if wanted {
		list = append(list, s)
	}
	return list
}

// unbroken keeps a value on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", noBreak) }
