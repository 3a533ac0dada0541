package experiment

import (
	"context"
	"fmt"
	"slices"

	"lbsim/results"
	"lbsim/scenarios"
)

// sizeFigures are those of every sizing. Those that the scenario asks for follow, of
// the states of the cheapest plan.
var sizeFigures = []string{"objective-over-count", "cost-over-objective", "utilization-per-server"}

// result presents the answer. Its variants are the states of the cheapest plan, by
// their first replications.
func (s *Size) result(ctx context.Context) (*results.Result, error) {
	b := s.Base.Scenario
	from, to := b.CaseTimes()
	r := &results.Result{
		Scenario: b.Name, About: b.About, Seed: b.Seed, Replications: scenarios.LeastReplications,
		Duration: to.Seconds(), Warmup: from.Seconds(), Sizing: &s.out, Plots: sizeFigures[:2],
	}
	shown, err := s.Base.Show()
	if err != nil {
		return nil, err
	}
	r.Source = string(shown)
	best := s.out.Best()
	if best == nil {
		return r, nil
	}
	if r.Plots = slices.Clone(sizeFigures); len(s.out.Years) > 0 {
		r.Plots = append(r.Plots, "servers-over-years")
	}
	for _, name := range b.Plots {
		if !slices.Contains(r.Plots, name) {
			r.Plots = append(r.Plots, name)
		}
	}
	c := slices.IndexFunc(s.sizing.Candidates, func(x scenarios.Candidate) bool { return x.Name == best.Candidate })
	t := s.trials[trialKey{c, best.Count, s.last()}]
	for i := range t.states {
		runs, err := s.whole(ctx, &t.states[i])
		if err != nil {
			return nil, err
		}
		r.Variants = append(r.Variants, results.Gather(t.states[i].name, runs))
	}
	return r, nil
}

// whole returns the first replications of a state with all that is not kept: servers,
// what happened over time. Those that were made before are made again.
func (s *Size) whole(ctx context.Context, x *state) ([]*results.Run, error) {
	f, err := scenarios.Load(s.src, s.changes(&x.Case))
	if err != nil {
		return nil, err
	}
	runs := make([]*results.Run, scenarios.LeastReplications)
	copy(runs, x.full)
	o := s.options
	o.Progress = nil
	g := newGuard(mostMemory(f), &o)
	return runs, makeAll(ctx, len(runs), o, func(ctx context.Context, r int) (err error) {
		if runs[r] == nil {
			runs[r], err = replicate(ctx, g, f, 0, r, o)
		}
		return err
	})
}

// notes says what a reader has to know to read the answer.
func (s *Size) notes() {
	b := s.Base.Scenario
	note := func(format string, args ...any) { s.out.Notes = append(s.out.Notes, fmt.Sprintf(format, args...)) }
	if len(b.Timeline) > 0 || b.Failures != nil || b.Cluster != nil && (b.Cluster.Failures != nil || b.Cluster.Maintenance != nil) {
		note("The timeline and failures by chance are left out: what is down is what sizing says under survive.")
	}
	if s.sizing.Survive.Hosts > 0 {
		note("Servers of a host that is down stay down: the platform does not start them elsewhere.")
	}
	switch k := max(s.sizing.Survive.Hosts, s.sizing.Survive.Servers); {
	case s.piloted > 0:
		note("Clients are mapped to servers, so that it matters what is down: up to %d were tried with a run each, and the %d that came out worst as often as it takes.", s.piloted, mostAlone)
	case k > 1 && s.hashes(s.Base):
		note("Clients are mapped to servers, so that it matters which %d are down: only the first of the list were tried.", k)
	}
	if s.sizing.Growth != nil {
		note("But for the table by year, all numbers are for %.4g times today's traffic: %.4g %% more each year for %.4g years.", s.load(), 100*float64(s.sizing.Growth.PerYear), s.sizing.Growth.Years)
	}
}
