package dist

import (
	"time"

	"lbsim/models/flow"
)

var constant = flow.Kind[Spec]{
	Name: "constant",
	Doc:  "always the same duration",
	New:  func() Spec { return &Constant{} },
}

// Constant is the law of a duration that never varies. Its mean may be 0.
type Constant struct {
	Mean time.Duration `yaml:"mean"`
}

// Validate implements flow.Validator.
func (c *Constant) Validate() []flow.Problem {
	if c.Mean == 0 {
		return nil
	}
	return checkTime("mean", c.Mean)
}

// Build implements Spec.
func (c *Constant) Build() Dist { return &constantLaw{inSeconds(c.Mean)} }

type constantLaw struct{ mean float64 }

func (l *constantLaw) Quantile(float64) float64 { return l.mean }
func (l *constantLaw) Mean() float64            { return l.mean }
