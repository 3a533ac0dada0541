package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The README shows what came of the experiments on real balancers the last time that
// their table was kept.
func TestREADMELab(t *testing.T) {
	const begin, end = "<!-- begin lab -->\n", "<!-- end lab -->\n"
	name := filepath.Join(repository, "README.md")
	want := read(t, filepath.Join(repository, "scenarios/lab/testdata/experiments.md"))
	before, rest, found := strings.Cut(read(t, name), begin)
	old, after, closed := strings.Cut(rest, end)
	switch {
	case !found || !closed:
		t.Error("the README does not show the experiments")
	case *update:
		write(t, name, before+begin+want+end+after)
	case old != want:
		t.Errorf("the table of the experiments is out of date; go test ./cmd/lbsim -run README -update rewrites it: %s", firstDifference(want, old))
	}
}
