package experiment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lbsim/results"
	"lbsim/scenarios"
)

// A state is one in which a case has to keep the objectives.
type state struct {
	name string
	scenarios.Case
	values [][]float64 // of each objective, by replication
	units  []string
	made   int // replications
	// full are the first LeastReplications with all that is not kept; nil for those that
	// were made before.
	full []*results.Run
}

// states lists the states of a case, those first that usually decide: with as much
// down as there may be, with that coming back, and in normal operation. Where servers
// are alike, it is the hosts with the most of them that are down. Where clients are
// mapped to servers, none is like another, and each is down once, or the worst of them.
func (s *Size) states(ctx context.Context, f *scenarios.File, c scenarios.Case) (list []state, lost int, err error) {
	downs, err := s.worstOf(ctx, c, s.downs(f))
	if err != nil {
		return nil, 0, err
	}
	for _, d := range downs {
		lost = max(lost, len(d.servers))
		one := c
		one.Down = d.servers
		list = append(list, state{name: d.name + " down", Case: one})
		if s.sizing.Rejoin > 0 {
			one.Rejoin = true
			list = append(list, state{name: d.name + " back", Case: one})
		}
	}
	return append(list, state{name: "normal", Case: c}), lost, nil
}

// down is what is down together.
type down struct {
	name    string
	servers []string
}

// downs lists what is down, one after the other: a single thing if servers are alike.
func (s *Size) downs(f *scenarios.File) (out []down) {
	var units []down
	k := s.sizing.Survive.Servers
	if hosts := s.sizing.Survive.Hosts; hosts > 0 {
		k = hosts
		list, _ := f.Hosts(s.Base) // without an error: see open
		for _, h := range list {
			units = append(units, down{h.Name, h.Servers})
		}
		slices.SortStableFunc(units, func(a, b down) int { return len(b.servers) - len(a.servers) })
	} else {
		for _, name := range f.Counted(s.Base) {
			units = append(units, down{name, []string{name}})
		}
	}
	k = min(k, len(units))
	switch {
	case k == 0:
		return nil
	case k == 1 && s.hashes(f):
		return units
	}
	var all down
	var names []string
	for _, u := range units[:k] {
		names, all.servers = append(names, u.name), append(all.servers, u.servers...)
	}
	if all.name = strings.Join(names, " and "); k > 2 {
		all.name = fmt.Sprintf("%s to %s", names[0], names[k-1])
	}
	return []down{all}
}

// hashes reports whether clients are mapped to the servers.
func (s *Size) hashes(f *scenarios.File) bool {
	services := f.Variants[0].Config.Balancer.Services
	for i := range services {
		if scenarios.Hashes(&services[i]) {
			return true
		}
	}
	return false
}

// lostOf is how many servers of a case go down at worst.
func (s *Size) lostOf(f *scenarios.File) (lost int) {
	for _, d := range s.downs(f) {
		lost = max(lost, len(d.servers))
	}
	return lost
}

// try finds out whether so many of a candidate do.
func (s *Size) try(ctx context.Context, key trialKey) (*trial, error) {
	if t := s.trials[key]; t != nil {
		return t, nil
	}
	t := &trial{verdict: results.Missed}
	s.trials[key] = t
	one := scenarios.Case{Candidate: key.candidate, Count: key.count, Load: s.years[key.year].Load}
	f, reason, err := s.open(&one)
	if err != nil {
		return nil, err
	}
	if reason == "" && s.sizing.Survive.Hosts > 0 {
		if _, err := f.Hosts(s.Base); err != nil {
			reason = err.Error()
		}
	}
	if t.reason = reason; reason != "" {
		return t, nil
	}
	if t.states, t.lost, err = s.states(ctx, f, one); err != nil {
		return nil, err
	}
	if t.lost >= key.count {
		t.reason = fmt.Sprintf("with %s down nothing is left", s.out.Survive)
		return t, nil
	}
	s.decision = newDecision(s.sizing, len(s.years), len(t.states)*len(s.out.Objectives))
	if s.hashes(f) {
		s.decision.least = min(leastMapped, s.decision.most)
	}
	t.verdict = results.Held
	for i := range t.states {
		verdict, err := s.observe(ctx, &t.states[i], t)
		if err != nil {
			return nil, err
		}
		if verdict != results.Held { // the other states need not be known
			t.verdict = verdict
			break
		}
	}
	return t, nil
}

