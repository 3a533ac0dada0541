package results

import (
	"math"
	"testing"

	"lbsim/sim"
)

// Of independent values one series in twenty is called correlated; of an
// autoregressive one with 0.6, nearly every one.
func TestCorrelationOfBatches(t *testing.T) {
	u := sim.NewStream(1, 0, "batches")
	const series, n = 4000, 20
	share := func(phi float64) (share float64) {
		for range series {
			x := make([]float64, n)
			for i := range x {
				x[i] = math.Sqrt2 * math.Erfinv(2*u.Float64()-1)
				if i > 0 {
					x[i] += phi * x[i-1]
				}
			}
			if _, errors := correlation(x); errors > 1.645 {
				share += 1. / series
			}
		}
		return share
	}
	if got := share(0); math.Abs(got-0.05) > 0.012 {
		t.Errorf("%.3f of independent series are called correlated, want 0.05", got)
	}
	if got := share(0.6); got < 0.75 {
		t.Errorf("only %.2f of correlated series are called so", got)
	}
	if r, errors := correlation([]float64{3, 3, 3, 3, 3}); r != 0 || errors != 0 {
		t.Errorf("equal values have correlation %v, %v standard errors", r, errors)
	}
}

// The value is the whole run's, the width that of the parts; what parts tell
// nothing of has no interval.
func TestBatchIntervals(t *testing.T) {
	run := &Run{windows: make([]windowRun, 1+5)}
	for i, x := range []float64{9, 1, 2, 3, 4, 6} { // the first window is an expectation's
		run.windows[i].metrics = values{{"response_time.mean", "s", x}, {"response_time.max", "s", 10 * x}}
	}
	v := Variant{Metrics: Metrics{
		{Name: "response_time.mean", Estimate: EstimateOf([]float64{3.5}, "s"), Values: []float64{3.5}},
		{Name: "response_time.max", Estimate: EstimateOf([]float64{60}, "s"), Values: []float64{60}},
	}}
	v.Batch(run, 1, 5)
	mean, most := v.Metrics[0], v.Metrics[1]
	// 2.776 standard errors of 1.924 / sqrt(5)
	if want := 2.7764 * 1.92354 / math.Sqrt(5); mean.Mean != 3.5 || mean.N != 5 || math.Abs(mean.Half()-want) > 1e-4 || math.Abs((mean.Low+mean.High)/2-3.5) > 1e-12 {
		t.Errorf("got %+v, want 3.5 ± %v of 5", mean.Estimate, want)
	}
	if most.N != 1 || most.Mean != 60 || !math.IsNaN(most.Low) {
		t.Errorf("the largest value has an interval: %+v", most.Estimate)
	}
}
