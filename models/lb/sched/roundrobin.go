package sched

import (
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// RoundRobin takes the usable members in turn. With unequal weights it is
// smooth weighted round robin, as nginx does it
// (ngx_http_upstream_round_robin.c): every member gains its weight, the
// richest is picked and pays the sum, so that weights 5, 1, 1 give
// a a b a c a a. The first of equals wins.
type RoundRobin struct {
	Start int    `yaml:"start" doc:"like envoy: how many turns are skipped at first; -1: a random number, as Envoy does"`
	Like  string `yaml:"like" doc:"none, or as a product does it: haproxy, nginx, envoy (deadlines), ipvs (bursts), kemp (as ipvs; its order is not published)"`
}

var roundRobinLike = []string{"haproxy", "nginx", "envoy", "ipvs", "kemp"}

// Validate checks the parameters.
func (p *RoundRobin) Validate() []flow.Problem {
	return append(checkProduct(p.Like, roundRobinLike), checkStart(p.Start)...)
}

// NewScheduler implements lb.SchedulerPolicy.
//
// KEMP LoadMaster's documentation gives one example, weights 100 and 50 as two
// connections to the first server and one to the second, which IPVS would do.
func (p *RoundRobin) NewScheduler(env lb.Env) lb.Scheduler {
	switch p.Like {
	case "haproxy":
		return newHAProxyRound(env)
	case "nginx":
		return newNginxSmooth(env)
	case "envoy":
		return newEnvoyTurns(env, p.Start)
	case "ipvs", "kemp":
		return newIPVSRound(env)
	}
	r := &roundRobin{usable: newUsable(env.View), last: -1}
	r.smooth = newSmooth(env.View, func(_ int, w int64) int64 { return w })
	return r
}

type roundRobin struct {
	usable
	next   int // place in the list of the member whose turn it is
	last   int // member that was picked last, -1 before the first
	smooth smooth
}

func (r *roundRobin) Pick(*lb.Query) int {
	if r.fresh() {
		// The turn passes to the first usable member after the last one picked.
		r.next, _ = slices.BinarySearch(r.list, int32(r.last+1))
		r.smooth.changed()
	}
	switch {
	case len(r.list) == 0:
		return -1
	case !r.equal:
		r.last = r.smooth.pick()
		return r.last
	}
	if r.next >= len(r.list) {
		r.next = 0
	}
	r.last = int(r.list[r.next])
	r.next++
	return r.last
}

// Basis implements lb.SchedulerPolicy.
func (*RoundRobin) Basis() lb.Basis { return lb.ByTurn }
