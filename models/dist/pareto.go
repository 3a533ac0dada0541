package dist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var pareto = flow.Kind[Spec]{
	Name: "pareto",
	Doc:  "power-law tail, cut off at max if that is given",
	New:  func() Spec { return &Pareto{} },
}

// Pareto is the law with P(X > x) = (xm/x)^Alpha from its least value xm on.
// xm follows from the mean. Give either Alpha or CV, the standard deviation
// over the mean, for which Alpha > 2. For Alpha <= 2 the variance is infinite.
//
// With Max the law is that of X given X <= Max, and xm is such that this one
// has the mean; CV would be that of a law which is not drawn, so it is refused.
type Pareto struct {
	Mean  time.Duration `yaml:"mean"`
	Alpha float64       `yaml:"alpha"`
	CV    float64       `yaml:"cv"`
	Max   time.Duration `yaml:"max"`
}

// Validate implements flow.Validator.
func (c *Pareto) Validate() []flow.Problem {
	ps := append(checkTime("mean", c.Mean), checkOneOf("alpha", c.Alpha != 0, "cv", c.CV != 0)...)
	if c.Alpha != 0 && !(c.Alpha > 1 && c.Alpha <= 1000) {
		ps = append(ps, flow.Problem{Path: "alpha", Text: "must be above 1 and at most 1000", Hint: "at 1 or below the mean is infinite"})
	}
	if c.CV != 0 {
		ps = append(ps, checkNumber("cv", c.CV, 0.01, 1000)...)
	}
	if c.Max == 0 {
		return ps
	}
	ends := checkTime("max", c.Max)
	if ends == nil && c.Max <= c.Mean {
		ends = []flow.Problem{{Path: "max", Text: "must be longer than mean"}}
	}
	if c.CV != 0 {
		ends = append(ends, flow.Problem{Path: "max", Text: "excludes cv", Hint: "give alpha"})
	}
	return append(ps, ends...)
}

// Build implements Spec.
func (c *Pareto) Build() Dist {
	mean, alpha := inSeconds(c.Mean), c.Alpha
	if c.CV != 0 {
		// cv^2 = 1 / (alpha (alpha-2))
		alpha = 1 + math.Sqrt(1+1/float64(c.CV*c.CV))
	}
	if c.Max == 0 {
		return &paretoLaw{mean: mean, min: float64(mean*(alpha-1)) / alpha, exponent: -1 / alpha, within: 1}
	}
	longest := inSeconds(c.Max)
	ratio := boundedParetoRatio(mean/longest, alpha)
	return &paretoLaw{
		mean:     mean,
		min:      float64(longest * ratio),
		exponent: -1 / alpha,
		within:   -expm1(float64(alpha * sim.Log(ratio))),
	}
}

// boundedParetoRatio returns xm/max of the law bounded at max whose mean is
// share times max: with r = xm/max,
//
//	share = alpha/(alpha-1) (r - r^alpha) / (1 - r^alpha),
//
// which grows with r. The bound shortens the mean, so xm is at least that of
// the unbounded law.
func boundedParetoRatio(share, alpha float64) float64 {
	return bisect(float64(share*(alpha-1))/alpha, share, func(r float64) bool {
		l := sim.Log(r)
		above := float64(r*expm1(float64((alpha-1)*l))) / (alpha - 1)
		return float64(alpha*above)/expm1(float64(alpha*l)) < share
	})
}

// within is the share of the unbounded law that lies below the bound.
type paretoLaw struct{ mean, min, exponent, within float64 }

func (l *paretoLaw) Quantile(p float64) float64 {
	return float64(l.min * sim.Pow(1-float64(p*l.within), l.exponent))
}
func (l *paretoLaw) Mean() float64 { return l.mean }
