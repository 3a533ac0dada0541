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

// held is the number of connections that a member has or that wait for it.
func held(v *lb.Member) int64 { return int64(v.Active) + int64(v.Queued) }

// perWeight is the number of connections in proportion to the weight.
func perWeight(v *lb.Member) float64 { return float64(held(v)) / float64(v.Weight) }

// plainCount is the number of connections whatever the weight; in a slow start,
// in proportion to the part of the weight that it allows.
func plainCount(v *lb.Member) float64 {
	return float64(int64(held(v))*v.Base*lb.FullWeight) / float64(v.Weight)
}

// perLimit is the number of connections in proportion to the connection limit;
// a member without a limit has none to speak of.
func perLimit(v *lb.Member) float64 {
	if v.Limit == 0 {
		return 0
	}
	return plainCount(v) / float64(v.Limit)
}

// overhead is the load of a server in IPVS's lc, in proportion to the weight as
// in wlc: connections that linger in the table count a little.
func overhead(v *lb.Member) float64 { return float64(ipvsOverhead(v)) / float64(v.Weight) }

func plainOverhead(v *lb.Member) float64 { return float64(ipvsOverhead(v)) }

func ipvsOverhead(v *lb.Member) int64 { return int64(v.Active)<<8 + int64(v.Inactive) }

// expectedDelay is the number of connections in proportion to the weight as it
// would be with one more.
func expectedDelay(v *lb.Member) float64 { return float64(held(v)+1) / float64(v.Weight) }

// haproxyCost is the key of HAProxy's leastconn (src/lb_fwlc.c): an idle
// server precedes every busy one, whatever its weight.
func haproxyCost(v *lb.Member) float64 {
	if held(v) == 0 {
		return 0
	}
	return float64((held(v) + 1) * 4096 / sixteenths(v))
}

// sixteenths is the effective weight in whole sixteenths, at least 1, as
// HAProxy counts: a server in a slow start has a sixteenth of its weight first.
func sixteenths(v *lb.Member) int64 {
	const step = lb.FullWeight / 16
	return max(1, (v.Weight+step-1)/step)
}

// idleFirst is below every cost of a busy member.
func idleFirst(v *lb.Member) float64 {
	if held(v) == 0 {
		return -1
	}
	return expectedDelay(v)
}

// byPosition is the same for all, so that the first listed is picked.
func byPosition(*lb.Member) float64 { return 0 }

// heaviest is lowest for the highest configured weight.
func heaviest(v *lb.Member) float64 { return -float64(v.Base) }
