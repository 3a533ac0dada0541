package experiment

import (
	"context"
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// bracket returns the number of a candidate at which the search begins: the smallest of
// which formulas say that the objectives hold, in normal operation and with as much
// down as there may be. counted is the one that they give if as many single servers
// are down as hosts may be; 0 if none does. Where no number does, the search begins with the
// most.
func (s *Size) bracket(c int, p *results.SizingPlan) (start, counted int) {
	count := s.sizing.CountOf(c)
	k := max(s.sizing.Survive.Hosts, s.sizing.Survive.Servers)
	for n := count.Low; n <= count.High; n++ {
		f, reason, err := s.open(&scenarios.Case{Candidate: c, Count: n, Load: s.load})
		if err != nil || reason != "" {
			continue
		}
		x := f.Forecast(s.Base, 0)
		s.out.Demand, p.Cores = x.Demand, f.Cores(s.Base)
		if counted == 0 && s.holds(f.Forecast(s.Base, k)) {
			counted = n
		}
		if s.holds(f.Forecast(s.Base, s.lostOf(f))) {
			return n, counted
		}
	}
	return count.High, counted
}

// holds reports whether a forecast keeps the objectives, as far as formulas tell.
func (s *Size) holds(x scenarios.Forecast) bool {
	if x.Utilization >= 1 {
		return false
	}
	for i := range s.out.Objectives {
		o := &s.out.Objectives[i]
		if v, ok := x.Value(o.Metric); ok && (v >= o.Below || v <= o.Above) { // false for limits that are NaN
			return false
		}
	}
	return true
}

// Growth is tried in steps of 5 %, up to twice as much.
const (
	growthStep = 0.05
	growthMost = 20 // steps
)

// headroom finds how much more traffic a plan stands, by bisection: whether the means
// of a few replications keep the limits in the state that comes closest to them now.
// It is an estimate, to the step below.
func (s *Size) headroom(ctx context.Context, c int, t *trial, p *results.SizingPlan) error {
	if p.Closest == nil || s.Base.Recorded() {
		return nil
	}
	var at state
	for _, x := range t.states {
		if x.name == p.Closest.State {
			at = x
		}
	}
	low, high := 0, growthMost+1 // steps that hold, and that do not
	for guess := s.guess(p); high-low > 1; guess = (low + high) / 2 {
		step := min(max(guess, low+1), high-1)
		x := at
		x.made = 0
		x.Load = s.load * (1 + growthStep*float64(step))
		holds, err := s.stands(ctx, &x)
		if err != nil {
			return err
		}
		if holds {
			low = step
		} else {
			high = step
		}
	}
	p.Headroom, p.More = 1+growthStep*float64(low), low == growthMost
	return nil
}

// guess is the number of steps that a metric in proportion to the traffic has left.
func (s *Size) guess(p *results.SizingPlan) int {
	margin := s.out.Margin(p.Closest)
	if !(margin > 0 && margin < 1) {
		return growthMost / 2
	}
	return int(min(growthMost, (1/(1-margin)-1)/growthStep))
}

// stands reports whether the means of a few replications keep all limits.
func (s *Size) stands(ctx context.Context, x *state) (bool, error) {
	if _, reason, err := s.open(&x.Case); err != nil || reason != "" {
		return false, err
	}
	if err := s.measure(ctx, x, scenarios.LeastReplications); err != nil {
		return false, err
	}
	for i := range s.out.Objectives {
		one := s.cell(x, i)
		if m := s.out.Margin(&one); m <= 0 && !math.IsInf(m, 1) {
			return false, nil
		}
	}
	return true, nil
}
