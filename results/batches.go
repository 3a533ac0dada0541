package results

import (
	"math"
	"strings"
)

// Batch gives the run's metrics intervals from parts of equal length of its only
// replication, which are the Setting's windows from first on: the value is that of
// the whole run, and the interval around it that of the mean of so many parts.
// Metrics of which the parts tell nothing of the whole, such as counts and largest
// values, have none.
func (v *Variant) Batch(run *Run, first, n int) {
	for i := range v.Metrics {
		m := &v.Metrics[i]
		if !averages(m.Name) {
			continue
		}
		m.Values = make([]float64, n)
		for k := range m.Values {
			m.Values[k] = math.NaN()
			if x, ok := run.windows[first+k].metrics.named(m.Name); ok {
				m.Values[k] = x[0].x
			}
		}
		parts := EstimateOf(m.Values, m.Unit)
		half := parts.Half()
		m.Low, m.High, m.N = m.Mean-half, m.Mean+half, parts.N
	}
}

// averages reports whether a metric of a long time is about the mean of those of
// its parts. The 99.9 % quantile is not: parts have too few values beyond it.
func averages(name string) bool {
	for _, suffix := range [...]string{".mean", ".p50", ".p90", ".p95", ".p99", "_share"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return name == "utilization"
}

// correlation returns the correlation between neighbours in a series, and how many
// standard errors it is above what chance leads one to expect of independent values
// (von Neumann's ratio; Fishman, "Grouping observations in digital simulation",
// Management Science 24, 1978). Both are 0 if all values are equal.
func correlation(x []float64) (r, errors float64) {
	n := float64(len(x))
	mean := 0.0
	for _, v := range x {
		mean += v / n
	}
	var squares, steps float64
	for i, v := range x {
		squares += float64((v - mean) * (v - mean))
		if i > 0 {
			steps += float64((v - x[i-1]) * (v - x[i-1]))
		}
	}
	if !(squares > 0) || n < 3 {
		return 0, 0
	}
	r = 1 - steps/(2*squares)
	return r, r * math.Sqrt((n*n-1)/(n-2))
}
