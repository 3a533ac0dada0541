package convert

import (
	"math"
	"slices"
)

// A Concentration says how unevenly something, such as requests, is spread
// over its sources, such as addresses. Shares are 0 to 1.
type Concentration struct {
	N     int   `json:"sources"`
	Total int64 `json:"total"` // sum over all of them
	// Per source, percentiles by nearest rank.
	P50 int64 `json:"p50"`
	P90 int64 `json:"p90"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`

	Top1         float64 `json:"top_1"` // share of the largest source
	Top10        float64 `json:"top_10"`
	Top100       float64 `json:"top_100"`
	Top1Percent  float64 `json:"top_1_percent"`  // share of the largest hundredth of the sources (rounded, at least one)
	Top10Percent float64 `json:"top_10_percent"` // share of the largest tenth (likewise)

	Gini          float64 `json:"gini"`           // 0: all equal, towards 1: one has all
	SumOfSquares  float64 `json:"h"`              // of the shares, the Herfindahl index: 1/N to 1
	EffectiveSize float64 `json:"effective_size"` // 1/SumOfSquares: as uneven as so many equal sources
}

// Measure returns the concentration of counts, one per source, none negative.
// All fields are zero if there is nothing to share out.
//
// Gini is 2 Σ i·x(i) / (n Σ x) - (n+1)/n with x in ascending order.
func Measure(counts []int64) Concentration {
	x := slices.Sorted(slices.Values(counts))
	n := len(x)
	var total, squares, ranked float64
	for i, v := range x {
		total += float64(v)
		squares += float64(float64(v) * float64(v))
		ranked += float64(float64(i+1) * float64(v))
	}
	if total == 0 {
		return Concentration{N: n}
	}
	top := func(count int) float64 {
		sum := 0.0
		for _, v := range x[n-min(count, n):] {
			sum += float64(v)
		}
		return sum / total
	}
	percentile := func(p int) int64 { return x[(n*p+99)/100-1] }
	c := Concentration{
		N: n, Total: int64(total),
		P50: percentile(50), P90: percentile(90), P99: percentile(99), Max: x[n-1],
		Top1: top(1), Top10: top(10), Top100: top(100), Top1Percent: top(part(n, 0.01)), Top10Percent: top(part(n, 0.1)),
		Gini:         2*ranked/(float64(n)*total) - float64(n+1)/float64(n),
		SumOfSquares: squares / total / total,
	}
	c.EffectiveSize = 1 / c.SumOfSquares
	return c
}

// part is the given share of n, rounded to the nearest whole number (halves to
// the even one), at least 1.
func part(n int, share float64) int {
	return max(1, int(math.RoundToEven(float64(n)*share)))
}

// SpreadOverServers is the coefficient of variation (standard deviation over
// mean) that an ideal hash of the source gives the shares of the given number
// of servers, at least 1: sqrt((servers-1) · SumOfSquares), exactly, because
// each source lands on each server with the same chance, independently.
func (c Concentration) SpreadOverServers(servers int) float64 {
	return math.Sqrt(float64(servers-1) * c.SumOfSquares)
}
