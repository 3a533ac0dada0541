package results

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"lbsim/sim"
)

// timings collects durations: exact count, mean and extremes, and quantiles
// with a relative error of at most 0.1 %.
type timings struct {
	n        int64
	sum      float64 // nanoseconds
	min, max time.Duration
	h        *hdrhistogram.Histogram
}

// longest is the top of the histograms; what takes longer is counted there.
const longest = 24 * time.Hour

func newTimings(digits int) timings {
	return timings{h: hdrhistogram.New(1, int64(longest), digits)}
}

func (t *timings) add(d time.Duration) {
	if t.n == 0 || d < t.min {
		t.min = d
	}
	t.max = max(t.max, d)
	t.n++
	t.sum += float64(d)
	// The value is within the histogram's range, so there is no error.
	_ = t.h.RecordValue(int64(min(d, longest)))
}

func (t *timings) reset() {
	*t = timings{h: t.h}
	t.h.Reset()
}

// mean returns the mean in seconds, NaN of nothing.
func (t *timings) mean() float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.sum / float64(t.n) / 1e9
}

// quantile returns the p-quantile in seconds, 0 < p < 1, NaN of nothing. It
// never leaves the range of the values.
func (t *timings) quantile(p float64) float64 {
	if t.n == 0 {
		return math.NaN()
	}
	v := time.Duration(t.h.ValueAtQuantile(100 * p))
	return sim.Time(min(max(v, t.min), t.max)).Seconds()
}

// list adds the usual statistics under name.
func (t *timings) list(out *values, name string) {
	out.add(name+".mean", "s", t.mean())
	for _, q := range [...]struct {
		suffix string
		p      float64
	}{{".p50", 0.5}, {".p90", 0.9}, {".p95", 0.95}, {".p99", 0.99}, {".p999", 0.999}} {
		out.add(name+q.suffix, "s", t.quantile(q.p))
	}
	most := math.NaN()
	if t.n > 0 {
		most = sim.Time(t.max).Seconds()
	}
	out.add(name+".max", "s", most)
}

// values are the metrics of one replication, in report order.
type values []value

type value struct {
	name, unit string
	x          float64
}

func (v *values) add(name, unit string, x float64) { *v = append(*v, value{name, unit, x}) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
