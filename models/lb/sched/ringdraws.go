package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// ringDraws is balance random of HAProxy 3.5 (src/backend.c): random points of
// its consistent ring, which may lie next to the same server, so that a
// server's chance is its uneven share of the ring. A later draw is picked
// unless it has more connections per weight.
//
// HAProxy first prefers, of servers with equally many, the one with the lower
// rate of sessions in the last second, which a view does not hold; and it
// queues a connection when the picked server is full, where this walks on.
type ringDraws struct {
	haproxyRing
	rand    *sim.Stream
	choices int
}

func newRingDraws(env lb.Env, choices int) lb.Scheduler {
	return &ringDraws{newHAProxyRing(env.View), env.Rand, max(1, choices)}
}

func (d *ringDraws) Pick(*lb.Query) int {
	d.renew()
	if d.frees == 0 {
		return -1
	}
	best := -1
	for range d.choices {
		m := d.from(d.nearest(d.rand.Uint64()&^0xffffffff), d.free)
		if best < 0 || d.cost(m, best) <= d.cost(best, m) {
			best = m
		}
	}
	return best
}

// cost of member m beside another.
func (d *ringDraws) cost(m, other int) int64 {
	return int64(d.view.Members[m].Active) * d.weight[other]
}
