package traffic

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// BackoffPolicy is how long a client waits before it tries again.
type BackoffPolicy interface {
	// Delay returns the wait after the given number of failures in a row, from
	// 1; u is uniform over [0, 1).
	Delay(failures int, u float64) time.Duration
}

// BackoffTable lists the laws of backoff.
var BackoffTable = flow.Table[BackoffPolicy]{
	{Name: "none", Doc: "try again after a millisecond, the shortest wait there is: a refusal takes no time, so that none at all would stop the clock", New: func() BackoffPolicy { return &NoBackoff{} }},
	{Name: "constant", Doc: "always the same wait", New: func() BackoffPolicy { return &ConstantBackoff{First: time.Second, Jitter: NoJitter} }},
	{Name: "uniform", Doc: "anything between first and max", New: func() BackoffPolicy { return &UniformBackoff{First: time.Second, Max: 30 * time.Second} }},
	{Name: "exponential", Doc: "first, doubled with each failure, at most max", New: func() BackoffPolicy { return DefaultBackoff() }},
}

// Jitter spreads the waits of clients that failed at the same time.
type Jitter string

// The kinds of jitter.
const (
	NoJitter   Jitter = "none"
	FullJitter Jitter = "full" // uniform between 0 and the wait
)

func (j Jitter) apply(d time.Duration, u float64) time.Duration {
	if j == FullJitter {
		return time.Duration(float64(d) * u)
	}
	return d
}

func (j Jitter) check() []flow.Problem {
	if j != NoJitter && j != FullJitter {
		return []flow.Problem{{Path: "jitter", Text: fmt.Sprintf("%q is not one of none, full", string(j))}}
	}
	return nil
}

// minWait bounds the waits from below. A refusal takes no time, so that a client
// that tried again at once would be refused at the same instant, again and
// again, and the clock would stop.
const minWait = time.Millisecond

// NoBackoff tries again after the shortest wait, a millisecond.
type NoBackoff struct{}

// Delay implements BackoffPolicy.
func (*NoBackoff) Delay(int, float64) time.Duration { return minWait }

// ConstantBackoff always waits First.
type ConstantBackoff struct {
	First  time.Duration `yaml:"first" doc:"the wait"`
	Jitter Jitter        `yaml:"jitter" doc:"none, or full: uniform between 0 and the wait"`
}

// Validate checks the parameters.
func (b *ConstantBackoff) Validate() []flow.Problem {
	return append(checkWaits(b.First, b.First), b.Jitter.check()...)
}

// Delay implements BackoffPolicy.
func (b *ConstantBackoff) Delay(_ int, u float64) time.Duration {
	return max(minWait, b.Jitter.apply(b.First, u))
}

// UniformBackoff waits anything between First and Max.
type UniformBackoff struct {
	First time.Duration `yaml:"first" doc:"shortest wait"`
	Max   time.Duration `yaml:"max" doc:"longest wait"`
}

// Validate checks the parameters.
func (b *UniformBackoff) Validate() []flow.Problem { return checkWaits(b.First, b.Max) }

// Delay implements BackoffPolicy.
func (b *UniformBackoff) Delay(_ int, u float64) time.Duration {
	return max(minWait, b.First+time.Duration(float64(b.Max-b.First)*u))
}

// ExponentialBackoff doubles the wait with each failure in a row.
type ExponentialBackoff struct {
	First  time.Duration `yaml:"first" doc:"wait after the first failure"`
	Max    time.Duration `yaml:"max" doc:"longest wait"`
	Jitter Jitter        `yaml:"jitter" doc:"none, or full: uniform between 0 and the wait"`
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
func (b *ExponentialBackoff) Delay(failures int, u float64) time.Duration {
	d := b.First
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
	}
	return max(minWait, b.Jitter.apply(min(d, b.Max), u))
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
