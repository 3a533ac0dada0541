package dist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var weibull = flow.Kind[Spec]{
	Name: "weibull",
	Doc:  "failure rate falls (shape < 1) or grows (shape > 1) with age",
	New:  func() Spec { return &Weibull{} },
}

// Weibull is the law with P(X > x) = exp(-(x/scale)^Shape). The scale follows
// from the mean. Give either Shape or CV, the standard deviation over the mean.
type Weibull struct {
	Mean  time.Duration `yaml:"mean"`
	Shape float64       `yaml:"shape"`
	CV    float64       `yaml:"cv"`
}

// Validate implements flow.Validator.
func (c *Weibull) Validate() []flow.Problem {
	ps := append(checkTime("mean", c.Mean), checkOneOf("shape", c.Shape != 0, "cv", c.CV != 0)...)
	if c.Shape != 0 {
		ps = append(ps, checkNumber("shape", c.Shape, 0.1, 1000)...)
	}
	if c.CV != 0 {
		ps = append(ps, checkNumber("cv", c.CV, 0.01, 100)...)
	}
	return ps
}

// Build implements Spec.
func (c *Weibull) Build() Dist {
	inverse := 1 / c.Shape
	if c.CV != 0 {
		inverse = weibullInverseShape(c.CV)
	}
	mean := inSeconds(c.Mean)
	return &weibullLaw{
		mean:    mean,
		scale:   mean / sim.Exp(logGamma(1+inverse)),
		inverse: inverse,
	}
}

// weibullInverseShape returns 1/shape of the law with that coefficient of
// variation: 1 + cv^2 = Gamma(1+2/shape) / Gamma(1+1/shape)^2, which grows with
// 1/shape.
func weibullInverseShape(cv float64) float64 {
	want := log1p(float64(cv * cv))
	return bisect(1e-4, 10, func(x float64) bool {
		return logGamma(1+float64(2*x))-float64(2*logGamma(1+x)) < want
	})
}

type weibullLaw struct{ mean, scale, inverse float64 }

func (l *weibullLaw) Quantile(p float64) float64 {
	return float64(l.scale * sim.Pow(-sim.Log(1-p), l.inverse))
}
func (l *weibullLaw) Mean() float64 { return l.mean }
