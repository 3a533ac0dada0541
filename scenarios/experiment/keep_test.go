package experiment_test

import (
	"context"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// keptAndRead makes all replications of a scenario into a store and its result of
// what is read there. What is not kept, but is in the summary, is filled in.
func keptAndRead(t *testing.T, f *scenarios.File) *experiment.Outcome {
	t.Helper()
	store := experiment.NewStore(t.TempDir(), "test")
	var cells []experiment.Cell
	for v := range f.Variants {
		for r := range f.Scenario.Replications.Most() {
			cells = append(cells, experiment.Cell{Variant: v, Replication: r})
		}
	}
	points := experiment.Points{Keys: []experiment.Key{"key"}, Load: func(int) (*scenarios.File, error) { return f, nil }}
	for _, want := range []int{0, len(cells)} {
		before, err := store.Keep(context.Background(), points, cells, experiment.Options{})
		if err != nil || before != want {
			t.Fatalf("%d were made before, want %d: %v", before, want, err)
		}
	}
	runs := make([][]*results.Run, len(f.Variants))
	for _, c := range cells {
		run, err := store.Get("key", c.Variant, c.Replication)
		if err != nil {
			t.Fatal(err)
		}
		runs[c.Variant] = append(runs[c.Variant], run)
	}
	kept := experiment.Gather(f, runs)
	made := perform(t, f, experiment.Options{}).Result
	for v := range kept.Variants {
		for s := range kept.Variants[v].Services {
			kept.Variants[v].Services[s].Servers = made.Variants[v].Services[s].Servers
		}
	}
	kept.Correct() // which tables there are depends on the servers
	return &experiment.Outcome{Result: kept}
}
