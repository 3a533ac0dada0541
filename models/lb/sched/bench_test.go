package sched

import (
	"fmt"
	"testing"

	"lbsim/models/lb"
)

// BenchmarkPick is one decision with the connection it makes, while another
// ends, so that each server holds about two.
func BenchmarkPick(b *testing.B) {
	for _, a := range []struct {
		name   string
		policy lb.SchedulerPolicy
		mixed  bool // weights 1, 2, 3
	}{
		{"round-robin", &RoundRobin{}, false},
		{"round-robin-weighted", &RoundRobin{}, true},
		{"round-robin-haproxy", &RoundRobin{Like: "haproxy"}, true},
		{"round-robin-nginx", &RoundRobin{Like: "nginx"}, true},
		{"round-robin-envoy", &RoundRobin{Like: "envoy"}, true},
		{"round-robin-ipvs", &RoundRobin{Like: "ipvs"}, true},
		{"static-round-robin", &StaticRoundRobin{}, true},
		{"least-connections", &LeastConnections{}, true},
		{"least-connections-haproxy", &LeastConnections{Like: "haproxy"}, true},
		{"least-connections-nginx", &LeastConnections{Like: "nginx"}, true},
		{"least-connections-envoy", &LeastConnections{Like: "envoy"}, false},
		{"least-connections-envoy-edf", envoyBias(1), true},
		{"least-connections-ipvs", &LeastConnections{Like: "ipvs"}, true},
		{"shortest-expected-delay", &ShortestExpectedDelay{}, true},
		{"never-queue", &NeverQueue{}, true},
		{"join-idle-queue", &JoinIdleQueue{}, false},
		{"aperture", newAperture(), false},
		{"priority", newPriority(), true},
		{"priority-envoy", &Priority{Within: &LeastConnections{}, Overprovisioning: 1.4, Like: "envoy"}, true},
		{"aperture-deterministic", &Aperture{Deterministic: true, Size: 12}, false},
		{"first", &First{}, false},
		{"fixed", &Fixed{}, false},
		{"random", &Random{}, true},
		{"random-haproxy", &Random{Choices: 2, Like: "haproxy"}, true},
		{"random-nginx", &Random{Choices: 2, Like: "nginx"}, true},
		{"random-ipvs", &Random{Choices: 2, Like: "ipvs"}, true},
		{"random-5", &Random{Choices: 5}, true},
		{"two-choices", &TwoChoices{}, false},
		{"two-choices-envoy", &TwoChoices{Like: "envoy"}, false},
		{"least-response-time", newLeastResponseTime(), true},
		{"peak-ewma", newPeakEWMA(), false},
		{"peak-ewma-envoy", with(newPeakEWMA(), func(p *PeakEWMA) { p.Like = "envoy" }), false},
		{"weighted-response-time", newWeightedResponseTime(), true},
		{"adaptive", newAdaptive(), true},
		{"adaptive-by-load", with(newAdaptive(), func(p *Adaptive) { p.Minimum = 0 }), true},
		{"prequal", newPrequal(), false},
		{"source-hash-map", hashLike("none", "map", ""), true},
		{"source-hash-ring", hashLike("none", "ring", ""), true},
		{"source-hash-ring-haproxy", hashLike("haproxy", "ring", ""), true},
		{"source-hash-ring-nginx", hashLike("nginx", "ring", ""), false},
		{"source-hash-ring-bounded", &SourceHash{Hashing: Hashing{Table: "ring", Like: "haproxy", LoadBound: 1.25}}, true},
		{"source-hash-map-ipvs", hashLike("ipvs", "map", ""), true},
		{"source-hash-maglev-ipvs", hashLike("ipvs", "maglev", ""), true},
		{"source-hash-maglev", hashLike("none", "maglev", ""), true},
		{"source-hash-maglev-bounded", &SourceHash{Hashing: Hashing{Table: "maglev", Like: "envoy", LoadBound: 1.25}}, true},
		{"source-hash-rendezvous", hashLike("none", "rendezvous", ""), true},
		{"source-hash-nginx", hashLike("nginx", "map", ""), true},
		{"ip-hash", &IPHash{}, true},
	} {
		for _, n := range []int{10, 100, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", a.name, n), func(b *testing.B) { benchPick(b, a.policy, n, a.mixed) })
		}
	}
}

func benchPick(b *testing.B, policy lb.SchedulerPolicy, n int, mixed bool) {
	const addresses = 5000
	weights := same(n)
	for m := range weights {
		if mixed {
			weights[m] = int64(1 + m%3)
		}
	}
	p := newPoolOf(policy, manyAddrs(addresses), weights...)
	open := make([]int32, 2*n) // a circle of the connections that are open
	for i := range open {
		open[i] = int32(i / 2)
		p.count(i/2, 1)
	}
	turn := func(i int) {
		m := p.from(i % addresses)
		at := i * 7919 % len(open)
		p.count(int(open[at]), -1)
		if q, ok := p.Scheduler.(lb.IdleQueue); ok && p.view.Members[open[at]].Active == 0 {
			q.Idle(int(open[at]))
		}
		p.count(m, 1)
		open[at] = int32(m)
	}
	for i := range 2*addresses + 2*n {
		turn(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		turn(i)
	}
}