// observe makes replications of a state until each objective is decided.
func (s *Size) observe(ctx context.Context, x *state, t *trial) (results.Verdict, error) {
	looks := s.decision.looks()
	for k, n := range looks {
		if err := s.measure(ctx, x, n); err != nil {
			return results.CannotTell, err
		}
		verdict := results.Held
		var cells []results.SizingTrial
		for i := range s.out.Objectives {
			one := s.cell(x, i)
			one.Verdict, one.Close = s.decision.judge(&s.out.Objectives[i], x.values[i], k, len(looks))
			if one.Value.N == 0 {
				continue // nothing was measured
			}
			cells = append(cells, one)
			switch {
			case one.Verdict == results.Missed:
				verdict = results.Missed
			case one.Verdict == results.CannotTell && verdict == results.Held:
				verdict = results.CannotTell
			}
		}
		if verdict != results.CannotTell || k == len(looks)-1 {
			t.cells = append(t.cells, cells...)
			return verdict, nil
		}
	}
	panic("unreachable: the last look decides")
}

// cell is what an objective came to in a state.
func (s *Size) cell(x *state, objective int) results.SizingTrial {
	candidate := &s.sizing.Candidates[x.Candidate]
	return results.SizingTrial{
		Candidate: candidate.Name, Count: x.Count, Cost: float64(x.Count) * candidate.Price, State: x.name, Objective: objective,
		Value: results.EstimateOf(x.values[objective], x.units[objective]),
	}
}

// measure makes the first n replications of a state, as far as they are not there.
func (s *Size) measure(ctx context.Context, x *state, n int) error {
	return s.measureFrom(ctx, x, 0, n)
}

// measureFrom makes n replications of a state, beginning with that number.
func (s *Size) measureFrom(ctx context.Context, x *state, first, n int) error {
	runs, err := s.runs(ctx, x, first, n)
	if err != nil {
		return err
	}
	if s.made += n - x.made; s.tell != nil {
		name := x.name
		if x.Load != 1 {
			name += fmt.Sprintf(", %.3g times the traffic", x.Load)
		}
		s.tell(s.sizing.Candidates[x.Candidate].Name, x.Count, name, s.made)
	}
	x.made = n
	outcome := results.Gather(x.name, runs)
	x.values, x.units = make([][]float64, len(s.out.Objectives)), make([]string, len(s.out.Objectives))
	for i := range s.out.Objectives {
		m, _ := outcome.Metric(s.out.Objectives[i].Metric)
		x.values[i], x.units[i] = m.Values, m.Unit
	}
	return nil
}

// runs returns n replications of a state, beginning with that number.
func (s *Size) runs(ctx context.Context, x *state, first, n int) ([]*results.Run, error) {
	changes := s.changes(&x.Case)
	f, err := scenarios.Load(s.src, changes)
	if err != nil {
		return nil, err
	}
	key, err := s.store.Key(s.src, changes, f.Files)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, n)
	for r := range cells {
		cells[r].Replication = first + r
	}
	if x.full == nil {
		x.full = make([]*results.Run, scenarios.LeastReplications)
	}
	o := s.options
	o.Progress = nil
	_, err = s.store.Keep(ctx, Points{
		Keys: []Key{key}, Memory: mostMemory(f),
		Load: func(int) (*scenarios.File, error) { return f, nil },
		Made: func(c Cell, run *results.Run) {
			if c.Replication < len(x.full) {
				x.full[c.Replication] = run
			}
		},
	}, cells, o)
	if err != nil {
		return nil, err
	}
	runs := make([]*results.Run, n)
	for r := range runs {
		if runs[r], err = s.store.Get(key, 0, first+r); err != nil {
			return nil, err
		}
	}
	return runs, nil
}
