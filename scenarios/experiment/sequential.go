package experiment

import (
	"context"
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// repeat makes the replications of all variants: as many as the scenario says or,
// where it says until when, the smallest number with which the metric is known well
// enough. What has been made beyond that is dropped, so that the number does not
// depend on how many run at a time. precision is nil if the number is given.
func repeat(ctx context.Context, g *guard, f *scenarios.File, o Options) (runs [][]*results.Run, precision *results.Precision, err error) {
	rep := &f.Scenario.Replications
	runs = make([][]*results.Run, len(f.Variants))
	if !rep.Sequential() {
		return runs, nil, extend(ctx, g, f, runs, rep.Count, o)
	}
	for made, n := 0, rep.Min; ; made, n = n, further(n, precision, rep) {
		if err := extend(ctx, g, f, runs, n, o); err != nil {
			return nil, nil, err
		}
		for k := max(made+1, rep.Min); k <= n; k++ {
			precision = reached(f, runs, k)
			if precision.Reached <= precision.Until || math.IsNaN(precision.Reached) || k == rep.Max {
				for v := range runs {
					runs[v] = runs[v][:k]
				}
				return runs, precision, nil
			}
		}
	}
}

// further is how many replications are to be made before the next look: as many as
// would do if mean and spread stayed as they are with n, and at most twice as many.
func further(n int, p *results.Precision, rep *scenarios.Replications) int {
	r := p.Reached / p.Until
	more := min(float64(2*n), math.Ceil(float64(n)*float64(r*r)))
	return min(max(n+1, int(more)), rep.Max)
}

// reached says how well the metric is known with the first n replications. Where
// its mean is 0, it is known if it was 0 every time.
func reached(f *scenarios.File, runs [][]*results.Run, n int) *results.Precision {
	rep := &f.Scenario.Replications
	p := &results.Precision{Metric: rep.Of, Until: float64(rep.Until), Max: rep.Max, Reached: math.NaN()}
	for v := range runs {
		m := results.MetricOf(rep.Of, runs[v][:n])
		switch r := m.Relative(); {
		case m.N == 0:
			p.Lacking = append(p.Lacking, f.Variants[v].Name)
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
