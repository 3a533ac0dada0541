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
	rotation
	ring    *haproxyRing
	rand    *sim.Stream
	choices int
	accept  func(m int32) bool
}

func newRingDraws(env lb.Env, choices int) lb.Scheduler {
	d := &ringDraws{rotation: newRotation(env.View), ring: newHAProxyRing(env.View), rand: env.Rand, choices: max(1, choices)}
	d.accept = d.isFree
	return d
}

// Changed implements lb.Membership.
func (d *ringDraws) Changed(m int) {
	d.rotation.Changed(m)
	d.stale = d.stale || d.in[m] && d.ring.outdated(m)
}

func (d *ringDraws) Pick(*lb.Query) int {
	if d.fresh() {
		d.ring.renew(d.list)
	}
	if d.frees == 0 {
		return -1
	}
	best := -1
	for range d.choices {
		m := d.ring.find(d.rand.Uint64()>>32, d.accept)
		if best < 0 || d.cost(m, best) <= d.cost(best, m) {
			best = m
		}
	}
	return best
}

// cost of member m beside another.
func (d *ringDraws) cost(m, other int) int64 {
	return int64(d.view.Members[m].Active) * d.ring.weight[other]
}
