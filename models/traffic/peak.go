package traffic

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// Peak is a time in which a stream's clients ask more often than they do
// otherwise: arrivals and requests come so many times as fast. Clients that
// think between an answer and the next request think so much shorter.
type Peak struct {
	// Factor is by how much, above 0, at most a thousand; below 1 it is a lull.
	Factor float64       `yaml:"factor" doc:"how many times as many arrivals and requests, above 0 to 1000; below 1: a lull"`
	At     time.Duration `yaml:"at" doc:"when it begins"`
	For    time.Duration `yaml:"for" doc:"how long it lasts"`
	// Ramp is how long the rise takes, and the fall; both belong to For.
	Ramp time.Duration `yaml:"ramp" doc:"how long it rises at its start and falls at its end"`
}

// Validate checks the peak's own fields.
func (p *Peak) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, hint, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
	}
	if !(p.Factor > 0 && p.Factor <= 1000) {
		bad("factor", "write factor: 3 for three times as many", "%g is not above 0 and at most 1000", p.Factor)
	}
	if p.At < 0 || p.At > longestStay {
		bad("at", "", "%v is not between 0s and 10 years", p.At)
	}
	if p.For <= 0 || p.For > longestStay {
		bad("for", "write for: 45m", "%v is not above 0s and at most 10 years", p.For)
	} else if p.Ramp < 0 || p.Ramp > p.For/2 {
		bad("ramp", "it rises and falls within for", "%v is more than half of %v", p.Ramp, p.For)
	}
	return ps
}

// Mean is the mean factor from the start of the run to a time.
func (p *Peak) Mean(until time.Duration) float64 {
	if p == nil || until <= 0 {
		return 1
	}
	sum, left := 0.0, until.Seconds()
	for c := p.course(); left > 0; {
		s := c.next()
		sum += s.area(min(left, s.length))
		left -= s.length
	}
	return sum / until.Seconds()
}

// Highest is the highest factor.
func (p *Peak) Highest() float64 {
	if p == nil {
		return 1
	}
	return max(1, p.Factor)
}

// course is how the factor changes.
func (p *Peak) course() *loop {
	up, top := p.Ramp.Seconds(), (p.For - 2*p.Ramp).Seconds()
	c := &loop{list: []stretch{{rate: 1, length: p.At.Seconds()}}}
	if up > 0 {
		c.list = append(c.list, stretch{1, (p.Factor - 1) / up, up})
	}
	c.list = append(c.list, stretch{rate: p.Factor, length: top})
	if up > 0 {
		c.list = append(c.list, stretch{p.Factor, (1 - p.Factor) / up, up})
	}
	c.list = append(c.list, stretch{rate: 1, length: math.Inf(1)})
	return c
}

// rise is a peak ready to be used.
type rise struct {
	list       []stretch // of its course
	begin, end sim.Time
}

func (p *Peak) build() *rise {
	if p == nil {
		return nil
	}
	return &rise{p.course().list, sim.Time(p.At), sim.Time(p.At + p.For)}
}

// after returns when a wait ends that begins at a time and would be so long at
// the usual rate.
func (r *rise) after(from sim.Time, wait time.Duration) sim.Time {
	if r == nil || from >= r.end || from.Add(wait) <= r.begin {
		return from.Add(wait)
	}
	left, skip, took := wait.Seconds(), from.Seconds(), 0.0
	for _, s := range r.list {
		if skip >= s.length {
			skip -= s.length
			continue
		}
		s, skip = s.after(skip), 0
		a := s.area(s.length)
		if left < a {
			took += s.reach(left)
			break
		}
		left, took = left-a, took+s.length
	}
	return from.Add(dist.Seconds(took))
}

// over returns the course of a rate times the factor. Of the two, one must be
// level while the other rises or falls.
func (p *Peak) over(c course) course {
	if p == nil {
		return c
	}
	return &product{of: [2]course{c, p.course()}}
}

// product is the course of the product of two rates.
type product struct {
	of   [2]course
	rest [2]stretch
}

func (c *product) next() stretch {
	for i := range c.rest {
		for c.rest[i].length <= 0 {
			c.rest[i] = c.of[i].next()
		}
	}
	a, b := c.rest[0], c.rest[1]
	s := stretch{float64(a.rate * b.rate), float64(a.rate*b.slope) + float64(a.slope*b.rate), min(a.length, b.length)}
	for i := range c.rest {
		if math.IsInf(c.rest[i].length, 1) && math.IsInf(s.length, 1) {
			continue
		}
		c.rest[i] = c.rest[i].after(s.length)
	}
	return s
}

// peakGaps are gaps that a peak makes shorter.
type peakGaps struct {
	Gaps
	peak *rise
	last sim.Time
}

func (g *peakGaps) Next() time.Duration {
	before := g.last
	g.last = g.peak.after(before, g.Gaps.Next())
	return g.last.Sub(before)
}

// shorten returns gaps at a level rate as the peak makes them.
func (p *Peak) shorten(g Gaps) Gaps {
	if p == nil {
		return g
	}
	return &peakGaps{Gaps: g, peak: p.build()}
}
