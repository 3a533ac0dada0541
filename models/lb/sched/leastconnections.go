package sched

import (
	"math"
	"math/bits"

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
	l := &leastConnections{view: env.View, heap: make([]ranked, 1+(n+2)/4*4), place: make([]int32, n)}
	for i := range l.heap {
		l.heap[i] = ranked{math.MaxUint64, math.MaxUint64} // padding
	}
	for m := range n {
		l.heap[m] = ranked{unusable, uint64(m)}
		l.place[m] = int32(m)
	}
	for m := range n {
		l.Counted(m)
	}
	return l
}

type leastConnections struct {
	view  *lb.View
	heap  []ranked // the children of i are 4i+1 to 4i+4, padded to whole groups
	place []int32  // of each member in the heap
	stamp uint64
}

// ranked is a member's rank as a number of 128 bits.
type ranked struct {
	cost uint64 // bits of the quotient, which order like the quotient itself
	last uint64 // stamp of the last change, and the member
}

const memberBits = 24

func (a *ranked) member() int { return int(a.last & (1<<memberBits - 1)) }

// before returns 1 or 0, without a branch: which of two members has fewer
// connections cannot be predicted.
func (a *ranked) before(b *ranked) int {
	_, borrow := bits.Sub64(a.last, b.last, 0)
	_, borrow = bits.Sub64(a.cost, b.cost, borrow)
	return int(borrow)
}

// unusable ranks behind every cost and before the padding.
const unusable = math.MaxUint64 - 1

func (l *leastConnections) Pick(*lb.Query) int {
	if l.heap[0].cost == unusable {
		return -1
	}
	return l.heap[0].member()
}

// Changed implements lb.Membership.
func (l *leastConnections) Changed(m int) { l.Counted(m) }

// Counted implements lb.Tracker.
func (l *leastConnections) Counted(m int) {
	v := &l.view.Members[m]
	x := ranked{unusable, l.stamp<<memberBits | uint64(m)}
	l.stamp++
	if v.Usable {
		x.cost = math.Float64bits(float64(v.Active) / float64(v.Weight))
	}
	if i := int(l.place[m]); x.before(&l.heap[i]) == 1 {
		l.rise(i, x)
	} else {
		l.sink(i, x)
	}
}

// rise puts x at place i, whose content is to be replaced, or above.
func (l *leastConnections) rise(i int, x ranked) {
	for i > 0 {
		parent := (i - 1) / 4
		if x.before(&l.heap[parent]) == 0 {
			break
		}
		l.put(i, l.heap[parent])
		i = parent
	}
	l.put(i, x)
}

// sink puts x at place i, whose content is to be replaced, or below.
func (l *leastConnections) sink(i int, x ranked) {
	for 4*i+4 < len(l.heap) {
		c := l.heap[4*i+1 : 4*i+5 : 4*i+5]
		best := c[1].before(&c[0])
		other := 2 + c[3].before(&c[2])
		best += (other - best) & -c[other&3].before(&c[best&3])
		if c[best&3].before(&x) == 0 {
			break
		}
		l.put(i, c[best&3])
		i = 4*i + 1 + best
	}
	l.put(i, x)
}

func (l *leastConnections) put(i int, x ranked) {
	l.heap[i] = x
	l.place[x.member()] = int32(i)
}
