package ramp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// DoublingLimit is A10's slow-start (configuration schema: initial-slow-start,
// times, add, every, till): the server may hold so many connections at a time,
// multiplied by a factor or raised by a number after each interval until the
// end is reached, from when on it has no limit but its own. It bounds the
// connections and not the weight, so it acts with every algorithm. Persistent
// clients wait for a server at the limit as for one at max_connections; what
// A10 does with them is not published.
type DoublingLimit struct {
	Initial int           `yaml:"initial" doc:"connections that the server may hold at first"`
	Every   time.Duration `yaml:"every" doc:"time between two increments"`
	Factor  int           `yaml:"factor" doc:"number by which the limit is multiplied at each increment, unless add is given"`
	Add     int           `yaml:"add" doc:"number that is added to the limit at each increment; 0: multiply by factor"`
	End     int           `yaml:"end" doc:"limit at which the ramp is over"`
}

// Validate checks the parameters; the ranges are wider than A10's.
func (p *DoublingLimit) Validate() []flow.Problem {
	var ps []flow.Problem
	check := func(path string, n, least int) {
		if n < least || n > 1_000_000_000 {
			ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf("%d is not between %d and 1000000000", n, least)})
		}
	}
	check("initial", p.Initial, 1)
	if p.Every < time.Millisecond || p.Every > longest {
		ps = append(ps, flow.Problem{Path: "every", Text: fmt.Sprintf("%v is not between 1ms and 24h", p.Every)})
	}
	if p.Add == 0 {
		check("factor", p.Factor, 2)
	}
	check("add", p.Add, 0)
	check("end", p.End, 1)
	if p.End >= 1 && p.Initial >= p.End {
		ps = append(ps, flow.Problem{Path: "end", Text: fmt.Sprintf("%d is not above initial, %d: the ramp is over when it begins", p.End, p.Initial),
			Hint: "slow_start: none switches the ramp off"})
	}
	return ps
}

// NewRamp implements lb.RampPolicy.
func (p *DoublingLimit) NewRamp(lb.Basis) lb.Ramp { return (*doublingLimit)(p) }

type doublingLimit DoublingLimit

// Begins implements lb.Ramp.
func (*doublingLimit) Begins(r lb.Return) bool { return back(r.Cause) }

// Step implements lb.Stepped.
func (p *doublingLimit) Step() time.Duration { return p.Every }

// At implements lb.Ramp.
func (p *doublingLimit) At(up sim.Time, _ int32) lb.Stage {
	limit, end := int64(p.Initial), int64(p.End)
	increments := int64(up / sim.Time(p.Every))
	if p.Add > 0 {
		limit = min(end, limit+increments*int64(p.Add))
	} else {
		for ; increments > 0 && limit < end; increments-- {
			limit *= int64(p.Factor)
		}
	}
	return lb.Stage{Weight: 1, Limit: int32(min(limit, end)), Over: limit >= end}
}
