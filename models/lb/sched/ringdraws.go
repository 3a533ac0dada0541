package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// ringDraws is balance random of HAProxy 3.5 (src/backend.c): random points of
// its consistent ring, which may lie next to the same server, so that a
// server's chance is its uneven share of the ring. The server with the fewest
// connections per weight is picked, of equals the one with the lower rate of
// connections per weight in the last second, else the later draw. HAProxy 2.6
// does not look at rates, so that an idle pool is used by shares of the ring.
//
// Left out is that HAProxy 2.6 draws the same numbers after each start.
//
// HAProxy queues a connection when the picked server is full. That is for the
// service to say (full: queue): then full members are usable and are drawn.
type ringDraws struct {
	rotation
	ring    *haproxyRing
	rand    *sim.Stream
	now     func() sim.Time
	rate    []frequency // of connections, by member
	active  []int32     // as last counted
	choices int
	rates   bool // decide between equals
	accept  func(m int32) bool
}

func newRingDraws(env lb.Env, choices int, rates bool) lb.Scheduler {
	n := len(env.View.Members)
	d := &ringDraws{
		rotation: newRotation(env.View), ring: newHAProxyRing(env.View), rand: env.Rand, now: env.Now,
		rate: make([]frequency, n), active: make([]int32, n), choices: max(1, choices), rates: rates,
	}
	d.accept = d.isFree
	return d
}

// Changed implements lb.Membership.
func (d *ringDraws) Changed(m int) {
	d.rotation.Changed(m)
	d.stale = d.stale || d.in[m] && d.ring.outdated(m)
}

// Counted implements lb.Tracker.
func (d *ringDraws) Counted(m int) {
	a := d.view.Members[m].Active
	if more := a - d.active[m]; more > 0 {
		d.rate[m].add(millis(d.now()), int64(more))
	}
	d.active[m] = a
}

func (d *ringDraws) Pick(q *lb.Query) int {
	if d.fresh() {
		d.ring.renew(d.list)
	}
	if d.frees == 0 {
		return -1
	}
	best := -1
	for range d.choices {
		m := d.ring.find(d.rand.Uint64()>>32, d.accept)
		if best < 0 || m != best && d.better(m, best, q.Now) {
			best = m
		}
	}
	return best
}

// better reports whether member m, drawn later, is picked rather than best.
func (d *ringDraws) better(m, best int, now sim.Time) bool {
	wm, wb := d.ring.weight[m], d.ring.weight[best]
	mine, other := int64(d.view.Members[m].Active)*wb, int64(d.view.Members[best].Active)*wm
	if mine == other && d.rates {
		mine, other = d.rate[m].read(millis(now))*wb, d.rate[best].read(millis(now))*wm
	}
	return mine <= other
}

// frequency is HAProxy's freq_ctr (src/freq_ctr.c) over a second: what was
// counted in the second under way, and of the one before the part that has not
// run out yet.
type frequency struct {
	start      int64 // of the second, in milliseconds
	curr, prev int64
}

const secondMillis = 1000

func millis(t sim.Time) int64 { return int64(t) / 1e6 }

func (f *frequency) add(now, n int64) {
	if now-f.start >= secondMillis {
		f.prev, f.curr = f.curr, 0
		f.start += secondMillis
		if now-f.start >= secondMillis {
			f.prev, f.start = 0, now
		}
	}
	f.curr += n
}

func (f *frequency) read(now int64) int64 {
	curr, past, left := f.curr, f.prev, f.start+secondMillis-now
	if left < 0 {
		if left += secondMillis; left < 0 {
			return 0
		}
		curr, past = 0, curr
	}
	if past <= 1 && curr == 0 {
		return past // so low a rate would go up and down
	}
	return curr + past*left/secondMillis
}
