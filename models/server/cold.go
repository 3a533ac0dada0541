package server

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Cold is what a server lacks when it has just started: its caches are empty,
// its code is not compiled yet, its pools of connections are to be filled. Work
// that begins then takes more CPU time than it will later. That is a matter of
// the application, and nobody publishes figures: factor and time are guesses to
// be varied.
type Cold struct {
	// Factor multiplies the CPU time of a request whose work begins at the moment
	// of the start, 1 to 1000. What has begun goes on as it began.
	Factor float64 `yaml:"factor" doc:"what the CPU time of a request is multiplied by just after the start, 1 to 1000"`
	// For is how long it takes until the factor has come down to 1.
	For time.Duration `yaml:"for" doc:"how long it takes until the factor has come down to 1; with decay: exponential its time constant"`
	// Decay is linear or exponential; "" is linear.
	Decay Decay `yaml:"decay,omitempty" doc:"linear, or exponential: fast at first, as for a cache that fills with what is asked for most"`
	// AtStart is whether servers are cold when the run begins, too.
	AtStart bool `yaml:"at_start,omitempty" doc:"whether servers are cold when the run begins, too"`
}

// Decay is the way in which a factor comes down.
type Decay string

// The ways.
const (
	LinearDecay      Decay = "linear"
	ExponentialDecay Decay = "exponential"
)

// SetDefaults makes it twice the CPU time at first, the usual after a minute.
func (c *Cold) SetDefaults() { *c = Cold{Factor: 2, For: time.Minute, Decay: LinearDecay} }

// Validate checks the fields.
func (c *Cold) Validate() []flow.Problem {
	var ps []flow.Problem
	if !(c.Factor >= 1 && c.Factor <= 1000) {
		ps = append(ps, flow.Problem{Path: "factor", Text: fmt.Sprintf("%g is not between 1 and 1000", c.Factor)})
	}
	if c.For < 0 || c.For > 365*24*time.Hour {
		ps = append(ps, flow.Problem{Path: "for", Text: fmt.Sprintf("%v is not between 0s and 365d", c.For)})
	}
	ps = append(ps, flow.OneOfOrNone("decay", c.Decay, string(LinearDecay), string(ExponentialDecay))...)
	return ps
}

// timeConstants is how long an exponential decay is followed; what is left of it
// then cannot be told from nothing.
const timeConstants = 20

// factor is what the CPU time of work is multiplied by that begins so long after
// the start.
func (c *Cold) factor(after time.Duration) float64 {
	x := float64(after) / float64(c.For)
	switch {
	case after >= c.For && c.Decay != ExponentialDecay, x >= timeConstants || c.For == 0:
		return 1
	case c.Decay == ExponentialDecay:
		return 1 + float64((c.Factor-1)*sim.Exp(-x))
	}
	return 1 + float64((c.Factor-1)*(1-x))
}

// boot is a start that left something cold; the zero value is one long ago.
type boot struct {
	cold *Cold
	at   sim.Time
}

func (b boot) factor(now sim.Time) float64 {
	if b.cold == nil {
		return 1
	}
	return b.cold.factor(now.Sub(b.at))
}

// times multiplies a demand. It stays below what the clock can bear.
func times(d time.Duration, factor float64) time.Duration {
	if factor == 1 {
		return d
	}
	return time.Duration(min(math.RoundToEven(float64(float64(d)*factor)), 1<<62))
}
