package results

import (
	"math"
	"slices"
)

// imbalance adds how unevenly x is spread over servers: the largest over the
// mean, the coefficient of variation with the population standard deviation,
// Jain's index (sum x)^2 / (n sum x^2) (Jain, Chiu, Hawe 1984) and the Gini
// coefficient 2 sum(i x_(i)) / (n sum x) - (n+1)/n with x in rising order.
func imbalance(out *values, name string, x []float64) {
	n := float64(len(x))
	var sum, squares, most float64
	for _, v := range x {
		sum += v
		squares += float64(v * v)
		most = max(most, v)
	}
	if sum == 0 {
		for _, s := range [...]string{"max_over_mean", "cov", "jain", "gini"} {
			out.add(name+s, "", math.NaN())
		}
		return
	}
	mean := sum / n
	var spread float64
	for _, v := range x {
		d := v - mean
		spread += float64(d * d)
	}
	sorted := slices.Sorted(slices.Values(x))
	var ranked float64
	for i, v := range sorted {
		ranked += float64(float64(i+1) * v)
	}
	out.add(name+"max_over_mean", "", most/mean)
	out.add(name+"cov", "", math.Sqrt(spread/n)/mean)
	out.add(name+"jain", "", float64(sum*sum)/float64(n*squares))
	out.add(name+"gini", "", 2*ranked/float64(n*sum)-(n+1)/n)
}
