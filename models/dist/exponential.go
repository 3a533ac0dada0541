package dist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var exponential = flow.Kind[Spec]{
	Name: "exponential",
	Doc:  "no memory: what is left does not depend on what has passed (cv 1)",
	New:  func() Spec { return &Exponential{} },
}

// Exponential is the law with P(X > x) = exp(-x/Mean).
type Exponential struct {
	Mean time.Duration `yaml:"mean"`
}

// Validate implements flow.Validator.
func (c *Exponential) Validate() []flow.Problem { return checkTime("mean", c.Mean) }

// Build implements Spec.
func (c *Exponential) Build() Dist { return &exponentialLaw{inSeconds(c.Mean)} }

type exponentialLaw struct{ mean float64 }

// Quantile is exact to about two units in the last place for the multiples of
// 2^-53 that a sim.Stream gives, for which 1-p is exact.
func (l *exponentialLaw) Quantile(p float64) float64 { return float64(l.mean * -sim.Log(1-p)) }
func (l *exponentialLaw) Mean() float64              { return l.mean }
