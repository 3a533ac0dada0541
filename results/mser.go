package results

import "math"

// A Truncation says how much of the start of a series is to be left out.
type Truncation struct {
	// Observations is how many.
	Observations int
	// Statistic is the squared standard error, as if batches were independent, of the
	// mean of what is left, and Mean is that.
	Statistic, Mean float64
	// Edge says that the best truncation is the largest that was considered, half of
	// the series: the start may last longer than that.
	Edge bool
}

// mserBatch is the number of observations in a batch: MSER-5.
const mserBatch = 5

// MSER5 finds the end of the start-up in a series: of the truncations after each
// batch of five observations, up to half of the batches, the first after which the
// mean of the rest has the smallest standard error (White, "An effective truncation
// heuristic for bias reduction in simulation output", Simulation 69, 1997; White, Cobb,
// Spratt 2000). Observations that fill no batch, at the end, are left out.
func MSER5(x []float64) Truncation {
	batches := make([]float64, len(x)/mserBatch)
	for i := range batches {
		for _, v := range x[i*mserBatch : (i+1)*mserBatch] {
			batches[i] += v / mserBatch
		}
	}
	best := Truncation{Statistic: math.Inf(1), Mean: math.NaN()}
	for d := 0; d <= len(batches)/2 && d < len(batches); d++ {
		rest := batches[d:]
		n := float64(len(rest))
		var mean, squares float64
		for _, v := range rest {
			mean += v / n
		}
		for _, v := range rest {
			squares += float64((v - mean) * (v - mean))
		}
		if s := squares / n / n; s < best.Statistic {
			best = Truncation{d * mserBatch, s, mean, d > 0 && d == len(batches)/2}
		}
	}
	return best
}
