package sched

import "lbsim/models/lb"

// strides gives members turns in proportion to weights that may change at any
// time, by stride scheduling (Waldspurger, Weihl 1995): each has a deadline of
// 1/weight after its last turn, and the earliest is next, of equals the one that
// has waited longest. A turn costs a logarithm, where smooth weighted round robin
// would look at all members.
//
// A weight that changes moves the deadline, but never into the past: who was
// away does not make up for it.
type strides struct {
	view     *lb.View
	order    *order
	taken    []float64 // when each had its last turn, in virtual time
	deadline []float64
	now      float64
	ties     uint64
	// weight is the weight of a usable member; at 0 it has no turns.
	weight func(m int) float64
}

func newStrides(v *lb.View, weight func(m int) float64) *strides {
	n := len(v.Members)
	return &strides{view: v, order: newOrder(n), taken: make([]float64, n), deadline: make([]float64, n), weight: weight}
}

// Changed implements lb.Membership.
func (s *strides) Changed(m int) {
	w := 0.0
	if s.view.Members[m].Usable {
		w = s.weight(m)
	}
	if w == 0 {
		s.order.remove(m)
		return
	}
	s.deadline[m] = max(s.now, s.taken[m]+1/w)
	s.order.put(m, s.deadline[m], s.ties)
	s.ties++
}

// turn returns the member whose turn it is, -1 if there is none.
func (s *strides) turn() int {
	m := s.order.first()
	if m >= 0 {
		s.now = s.deadline[m]
		s.taken[m] = s.now
		s.Changed(m)
	}
	return m
}

// plainWeight is a member's weight as its operator and its ramp have it.
func plainWeight(v *lb.Member) float64 { return float64(v.Weight) / lb.FullWeight }
