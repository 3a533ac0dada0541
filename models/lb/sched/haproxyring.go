package sched

import "lbsim/models/lb"

// haproxyRing is the ring of HAProxy 3.5 (src/lb_chash.c): 32 bits, a point for
// each sixteenth of a weight of 1, so that a slow start takes points away; a
// hash belongs to the closest point. A server's id is its position, from 1.
type haproxyRing struct {
	ring
	view   *lb.View
	weight []int64 // in the ring, by member
	turn   int     // point that comes next when the ring is walked
}

func newHAProxyRing(v *lb.View) *haproxyRing {
	return &haproxyRing{view: v, weight: make([]int64, len(v.Members))}
}

// outdated reports whether member m has more or fewer points than its weight
// says.
func (r *haproxyRing) outdated(m int) bool { return r.weight[m] != sixteenths(&r.view.Members[m]) }

func (r *haproxyRing) renew(list []int32) {
	r.clear()
	for _, m := range list {
		r.weight[m] = sixteenths(&r.view.Members[m])
		for i := range r.weight[m] {
			r.add(uint64(avalanche(uint32(int64(m+1)*4096+i)))<<32, m)
		}
	}
	r.sort()
}

func (r *haproxyRing) find(hash uint64, accept func(m int32) bool) int {
	return r.from(r.nearest(hash<<32), len(r.points), accept)
}

// next walks the ring point by point, as chash_get_next_server does for requests
// that lack the key.
func (r *haproxyRing) next(accept func(m int32) bool) int {
	for range r.points {
		if r.turn >= len(r.points) {
			r.turn = 0
		}
		m := r.points[r.turn].member
		if r.turn++; accept(m) {
			return int(m)
		}
	}
	return -1
}

// avalanche is HAProxy's full_hash (include/haproxy/intops.h), a hash of
// integers by Bob Jenkins and a multiplication.
func avalanche(a uint32) uint32 {
	a = (a + 0x7ed55d16) + (a << 12)
	a = (a ^ 0xc761c23c) ^ (a >> 19)
	a = (a + 0x165667b1) + (a << 5)
	a = (a + 0xd3a2646c) ^ (a << 9)
	a = (a + 0xfd7046c5) + (a << 3)
	a = (a ^ 0xb55a4f09) ^ (a >> 16)
	return a * 3221225473
}
