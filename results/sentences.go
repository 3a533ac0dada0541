package results

import (
	"slices"
	"strings"
)

const noBreak = "\u00a0"

// Sentences says for each variant how it differs from the one it is compared
// with in the few metrics that matter most. A difference whose interval contains 0
// is no difference; half the interval's width stands beside it. Spaces within
// values are no-break spaces. What a single replication cannot tell is said once.
func (r *Result) Sentences() []string {
	if len(r.Variants) < 2 {
		return nil
	}
	rows := r.HeadlineRows()
	var sentences []string
	for i := range r.Variants {
		changed, same := r.changes(rows, i)
		if len(same) > 0 {
			changed = append(changed, "no difference in "+strings.Join(same, ", "))
		}
		if len(changed) == 0 {
			continue
		}
		sentences = append(sentences, r.Variants[i].Name+" against "+r.Variants[i].Against+": "+strings.Join(changed, "; ")+".")
	}
	if r.Replications == 1 && len(sentences) > 0 {
		sentences = append(sentences, "With one replication, differences have no interval: small ones may be chance.")
	}
	return sentences
}

// changes splits the rows into those that differ in variant i and those that
// do not.
func (r *Result) changes(rows []Row, i int) (changed, same []string) {
	base := slices.IndexFunc(r.Variants, func(v Variant) bool { return v.Name == r.Variants[i].Against })
	for k := range rows {
		row := &rows[k]
		c := row.Against[i]
		if c == nil || !c.Difference.Known() {
			continue
		}
		d := row.Term.Display
		half := c.Difference.Half()
		values := row.Label() + " " + unbroken(d.Human(row.Cells[base].Mean)) + " -> " + unbroken(d.Human(row.Cells[i].Mean))
		switch {
		case !finite(half) && c.Difference.Mean == 0:
			same = append(same, row.Label())
		case !finite(half) && r.Replications == 1:
			changed = append(changed, values)
		case !finite(half):
			changed = append(changed, values+" (no interval)")
		case c.Significant:
			changed = append(changed, values+" ("+unbroken(d.HumanChange(c.Difference))+")")
		case half == 0:
			same = append(same, row.Label())
		default:
			same = append(same, row.Label()+" ("+unbroken(d.HumanHalf(half))+")")
		}
	}
	return changed, same
}

// unbroken keeps a value on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", noBreak) }
