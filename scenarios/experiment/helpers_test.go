package experiment_test

import (
	"testing"

	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// load reads a scenario, with the given settings path=value, in pairs.
func load(t testing.TB, src scenarios.Source, settings ...string) *scenarios.File {
	t.Helper()
	var list []scenarios.Setting
	for i := 0; i < len(settings); i += 2 {
		list = append(list, scenarios.Setting{Flag: "--set", Path: settings[i], Value: settings[i+1]})
	}
	f, err := scenarios.Load(src, list)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func perform(t testing.TB, f *scenarios.File, o experiment.Options) *experiment.Outcome {
	t.Helper()
	outcome, err := experiment.Run(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}
