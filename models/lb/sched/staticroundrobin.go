package sched

import "lbsim/models/lb"

// StaticRoundRobin walks a table that is laid out once for the configured
// weights, so that neither slow starts nor weights that are set later show in
// it, except that a weight of 0 takes a server out. It is HAProxy's static-rr
// (src/lb_map.c); the table is laid out anew when a server goes down or comes
// up, a full server is passed over.
type StaticRoundRobin struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*StaticRoundRobin) NewScheduler(env lb.Env) lb.Scheduler {
	return &staticRound{rotation: newRotation(env.View), weight: original(env.View)}
}

type staticRound struct {
	rotation
	weight func(m int32) int64
	all    []int32 // members
	slots  []int32
	next   int
}

func (s *staticRound) Pick(*lb.Query) int {
	if s.fresh() {
		for m := len(s.all); m < len(s.view.Members); m++ {
			s.all = append(s.all, int32(m))
		}
		s.slots = staticSlots(s.slots, s.list, s.all, s.weight)
	}
	if s.frees == 0 {
		return -1
	}
	for {
		if s.next >= len(s.slots) {
			s.next = 0
		}
		m := s.slots[s.next]
		s.next++
		if s.free[m] {
			return int(m)
		}
	}
}

// Basis implements lb.SchedulerPolicy.
func (*StaticRoundRobin) Basis() lb.Basis { return lb.ByTurn }
