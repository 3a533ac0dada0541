package sched

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// pool is a scheduler with its servers, called a, b, c, ..., as a balancer
// would keep them.
type pool struct {
	view lb.View
	lb.Scheduler
	query lb.Query
}

func newPool(policy lb.SchedulerPolicy, weights ...int64) *pool {
	return newPoolOf(policy, nil, weights...)
}

// newPoolOf is newPool with source addresses.
func newPoolOf(policy lb.SchedulerPolicy, addrs []netip.Addr, weights ...int64) *pool {
	p := &pool{}
	var names []string
	for i, w := range weights {
		p.view.Members = append(p.view.Members, lb.Member{Base: w, Weight: w * lb.FullWeight, Usable: w > 0})
		names = append(names, "backend-"+strconv.Itoa(i))
	}
	p.Scheduler = policy.NewScheduler(lb.Env{
		View: &p.view, Rand: sim.NewStream(1, 0, "test"), Addrs: addrs, Names: names, Instances: 1,
		Now: func() sim.Time { return p.query.Now },
		Probe: func(m int) lb.Load {
			v := &p.view.Members[m]
			return lb.Load{Alive: true, Requests: int(v.Active), Latency: time.Duration(v.Active+1) * time.Millisecond}
		},
	})
	return p
}

func same(n int) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

func (p *pool) viewOf() *lb.View { return &p.view }

func (p *pool) pick() int { return p.Pick(&p.query) }

// from picks for a source address.
func (p *pool) from(a int) int {
	p.query.Addr = flow.AddrID(a)
	return p.pick()
}

// turns makes n picks that leave no connection behind.
func (p *pool) turns(n int) string {
	s := make([]byte, n)
	for i := range s {
		s[i] = 'a' + byte(p.pick())
	}
	return string(s)
}

// held makes n picks of connections that never finish.
func (p *pool) held(n int) string {
	s := make([]byte, n)
	for i := range s {
		m := p.pick()
		s[i] = 'a' + byte(m)
		p.count(m, 1)
	}
	return string(s)
}

func (p *pool) count(m int, by int32) {
	v := &p.view.Members[m]
	v.Active += by
	if usable := v.Weight > 0 && !v.Full(); usable != v.Usable {
		v.Usable = usable
		p.changed(m)
	}
	if t, ok := p.Scheduler.(lb.Tracker); ok {
		t.Counted(m)
	}
}

func (p *pool) changed(m int) {
	if c, ok := p.Scheduler.(lb.Membership); ok {
		c.Changed(m)
	}
}

func (p *pool) set(m int, usable bool) {
	p.view.Members[m].Usable = usable
	p.changed(m)
}

func (p *pool) reweigh(m int, weight int64) {
	p.view.Members[m].Weight = weight
	p.changed(m)
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
