package sched

import "lbsim/models/lb"

// deadlines is Envoy's earliest-deadline-first schedule
// (source/common/upstream/edf_scheduler.h): the member whose deadline is first
// has its turn, the earlier queued of equals, and gets a deadline of 1/weight
// from then. Weights are read only here, when a member is queued again.
//
// Envoy computes deadlines in double arithmetic and so does this: weights 5, 1,
// 1 do not repeat a a a a b c a for ever, because ties depend on rounding. The
// schedule starts afresh whenever the set of members changes. Envoy then skips
// a random number of turns, which is left out.
type deadlines struct {
	order    *order
	deadline []float64 // by member
	now      float64
	queued   uint64
}

func newDeadlines(n int) deadlines {
	return deadlines{order: newOrder(n), deadline: make([]float64, n)}
}

func (d *deadlines) clear() {
	d.order.clear()
	d.now, d.queued = 0, 0
}

func (d *deadlines) add(m int, weight float64) {
	d.deadline[m] = d.now + 1/weight
	d.order.put(m, d.deadline[m], d.queued)
	d.queued++
}

// next returns the member whose turn it is; the caller adds it again.
func (d *deadlines) next() int {
	m := d.order.first()
	d.now = d.deadline[m]
	return m
}

// envoy is what Envoy's load balancers have in common
// (source/extensions/load_balancing_policies/common/load_balancer_impl.cc):
// while all members have equal weights and none is in a slow start, pick one
// by a simple rule, else by deadlines.
type envoy struct {
	usable
	rule interface {
		alike(list []int32) int      // picks among members of equal weights
		weight(v *lb.Member) float64 // for the deadlines
		refreshed(list []int32)      // the list of usable members is new
	}
	deadlines deadlines
	was       []int64 // configured weights as in the list; 0 if not in it
}

func newEnvoy(env lb.Env) *envoy {
	n := len(env.View.Members)
	return &envoy{usable: newUsable(env.View), was: make([]int64, n), deadlines: newDeadlines(n)}
}

// Changed implements lb.Membership. A step of a slow start needs no new
// schedule unless it ends the equality of all.
func (e *envoy) Changed(m int) {
	if e.listed(m) != e.was[m] || e.equal {
		e.stale = true
	}
}

// listed returns the configured weight of member m, 0 if it is not usable.
func (e *envoy) listed(m int) int64 {
	if v := &e.view.Members[m]; v.Usable {
		return v.Base
	}
	return 0
}

func (e *envoy) Pick(*lb.Query) int {
	if e.fresh() {
		e.refresh()
	}
	switch {
	case len(e.list) == 0:
		return -1
	case e.equal:
		return e.rule.alike(e.list)
	}
	m := e.deadlines.next()
	e.deadlines.add(m, e.rule.weight(&e.view.Members[m]))
	return m
}

func (e *envoy) refresh() {
	for m := range e.was {
		e.was[m] = e.listed(m)
	}
	e.deadlines.clear()
	e.rule.refreshed(e.list)
	if e.equal {
		return
	}
	for _, m := range e.list {
		e.deadlines.add(int(m), e.rule.weight(&e.view.Members[m]))
	}
}

// envoyTurns is ROUND_ROBIN of Envoy.
type envoyTurns struct{ turn uint64 }

func newEnvoyTurns(env lb.Env) lb.Scheduler {
	e := newEnvoy(env)
	e.rule = &envoyTurns{}
	return e
}

func (t *envoyTurns) alike(list []int32) int {
	m := list[t.turn%uint64(len(list))]
	t.turn++
	return int(m)
}

func (*envoyTurns) weight(v *lb.Member) float64 { return float64(v.Weight) / lb.FullWeight }
func (*envoyTurns) refreshed([]int32)           {}
