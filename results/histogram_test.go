package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"lbsim/sim"
)

func TestTimingsAgainstHdrHistogram(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	for _, digits := range []int{1, 2, 3} {
		for _, n := range []int{1, 2, 10, 1000, 100_000} {
			want := hdrhistogram.New(1, int64(24*time.Hour), digits)
			got := newTimings(digits)
			for range n {
				d := time.Duration(math.Exp(r.Float64() * math.Log(float64(24*time.Hour))))
				want.RecordValue(int64(d))
				got.add(d)
			}
			for _, p := range []float64{0.0001, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999} {
				v := min(time.Duration(want.ValueAtQuantile(100*p)), got.max)
				if g, w := got.quantile(p), sim.Time(v).Seconds(); g != w {
					t.Errorf("%d digits, %d values: quantile(%v) = %v, want %v", digits, n, p, g, w)
				}
			}
		}
	}
}

func TestBucketBounds(t *testing.T) {
	for _, half := range []uint{4, 7, 10} {
		end := uint64(0) // of the bucket before
		for place := range bucket(uint64(24*time.Hour), half) {
			begin := end
			end = top(place, half) + 1
			if bucket(begin, half) != place || bucket(end-1, half) != place || bucket(end, half) != place+1 {
				t.Fatalf("half %d: place %d does not hold exactly %d to %d", half, place, begin, end-1)
			}
		}
	}
}

func TestTimingsExtremes(t *testing.T) {
	x := newTimings(3)
	if !math.IsNaN(x.mean()) || !math.IsNaN(x.quantile(0.5)) {
		t.Error("nothing has a mean or a median")
	}
	x.add(0)
	x.add(math.MaxInt64)
	if got := x.quantile(0.1); got != 0 {
		t.Errorf("lower quantile %v, want 0", got)
	}
	if got := x.quantile(0.9); got != sim.Never.Seconds() {
		t.Errorf("upper quantile %v, want %v", got, sim.Never.Seconds())
	}
	x.reset()
	x.add(time.Second)
	if x.n != 1 || x.max != time.Second || x.quantile(0.5) != 1 {
		t.Errorf("after a reset: %+v", x)
	}
}

// Quantiles are at most 0.1 % above the value of their rank, the maximum is exact,
// and parts joined in any order tell what the whole does.
func TestTimingsArePreciseAndJoin(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 0))
	const n = 20_000
	var all []time.Duration
	whole, parts := newTimings(3), make([]timings, 7)
	for i := range parts {
		parts[i] = newTimings(3)
	}
	for range n {
		d := time.Duration(math.Exp(10 + 15*r.Float64())) // 22 µs to 72 s
		all = append(all, d)
		whole.add(d)
		parts[r.IntN(len(parts))].add(d)
	}
	slices.Sort(all)
	joined := newTimings(3)
	for _, i := range r.Perm(len(parts)) {
		joined.join(&parts[i])
	}
	if joined.n != n || joined.max != all[n-1] || joined.max != whole.max {
		t.Errorf("joined: %d values up to %v, want %d up to %v", joined.n, joined.max, n, all[n-1])
	}
	if a, b := joined.mean(), whole.mean(); math.Abs(a-b) > 1e-12*b {
		t.Errorf("the mean of the parts is %v, of the whole %v", a, b)
	}
	for rank := 1; rank < n; rank += 7 {
		p := float64(rank) / n
		got, exact := joined.quantile(p), all[rank-1].Seconds()
		if got != whole.quantile(p) {
			t.Fatalf("quantile(%v) is %v of the parts, %v of the whole", p, got, whole.quantile(p))
		}
		if got < exact || got > 1.001*exact {
			t.Fatalf("quantile(%v) is %v, want %v to 0.1 %% more", p, got, exact)
		}
	}
}
