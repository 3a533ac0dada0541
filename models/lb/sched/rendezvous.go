package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// rendezvous gives a hash to the member with the highest score, which depends
// on the two alone (Thaler and Ravishankar 1998): -weight/ln(u), with u uniform
// in (0, 1) from a hash of both, so that a member wins as often as its weight
// says. The first of equals wins. The hash is the one of Envoy
// (source/extensions/load_balancing_policies/rendezvous_hash): the exclusive or
// of the server's and the request's, through a 64-bit xorshift generator.
type rendezvous struct {
	view  *lb.View
	list  []int32
	names []uint64 // hashed, by member
	equal bool
}

func newRendezvous(env lb.Env) hashTable {
	r := &rendezvous{view: env.View}
	for _, n := range env.Names {
		r.names = append(r.names, xxHash64([]byte(n), 0))
	}
	return r
}

func (r *rendezvous) renew(list []int32) {
	r.list = list
	r.equal = true
	for _, m := range list {
		r.equal = r.equal && r.view.Members[m].Base == r.view.Members[list[0]].Base
	}
}

func (r *rendezvous) find(hash uint64, accept func(m int32) bool) int {
	best, highest := -1, 0.0
	for _, m := range r.list {
		if !accept(m) {
			continue
		}
		score := uniform(r.names[m] ^ hash)
		if !r.equal { // a logarithm would not change the order of equal weights
			score = rendezvousScore(score, r.view.Members[m].Base)
		}
		if score > highest {
			best, highest = int(m), score
		}
	}
	return best
}

func rendezvousScore(u float64, weight int64) float64 { return -float64(weight) / sim.Log(u) }

// uniform turns a hash into a number in (0, 1) by xorshift64* (Vigna 2016).
func uniform(x uint64) float64 {
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	x *= 2685821657736338717
	return float64(x>>11|1) * 0x1p-53
}
