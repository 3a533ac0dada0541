package dist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var lognormal = flow.Kind[Spec]{
	Name: "lognormal",
	Doc:  "the logarithm is normal: most draws short, a long tail",
	New:  func() Spec { return &Lognormal{} },
}

// Lognormal is the law whose logarithm is normal. Give either the mean and CV,
// the standard deviation over the mean, or two percentiles.
type Lognormal struct {
	Mean time.Duration `yaml:"mean"`
	CV   float64       `yaml:"cv"`
	P50  time.Duration `yaml:"p50"`
	P99  time.Duration `yaml:"p99"`
}

// Validate implements flow.Validator.
func (c *Lognormal) Validate() []flow.Problem {
	moments, percentiles := c.Mean != 0 || c.CV != 0, c.P50 != 0 || c.P99 != 0
	ps := checkOneOf("mean", moments, "p50", percentiles)
	if moments {
		ps = append(ps, checkTime("mean", c.Mean)...)
		ps = append(ps, checkNumber("cv", c.CV, 0.001, 1000)...)
	}
	if percentiles {
		ends := append(checkTime("p50", c.P50), checkTime("p99", c.P99)...)
		if ends == nil && c.P50 >= c.P99 {
			ends = []flow.Problem{{Path: "p99", Text: "must be longer than p50"}}
		}
		ps = append(ps, ends...)
	}
	return ps
}

// Build implements Spec.
func (c *Lognormal) Build() Dist {
	if c.Mean == 0 {
		mu := sim.Log(inSeconds(c.P50))
		sigma := (sim.Log(inSeconds(c.P99)) - mu) / normalQuantile(0.99)
		return &lognormalLaw{
			mean:  sim.Exp(mu + float64(float64(sigma*sigma)/2)),
			mu:    mu,
			sigma: sigma,
		}
	}
	mean := inSeconds(c.Mean)
	variance := log1p(float64(c.CV * c.CV)) // of the logarithm
	return &lognormalLaw{
		mean:  mean,
		mu:    sim.Log(mean) - float64(variance/2),
		sigma: math.Sqrt(variance),
	}
}

type lognormalLaw struct{ mean, mu, sigma float64 }

func (l *lognormalLaw) Quantile(p float64) float64 {
	return sim.Exp(l.mu + float64(l.sigma*normalQuantile(p)))
}
func (l *lognormalLaw) Mean() float64 { return l.mean }
