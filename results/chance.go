package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// significance is how likely chance alone may be to make something of nothing, in all
// comparisons with one variant in one metric together.
const significance = 0.05

// chance is how likely a mean at least as far from 0 is, if the values are normal
// with mean 0 (Student's t test); NaN of fewer than two values.
func chance(e Estimate) float64 {
	half := e.Half()
	switch {
	case math.IsNaN(half):
		return math.NaN()
	case half == 0 && e.Mean == 0:
		return 1
	case half == 0:
		return 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(e.N - 1)}
	return 2 * t.Survival(math.Abs(e.Mean)/half*t.Quantile(0.975))
}

// correct makes of the probabilities of single comparisons those of families: of each
// metric, with the variants that are compared with the same one.
func correct(comparisons []Comparison) {
	families := map[[2]string][]*Comparison{}
	for i := range comparisons {
		c := &comparisons[i]
		key := [2]string{c.Metric, c.Base}
		families[key] = append(families[key], c)
	}
	for _, family := range families { // each by itself: their order does not matter
		holm(family)
	}
}

// Correct makes one family of all comparisons that a reader of the result sees side by
// side, in the tables and sentences of the metrics that matter: who looks for differences
// there finds one where nothing differs in at most one result of twenty, however many rows
// and columns there are. Other metrics, of which there are more than anybody looks at, stay
// families of their own. It may be called again, when the result has become another.
func (r *Result) Correct() { r.correctBy(func(*Comparison) string { return "" }) }

// correctBy is Correct for several tables: of names the one that a comparison is in.
func (r *Result) correctBy(of func(*Comparison) string) {
	rows := r.Shown()
	if len(r.Axes) == 0 {
		rows = slices.Concat(r.KeyRows(), r.HeadlineRows())
	}
	correct(r.Comparisons)
	families := map[string][]*Comparison{}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if slices.ContainsFunc(rows, func(w Row) bool { return w.Metric == c.Metric }) {
			families[of(c)] = append(families[of(c)], c)
		}
	}
	for _, family := range families {
		holm(family)
	}
}

// holm makes of the probabilities of single comparisons those of Holm ("A simple
// sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
// 6, 1979), which holds whatever the comparisons have to do with one another: of k, the
// smallest counts k times, the next k-1 times, and none less than a smaller one.
func holm(family []*Comparison) {
	family = slices.DeleteFunc(family, func(c *Comparison) bool { return math.IsNaN(c.alone) })
	slices.SortStableFunc(family, func(a, b *Comparison) int { return cmp.Compare(a.alone, b.alone) })
	before := 0.0
	for i, c := range family {
		c.P = min(1, max(before, float64(len(family)-i)*c.alone))
		before = c.P
		c.Significant = c.P < significance
		c.Perhaps = !c.Significant && c.alone < significance
		c.Among = len(family)
	}
}

// perhapsSentence says what perhaps means among so many comparisons.
func perhapsSentence(among int) string {
	return fmt.Sprintf("Perhaps: by itself a difference, but among %s that are looked at here chance alone makes one as clear in more than one of twenty results (Holm).",
		counted(among, "comparison"))
}

// amongOf is the number of comparisons of the family that has a difference, of all rows,
// that is one perhaps; 0 if none is.
func amongOf(rows []Row) (n int) {
	for i := range rows {
		for _, c := range rows[i].Against {
			if c != nil && c.Perhaps {
				n = max(n, c.Among)
			}
		}
	}
	return n
}

// saved is the share of the variance of independent differences that paired ones do
// not have.
func saved(base, other, difference []float64) float64 {
	var known [3][]float64
	for i, d := range difference {
		if !math.IsNaN(d) {
			known[0], known[1], known[2] = append(known[0], base[i]), append(known[1], other[i]), append(known[2], d)
		}
	}
	independent := variance(known[0]) + variance(known[1])
	if !(independent > 0) {
		return math.NaN()
	}
	return 1 - variance(known[2])/independent
}

// variance is the sample variance, NaN of fewer than two values.
func variance(x []float64) float64 {
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += float64((v - mean) * (v - mean))
	}
	return squares / float64(len(x)-1)
}

// savedSentence says what it was worth that variants see the same clients, in the
// first of the rows that tells of any variant. Variances of few replications are too
// uncertain to speak of.
func (r *Result) savedSentence(rows []Row) []string {
	if r.Batches == 0 && r.Replications < fewReplications {
		return nil
	}
	for i := range rows {
		low, high := math.Inf(1), math.Inf(-1)
		for _, c := range rows[i].Against {
			if c != nil && !math.IsNaN(c.Saved) && c.Difference.Half() > 0 {
				low, high = min(low, c.Saved), max(high, c.Saved)
			}
		}
		if high < low {
			continue
		}
		return []string{fmt.Sprintf("Because all variants see the same clients, differences in %s have %s variance than between independent runs.", rows[i].Label(), lessVariance(low, high))}
	}
	return nil
}

// lessVariance says what shares of saved variance from low to high mean.
func lessVariance(low, high float64) string {
	words := func(saved float64) (share, direction string) {
		if saved < -0.005 {
			return unbroken(percentOf(-saved)), " more"
		}
		return unbroken(percentOf(saved)), " less"
	}
	a, directionA := words(low)
	b, directionB := words(high)
	switch {
	case directionA != directionB:
		return a + directionA + " to " + b + directionB
	case a != b:
		return a + " to " + b + directionB
	}
	return b + directionB
}

func percentOf(share float64) string { return fmt.Sprintf("%.0f %%", math.Round(100*share)+0) } // + 0: no -0
