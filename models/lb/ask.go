package lb

import (
	"time"

	"lbsim/sim"
)

// startPolls begins to ask the servers for their load and to check how fast they
// answer, spread over the first interval, if the scheduler wants to know.
func (b *Balancer) startPolls(in *instance) {
	start := func(port sim.Port[uint64], every time.Duration) {
		for m := range in.members {
			offset := sim.Time(float64(every) * (float64(m+1) / float64(len(in.members))))
			port.At(b.e.Now()+offset, place(in, m))
		}
	}
	if p, ok := in.scheduler.(Poller); ok {
		start(b.ports.poll, p.Every())
	}
	if t, ok := in.scheduler.(Timer); ok {
		start(b.ports.check, t.Every())
	}
}

func (b *Balancer) onPoll(at uint64) {
	in, m := b.at(at)
	p := in.scheduler.(Poller)
	b.ports.poll.After(p.Every(), at)
	p.Polled(m, b.backend.Load(in.members[m].server), b.e.Now())
}

func (b *Balancer) onCheck(at uint64) {
	in, m := b.at(at)
	b.ports.check.After(in.scheduler.(Timer).Every(), at)
	b.backend.Check(in.members[m].server, at)
}

// Checked ends a check that Backend.Check was given under this number.
func (b *Balancer) Checked(number uint64, took time.Duration, ok bool) {
	in, m := b.at(number)
	in.scheduler.(Timer).Timed(m, took, ok, b.e.Now())
}

// reportIdle lets member m report to one of the balancers that it is idle.
func (s *service) reportIdle(m int) {
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
	to.Idle(m)
}
