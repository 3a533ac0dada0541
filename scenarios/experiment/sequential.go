package experiment

import (
	"context"
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// repeat makes the replications of all variants: as many as the scenario says or,
// where it says until when, as many as that takes. precision is nil if the number is
// given.
func repeat(ctx context.Context, g *guard, f *scenarios.File, o Options) (runs [][]*results.Run, precision *results.Precision, err error) {
	runs = make([][]*results.Run, len(f.Variants))
	extended := func(n int) error { return extend(ctx, g, f, runs, n, o) }
	rep := &f.Scenario.Replications
	if !rep.Sequential() {
		return runs, nil, extended(rep.Count)
	}
	precision, err = newRule(f).sequence(runs, extended)
	return runs, precision, err
}

// A rule says until when replications are made. It is data alone, so that it can be
// kept in a file.
type rule struct {
	Of       string   `json:"of"`
	Until    float64  `json:"until"`
	Min      int      `json:"min"`
	Max      int      `json:"max"`
	Variants []string `json:"variants"`
}

func newRule(f *scenarios.File) *rule {
	rep := &f.Scenario.Replications
	r := &rule{Of: rep.Of, Until: float64(rep.Until), Min: rep.Min, Max: rep.Max}
	for i := range f.Variants {
		r.Variants = append(r.Variants, f.Variants[i].Name)
	}
	return r
}

// sequence makes, by extended, the smallest number of replications with which the metric
// is known well enough. What has been made beyond that is dropped, so that the number
// does not depend on how many run at a time.
func (u *rule) sequence(runs [][]*results.Run, extended func(n int) error) (precision *results.Precision, err error) {
	for made, n := 0, u.Min; ; made, n = n, u.further(n, precision) {
		if err := extended(n); err != nil {
			return nil, err
		}
		for k := max(made+1, u.Min); k <= n; k++ {
			precision = u.reached(runs, k)
			if precision.Reached <= precision.Until || math.IsNaN(precision.Reached) || k == u.Max {
				for v := range runs {
					runs[v] = runs[v][:k]
				}
				return precision, nil
			}
		}
	}
}

// further is how many replications are to be made before the next look: as many as
// would do if mean and spread stayed as they are with n, and at most twice as many.
func (u *rule) further(n int, p *results.Precision) int {
	r := p.Reached / p.Until
	more := min(float64(2*n), math.Ceil(float64(n)*float64(r*r)))
	return min(max(n+1, int(more)), u.Max)
}

// reached says how well the metric is known with the first n replications. Where
// its mean is 0, it is known if it was 0 every time.
func (u *rule) reached(runs [][]*results.Run, n int) *results.Precision {
	p := &results.Precision{Metric: u.Of, Until: u.Until, Max: u.Max, Reached: math.NaN()}
	for v := range runs {
		m := results.MetricOf(u.Of, runs[v][:n])
		switch r := m.Relative(); {
		case m.N == 0:
			p.Lacking = append(p.Lacking, u.Variants[v])
		case m.N < 2:
			p.Reached = math.Inf(1)
		case !(p.Reached > r): // also the first
			p.Reached = r
		}
	}
	return p
}

// extend makes what runs lack of the first n replications of each variant.
func extend(ctx context.Context, g *guard, f *scenarios.File, runs [][]*results.Run, n int, o Options) error {
	made := len(runs[0])
	if progress := o.Progress; progress != nil {
		before := made * len(runs)
		o.Progress = func(done, total int) { progress(before+done, before+total) }
	}
	each := n - made
	for v := range runs {
		runs[v] = append(runs[v], make([]*results.Run, each)...)
	}
	return makeAll(ctx, each*len(runs), o, func(ctx context.Context, i int) (err error) {
		v, r := i/each, made+i%each
		runs[v][r], err = replicate(ctx, g, f, v, r, o)
		return err
	})
}
