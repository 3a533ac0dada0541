package dist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

var hyperexponential = flow.Kind[Spec]{
	Name: "hyperexponential",
	Doc:  "a mix of exponential laws (cv >= 1): short and long jobs",
	New:  func() Spec { return &Hyperexponential{} },
}

// Hyperexponential is a mix of exponential laws. Give either Mean and CV, the
// standard deviation over the mean, for two phases with balanced means (each
// contributes half of the mean), or Phases.
type Hyperexponential struct {
	Mean   time.Duration `yaml:"mean"`
	CV     float64       `yaml:"cv"`
	Phases []Phase       `yaml:"phases"`
}

// A Phase is an exponential law and the share of draws that follow it.
type Phase struct {
	Share flow.Share    `yaml:"share"`
	Mean  time.Duration `yaml:"mean"`
}

// maxPhases keeps a draw from becoming slow.
const maxPhases = 100

// Validate implements flow.Validator.
func (c *Hyperexponential) Validate() []flow.Problem {
	moments := c.Mean != 0 || c.CV != 0
	ps := checkOneOf("mean", moments, "phases", len(c.Phases) > 0)
	if moments {
		ps = append(ps, checkTime("mean", c.Mean)...)
		ps = append(ps, checkNumber("cv", c.CV, 1, 1000)...)
	}
	if len(c.Phases) == 0 {
		return ps
	}
	if len(c.Phases) > maxPhases {
		return append(ps, flow.Problem{Path: "phases", Text: "must be at most 100"})
	}
	sum := 0.0
	for _, p := range c.Phases {
		sum += float64(p.Share)
	}
	if !(math.Abs(sum-1) <= 1e-6) {
		ps = append(ps, flow.Problem{Path: "phases", Text: "must have shares that add up to 100%"})
	}
	return ps
}

// Validate implements flow.Validator.
func (p *Phase) Validate() []flow.Problem {
	ps := checkTime("mean", p.Mean)
	if !(p.Share > 0 && p.Share <= 1) {
		ps = append(ps, flow.Problem{Path: "share", Text: "must be above 0 and at most 100%"})
	}
	return ps
}

// Build implements Spec.
func (c *Hyperexponential) Build() Dist {
	var curve hyperexponentialCurve
	var mean float64
	if len(c.Phases) > 0 {
		total := 0.0
		for _, p := range c.Phases {
			total += float64(p.Share)
		}
		for _, p := range c.Phases {
			share := float64(p.Share) / total
			curve = append(curve, phase{share, inSeconds(p.Mean)})
			mean += float64(share * inSeconds(p.Mean))
		}
	} else {
		mean = inSeconds(c.Mean)
		// The shares are (1 +- root)/2 with root^2 = (cv^2-1)/(cv^2+1). The
		// smaller one is written without the difference of two equal numbers.
		more := 2 / (float64(c.CV*c.CV) + 1)
		root := math.Sqrt(1 - more)
		short, long := (1+root)/2, more/(1+root)/2
		curve = hyperexponentialCurve{
			{short, mean / (2 * short)},
			{long, mean / (2 * long)},
		}
	}
	return &hyperexponentialLaw{mean, invert(curve, false)}
}

type hyperexponentialLaw struct {
	mean float64
	*inverse
}

func (l *hyperexponentialLaw) Quantile(p float64) float64 { return l.quantile(p) }
func (l *hyperexponentialLaw) Mean() float64              { return l.mean }

type phase struct{ share, mean float64 }

type hyperexponentialCurve []phase

func (h hyperexponentialCurve) at(x float64) point {
	var pt point
	bend := 0.0
	for _, ph := range h {
		left := float64(ph.share * sim.Exp(-x/ph.mean))
		pt.above += left
		pt.below -= float64(ph.share * expm1(-x/ph.mean))
		pt.density += left / ph.mean
		bend -= left / float64(ph.mean*ph.mean)
	}
	pt.slope = bend / pt.density
	return pt
}

// guess is the larger of two lower bounds. The density is nowhere above that at
// 0, and no phase alone has more above x than the mix.
func (h hyperexponentialCurve) guess(p float64) float64 {
	atZero, x := 0.0, 0.0
	for _, ph := range h {
		atZero += ph.share / ph.mean
		x = max(x, float64(ph.mean*sim.Log(ph.share/(1-p))))
	}
	return max(x, p/atZero)
}
