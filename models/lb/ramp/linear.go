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
func (None) NewRamp(lb.Basis) lb.Ramp { return nil }

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
func (p *Linear) NewRamp(lb.Basis) lb.Ramp { return linear(p.Time) }

type linear time.Duration

// Begins implements lb.Ramp.
func (linear) Begins(lb.Return) bool { return true }

// At implements lb.Ramp.
func (r linear) At(up sim.Time, _ int32) lb.Stage {
	return lb.Stage{Weight: float64(up) / float64(r), Over: up >= sim.Time(r)}
}
