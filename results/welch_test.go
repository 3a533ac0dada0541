package results

import (
	"math"
	"testing"

	"lbsim/sim"
)

// Welch's test by hand: 1 to 5 have mean 3 and variance 2.5, 2 to 12 in steps of 2 have 7 and
// 14. The squared errors are 0.5 and 2.3333, t is 4 / 1.68325 = 2.37635 with 6.97226 degrees
// of freedom: p is 0.049284, and the half width 2.36653 x 1.68325 = 3.98347.
func TestWelch(t *testing.T) {
	a, b := EstimateOf([]float64{1, 2, 3, 4, 5}, "s"), EstimateOf([]float64{2, 4, 6, 8, 10, 12}, "s")
	d, p := welch(a, b)
	if d.Mean != 4 || d.N != 5 || math.Abs(p-0.049284) > 1e-6 || math.Abs(d.Half()-3.98347) > 1e-5 {
		t.Errorf("difference %v ± %v, p = %v", d.Mean, d.Half(), p)
	}
	for _, c := range []struct {
		name string
		a, b []float64
		p    float64
	}{
		{"equal", []float64{1, 1}, []float64{1, 1, 1}, 1},
		{"never vary", []float64{1, 1}, []float64{2, 2}, 0},
		{"one value", []float64{1}, []float64{2, 3}, math.NaN()},
	} {
		if _, p := welch(EstimateOf(c.a, ""), EstimateOf(c.b, "")); p != c.p && !(math.IsNaN(p) && math.IsNaN(c.p)) {
			t.Errorf("%s: p = %v, want %v", c.name, p, c.p)
		}
	}
}

// Of 2000 pairs of samples of the same mean, but other sizes and spreads, one in twenty
// differs by chance.
func TestWelchHoldsItsLevel(t *testing.T) {
	u := sim.NewStream(1, 0, "welch")
	draw := func(n int, spread float64) Estimate {
		x := make([]float64, n)
		for i := range x {
			x[i] = spread * math.Sqrt2 * math.Erfinv(2*u.Float64()-1)
		}
		return EstimateOf(x, "")
	}
	const samples = 2000
	found := 0
	for range samples {
		if _, p := welch(draw(5, 1), draw(20, 6)); p < 0.05 {
			found++
		}
	}
	if math.Abs(float64(found)-0.05*samples) > 40 { // four standard deviations
		t.Errorf("%d of %d differ, want about %d", found, samples, samples/20)
	}
}
