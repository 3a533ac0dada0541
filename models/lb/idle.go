package lb

import "lbsim/models/flow"

// hold counts the connections that member m has from all balancers, if the
// scheduler wants to know when it has none.
func (s *service) hold(m int, by int32) {
	if s.held == nil {
		return
	}
	s.held[m] += by
	switch q := s.toldIdle[m]; {
	case by > 0 && q != nil && !q.Busy(m):
		s.toldIdle[m] = nil
	case s.held[m] == 0 && s.toldIdle[m] == nil:
		s.reportIdle(m)
	}
}

// reportIdle lets member m report to one of the balancers that it is idle. A
// dead server reports nothing.
func (s *service) reportIdle(m int) {
	in := s.instances[0]
	if in.b.backend.Connect(in.members[m].server, in.index) != flow.Accepts {
		return
	}
	var to IdleQueue
	for i := 0; to == nil || i < to.Asks(); i++ {
		k := 0
		if n := len(s.instances); n > 1 {
			k = s.spread.IntN(n)
		}
		q := s.instances[k].scheduler.(IdleQueue)
		if to == nil || q.Idles() < to.Idles() {
			to = q
		}
	}
	s.toldIdle[m] = to
	to.Idle(m)
}

// Restarted tells the balancer that a server has come back, as the server
// itself would: it reports that it is idle.
func (b *Balancer) Restarted(server int32) {
	for _, s := range b.services {
		for m := range s.held {
			if s.instances[0].members[m].server == server && s.held[m] == 0 {
				s.reportIdle(m)
			}
		}
	}
}
