package dist

import (
	"time"

	"lbsim/models/flow"
)

var uniform = flow.Kind[Spec]{
	Name: "uniform",
	Doc:  "equally likely anywhere from min to max",
	New:  func() Spec { return &Uniform{} },
}

// Uniform is the law of equal density from Min, which may be 0, to Max.
type Uniform struct {
	Min time.Duration `yaml:"min"`
	Max time.Duration `yaml:"max"`
}

// Validate implements flow.Validator.
func (c *Uniform) Validate() []flow.Problem {
	ps := checkTime("max", c.Max)
	switch {
	case c.Min < 0:
		ps = append(ps, flow.Problem{Path: "min", Text: "must not be negative"})
	case ps == nil && c.Min >= c.Max:
		ps = append(ps, flow.Problem{Path: "min", Text: "must be shorter than max", Hint: "constant has no spread"})
	}
	return ps
}

// Build implements Spec.
func (c *Uniform) Build() Dist {
	return &uniformLaw{min: inSeconds(c.Min), width: inSeconds(c.Max - c.Min)}
}

type uniformLaw struct{ min, width float64 }

func (l *uniformLaw) Quantile(p float64) float64 { return l.min + float64(p*l.width) }
func (l *uniformLaw) Mean() float64              { return l.min + float64(l.width/2) }
