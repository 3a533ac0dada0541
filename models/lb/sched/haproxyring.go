package sched

import "lbsim/models/lb"

// haproxyRing is the ring of HAProxy 3.5 (src/lb_chash.c): 32 bits, a point for
// each sixteenth of a weight of 1, so that a slow start takes points away. A
// server's id is its position, from 1.
type haproxyRing struct {
	ring
	rotation
	weight []int64 // in the ring, by member; 0: not in it
	odd    bool    // the members' points are not what the weights say
}

func newHAProxyRing(v *lb.View) haproxyRing {
	return haproxyRing{rotation: newRotation(v), weight: make([]int64, len(v.Members)), odd: true}
}

// Changed implements lb.Membership.
func (r *haproxyRing) Changed(m int) {
	r.rotation.Changed(m)
	if r.in[m] != (r.weight[m] > 0) || r.in[m] && r.weight[m] != sixteenths(&r.view.Members[m]) {
		r.odd = true
	}
}

// renew lays out the ring if it must.
func (r *haproxyRing) renew() {
	r.rotation.fresh()
	if !r.odd {
		return
	}
	r.odd = false
	clear(r.weight)
	r.points = r.points[:0]
	for _, m := range r.list {
		r.weight[m] = sixteenths(&r.view.Members[m])
		for i := range r.weight[m] {
			at := avalanche(uint32(int64(m+1)*4096 + i))
			r.points = append(r.points, point{uint64(at) << 32, m})
		}
	}
	r.ring.sort()
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
