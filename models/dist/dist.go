// Package dist holds the laws of durations: service demands, lifetimes, think
// times, times to failure. One file per law has its parameters as a scenario
// writes them, their checks, and its quantile function.
//
// Every draw is an inverse transform of one uniform number. Two variants of a
// scenario that use the same stream therefore draw the same quantiles, and a
// law that is a little longer gives durations that are all a little longer:
// common random numbers stay common. The sums use sim.Log, sim.Exp and sim.Pow
// and convert every product, so draws have the same bits on every architecture.
package dist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A Dist is a law of positive durations, in seconds. It must not change once
// built: several goroutines may use it.
type Dist interface {
	// Quantile returns the x with P(X <= x) = p, for 0 <= p < 1, in seconds. It
	// grows with p. At p = 0 it is the lower end of the law.
	Quantile(p float64) float64
	// Mean returns the expectation in seconds.
	Mean() float64
}

// A Spec is a distribution as a scenario writes it. Each is a pointer to a
// struct with yaml tags and a Validate method.
type Spec interface {
	// Build returns the law. Call it only if flow.Check found no problem.
	Build() Dist
}

// Table lists the distributions in the order of the documentation.
var Table = flow.Table[Spec]{
	constant,
	uniform,
	exponential,
	erlang,
	hyperexponential,
	lognormal,
	weibull,
	pareto,
	gamma,
	empirical,
}

// A Sampler draws durations of one law from one stream.
type Sampler struct {
	Dist Dist
	U    *sim.Stream
}

// Duration draws once. It takes exactly one number from the stream.
func (s Sampler) Duration() time.Duration {
	return Seconds(s.Dist.Quantile(s.U.Float64()))
}

// Seconds converts to integer nanoseconds, rounding to nearest, halves to even.
// It is the one place where model time stops being a float. Negative values
// become 0, values above 292 years the longest time.Duration (sim.Time.Add
// then gives sim.Never). It panics on NaN, which no valid law returns.
func Seconds(s float64) time.Duration {
	ns := math.RoundToEven(float64(s * 1e9))
	switch {
	case ns > 0 && ns < 1<<63:
		return time.Duration(ns)
	case ns <= 0:
		return 0
	case ns > 0:
		return math.MaxInt64
	}
	panic("dist: a duration is not a number")
}

// inSeconds is the inverse of Seconds, up to 2^53 nanoseconds (104 days) exactly.
func inSeconds(d time.Duration) float64 { return float64(d) / 1e9 }
