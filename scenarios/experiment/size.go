package experiment

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lbsim/results"
	"lbsim/scenarios"
)

// A Size is the question of a scenario's section sizing: of each candidate, the
// smallest number that keeps the objectives in every state.
type Size struct {
	// Base is the scenario as it stands.
	Base *scenarios.File

	src      scenarios.Source
	settings []scenarios.Setting
	sizing   *scenarios.Sizing
	years    []results.SizingYear // the last is the one that the plans are for
	out      results.Sizing
	decision decision
	trials   map[trialKey]*trial
	store    *Store
	options  Options
	made     int // replications, kept ones as well
	piloted  int // servers or hosts that were down in a pilot run, at most
	tell     func(candidate string, count int, state string, made int)
}

type trialKey struct{ candidate, count, year int }

// A trial is a candidate at a count.
type trial struct {
	verdict results.Verdict
	reason  string // why it cannot be
	lost    int    // servers that are down at worst
	cells   []results.SizingTrial
	states  []state
}

// NewSize reads the question. The error is a strict.Diagnostics, or a SweepError if
// the scenario has no section sizing.
func NewSize(src scenarios.Source, settings []scenarios.Setting) (*Size, error) {
	base, err := scenarios.Load(src, settings)
	if err != nil {
		return nil, err
	}
	z := base.Scenario.Sizing
	if z == nil {
		return nil, refuse("%s has no section sizing, which says what could be bought: lbsim show size-nodes has an example", base.Name())
	}
	s := &Size{Base: base, src: src, settings: settings, sizing: z, years: yearsOf(base), trials: map[trialKey]*trial{}}
	s.out = results.Sizing{Confidence: float64(z.Confidence), Indifference: float64(z.Indifference), Growth: s.load(), Survive: survives(z), Demand: s.years[s.last()].Demand}
	for i := range z.Objectives {
		o := &z.Objectives[i]
		s.out.Objectives = append(s.out.Objectives, results.SizingObjective{Metric: o.Metric, Below: orNaN(limit(o.Below)), Above: orNaN(limit(o.Above))})
	}
	return s, nil
}

