package traffic

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// BackoffPolicy is how long a client waits before it tries again.
type BackoffPolicy interface {
	// Delay returns the wait after the given number of failures in a row, from 1.
	Delay(failures int, l Luck) time.Duration
}

// Luck is the random numbers, uniform over [0, 1), of a client's failures in a
// row: those of its stream under Last for the last failure, Last-Step for the one
// before, and so on.
type Luck struct {
	U          *sim.Stream
	Last, Step uint64
}

// Before returns the number of a failure, counted back from the last one, 0.
func (l Luck) Before(back int) float64 { return l.U.Nth(l.Last - uint64(back)*l.Step) }

// BackoffTable lists the laws of backoff.
var BackoffTable = flow.Table[BackoffPolicy]{
	{Name: "none", Doc: "try again after a millisecond, the shortest wait there is: a refusal takes no time, so that none at all would stop the clock", New: func() BackoffPolicy { return &NoBackoff{} }},
	{Name: "constant", Doc: "always the same wait", New: func() BackoffPolicy { return &ConstantBackoff{First: time.Second, Jitter: NoJitter} }},
	{Name: "uniform", Doc: "anything between first and max", New: func() BackoffPolicy { return &UniformBackoff{First: time.Second, Max: 30 * time.Second} }},
	{Name: "exponential", Doc: "first, doubled with each failure, at most max", New: func() BackoffPolicy { return DefaultBackoff() }},
}

// Jitter spreads the waits of clients that failed at the same time. The names are
// those of an article (Brooker 2015, Exponential Backoff And Jitter, AWS).
type Jitter string

// The kinds of jitter.
const (
	NoJitter           Jitter = "none"
	FullJitter         Jitter = "full"         // uniform between 0 and the wait
	EqualJitter        Jitter = "equal"        // uniform between half the wait and the wait
	DecorrelatedJitter Jitter = "decorrelated" // uniform between first and three times the wait before
)

func (j Jitter) apply(d time.Duration, l Luck) time.Duration {
	switch j {
	case FullJitter:
		return time.Duration(float64(d) * l.Before(0))
	case EqualJitter:
		return d/2 + time.Duration(float64(d-d/2)*l.Before(0))
	}
	return d
}

// Jitters lists the kinds with their documentation.
var Jitters = flow.Table[Jitter]{
	{Name: "none", Doc: "the wait as it is", New: func() Jitter { return NoJitter }},
	{Name: "full", Doc: "anything between 0 and the wait", New: func() Jitter { return FullJitter }},
	{Name: "equal", Doc: "anything between half of the wait and all of it", New: func() Jitter { return EqualJitter }},
	{Name: "decorrelated", Doc: "anything between first and three times the wait before, at most max; for exponential", New: func() Jitter { return DecorrelatedJitter }},
}

// check reports a jitter that is not known, or that the law of backoff has not.
func (j Jitter) check(without ...Jitter) []flow.Problem {
	known := slices.DeleteFunc(Jitters.Names(), func(name string) bool { return slices.Contains(without, Jitter(name)) })
	return flow.OneOf("jitter", j, known...)
}

// minWait bounds the waits from below. A refusal takes no time, so that a client
// that tried again at once would be refused at the same instant, again and
// again, and the clock would stop.
const minWait = time.Millisecond

// NoBackoff tries again after the shortest wait, a millisecond.
type NoBackoff struct{}

// Delay implements BackoffPolicy.
func (*NoBackoff) Delay(int, Luck) time.Duration { return minWait }

// ConstantBackoff always waits First.
type ConstantBackoff struct {
	First  time.Duration `yaml:"first" doc:"the wait"`
	Jitter Jitter        `yaml:"jitter" doc:"none; full: uniform between 0 and the wait; equal: between half of it and all"`
}

// Validate checks the parameters.
func (b *ConstantBackoff) Validate() []flow.Problem {
	return append(checkWaits(b.First, b.First), b.Jitter.check(DecorrelatedJitter)...)
}

// Delay implements BackoffPolicy.
func (b *ConstantBackoff) Delay(_ int, l Luck) time.Duration {
	return max(minWait, b.Jitter.apply(b.First, l))
}

// UniformBackoff waits anything between First and Max.
type UniformBackoff struct {
	First time.Duration `yaml:"first" doc:"shortest wait"`
	Max   time.Duration `yaml:"max" doc:"longest wait"`
}

// Validate checks the parameters.
func (b *UniformBackoff) Validate() []flow.Problem { return checkWaits(b.First, b.Max) }

// Delay implements BackoffPolicy.
func (b *UniformBackoff) Delay(_ int, l Luck) time.Duration {
	return max(minWait, b.First+time.Duration(float64(b.Max-b.First)*l.Before(0)))
}

// ExponentialBackoff doubles the wait with each failure in a row.
type ExponentialBackoff struct {
	First  time.Duration `yaml:"first" doc:"wait after the first failure"`
	Max    time.Duration `yaml:"max" doc:"longest wait"`
	Jitter Jitter        `yaml:"jitter" doc:"none; full: uniform between 0 and the wait; equal: between half of it and all; decorrelated: between first and three times the wait before"`
}

// DefaultBackoff returns 1 s, doubled up to 30 s, with full jitter.
func DefaultBackoff() *ExponentialBackoff {
	return &ExponentialBackoff{First: time.Second, Max: 30 * time.Second, Jitter: FullJitter}
}

// Validate checks the parameters.
func (b *ExponentialBackoff) Validate() []flow.Problem {
	return append(checkWaits(b.First, b.Max), b.Jitter.check()...)
}

// Delay implements BackoffPolicy.
func (b *ExponentialBackoff) Delay(failures int, l Luck) time.Duration {
	d := b.First
	if b.Jitter == DecorrelatedJitter {
		for back := failures - 1; back >= 0; back-- {
			d = min(b.Max, b.First+time.Duration(float64(3*d-b.First)*l.Before(back)))
		}
		return max(minWait, d)
	}
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
	}
	return max(minWait, b.Jitter.apply(min(d, b.Max), l))
}

func checkWaits(first, most time.Duration) []flow.Problem {
	var ps []flow.Problem
	if first <= 0 || first > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "first", Text: fmt.Sprintf("%v is not above 0 and at most 24h", first)})
	}
	if most < first || most > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "max", Text: fmt.Sprintf("%v is not between first (%v) and 24h", most, first)})
	}
	return ps
}
