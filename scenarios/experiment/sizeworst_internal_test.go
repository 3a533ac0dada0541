package experiment

import (
	"context"
	"math"
	"slices"
	"testing"

	"lbsim/scenarios"
)

// Of twelve servers on a ring of hashes with two points each, the neighbour of one gets
// much more than that of another when it is down. The worst of all, by more runs than the
// choice has seen, is among those that are chosen, wherever in the list it is.
func TestWorstServersAreChosen(t *testing.T) {
	ctx := context.Background()
	src := scenarios.Source{Name: "ring.yaml", Text: []byte(`
name: ring
duration: 40s
warmup: 10s
sites: [{name: web, clients: 4000}]
traffic: [{name: web, from: [web], arrivals: {kind: poisson, rate: 300/s}, demand: {kind: exponential, mean: 10ms}}]
balancer: {services: [{name: web, scheduler: {kind: source-hash, table: ring, points: 2}, servers: ["node[1-2]"]}]}
servers: [{names: "node[1-2]", cores: 4, discipline: ps}]
sizing: {candidates: [{name: one, price: 1}], count: 12, survive: {servers: 1}, rejoin: 0s, objectives: [{metric: utilization.max, below: 60%}]}
`)}
	s, err := NewSize(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.store = NewStore(t.TempDir(), "test")
	c := scenarios.Case{Count: 12, Load: 1}
	f, reason, err := s.open(&c)
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	all := s.downs(f)
	chosen, err := s.worstOf(ctx, c, all)
	if err != nil {
		t.Fatal(err)
	}
	worst, least := -1, math.Inf(1)
	for i, d := range all {
		x := state{name: d.name, Case: c}
		x.Down = d.servers
		if err := s.measure(ctx, &x, 4); err != nil {
			t.Fatal(err)
		}
		if m := s.least(&x); m < least {
			worst, least = i, m
		}
	}
	if len(all) != 12 || len(chosen) != mostAlone || s.piloted != 12 {
		t.Fatalf("%d of %d were chosen, after runs of %d", len(chosen), len(all), s.piloted)
	}
	if worst < mostAlone {
		t.Fatalf("%s is the worst: the first of the list would do for this test", all[worst].name)
	}
	if !slices.ContainsFunc(chosen, func(d down) bool { return d.name == all[worst].name }) {
		t.Errorf("%s is the worst, but was not chosen", all[worst].name)
	}
}
