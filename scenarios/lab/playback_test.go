package lab

import (
	"math"
	"strings"
	"testing"

	"lbsim/results"
)

// The scenarios whose simulated runs are played back.
var playedBack = map[string]string{
	"held connections": `name: held
duration: 90s
warmup: 10s
sites: [{name: staff, clients: 400}]
traffic: [{name: mail, from: [staff], to: mail, connections: {per_client: 1, lifetime: {kind: exponential, mean: 15s}}}]
balancer:
  product: haproxy
  services:
    - {name: mail, scheduler: least-connections, health: {kind: tcp, every: 1s, fall: 2, rise: 2}, servers: ["ex[1-4]"]}
servers: [{names: "ex[1-4]"}]
timeline: [{at: 30s, fail: ex4}, {at: 45s, recover: ex4}]
expect: [{metric: storm.peak_factor, below: 5}, {metric: connections.mean, above: 1, between: [20s, 30s]}]
`,
	"drained": `name: drained
duration: 60s
warmup: 5s
sites: [{name: staff, clients: 300}]
traffic: [{name: mail, from: [staff], arrivals: {kind: poisson, rate: 40/s}, connections: {lifetime: {kind: exponential, mean: 5s}}}]
balancer:
  product: haproxy
  services:
    - {name: mail, scheduler: round-robin, persistence: {kind: source-ip, timeout: 10s}, servers: ["ex[1-3]"]}
servers: [{names: "ex[1-3]"}]
timeline: [{at: 20s, drain: ex2}, {at: 50s, enable: ex2}]
`,
	"requests": `name: requests
duration: 60s
warmup: 5s
sites: [{name: web, clients: 100}]
traffic: [{name: web, from: [web], arrivals: {kind: poisson, rate: 60/s}, demand: {kind: exponential, mean: 40ms}}]
balancer:
  product: haproxy
  services:
    - {name: web, mode: http, scheduler: round-robin, health: {kind: tcp, every: 1s}, servers: [{name: "s[1-4]", max_connections: 1}]}
servers: [{names: "s[1-4]"}]
timeline: [{at: 30s, fail: s1}, {at: 40s, recover: s1}]
`,
}

// What a scene cannot know: what a balancer sends to dead servers is seen in no
// visit, nor when a server begins, why a client moves, what ports there are, or which
// wait is for a place in a queue and which for another attempt to connect.
var unseen = []string{"stuck_to_down", "detection.lost", "wait_time", "moved.", "snat.", "sources", "balancer_queue."}

// The run that is made of an observation of a simulated balancer is the run that the
// simulation's own recorder makes.
func TestPlaybackOfSimulation(t *testing.T) {
	for name, text := range playedBack {
		t.Run(name, func(t *testing.T) {
			f := load(t, text)
			o := Options{Repetitions: 1, Seeds: 1, perform: first}
			v, err := o.run(t.Context(), f, &f.Variants[0], "simulated")
			if err != nil {
				t.Fatal(err)
			}
			real, simulated := results.Gather("", v.real[0]), results.Gather("", v.simulated[0])
			compared := 0
			same := func(where string, a, b results.Metrics) {
				for _, m := range b {
					if skip(m.Name) || m.Name == "connections.max" && name == "requests" {
						continue // a simulated queue goes on before what has ended is counted
					}
					x, _ := a.Get(m.Name)
					compared++
					if d := math.Abs(x.Mean - m.Mean); d > 1e-9*math.Abs(m.Mean) || math.IsNaN(x.Mean) != math.IsNaN(m.Mean) {
						t.Errorf("%s%s is %g, and %g played back", where, m.Name, m.Mean, x.Mean)
					}
				}
			}
			same("", real.Metrics, simulated.Metrics)
			for i, s := range simulated.Services {
				same(s.Name+": ", real.Services[i].Metrics, s.Metrics)
				for k, server := range s.Servers {
					same(server.Name+": ", real.Services[i].Servers[k].Metrics, server.Metrics)
				}
			}
			if compared < 80 {
				t.Errorf("only %d metrics are compared", compared)
			}
			if a := v.Agreements[0]; a.Before.Same != a.Before.All || a.After.Same != a.After.All || a.Before.All+a.After.All < 1000 {
				t.Errorf("picks: %+v", a)
			}
		})
	}
}

func skip(metric string) bool {
	for _, head := range unseen {
		if strings.HasPrefix(metric, head) {
			return true
		}
	}
	return false
}
