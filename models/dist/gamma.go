package dist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var gamma = flow.Kind[Spec]{
	Name: "gamma",
	Doc:  "any cv, with an exponential tail",
	New:  func() Spec { return &Gamma{} },
}

// Gamma is the law with density proportional to x^(shape-1) exp(-x/scale),
// where shape is 1/CV^2 and CV the standard deviation over the mean.
type Gamma struct {
	Mean time.Duration `yaml:"mean"`
	CV   float64       `yaml:"cv"`
}

// Validate implements flow.Validator.
func (c *Gamma) Validate() []flow.Problem {
	return append(checkTime("mean", c.Mean), checkNumber("cv", c.CV, 0.01, 10)...)
}

// Build implements Spec.
func (c *Gamma) Build() Dist {
	return buildGamma(inSeconds(c.Mean), 1/float64(c.CV*c.CV))
}

func buildGamma(mean, shape float64) *gammaLaw {
	return &gammaLaw{
		mean:  mean,
		scale: mean / shape,
		unit:  invert(&gammaCurve{shape: shape, logGamma1: logGamma(shape + 1)}, shape < 1),
	}
}

type gammaLaw struct {
	mean, scale float64
	unit        *inverse // the law of scale 1
}

func (l *gammaLaw) Quantile(p float64) float64 { return float64(l.scale * l.unit.quantile(p)) }
func (l *gammaLaw) Mean() float64              { return l.mean }

type gammaCurve struct{ shape, logGamma1 float64 }

func (g *gammaCurve) at(x float64) point {
	below, above, density := incompleteGamma(g.shape, g.logGamma1, x)
	return point{below, above, density / x, (g.shape-1)/x - 1}
}

// guess is the first term of the series for small p or shapes, and otherwise
// the cube of a normal variable (E. B. Wilson and M. M. Hilferty, PNAS 17, 1931).
func (g *gammaCurve) guess(p float64) float64 {
	small := sim.Exp((sim.Log(p) + g.logGamma1) / g.shape)
	if g.shape < 1 || p < 1e-6 {
		return small
	}
	v := 1 / float64(9*g.shape)
	root := 1 - v + float64(normalQuantile(p)*math.Sqrt(v))
	return max(small, float64(g.shape*float64(root*float64(root*root))))
}
