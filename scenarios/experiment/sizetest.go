package experiment

import (
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// How it is decided whether a metric keeps its limit.
//
// After 4, 6, 9, ... replications its mean is compared with the limit, by a one-sided
// Student t interval; if that does not decide, more are made. Half of the error that is
// allowed is spent on the first look, half of the rest on the second and so on
// (Bonferroni), so that looking several times does not make it larger.
//
// That a number of servers does is said when every limit is kept, each at the full
// level: it takes only one that is wrongly taken for kept to be wrong (the
// intersection-union test, Berger 1982). That it does not do is said when any limit is
// missed, so each has its part of the level. The candidates share the level, and of it
// half is for each of the two statements.
//
// No number of runs tells apart what is equal: where the interval lies within the
// indifference zone about the limit (Bechhofer 1954), the mean decides. Where the
// replications are used up, what has not been shown to keep its limit, and is outside
// the zone, is taken for missed.
//
// The same numbers are drawn for all candidates and counts, as everywhere in lbsim:
// the traffic that one has to stand is that of the others.
//
// The intervals suppose that means over replications are about normal. Of what never
// happened in any replication, such as a rejected request, they say that it does not
// happen.
type decision struct {
	kept, missed float64 // error allowed in saying so
	zone         float64 // as a share of the limit
	least, most  int     // replications
}

// newDecision shares out the error that is allowed: candidates in so many years, and tests
// of each count.
func newDecision(z *scenarios.Sizing, years, tests int) decision {
	each := (1 - float64(z.Confidence)) / float64(len(z.Candidates)*years) / 2
	return decision{kept: each, missed: each / float64(max(1, tests)), zone: float64(z.Indifference), least: scenarios.LeastReplications, most: z.Replications}
}

// leastMapped is the least number of replications where clients are mapped to servers by
// what they are: the busiest then has one of a few values, and a handful of replications
// may have the same by chance.
const leastMapped = 16

// looks are the numbers of replications after which the test looks.
func (d *decision) looks() (at []int) {
	for n := d.least; n < d.most; n += n / 2 {
		at = append(at, n)
	}
	return append(at, d.most)
}

// spent is the part of an error that look k of so many may take.
func spent(k, looks int) float64 {
	if k == looks-1 {
		return math.Exp2(-float64(k))
	}
	return math.Exp2(-float64(k + 1))
}

// judge looks at the values of a metric for the k-th time. Of a metric that nothing was
// measured of, such as storms without a return, there is nothing to ask.
func (d *decision) judge(o *results.SizingObjective, values []float64, k, looks int) (v results.Verdict, isClose bool) {
	e := results.EstimateOf(values, "")
	if e.N == 0 {
		return results.Held, false
	}
	last := k == looks-1
	part := spent(k, looks)
	kept, missed := e.OneSided(d.kept*part), e.OneSided(d.missed*part)
	v = results.Held
	for _, side := range [...]struct{ limit, sign float64 }{{o.Below, 1}, {o.Above, -1}} {
		if math.IsNaN(side.limit) {
			continue
		}
		over := side.sign * (e.Mean - side.limit) // above 0 beyond the limit
		zone := d.zone * math.Abs(side.limit)
		switch {
		case over+kept < 0:
		case over-missed > 0:
			return results.Missed, false
		case math.Abs(over)+kept <= zone || last && math.Abs(over) <= zone:
			if isClose = true; over >= 0 {
				return results.Missed, true
			}
		default:
			v = results.CannotTell
		}
	}
	return v, isClose
}
