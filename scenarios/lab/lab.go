package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// MostRuns bounds the repetitions, and the simulations of each.
const MostRuns = 100

// Options say how a scenario is run in the lab.
type Options struct {
	Repetitions int           // real runs of each variant, 1 to MostRuns
	Seeds       int           // simulated runs of each of these, 1 to MostRuns
	Limit       time.Duration // of a real run; 0: none but that of all runs
	Variant     string        // the only one that is run; "": all
	Balancer    string        // path of the program; "": found by its name
	Parallel    int           // simulated runs at a time; 0: one for each core
	// Progress, if not nil, is told what is being done.
	Progress func(text string)

	perform performer // nil: perform
}

// performer makes a real run of a variant.
type performer func(ctx context.Context, p *scenarios.Plan, arrivals []Arrival, o *Options) (*performance, error)

// performance is a real run.
type performance struct {
	*Observation
	balancer string   // the program, in its own words
	remarks  []string // what its configuration does not say of the scenario
}

// Outcome is what real runs of a scenario, and their simulations, yield.
type Outcome struct {
	// Result has, of each variant, one that is real and one that is simulated.
	*experiment.Outcome
	Variants []Variant
	// Files repeat the simulations without any balancer.
	Files []File
}

// Variant is the comparison of one variant.
type Variant struct {
	Name       string // "" if the scenario has no others
	Balancer   string // the program, in its own words
	Arrivals   int
	Duration   time.Duration
	Seeds      int
	Rows       []Row
	Agreements []Agreement   // by repetition
	Late       time.Duration // the most by which a client came later than planned
	Warnings   []string
}

// InputError is a scenario that cannot be run in the lab.
type InputError struct{ error }

// Run runs a scenario for real and simulates what happened. The error is ctx's if
// that ends first, an InputError, a MissingError, or that of a run.
func Run(ctx context.Context, f *scenarios.File, o Options) (*Outcome, error) {
	if o.perform == nil {
		o.perform = perform
	}
	chosen, err := choose(f, o.Variant)
	if err != nil {
		return nil, err
	}
	for _, i := range chosen {
		if err := flow.Join(unsupported(&f.Variants[i])); err != nil {
			return nil, InputError{fmt.Errorf("variant %q cannot be run in the lab:\n%w", f.Variants[i].Name, err)}
		}
		if d := f.Variants[i].Scenario.Duration; o.Limit > 0 && d > o.Limit {
			return nil, InputError{fmt.Errorf("a run in the lab takes as long as it says, and duration (%v) is more than %v: shorten it, or raise --limit", d, o.Limit)}
		}
	}
	f, start, err := experiment.Settle(ctx, f, experiment.Options{Parallel: o.Parallel})
	if err != nil {
		return nil, err
	}
	out := &Outcome{}
	sum := gathering{file: f}
	for k, i := range chosen {
		name := "simulated"
		if len(chosen) > 1 {
			name = fmt.Sprintf("simulated-%d", k+1)
		}
		v, err := o.run(ctx, f, &f.Variants[i], name)
		if err != nil {
			return nil, err
		}
		out.Variants, out.Files = append(out.Variants, v.Variant), append(out.Files, v.replay.files...)
		sum.add(v, len(chosen) > 1)
	}
	if len(chosen) == 1 && len(f.Variants) == 1 {
		out.Variants[0].Name = ""
	}
	out.Outcome = sum.outcome()
	out.Result.Start = start
	return out, nil
}

// choose returns the places of the variants to be run.
func choose(f *scenarios.File, variant string) (chosen []int, err error) {
	var names []string
	for i := range f.Variants {
		names = append(names, f.Variants[i].Name)
		if variant == "" || variant == f.Variants[i].Name {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 {
		return nil, InputError{fmt.Errorf("there is no variant %q: there are %q", variant, names)}
	}
	return chosen, nil
}

// conducted is what running a variant yields.
type conducted struct {
	Variant
	plan            *scenarios.Plan
	replay          *replay
	real, simulated [][]*results.Run // by repetition
}

// run runs a variant and simulates it. Name is that of the simulated scenario.
func (o *Options) run(ctx context.Context, f *scenarios.File, p *scenarios.Plan, name string) (*conducted, error) {
	v := &conducted{Variant: Variant{Name: p.Name, Duration: p.Scenario.Duration, Seeds: o.Seeds}, plan: p}
	arrivals, warnings, err := arrivalsOf(p, 0)
	if err != nil {
		return nil, InputError{fmt.Errorf("variant %q: %w", p.Name, err)}
	}
	v.Arrivals, v.Warnings = len(arrivals), warnings
	// What cannot be simulated is to be found out before the time for real runs is spent.
	if _, err := newReplay(p, name, []*Observation{planned(p, arrivals)}, o.Seeds); err != nil {
		return nil, err
	}
	var observed []*Observation
	for k := range o.Repetitions {
		o.say("%s: real run %d of %d, %v", p.Name, k+1, o.Repetitions, p.Scenario.Duration)
		seen, err := o.perform(ctx, p, arrivals, o)
		if err != nil {
			return nil, err
		}
		seen.inOrder()
		v.Balancer, v.Late = seen.balancer, max(v.Late, seen.Late)
		if k == 0 {
			v.Warnings = append(v.Warnings, seen.remarks...)
		}
		observed = append(observed, seen.Observation)
	}
	o.say("%s: simulating", p.Name)
	if v.replay, err = newReplay(p, name, observed, o.Seeds); err != nil {
		return nil, err
	}
	if v.simulated, err = v.replay.simulate(ctx, o.Parallel); err != nil {
		return nil, err
	}
	var servers []string
	for i := range p.Config.Servers {
		servers = append(servers, p.Config.Servers[i].Name)
	}
	for k, seen := range observed {
		run := v.replay.playback(seen, k)
		run.GroupSizes = v.simulated[k][0].GroupSizes
		v.real = append(v.real, []*results.Run{run})
		v.Agreements = append(v.Agreements, agreementOf(seen, v.simulated[k], servers))
	}
	v.Rows = compare(&v.replay.file.Variants[0], f.Scenario.Tables, slices.Concat(v.real...), slices.Concat(v.simulated...))
	return v, nil
}

func (o *Options) say(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// planned is an observation of arrivals that came as planned and that no server had.
func planned(p *scenarios.Plan, arrivals []Arrival) *Observation {
	o := &Observation{Arrivals: arrivals, End: p.Scenario.Duration}
	for i := range arrivals {
		o.Visits = append(o.Visits, Visit{Arrival: i, Began: arrivals[i].At, Ended: o.End, Server: -1})
	}
	o.inOrder()
	return o
}
