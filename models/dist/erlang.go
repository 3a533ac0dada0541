package dist

import (
	"time"

	"lbsim/models/flow"
)

var erlang = flow.Kind[Spec]{
	Name: "erlang",
	Doc:  "sum of shape exponential stages (cv 1/sqrt(shape))",
	New:  func() Spec { return &Erlang{} },
}

// Erlang is the law of the sum of Shape independent exponential stages: gamma
// with an integer shape.
type Erlang struct {
	Mean  time.Duration `yaml:"mean"`
	Shape int           `yaml:"shape"`
}

// Validate implements flow.Validator.
func (c *Erlang) Validate() []flow.Problem {
	return append(checkTime("mean", c.Mean), checkNumber("shape", float64(c.Shape), 1, 10_000)...)
}

// Build implements Spec.
func (c *Erlang) Build() Dist {
	if c.Shape == 1 {
		return &exponentialLaw{inSeconds(c.Mean)}
	}
	return buildGamma(inSeconds(c.Mean), float64(c.Shape))
}
