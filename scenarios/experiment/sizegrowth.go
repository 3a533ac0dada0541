package experiment

import (
	"context"
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// yearsOf lists the years for which servers are counted: now, after each whole year, and
// after the last, which need not be whole. The demand is that of the servers that the
// scenario has, in cores of theirs.
func yearsOf(base *scenarios.File) (years []results.SizingYear) {
	demand, g := base.Forecast(base, 0).Demand, base.Scenario.Sizing.Growth
	if g == nil {
		return []results.SizingYear{{Load: 1, Demand: demand}}
	}
	for after := 0.0; ; after++ {
		after = min(after, g.Years)
		load := math.Pow(1+float64(g.PerYear), after)
		years = append(years, results.SizingYear{After: after, Load: load, Demand: load * demand})
		if after == g.Years {
			return years
		}
	}
}

// last is the number of the year that the plans are for, load how many times today's
// traffic there is then.
func (s *Size) last() int     { return len(s.years) - 1 }
func (s *Size) load() float64 { return s.years[s.last()].Load }

// byYear finds the smallest number that does for each year, 0 where none does. found is
// that of the last. What does with more traffic does with less, so that from there
// on only fewer need to be tried; nothing is where there is no growth.
func (s *Size) byYear(ctx context.Context, found search) ([]int, error) {
	if len(s.years) == 1 {
		return nil, nil
	}
	numbers := make([]int, len(s.years))
	low := s.sizing.CountOf(found.candidate).Low
	for year := s.last(); ; year-- {
		if found.held <= found.most {
			numbers[year] = found.held
		}
		if year == 0 {
			return numbers, nil
		}
		found.year, found.missed = year-1, low-1
		found.start = min(s.bracket(found.candidate, year-1).number, found.most)
		if found.start >= found.held { // of that it is known
			found.start = found.held - 1
		}
		if found.start <= found.missed {
			continue
		}
		if err := s.find(ctx, &found); err != nil {
			return nil, err
		}
	}
}

// Headroom is looked for in steps of 5 %, up to twice as much traffic, and between two
// steps on the straight line between how far the closest objective is from its limit.
const (
	growthStep = 0.05
	growthMost = 20 // steps
)

// headroom finds how much more traffic a plan stands, by bisection: whether the means
// of a few replications keep the limits in the state that comes closest to them now.
// It is an estimate. Where a metric grows faster and faster, as response times do, the
// straight line errs on the safe side.
func (s *Size) headroom(ctx context.Context, t *trial, p *results.SizingPlan) error {
	if p.Closest == nil || s.Base.Recorded() {
		return nil
	}
	var at state
	for _, x := range t.states {
		if x.name == p.Closest.State {
			at = x
		}
	}
	margins := map[int]float64{0: s.out.Margin(p.Closest)}
	low, high := 0, growthMost+1 // steps that hold, and that do not
	for guess := s.guess(p); high-low > 1; guess = (low + high) / 2 {
		step := min(max(guess, low+1), high-1)
		x := at
		x.made, x.full = 0, nil
		x.Load = s.load() * (1 + growthStep*float64(step))
		margin, err := s.margin(ctx, &x)
		if err != nil {
			return err
		}
		if margins[step] = margin; margin > 0 {
			low = step
		} else {
			high = step
		}
	}
	p.Headroom, p.More = 1+growthStep*(float64(low)+crossing(margins, low)), low == growthMost
	return nil
}

// crossing is where between a step and the next the margin is 0, from 0 to 1.
func crossing(margins map[int]float64, low int) float64 {
	a, b := max(0, margins[low]), margins[low+1] // 0 if that was not tried
	if !(b < 0) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return 0
	}
	return a / (a - b)
}

// guess is the number of steps that a metric in proportion to the traffic has left.
func (s *Size) guess(p *results.SizingPlan) int {
	margin := s.out.Margin(p.Closest)
	if !(margin > 0 && margin < 1) {
		return growthMost / 2
	}
	return int(min(growthMost, (1/(1-margin)-1)/growthStep))
}

// margin is how far the means of a few replications are from their limits, as least has
// it; minus infinity if the case cannot be.
func (s *Size) margin(ctx context.Context, x *state) (float64, error) {
	if _, reason, err := s.open(&x.Case); err != nil || reason != "" {
		return math.Inf(-1), err
	}
	if err := s.measure(ctx, x, scenarios.LeastReplications); err != nil {
		return 0, err
	}
	return s.least(x), nil
}
