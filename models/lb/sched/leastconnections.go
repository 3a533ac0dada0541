package sched

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// LeastConnections picks the usable member with the fewest connections per
// weight. Among equals it takes the one whose count has been unchanged
// longest, as HAProxy's ordered tree with a single list per key does
// (src/lb_fwlc.c), so that an idle pool is used in turn.
//
// The members stand in a heap by (connections/weight, time of the last
// change), so a decision looks at one member and a change costs a logarithm.
type LeastConnections struct {
	Like string `yaml:"like" doc:"none, or as a product does it: haproxy (idle servers first), nginx, envoy, ipvs (first listed of equals), kemp and f5 (as ipvs; how f5 breaks ties is not published)"`
}

// HAProxy's current code spreads the servers of one key over four lists at
// random, to spare its locks; here they stand in one, first come, first served.
var fewestConnections = variants{
	{"haproxy", func(env lb.Env) lb.Scheduler { return newCheapest(env, haproxyCost, true) }},
	{"nginx", newNginxLeast}, {"envoy", newEnvoyLeast},
	{"ipvs", listed(perWeight)}, {"kemp", listed(perWeight)}, {"f5", listed(perWeight)},
}

// Validate checks the parameters.
func (p *LeastConnections) Validate() []flow.Problem { return fewestConnections.check(p.Like) }

// NewScheduler implements lb.SchedulerPolicy.
func (p *LeastConnections) NewScheduler(env lb.Env) lb.Scheduler {
	if like := fewestConnections.named(p.Like); like != nil {
		return like(env)
	}
	n := len(env.View.Members)
	l := &leastConnections{view: env.View, heap: make([]ranked, n), place: make([]int32, n)}
	for m := range n {
		l.heap[m].member = int32(m)
		l.place[m] = int32(m)
	}
	for m := range n {
		l.Counted(m)
	}
	return l
}

type leastConnections struct {
	view  *lb.View
	heap  []ranked
	place []int32 // of each member in the heap
	stamp uint64
}

type ranked struct {
	cost   float64
	stamp  uint64
	member int32
}

func (a *ranked) before(b *ranked) bool {
	return a.cost < b.cost || a.cost == b.cost && a.stamp < b.stamp
}

// unusable ranks behind every cost.
const unusable = 1e300

func (l *leastConnections) Pick(*lb.Query) int {
	if l.heap[0].cost == unusable {
		return -1
	}
	return int(l.heap[0].member)
}

// Changed implements lb.Membership.
func (l *leastConnections) Changed(m int) { l.Counted(m) }

// Counted implements lb.Tracker.
func (l *leastConnections) Counted(m int) {
	v := &l.view.Members[m]
	x := ranked{unusable, l.stamp, int32(m)}
	l.stamp++
	if v.Usable {
		x.cost = float64(v.Active) / float64(v.Weight)
	}
	i := l.place[m]
	if i > 0 && x.before(&l.heap[(i-1)/2]) {
		l.up(i, x)
		return
	}
	l.down(i, x)
}

func (l *leastConnections) up(i int32, x ranked) {
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(&l.heap[p]) {
			break
		}
		l.put(i, l.heap[p])
		i = p
	}
	l.put(i, x)
}

func (l *leastConnections) down(i int32, x ranked) {
	n := int32(len(l.heap))
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && l.heap[c+1].before(&l.heap[c]) {
			c++
		}
		if !l.heap[c].before(&x) {
			break
		}
		l.put(i, l.heap[c])
		i = c
	}
	l.put(i, x)
}

func (l *leastConnections) put(i int32, x ranked) {
	l.heap[i] = x
	l.place[x.member] = i
}
