package traffic

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// MMPP is a Markov-modulated Poisson process (Fischer, Meier-Hellstern 1993):
// arrivals are random at a rate that depends on a state, which lasts for an
// exponential time and is followed by the next one in the list, the last by the
// first.
type MMPP struct {
	States []RateState `yaml:"states" doc:"the states, which follow one another in a circle"`
}

// RateState is one state of an MMPP.
type RateState struct {
	Rate flow.Rate     `yaml:"rate" doc:"arrivals per second while it lasts"`
	Mean time.Duration `yaml:"mean" doc:"mean time for which it lasts"`
}

// Bursts is an MMPP of two states in other words.
type Bursts struct {
	Rate   flow.Rate     `yaml:"rate" doc:"arrivals per second between bursts"`
	Factor float64       `yaml:"factor" doc:"how many times that in a burst"`
	Mean   time.Duration `yaml:"mean" doc:"mean length of a burst"`
	Every  time.Duration `yaml:"every" doc:"mean time from the start of a burst to that of the next"`
}

const (
	// shortestStay bounds the mean time in a state from below: states change
	// without being counted among the events of a run.
	shortestStay = 10 * time.Millisecond
	longestStay  = 10 * 365 * 24 * time.Hour
	maxStates    = 100
	// rarestPerCycle is the least mean number of arrivals in a cycle of states, or
	// of a profile: each arrival may have to go through so many.
	rarestPerCycle = 0.01
)

// SetDefaults makes it a burst of ten seconds each minute.
func (b *Bursts) SetDefaults() {
	b.Factor, b.Mean, b.Every = 10, 10*time.Second, time.Minute
}

// Validate checks the parameters.
func (m *MMPP) Validate() []flow.Problem {
	if len(m.States) < 2 || len(m.States) > maxStates {
		return []flow.Problem{{Path: "states", Text: fmt.Sprintf("2 to %d states are expected, not %d", maxStates, len(m.States)),
			Hint: "write states: [{rate: 50/s, mean: 50s}, {rate: 500/s, mean: 10s}]"}}
	}
	var ps []flow.Problem
	perCycle := 0.0
	for i, s := range m.States {
		if !(s.Rate >= 0 && s.Rate <= MaxRate) {
			ps = append(ps, flow.Problem{Path: fmt.Sprintf("states[%d].rate", i), Text: fmt.Sprintf("%g/s is not between 0/s and 1e9/s", float64(s.Rate))})
		}
		if s.Mean < shortestStay || s.Mean > longestStay {
			ps = append(ps, flow.Problem{Path: fmt.Sprintf("states[%d].mean", i), Text: fmt.Sprintf("%v is not between %v and 10 years", s.Mean, shortestStay)})
		}
		perCycle += float64(s.Rate) * s.Mean.Seconds()
	}
	if ps == nil && perCycle < rarestPerCycle {
		ps = append(ps, flow.Problem{Path: "states", Text: fmt.Sprintf("%.3g arrivals in all states together are fewer than %g", perCycle, rarestPerCycle),
			Hint: "raise the rates, or let the states last longer"})
	}
	return ps
}

// Validate checks the parameters.
func (b *Bursts) Validate() []flow.Problem {
	ps := checkRate(b.Rate)
	if !(b.Factor >= 0 && b.Factor <= 1e6) {
		ps = append(ps, flow.Problem{Path: "factor", Text: fmt.Sprintf("%g is not between 0 and 1e6", b.Factor)})
	}
	if b.Mean < shortestStay || b.Every < b.Mean+shortestStay || b.Every > longestStay {
		ps = append(ps, flow.Problem{Path: "every", Text: fmt.Sprintf("bursts of %v every %v leave no time between them, or are shorter than %v", b.Mean, b.Every, shortestStay),
			Hint: "write mean: 10s, every: 1m"})
	}
	if ps == nil {
		for _, p := range b.states().Validate() {
			ps = append(ps, flow.Problem{Text: p.Text, Hint: p.Hint})
		}
	}
	return ps
}

func (b *Bursts) states() *MMPP {
	return &MMPP{[]RateState{{b.Rate, b.Every - b.Mean}, {flow.Rate(float64(b.Rate) * b.Factor), b.Mean}}}
}

// PerSecond implements ArrivalsPolicy.
func (m *MMPP) PerSecond() float64 {
	var n, time float64
	for _, s := range m.States {
		n += float64(float64(s.Rate) * s.Mean.Seconds())
		time += s.Mean.Seconds()
	}
	return n / time
}

// Highest implements ArrivalsPolicy.
func (m *MMPP) Highest() float64 {
	most := 0.0
	for _, s := range m.States {
		most = max(most, float64(s.Rate))
	}
	return most
}

// Gaps implements ArrivalsPolicy. The state at the start is drawn from those
// that there are after a long time.
func (m *MMPP) Gaps(u *sim.Stream, p *Peak) Gaps {
	total := 0.0
	for _, s := range m.States {
		total += s.Mean.Seconds()
	}
	c := &stays{states: m.States, u: u, stay: 1}
	for left := u.Nth(0) * total; c.state < len(m.States)-1; c.state++ {
		if left -= m.States[c.state].Mean.Seconds(); left < 0 {
			break
		}
	}
	return &changingGaps{course: p.over(c), u: u}
}

// PerSecond implements ArrivalsPolicy.
func (b *Bursts) PerSecond() float64 { return b.states().PerSecond() }

// Highest implements ArrivalsPolicy.
func (b *Bursts) Highest() float64 { return b.states().Highest() }

// Gaps implements ArrivalsPolicy.
func (b *Bursts) Gaps(u *sim.Stream, p *Peak) Gaps { return b.states().Gaps(u, p) }

// stays is the course of an MMPP.
type stays struct {
	states []RateState
	state  int // the next one
	stay   uint64
	u      *sim.Stream
}

func (c *stays) next() stretch {
	s := c.states[c.state]
	c.state = (c.state + 1) % len(c.states)
	length := -s.Mean.Seconds() * sim.Log(1-c.u.Nth(c.stay))
	c.stay++
	return stretch{rate: float64(s.Rate), length: length}
}
