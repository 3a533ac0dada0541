package results

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"lbsim/sim"
)

// timings collects durations: exact count, mean and maximum, and quantiles
// with a relative error of at most 0.1 % (3 digits) or 1 % (2 digits).
//
// It is an HDR histogram: durations below 2^(half+1) ns are counted one by one,
// and every power of two above is divided into 2^half equal buckets. This one
// differs from HdrHistogram in Go, whose results it gives, in what it costs for
// each request: one array access, and no memory for durations that never occur.
type timings struct {
	n      int64
	sum    float64 // nanoseconds
	max    time.Duration
	half   uint     // binary logarithm of the buckets per power of two
	counts []uint64 // as long as the largest duration so far needs
}

func newTimings(digits int) timings {
	// 10^digits buckets from 2^half to 2^(half+1) keep the relative error
	// below 10^-digits.
	half := uint(math.Ceil(float64(digits) * math.Log2(10)))
	return timings{half: half}
}

func (t *timings) add(d time.Duration) {
	t.n++
	t.sum += float64(d)
	if d > t.max {
		t.max = d
	}
	i := bucket(uint64(d), t.half)
	if i >= uint64(len(t.counts)) {
		t.counts = grown(t.counts, i, t.half)
	}
	t.counts[i]++
}

// addTimes adds n durations that are the same.
func (t *timings) addTimes(d time.Duration, n int64) {
	t.add(d)
	t.n += n - 1
	t.sum += float64(float64(n-1) * float64(d))
	t.counts[bucket(uint64(d), t.half)] += uint64(n - 1)
}

// bucket returns the place of v nanoseconds. From one power of two to the next,
// the buckets get twice as wide and the place grows by 2^half.
func bucket(v uint64, half uint) uint64 {
	half &= 63
	width := uint(bits.Len64(v|1<<half)) - half - 1 // binary logarithm
	return uint64(width)<<half + v>>(width&63)
}

// top returns the largest v in the bucket with the given place.
func top(place uint64, half uint) uint64 {
	width := max(place>>half, 1) - 1
	return (place-width<<half+1)<<width - 1
}

// grown returns counts with room for place i and the rest of its power of two.
// Inlined into add, it would cost what add saves.
//
//go:noinline
func grown(counts []uint64, i uint64, half uint) []uint64 {
	n := int(i>>half+1) << half
	return append(counts, make([]uint64, n-len(counts))...)
}

func (t *timings) reset() {
	clear(t.counts)
	*t = timings{half: t.half, counts: t.counts}
}

func (t *timings) clone() timings {
	c := *t
	c.counts = slices.Clone(t.counts)
	return c
}

// join adds what other has counted, with the same number of digits.
func (t *timings) join(other *timings) {
	t.n += other.n
	t.sum += other.sum
	t.max = max(t.max, other.max)
	if short := len(other.counts) - len(t.counts); short > 0 {
		t.counts = append(t.counts, make([]uint64, short)...)
	}
	for i, c := range other.counts {
		t.counts[i] += c
	}
}

// mean returns the mean in seconds, NaN of nothing.
func (t *timings) mean() float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.sum / float64(t.n) / 1e9
}

// quantile returns the p-quantile in seconds, 0 < p < 1, NaN of nothing: the
// largest duration that its bucket can hold, but not more than the maximum.
func (t *timings) quantile(p float64) float64 {
	if t.n == 0 {
		return math.NaN()
	}
	rank := int64(min(max(float64(p*float64(t.n))+0.5, 1), float64(t.n)))
	for i, c := range t.counts {
		rank -= int64(c)
		if rank <= 0 {
			return sim.Time(min(time.Duration(top(uint64(i), t.half)), t.max)).Seconds()
		}
	}
	panic("results: the counts of a histogram do not add up")
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

// named returns the list of only the metric of that name.
func (v values) named(name string) (one values, ok bool) {
	for i := range v {
		if v[i].name == name {
			return v[i : i+1], true
		}
	}
	return nil, false
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
