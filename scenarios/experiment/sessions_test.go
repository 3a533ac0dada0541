package experiment_test

import (
	"testing"
	"testing/fstest"

	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// TestSessionsOfTraceA replays a trace that was worked out by hand: source-IP
// records of 360 s over a and b in turn, a down from 100 s to 200 s.
//
//	t    client  goes to                              the client's session
//	0    X       a                                    begins
//	10   Y       b                                    begins
//	50   Z       a                                    begins
//	120  X       b: a is down                         is broken
//	210  Z       a: silent while it was down          goes on
//	220  X       b                                    goes on
//	400  Y       by turn: its record expired at 370   see below
//
// The turns were a, b, a, b: Y's is a, and that breaks its session unless 390 s of
// silence end it. Without records the turns are a, b, a, b and, as a is up again,
// a, b, a: X and Y each change once, and Z does not.
func TestSessionsOfTraceA(t *testing.T) {
	text := `name: trace-a
duration: 10m
traffic: [{name: all, trace: a.csv}]
balancer: {services: [{name: www, persistence: {kind: source-ip, timeout: 6m}, servers: [a, b], health: {every: 1s, timeout: 1s, fall: 1, rise: 1}}]}
servers: [{name: a}, {name: b}]
timeline: [{at: 100s, fail: a}, {at: 200s, recover: a}]
expect: [{metric: broken_sessions, below: 9, between: [1m, 5m]}]
variants:
  - {name: records}
  - {name: none, set: {balancer.services.www.persistence: none}}
`
	trace := "t_s,client,src,hold_s\n0,X,10.0.0.1,0\n10,Y,10.0.0.2,0\n50,Z,10.0.0.3,0\n120,X,10.0.0.1,0\n210,Z,10.0.0.3,0\n220,X,10.0.0.1,0\n400,Y,10.0.0.2,0\n"
	src := scenarios.Source{Name: "a.yaml", Text: []byte(text), Folder: fstest.MapFS{"a.csv": {Data: []byte(trace)}}}
	for _, c := range []struct {
		idle    string
		variant int
		want    map[string]float64
	}{
		{"30m", 0, map[string]float64{"broken_sessions": 2, "broken_sessions_share": 2. / 4, "moved.server_down": 1, "moved.expired": 1, "moved_clients": 1, "moved.full": 0}},
		{"6m", 0, map[string]float64{"broken_sessions": 1, "broken_sessions_share": 1. / 3, "moved.server_down": 1, "moved.expired": 1}},
		{"30m", 1, map[string]float64{"broken_sessions": 2, "broken_sessions_share": 2. / 4}},
	} {
		o := perform(t, load(t, src, "session.idle", c.idle), experiment.Options{})
		v := &o.Result.Variants[c.variant]
		for name, want := range c.want {
			if m, ok := v.Metrics.Get(name); !ok || m.Mean != want {
				t.Errorf("%s, sessions of %s: %s is %v, want %v", v.Name, c.idle, name, m.Mean, want)
			}
		}
		if _, ok := v.Metrics.Get("moved.expired"); ok != (c.variant == 0) {
			t.Errorf("%s: reasons of moves are told: %v", v.Name, ok)
		}
		if x := o.Result.Expectations[0]; x.Value.Mean != 1 {
			t.Errorf("%v broken sessions from 1 to 5 min, want that of X", x.Value.Mean)
		}
	}
}