// survives says what may be down.
func survives(z *scenarios.Sizing) string {
	n, noun := z.Survive.Hosts, "host"
	if n == 0 {
		n, noun = z.Survive.Servers, "server"
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Run answers the question. Replications are kept in the store, and those that are
// there are not made again. tell, if it is not nil, is called as it goes on. The error
// is that of Store.Keep.
func (s *Size) Run(ctx context.Context, store *Store, o Options, tell func(candidate string, count int, state string, made int)) (*results.Result, error) {
	s.store, s.options, s.tell = store, o, tell
	for c := range s.sizing.Candidates {
		p, err := s.plan(ctx, c)
		if err != nil {
			return nil, err
		}
		s.out.Plans = append(s.out.Plans, p)
		s.forget()
	}
	slices.SortStableFunc(s.out.Plans, func(a, b results.SizingPlan) int { return cheaper(&a, &b) })
	if len(s.years) > 1 {
		s.out.Years = s.years
	}
	for c := range s.sizing.Candidates {
		count := s.sizing.CountOf(c)
		for n := count.Low; n <= count.High; n++ {
			if t := s.trials[trialKey{c, n, s.last()}]; t != nil {
				s.out.Tried = append(s.out.Tried, t.cells...)
			}
		}
	}
	s.out.Runs = s.made
	s.notes()
	return s.result(ctx)
}

// forget drops what is not kept of all replications but those of the cheapest plan.
func (s *Size) forget() {
	best := slices.MinFunc(s.out.Plans, func(a, b results.SizingPlan) int { return cheaper(&a, &b) })
	for key, t := range s.trials {
		if key.year == s.last() && key.count == best.Count && s.sizing.Candidates[key.candidate].Name == best.Candidate {
			continue
		}
		for i := range t.states {
			t.states[i].full = nil
		}
	}
}

// cheaper orders plans by cost; those without a number are last.
func cheaper(a, b *results.SizingPlan) int {
	switch {
	case (a.Count == 0) != (b.Count == 0):
		if a.Count == 0 {
			return 1
		}
		return -1
	case a.Cost < b.Cost:
		return -1
	case a.Cost > b.Cost:
		return 1
	}
	return 0
}

// plan finds the smallest number of a candidate that does, for the last of the years
// and then for those before.
func (s *Size) plan(ctx context.Context, c int) (p results.SizingPlan, err error) {
	x, last := &s.sizing.Candidates[c], s.last()
	p = results.SizingPlan{Candidate: x.Name, Price: x.Price, Headroom: math.NaN()}
	count := s.sizing.CountOf(c)
	first := s.bracket(c, last)
	p.Cores = first.cores
	found := search{candidate: c, year: last, start: first.number, missed: count.Low - 1, held: count.High + 1, most: count.High}
	if err := s.find(ctx, &found); err != nil {
		return p, err
	}
	if p.ByYear, err = s.byYear(ctx, found); err != nil {
		return p, err
	}
	missed := s.trials[trialKey{c, found.missed, last}]
	if found.held > found.most {
		p.Reason = found.noRoom
		if missed != nil {
			p.Binds, p.Lost = s.worst(missed), missed.lost
			if missed.reason != "" && p.Reason == "" {
				p.Reason = missed.reason
			}
		}
		return p, nil
	}
	t := s.trials[trialKey{c, found.held, last}]
	p.Count, p.Cost, p.Lost, p.Closest = found.held, float64(found.held)*x.Price, t.lost, s.worst(t)
	if missed != nil {
		if p.Reason = missed.reason; p.Reason == "" {
			p.Binds = s.worst(missed)
		}
	}
	if first.counted > 0 && s.sizing.Survive.Hosts > 0 {
		p.Counted = first.counted
		if file, reason, err := s.open(&scenarios.Case{Candidate: c, Count: p.Counted, Load: s.load()}); err == nil && reason == "" {
			p.CountedLost = s.lostOf(file)
		}
	}
	return p, s.headroom(ctx, t, &p)
}

// A search is for the smallest number of a candidate that does: above missed, which
// does not, and not above held, which does, or lies beyond most.
type search struct {
	candidate, year, start int
	missed, held           int
	most                   int
	noRoom                 string // why there cannot be more than most; "" if nobody asked for more
}

// find narrows the search until one number is left. It goes from the start in growing
// steps to one side, and then by bisection.
func (s *Size) find(ctx context.Context, x *search) error {
	for n, step := x.start, 1; x.held-x.missed > 1; {
		t, err := s.try(ctx, trialKey{x.candidate, n, x.year})
		if err != nil {
			return err
		}
		next := 0
		switch {
		case t.reason != "" && t.lost == 0: // more of them cannot be either
			x.noRoom, x.held, next = t.reason, n, n-step
			x.most = n - 1
		case t.verdict == results.Held:
			x.held, next = n, n-step
		default:
			x.missed, next = n, n+step
		}
		if step *= 2; next <= x.missed || next >= x.held {
			next = (x.missed + x.held) / 2
		}
		n = next
	}
	return nil
}

// worst is the trial of a case that comes closest to its limit, or is farthest beyond.
func (s *Size) worst(t *trial) (worst *results.SizingTrial) {
	for i := range t.cells {
		if worst == nil || s.out.Margin(&t.cells[i]) < s.out.Margin(worst) {
			worst = &t.cells[i]
		}
	}
	return worst
}

// open loads a case; reason says why it cannot be.
func (s *Size) open(c *scenarios.Case) (f *scenarios.File, reason string, err error) {
	f, err = scenarios.Load(s.src, s.changes(c))
	if text := scenarios.Mistake(err); text != "" {
		return nil, text, nil
	}
	return f, "", err
}

// changes are the settings of a case.
func (s *Size) changes(c *scenarios.Case) []scenarios.Setting {
	return append(slices.Clone(s.settings), s.Base.CaseSettings(c)...)
}
