package experiment

import (
	"context"
	"strings"
	"testing"

	"lbsim/scenarios"
)

// An open stream's request fails with its connection: what the clients met and
// what the metrics say are the same, also when no server is left.
func TestOutageIsCounted(t *testing.T) {
	const text = `
name: outage
duration: 60s
traffic:
  - {name: web, arrivals: {kind: deterministic, rate: 100/s}, demand: 5ms}
servers: [{names: "s[1-2]"}]
balancer: {services: [{name: web, health: {every: 1s, fall: 1, rise: 1}, servers: ["s[1-2]"]}]}
timeline: [{at: 20s, fail: s1}, {at: 30s, fail: s2}]
`
	f, err := scenarios.Load(scenarios.Source{Name: "outage.yaml", Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(context.Background(), f, Options{Assignments: true})
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	if err := o.WriteAssignments(&rows); err != nil {
		t.Fatal(err)
	}
	metrics := o.Result.Variants[0].Metrics
	for _, outcome := range []string{"completed", "rejected", "reset"} {
		m, _ := metrics.Get(outcome)
		if n := strings.Count(rows.String(), ","+outcome+"\n"); m.Mean != float64(n) {
			t.Errorf("%s: %v by the metric, %d by the assignments", outcome, m.Mean, n)
		}
	}
	arrived, _ := metrics.Get("arrived")
	rejected, _ := metrics.Get("rejected_share")
	if arrived.Mean != 6000 || rejected.Mean < 0.4 {
		t.Errorf("%v requests arrived, %v of them rejected; want 6000 and most of the second half", arrived.Mean, rejected.Mean)
	}
}
