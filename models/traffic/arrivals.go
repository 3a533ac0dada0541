package traffic

import (
	"fmt"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// ArrivalsPolicy is the law of an open stream's arrivals.
type ArrivalsPolicy interface {
	// Gaps returns the source of the times between arrivals, or nil for
	// recorded arrivals. The peak, which may be nil, makes them shorter.
	Gaps(u *sim.Stream, peak *Peak) Gaps
	// PerSecond is the mean rate without a peak, 0 if it is not known beforehand.
	PerSecond() float64
	// Highest is the highest rate that there is for some time, without a peak.
	Highest() float64
}

// Gaps draws the times between arrivals.
type Gaps interface{ Next() time.Duration }

// ArrivalsTable lists the laws of arrivals.
var ArrivalsTable = flow.Table[ArrivalsPolicy]{
	{Name: "poisson", Doc: "independent arrivals at a constant mean rate", New: func() ArrivalsPolicy { return &Poisson{} }},
	{Name: "deterministic", Doc: "arrivals at equal intervals", New: func() ArrivalsPolicy { return &Deterministic{} }},
	{Name: "mmpp", Doc: "random arrivals at a rate that depends on a state: a Markov-modulated Poisson process", New: func() ArrivalsPolicy { return &MMPP{} }},
	{Name: "bursts", Doc: "random arrivals with bursts of random length, an mmpp of two states", New: func() ArrivalsPolicy { b := &Bursts{}; b.SetDefaults(); return b }},
	{Name: "profile", Doc: "random arrivals at a rate that changes with the time", New: func() ArrivalsPolicy { p := &Profile{}; p.SetDefaults(); return p }},
	{Name: "trace", Doc: "the recorded arrivals of the sites' logs", New: func() ArrivalsPolicy { return &Replay{} }},
}

// Poisson arrivals are independent of one another.
type Poisson struct {
	Rate flow.Rate `yaml:"rate" doc:"mean arrivals per second"`
}

// Validate checks the parameters.
func (p *Poisson) Validate() []flow.Problem { return checkRate(p.Rate) }

// PerSecond implements ArrivalsPolicy.
func (p *Poisson) PerSecond() float64 { return float64(p.Rate) }

// Highest implements ArrivalsPolicy.
func (p *Poisson) Highest() float64 { return float64(p.Rate) }

// Gaps implements ArrivalsPolicy.
func (p *Poisson) Gaps(u *sim.Stream, peak *Peak) Gaps {
	return peak.shorten(&poissonGaps{mean: 1e9 / float64(p.Rate), u: u, next: batch})
}

// poissonGaps has its stream for itself, so it can draw a batch ahead.
type poissonGaps struct {
	mean  float64 // nanoseconds
	u     *sim.Stream
	ahead [batch]time.Duration
	next  int // place in ahead
}

func (g *poissonGaps) Next() time.Duration {
	if g.next == batch {
		for i := range g.ahead {
			g.ahead[i] = time.Duration(-g.mean * sim.Log(1-g.u.Float64()))
		}
		g.next = 0
	}
	g.next++
	return g.ahead[g.next-1]
}

// Deterministic arrivals come at equal intervals.
type Deterministic struct {
	Rate flow.Rate `yaml:"rate" doc:"arrivals per second"`
}

// Validate checks the parameters.
func (d *Deterministic) Validate() []flow.Problem { return checkRate(d.Rate) }

// PerSecond implements ArrivalsPolicy.
func (d *Deterministic) PerSecond() float64 { return float64(d.Rate) }

// Highest implements ArrivalsPolicy.
func (d *Deterministic) Highest() float64 { return float64(d.Rate) }

// Gaps implements ArrivalsPolicy.
func (d *Deterministic) Gaps(_ *sim.Stream, peak *Peak) Gaps {
	return peak.shorten(equalGaps(dist.Seconds(1 / float64(d.Rate))))
}

type equalGaps time.Duration

func (g equalGaps) Next() time.Duration { return time.Duration(g) }

// Replay arrivals are those of the sites' logs.
type Replay struct{}

// PerSecond implements ArrivalsPolicy.
func (*Replay) PerSecond() float64 { return 0 }

// Highest implements ArrivalsPolicy.
func (*Replay) Highest() float64 { return 0 }

// Gaps implements ArrivalsPolicy.
func (*Replay) Gaps(*sim.Stream, *Peak) Gaps { return nil }

func checkRate(r flow.Rate) []flow.Problem {
	if !(r > 0 && r <= MaxRate) {
		return []flow.Problem{{Path: "rate", Text: fmt.Sprintf("%g/s is not above 0 and at most 1e9/s", float64(r))}}
	}
	return nil
}
