package sched

import (
	"lbsim/models/lb"
)

// cheapest picks the usable member of the lowest cost, where the cost follows
// from what the view says of the member alone. The members stand in order, so
// a decision looks at one and a change costs a logarithm. Costs are quotients of whole
// numbers of less than 2^53 in all, so that equal costs are equal as floats.
type cheapest struct {
	view  *lb.View
	cost  func(*lb.Member) float64
	order *order
	// patient lets the member go first, among equals, whose cost has been the
	// same for longest; otherwise it is the one that is listed first.
	patient bool
	changes uint64
}

// listed returns the constructor of a cheapest that prefers, among equals, the
// member that is listed first.
func listed(cost func(*lb.Member) float64) func(lb.Env) lb.Scheduler {
	return func(env lb.Env) lb.Scheduler { return newCheapest(env, cost, false) }
}

func newCheapest(env lb.Env, cost func(*lb.Member) float64, patient bool) lb.Scheduler {
	c := &cheapest{view: env.View, cost: cost, patient: patient, order: newOrder(len(env.View.Members))}
	for m := range env.View.Members {
		c.Changed(m)
	}
	return c
}

func (c *cheapest) Pick(*lb.Query) int { return c.order.first() }

// Counted implements lb.Tracker.
func (c *cheapest) Counted(m int) {
	if c.view.Members[m].Usable {
		c.Changed(m)
	}
}

// Changed implements lb.Membership.
func (c *cheapest) Changed(m int) {
	v := &c.view.Members[m]
	if !v.Usable {
		c.order.remove(m)
		return
	}
	tie := uint64(0)
	if c.patient {
		tie = c.changes
		c.changes++
	}
	c.order.put(m, c.cost(v), tie)
}

// perWeight is the number of connections in proportion to the weight.
func perWeight(v *lb.Member) float64 { return float64(v.Active) / float64(v.Weight) }

// expectedDelay is the number of connections in proportion to the weight as it
// would be with one more.
func expectedDelay(v *lb.Member) float64 { return float64(int64(v.Active)+1) / float64(v.Weight) }

// haproxyCost is the key of HAProxy's leastconn (src/lb_fwlc.c): an idle
// server precedes every busy one, whatever its weight.
func haproxyCost(v *lb.Member) float64 {
	if v.Active == 0 {
		return 0
	}
	return float64((int64(v.Active) + 1) * 4096 / sixteenths(v))
}

// sixteenths is the effective weight in whole sixteenths, at least 1, as
// HAProxy counts: a server in a slow start has a sixteenth of its weight first.
func sixteenths(v *lb.Member) int64 {
	const step = lb.FullWeight / 16
	return max(1, (v.Weight+step-1)/step)
}

// idleFirst is below every cost of a busy member.
func idleFirst(v *lb.Member) float64 {
	if v.Active == 0 {
		return -1
	}
	return expectedDelay(v)
}

// byPosition is the same for all, so that the first listed is picked.
func byPosition(*lb.Member) float64 { return 0 }

// heaviest is lowest for the highest configured weight.
func heaviest(v *lb.Member) float64 { return -float64(v.Base) }
