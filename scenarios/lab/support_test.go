package lab

import (
	"strings"
	"testing"
	"time"
)

// What the lab cannot do is refused with its place before anything is started.
func TestUnsupported(t *testing.T) {
	p := planOf(t, `name: much
duration: 2h
sites: [{name: here, clients: 2}]
traffic:
  - {name: t, from: [here], to: web, arrivals: {kind: poisson, rate: 1/s}, demand: 1ms, retry: {timeout: 5s}}
  - {name: u, from: [here], to: web, arrivals: {kind: poisson, rate: 1/s}, demand: 1ms}
network: {rtt: 1ms}
balancer:
  product: nginx
  pair: {failover: 3s}
  services:
    - {name: web, port: 80, servers: [a, b], sorry: c}
    - {name: other, port: 81, persistence: ssl-session-id, servers: [a]}
servers: [{name: a, cold: {factor: 2, for: 1s}}, {name: b}, {name: c}]
timeline:
  - {at: 1s, fail: a}
  - {at: 2s, drain: b}
  - {at: 3s, fail: balancer}
  - {at: 4s, fail: a/web}
`)
	var got []string
	for _, problem := range unsupported(p) {
		got = append(got, problem.Path)
	}
	want := "duration network balancer.pair balancer.services[0].sorry balancer.services[1].persistence servers[0].cold traffic[1].retry.timeout timeline[1] timeline[2] timeline[3]"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	if r, err := newRig(t.Context(), p, rigOptions{}); err == nil {
		r.Close()
		t.Error("a rig of it is built")
	}
}

func TestMostAtATime(t *testing.T) {
	list := []Arrival{{At: 0, Hold: 3}, {At: 1, Hold: 1}, {At: 2, Hold: 5}, {At: 3, Request: true}, {At: 3, Hold: time.Hour}}
	if n := mostAtATime(list); n != 2 {
		t.Errorf("%d at a time, want 2", n)
	}
	if n := mostAtATime(append(list, Arrival{At: 4, Hold: 1})); n != 3 {
		t.Errorf("%d at a time, want 3", n)
	}
}
