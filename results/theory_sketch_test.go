package results

import (
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/sim"
)

// checkSketch: logarithmic buckets whose bounds are a factor gamma apart know every
// quantile to within alpha (DDSketch). An HDR histogram with at most that error does so
// as well, which is tried with lognormal durations.
func checkSketch(t *testing.T, k *known) {
	alpha := k.Params.Alpha
	k.check(t, (1+alpha)/(1-alpha), k.number())
	digits := int(math.Ceil(-math.Log10(alpha)))
	h, u := newTimings(digits), sim.NewStream(1, 0, k.ID)
	var x []float64
	for range 20_000 {
		d := time.Duration(1e6 * math.Exp(2*math.Sqrt2*math.Erfinv(2*u.Float64()-1)))
		h.add(d)
		x = append(x, d.Seconds())
	}
	slices.Sort(x)
	for _, p := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		want := x[int(math.Ceil(p*float64(len(x))))-1]
		if got := h.quantile(p); math.Abs(got/want-1) > alpha {
			t.Errorf("the %g-quantile is %g, want %g within %g", p, got, want, alpha)
		}
	}
}

// checkMarkers: the P-squared algorithm estimates a quantile from five numbers and
// keeps no values (Jain and Chlamtac 1985). It is not used here, as twenty values are
// far too few for it: its median of the authors' own example is 4.44, and 2.43 is
// right.
func checkMarkers(t *testing.T, k *known) {
	x, p := numbers(k.Params.X), k.Params.P
	height := slices.Sorted(slices.Values(x[:5]))
	at, want := []float64{1, 2, 3, 4, 5}, []float64{1, 1 + 2*p, 1 + 4*p, 3 + 2*p, 5}
	for _, v := range x[5:] {
		height[0], height[4] = min(height[0], v), max(height[4], v)
		cell := 0
		for cell < 3 && v >= height[cell+1] {
			cell++
		}
		for i := range at {
			if i > cell {
				at[i]++
			}
			want[i] += []float64{0, p / 2, p, (1 + p) / 2, 1}[i]
		}
		for i := 1; i < 4; i++ {
			d := want[i] - at[i]
			if !(d >= 1 && at[i+1]-at[i] > 1 || d <= -1 && at[i-1]-at[i] < -1) {
				continue
			}
			d = math.Copysign(1, d)
			left, right := (height[i]-height[i-1])/(at[i]-at[i-1]), (height[i+1]-height[i])/(at[i+1]-at[i])
			q := height[i] + d/(at[i+1]-at[i-1])*((at[i]-at[i-1]+d)*right+(at[i+1]-at[i]-d)*left)
			if q <= height[i-1] || q >= height[i+1] { // then along the straight line
				if q = height[i] + right; d < 0 {
					q = height[i] - left
				}
			}
			height[i], at[i] = q, at[i]+d
		}
	}
	got := height
	if k.Metric == "marker positions" {
		got = at
	}
	for i, v := range numbers(k.Value) {
		k.check(t, got[i], v)
	}
}
