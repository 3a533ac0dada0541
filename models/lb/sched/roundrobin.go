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
	return &roundRobin{usable: newUsable(env.View), last: -1, credit: make([]int64, len(env.View.Members))}
}

type roundRobin struct {
	usable
	next   int   // place in the list of the member whose turn it is
	last   int32 // member that was picked last, -1 before the first
	credit []int64
}

func (r *roundRobin) Pick(*lb.Query) int {
	if r.fresh() {
		// The turn passes to the first usable member after the last one picked.
		r.next, _ = slices.BinarySearch(r.list, r.last+1)
	}
	if len(r.list) == 0 {
		return -1
	}
	if !r.equal {
		return r.pickSmooth()
	}
	if r.next >= len(r.list) {
		r.next = 0
	}
	r.last = r.list[r.next]
	r.next++
	return int(r.last)
}

func (r *roundRobin) pickSmooth() int {
	var sum int64
	best := r.list[0]
	for _, m := range r.list {
		w := r.view.Members[m].Weight
		r.credit[m] += w
		sum += w
		if r.credit[m] > r.credit[best] {
			best = m
		}
	}
	r.credit[best] -= sum
	r.last = best
	r.next, _ = slices.BinarySearch(r.list, r.last+1)
	return int(best)
}

// Basis implements lb.SchedulerPolicy.
func (*RoundRobin) Basis() lb.Basis { return lb.ByTurn }
