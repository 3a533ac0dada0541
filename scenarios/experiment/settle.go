package experiment

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"lbsim/models"
	"lbsim/results"
	"lbsim/scenarios"
)

// Where a scenario says warmup: auto, the start-up is measured in pilot runs: of
// each variant so many, up to the first thing that happens, with replication numbers
// that no other run has, so that what is measured later plays no part in where
// measuring begins. The longest start-up among the variants is the warm-up of all.
const (
	pilots     = 5
	firstPilot = 1 << 32
)

// Settle returns a scenario whose warm-up is known, and how it was found: the
// scenario itself and nil unless it says warmup: auto. The error is that of Run.
func Settle(ctx context.Context, f *scenarios.File, o Options) (*scenarios.File, *results.Start, error) {
	return settle(ctx, newGuard(mostMemory(f), &o), f, o)
}

func settle(ctx context.Context, g *guard, f *scenarios.File, o Options) (*scenarios.File, *results.Start, error) {
	if !f.Scenario.Warmup.Auto || f.Scenario.Warmup.Time > 0 {
		return f, nil, nil
	}
	o.Progress = nil // it counts replications
	start := &results.Start{Pilots: pilots * len(f.Variants), Span: f.Pilot().Seconds(), Over: true}
	made := make([]*results.Pilot, start.Pilots)
	err := makeAll(ctx, len(made), o, func(ctx context.Context, i int) (err error) {
		made[i], err = pilot(ctx, g, f, i/pilots, i%pilots)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var longest time.Duration
	for v := range f.Variants {
		length, over := results.StartOf(made[v*pilots : (v+1)*pilots])
		longest = max(longest, length)
		start.Over = start.Over && over
	}
	return f.WithWarmup(longest), start, nil
}

// pilot makes one pilot run of one variant.
func pilot(ctx context.Context, g *guard, f *scenarios.File, variant, number int) (p *results.Pilot, err error) {
	plan := &f.Variants[variant]
	defer func() {
		if v := recover(); v != nil {
			err = PanicError{plan.Name, firstPilot + number, v, debug.Stack()}
		}
	}()
	span := f.Pilot()
	p = results.NewPilot(span)
	w, err := models.New(plan.Config, plan.Scenario.Seed, uint64(firstPilot+number), p)
	if err != nil {
		return nil, err
	}
	p.Attach(w.Engine())
	if err := g.run(ctx, w, noRows{}, span); err != nil {
		return nil, fmt.Errorf("variant %q, pilot run %d: %w", plan.Name, number, err)
	}
	return p, nil
}

// noRows is a record of nothing.
type noRows struct{}

func (noRows) Rows() int { return 0 }
