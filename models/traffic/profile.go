package traffic

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Profile is random arrivals at a rate that changes with the time, as over a day.
type Profile struct {
	// Points are times and the rates then, in order of time.
	Points []RatePoint `yaml:"points" doc:"times and the arrivals per second then, in order of time"`
	// Shape is what the rate is between two points.
	Shape ProfileShape `yaml:"shape" doc:"linear: between two points the rate changes evenly; steps: each rate holds until the next"`
	// Repeat is the time after which it begins anew; 0: before the first point and
	// after the last the rate is theirs.
	Repeat time.Duration `yaml:"repeat" doc:"time after which the profile begins anew; 0s: after the last point its rate stays"`
}

// RatePoint is a point of a Profile.
type RatePoint struct {
	At   time.Duration `yaml:"at" doc:"time from the start of the run"`
	Rate flow.Rate     `yaml:"rate" doc:"arrivals per second then"`
}

// ProfileShape is what a rate is between two points.
type ProfileShape string

// The shapes.
const (
	LinearProfile  ProfileShape = "linear"
	SteppedProfile ProfileShape = "steps"
)

// ProfileShapes lists the shapes.
var ProfileShapes = flow.Table[ProfileShape]{
	{Name: "linear", Doc: "between two points the rate changes evenly", New: func() ProfileShape { return LinearProfile }},
	{Name: "steps", Doc: "each rate holds until the next point", New: func() ProfileShape { return SteppedProfile }},
}

const maxPoints = 10_000

// SetDefaults makes the rate change evenly.
func (p *Profile) SetDefaults() { p.Shape = LinearProfile }

// Validate checks the parameters.
func (p *Profile) Validate() []flow.Problem {
	if len(p.Points) == 0 || len(p.Points) > maxPoints {
		return []flow.Problem{{Path: "points", Text: fmt.Sprintf("1 to %d points are expected, not %d", maxPoints, len(p.Points)),
			Hint: "write points: [{at: 0s, rate: 10/s}, {at: 1h, rate: 50/s}]"}}
	}
	var ps []flow.Problem
	bad := func(path, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	ps = append(ps, flow.OneOf("shape", string(p.Shape), ProfileShapes.Names()...)...)
	most := 0.0
	for i, x := range p.Points {
		if !(x.Rate >= 0 && x.Rate <= MaxRate) {
			bad(fmt.Sprintf("points[%d].rate", i), "%g/s is not between 0/s and 1e9/s", float64(x.Rate))
		}
		if i > 0 && x.At <= p.Points[i-1].At {
			bad(fmt.Sprintf("points[%d].at", i), "%v is not after the point before (%v)", x.At, p.Points[i-1].At)
		}
		if x.At < 0 || x.At > longestStay {
			bad(fmt.Sprintf("points[%d].at", i), "%v is not between 0s and 10 years", x.At)
		}
		most = max(most, float64(x.Rate))
	}
	if last := p.Points[len(p.Points)-1].At; p.Repeat != 0 && (p.Repeat <= last || p.Repeat < shortestStay || p.Repeat > longestStay) {
		bad("repeat", "%v is not after the last point (%v), or not between %v and 10 years", p.Repeat, last, shortestStay)
	}
	switch {
	case len(ps) > 0:
	case most == 0:
		bad("points", "nobody ever arrives")
	case p.Repeat > 0 && p.PerSecond()*p.Repeat.Seconds() < rarestPerCycle:
		ps = append(ps, flow.Problem{Path: "points", Text: fmt.Sprintf("%.3g arrivals each time that it is repeated are fewer than %g", p.PerSecond()*p.Repeat.Seconds(), rarestPerCycle),
			Hint: "raise the rates, or repeat it after a longer time"})
	}
	return ps
}

// PerSecond is the mean over a period, or from the first point to the last.
func (p *Profile) PerSecond() float64 {
	if p.Repeat > 0 {
		return p.MeanOver(p.Repeat)
	}
	first, last := p.Points[0], p.Points[len(p.Points)-1]
	if first.At == last.At {
		return float64(last.Rate)
	}
	span := last.At.Seconds()
	return (p.MeanOver(last.At)*span - float64(first.Rate)*first.At.Seconds()) / (span - first.At.Seconds())
}

// Highest implements ArrivalsPolicy.
func (p *Profile) Highest() float64 {
	most := 0.0
	for _, x := range p.Points {
		most = max(most, float64(x.Rate))
	}
	return most
}

// MeanOver is the mean rate from the start of the run to a time.
func (p *Profile) MeanOver(d time.Duration) float64 {
	whole := 0.0
	if p.Repeat > 0 && d > p.Repeat {
		cycles := math.Floor(d.Seconds() / p.Repeat.Seconds())
		whole = cycles * p.integral(p.Repeat.Seconds())
		rest := d.Seconds() - cycles*p.Repeat.Seconds()
		return (whole + p.integral(rest)) / d.Seconds()
	}
	return p.integral(d.Seconds()) / d.Seconds()
}

// integral is the mean number of arrivals in the first seconds, at most a period.
func (p *Profile) integral(seconds float64) (sum float64) {
	for c := p.course(); seconds > 0; {
		s := c.next()
		sum += s.area(min(seconds, s.length))
		seconds -= s.length
	}
	return sum
}

// Gaps implements ArrivalsPolicy.
func (p *Profile) Gaps(u *sim.Stream, peak *Peak) Gaps {
	return &changingGaps{course: peak.over(p.course()), u: u}
}

// course returns the stretches of the profile: the time before the first point,
// those between points, and that after the last.
func (p *Profile) course() *loop {
	first, last := p.Points[0], p.Points[len(p.Points)-1]
	to := func(from, to RatePoint) stretch {
		s := stretch{rate: float64(from.Rate), length: (to.At - from.At).Seconds()}
		if p.Shape == LinearProfile {
			s.slope = (float64(to.Rate) - s.rate) / s.length
		}
		return s
	}
	c := &loop{}
	c.again = p.Repeat > 0
	after := stretch{rate: float64(last.Rate), length: math.Inf(1)}
	if c.again {
		// From the last point on to the first one of the next period, part of which
		// lies before the first point.
		over := to(last, RatePoint{first.At + p.Repeat, first.Rate})
		after = over
		after.length = (p.Repeat - last.At).Seconds()
		if first.At > 0 {
			c.list = append(c.list, over.after(after.length))
		}
	} else if first.At > 0 {
		c.list = append(c.list, stretch{rate: float64(first.Rate), length: first.At.Seconds()})
	}
	for i := 1; i < len(p.Points); i++ {
		c.list = append(c.list, to(p.Points[i-1], p.Points[i]))
	}
	c.list = append(c.list, after)
	return c
}

// loop is a course of given stretches, the last of which goes on for ever unless
// they begin again.
type loop struct {
	list  []stretch
	place int
	again bool
}

func (c *loop) next() stretch {
	if c.place == len(c.list) {
		c.place = 0 // only if again: the last stretch has no end otherwise
	}
	c.place++
	return c.list[c.place-1]
}
