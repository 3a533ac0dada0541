package lab

import (
	"slices"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// gathering makes one result of what ran in the lab.
type gathering struct {
	file     *scenarios.File
	variants []scenarios.Plan
	runs     [][]*results.Run
	in       map[string][]string // names in the result, by those in the file
}

// add adds a variant: one that is real, and one that is simulated.
func (g *gathering) add(v *conducted, several bool) {
	if g.in == nil {
		g.in = map[string][]string{}
	}
	for _, side := range []struct {
		name string
		runs [][]*results.Run
	}{{"real", v.real}, {"simulated", v.simulated}} {
		plan := v.replay.file.Variants[0]
		plan.Name, plan.Against, plan.At = side.name, "", nil
		if several {
			plan.Name = v.plan.Name + ", " + side.name
		}
		for _, name := range append([]string{v.plan.Name}, v.plan.At...) {
			g.in[name] = append(g.in[name], plan.Name)
		}
		g.variants = append(g.variants, plan)
		g.runs = append(g.runs, slices.Concat(side.runs...))
	}
}

// outcome returns all of it. Only what was run is held to expectations.
func (g *gathering) outcome() *experiment.Outcome {
	s := *g.file.Scenario
	s.Name += "-lab"
	s.Batches, s.Variants, s.Tables, s.Expect = 0, scenarios.Variants{}, nil, nil
	for _, e := range g.file.Scenario.Expect {
		var in []string
		for _, name := range e.In {
			in = append(in, g.in[name]...)
		}
		if len(e.In) > 0 && len(in) == 0 || len(e.Between) > 0 && !g.sameWindows() {
			continue
		}
		e.In = in
		s.Expect = append(s.Expect, e)
	}
	r := experiment.Gather(&scenarios.File{Scenario: &s, Variants: g.variants}, g.runs)
	return experiment.NewOutcome(r, g.runs)
}

// sameWindows reports whether all variants have measured the spans of time that the
// scenario's expectations are about, which may be those of some variants only.
func (g *gathering) sameWindows() bool {
	for i := range g.variants {
		if !slices.Equal(g.variants[i].Scenario.Windows(), g.file.Scenario.Windows()) {
			return false
		}
	}
	return true
}
