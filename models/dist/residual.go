package dist

// candidates of Residual; it uses candidates+2 uniform numbers.
const candidates = 32

// Residual draws, in seconds, what is left of a duration that is found under way
// at an arbitrary instant: of a connection that is open when the run starts, if
// connections with lifetimes of this law have been opened since long ago. u(k)
// is the k-th of a sequence of independent uniform numbers over [0, 1), k from 0
// to 33.
//
// An instant falls into a duration with a probability proportional to its
// length, and uniformly within it (D. R. Cox, Renewal Theory, 1962, section
// 5.4), so the mean is E[X^2] / (2 E[X]). An exponential
// law has no memory, and a constant one no choice of length. Otherwise the
// length-biased draw is by sampling-importance-resampling (D. B. Rubin, Bayesian
// Statistics 3, 1988): one of a number of candidates, with probability
// proportional to its weight.
//
// To need few of these they are stratified over v = 0..1 with p = 1 - (1-v)^2.
// That puts more of them into the tail, and a weight, x dp/dv = 2x(1-v), stays
// bounded for every law with a variance. So the sum of the weights hardly varies,
// and it is this variation that makes resampling inexact: the mean is right to
// a few thousandths at worst.
func Residual(d Dist, u func(k int) float64) float64 {
	switch d.(type) {
	case *exponentialLaw:
		return d.Quantile(u(0))
	case *constantLaw:
		return float64(d.Mean() * u(0))
	}
	const largest = 1 - 1.0/(1<<53) // below 1
	var x, upTo [candidates]float64
	total := 0.0
	for k := range x {
		left := 1 - (float64(k)+u(k))/candidates
		x[k] = d.Quantile(min(1-float64(left*left), largest))
		total += float64(x[k] * left)
		upTo[k] = total
	}
	pick := float64(total * u(candidates))
	k := 0
	for k < candidates-1 && upTo[k] <= pick {
		k++
	}
	return float64(x[k] * u(candidates+1))
}
