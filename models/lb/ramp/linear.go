package ramp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// None gives a returning server its full weight at once.
type None struct{}

// NewRamp implements lb.RampPolicy.
func (None) NewRamp() lb.Ramp { return nil }

// Linear lets the weight grow from nothing to full in proportion to the time
// since the server came back, as F5's slow ramp time is documented ("About
// Pools"). With least connections it acts by comparing connections per weight.
type Linear struct {
	// Time is how long the ramp lasts, up to a day.
	Time time.Duration `yaml:"time" doc:"how long the ramp lasts"`
}

// Validate checks the parameters.
func (p *Linear) Validate() []flow.Problem {
	if p.Time <= 0 || p.Time > 24*time.Hour {
		return []flow.Problem{{Path: "time", Text: fmt.Sprintf("%v is not between 1ns and 24h", p.Time), Hint: "slow_start: none switches the ramp off"}}
	}
	return nil
}

// NewRamp implements lb.RampPolicy.
func (p *Linear) NewRamp() lb.Ramp { return linear(p.Time) }

type linear time.Duration

func (r linear) Factor(up sim.Time) (float64, bool) {
	if up >= sim.Time(r) {
		return 1, true
	}
	return float64(up) / float64(r), false
}
