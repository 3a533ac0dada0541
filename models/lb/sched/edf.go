package sched

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// deadlines is Envoy's earliest-deadline-first schedule
// (source/common/upstream/edf_scheduler.h): the member whose deadline is first
// has its turn, the earlier queued of equals, and gets a deadline of 1/weight
// from then. Weights are read only here, when a member is queued again.
//
// Envoy computes deadlines in double arithmetic and so does this: weights 5, 1,
// 1 do not repeat a a a a b c a for ever, because ties depend on rounding. The
// schedule starts afresh whenever the set of members changes, some turns on.
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

// skip puts the members of the list where they are after so many turns. As
// Envoy does, it gives each the whole number of turns that its weight is worth,
// and takes those that are left over one by one; then members that are due at
// once may stand in another order than if all turns had been taken.
func (d *deadlines) skip(turns uint64, list []int32, weight func(m int32) float64) {
	var sum float64
	for _, m := range list {
		sum += weight(m)
	}
	d.clear()
	left := turns
	for _, m := range list {
		w := weight(m)
		had := math.Floor(float64(w*float64(turns)) / sum)
		left -= min(left, uint64(had))
		d.now = max(d.now, had/w)
		d.deadline[m] = (had + 1) / w
		d.order.put(int(m), d.deadline[m], d.queued)
		d.queued++
	}
	for range left {
		m := d.next()
		d.add(m, weight(int32(m)))
	}
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
	start     uint64  // how many turns are skipped
	was       []int64 // configured weights as in the list; 0 if not in it
}

// newEnvoy skips so many turns at first, or if that is negative a number that
// is drawn at random as Envoy does, at most a tenth of 2^32.
func newEnvoy(env lb.Env, start int) *envoy {
	n := len(env.View.Members)
	e := &envoy{usable: newUsable(env.View), was: make([]int64, n), deadlines: newDeadlines(n), start: uint64(max(0, start))}
	if start < 0 {
		e.start = env.Rand.Uint64() % (1 << 32 / 10)
	}
	return e
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
	e.rule.refreshed(e.list)
	if e.equal {
		return
	}
	e.deadlines.skip(e.start, e.list, func(m int32) float64 { return e.rule.weight(&e.view.Members[m]) })
}

// envoyTurns is ROUND_ROBIN of Envoy.
type envoyTurns struct{ turn uint64 }

func newEnvoyTurns(env lb.Env, start int) lb.Scheduler {
	e := newEnvoy(env, start)
	e.rule = &envoyTurns{e.start}
	return e
}

func (t *envoyTurns) alike(list []int32) int {
	m := list[t.turn%uint64(len(list))]
	t.turn++
	return int(m)
}

func (*envoyTurns) weight(v *lb.Member) float64 { return float64(v.Weight) / lb.FullWeight }
func (*envoyTurns) refreshed([]int32)           {}

// EnvoySchedule is what can be set of Envoy's LEAST_REQUEST.
type EnvoySchedule struct {
	Bias  float64 `yaml:"bias" doc:"like envoy with unequal weights: how much requests count, as weight/(requests+1)^bias; 0: not at all"`
	Start int     `yaml:"start" doc:"like envoy with unequal weights: how many turns are skipped at first; -1: a random number, as Envoy does"`
}

func newEnvoySchedule() EnvoySchedule { return EnvoySchedule{Bias: 1, Start: -1} }

func (p *EnvoySchedule) check() []flow.Problem {
	var ps []flow.Problem
	if !(p.Bias >= 0 && p.Bias <= 100) {
		ps = append(ps, flow.Problem{Path: "bias", Text: fmt.Sprintf("%v is not between 0 and 100", p.Bias)})
	}
	return append(ps, checkStart(p.Start)...)
}

func checkStart(start int) []flow.Problem {
	if start < -1 {
		return []flow.Problem{{Path: "start", Text: fmt.Sprintf("%d is neither -1 nor a number of turns", start)}}
	}
	return nil
}

// weight is the weight that Envoy gives to a host for its deadline.
func (p *EnvoySchedule) weight(v *lb.Member) float64 {
	w := float64(v.Weight) / lb.FullWeight
	switch requests := float64(v.Active) + 1; p.Bias {
	case 0:
		return w
	case 1:
		return w / requests
	default:
		return w / sim.Pow(requests, p.Bias)
	}
}
