package experiment_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"lbsim/scenarios"
)

// arrival is a line of a trace. Times are in tenths of a millisecond, so that
// the test adds them without rounding.
type arrival struct {
	at, hold int
	client   string
	src      string
	service  string
}

// decimal writes a time as seconds, without zeros at the end.
func decimal(t int) string {
	s := fmt.Sprintf("%d.%04d", t/10_000, t%10_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// randomTrace has many arrivals at the same instant, holds of no length, and
// clients that change their address.
func randomTrace(n int) (list []arrival) {
	r := rand.New(rand.NewPCG(1, 2))
	at := 0
	for i := range n {
		if i == 0 || r.IntN(3) > 0 {
			at += r.IntN(500)
		}
		hold := 0
		if r.IntN(4) > 0 {
			hold = r.IntN(100_000)
		}
		client := r.IntN(50)
		list = append(list, arrival{
			at: at, hold: hold, client: fmt.Sprintf("c%d", client),
			src: fmt.Sprintf("192.0.2.%d", 1+client/2+r.IntN(2)*100), service: []string{"rpc", "web"}[r.IntN(2)],
		})
	}
	return list
}

// Every arrival of a trace appears in the assignments once, in its place and
// with its own times. Two services share the servers a to d, and d dies in the
// middle: what it holds ends then, and what is sent to it before the balancer
// notices ends at once.
func TestTraceReplay(t *testing.T) {
	const (
		failure = 300_000
		noticed = failure + 10_000 // at the latest: probes come every second
		text    = `name: trace
duration: %ss
traffic: [{name: replay, to: rpc, trace: arrivals.csv}]
balancer:
  services:
    - {name: rpc, scheduler: %s, health: {kind: tcp, every: 1s, fall: 1, rise: 1}, servers: [a, b, c, d]}
    - {name: web, scheduler: %s, health: {kind: tcp, every: 1s, fall: 1, rise: 1}, servers: [b, d]}
servers: [{name: a}, {name: b}, {name: c}, {name: d}]
timeline: [{at: 30s, fail: d}]
`
	)
	trace := randomTrace(3000)
	end := trace[len(trace)-1].at + 1000 // before the last connections close
	csv := "t_s,client,src,hold_s,service\n"
	for _, a := range trace {
		csv += fmt.Sprintf("%s,%s,%s,%s,%s\n", decimal(a.at), a.client, a.src, decimal(a.hold), a.service)
	}
	if noticed > trace[len(trace)-1].at {
		t.Fatal("the trace ends before the failure is noticed")
	}
	for _, scheduler := range []string{"round-robin", "random", "two-choices", "least-connections", "source-hash"} {
		t.Run(scheduler, func(t *testing.T) {
			rows := assignments(t, scenarios.Source{
				Name:   "trace.yaml",
				Text:   fmt.Appendf(nil, text, decimal(end), scheduler, scheduler),
				Folder: fstest.MapFS{"arrivals.csv": {Data: []byte(csv)}},
			})
			if len(rows) != len(trace) {
				t.Fatalf("%d rows of %d arrivals", len(rows), len(trace))
			}
			outcomes := map[string]int{}
			for i, a := range trace {
				want := map[string]string{
					"replication": "0", "t_s": decimal(a.at), "conn": fmt.Sprint(i), "client": a.client, "src": a.src,
					"service": a.service, "server": rows[i]["server"], "end_s": decimal(a.at + a.hold), "outcome": "completed",
				}
				switch down := want["server"] == "d"; {
				case down && a.at >= noticed:
					t.Fatalf("arrival %d is sent to d, known to be down", i)
				case down && a.at >= failure:
					want["end_s"], want["outcome"] = decimal(a.at), "reset"
				case down && a.at+a.hold >= failure: // at one instant failures come first
					want["end_s"], want["outcome"] = decimal(failure), "reset"
				case a.at+a.hold > end:
					want["end_s"], want["outcome"] = "", "present"
				}
				for column, x := range want {
					if rows[i][column] != x {
						t.Fatalf("arrival %d: %s is %q, want %q, in %v", i, column, rows[i][column], x, rows[i])
					}
				}
				if !slices.Contains(map[string][]string{"rpc": {"a", "b", "c", "d"}, "web": {"b", "d"}}[a.service], want["server"]) {
					t.Fatalf("arrival %d: %s is no server of %s", i, want["server"], a.service)
				}
				outcomes[want["outcome"]]++
			}
			for _, o := range []string{"completed", "reset", "present"} {
				if outcomes[o] == 0 {
					t.Errorf("no connection ended %s: the test has lost its point", o)
				}
			}
		})
	}
}
