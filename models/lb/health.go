package lb

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Probes of a server start on a fixed grid, every Every; the servers of a
// service are spread evenly over the first interval. A server that refuses
// fails its probe at once, so its crash is seen between fall-1 and fall
// intervals after it happened; one that is silent fails it after Timeout.

func probeArg(s, m int) uint64 { return uint64(s)<<32 | uint64(m) }

func (b *Balancer) startProbes(s *service) {
	if s.config.Health.Kind == NoCheck {
		return
	}
	every, n := s.config.Health.Every, len(s.members)
	for m := range s.members {
		offset := sim.Time(float64(every) * (float64(m+1) / float64(n)))
		b.probe.At(b.e.Now()+offset, probeArg(s.index, m))
	}
}

func (b *Balancer) onProbe(arg uint64) {
	s, m := b.services[arg>>32], int(uint32(arg))
	b.probe.After(s.config.Health.Every, arg)
	switch b.backend.Connect(s.members[m].server) {
	case Accepts:
		b.judge(s, m, true)
	case Refuses:
		b.judge(s, m, false)
	case Silent:
		b.giveUp.After(s.config.Health.Timeout, arg)
	}
}

func (b *Balancer) onGiveUp(arg uint64) {
	b.judge(b.services[arg>>32], int(uint32(arg)), false)
}

// judge counts one probe's result.
func (b *Balancer) judge(s *service, m int, good bool) {
	ms := &s.members[m]
	if good == ms.up {
		ms.streak = 0
		return
	}
	ms.streak++
	h := &s.config.Health
	switch {
	case ms.up && ms.streak >= h.Fall:
		ms.up, ms.streak = false, 0
		b.note(flow.MarkedDown, s, m, fmt.Sprintf("is down: %s", plural(h.Fall, "check", "failed")))
		b.refresh(s, m)
		b.disperse(s, m)
	case !ms.up && ms.streak >= h.Rise:
		ms.up, ms.streak = true, 0
		b.markUp(s, m)
	}
}

// markUp puts member m back, at the start of its ramp if there is one.
func (b *Balancer) markUp(s *service, m int) {
	ms := &s.members[m]
	ms.upSince = b.e.Now()
	b.note(flow.MarkedUp, s, m, fmt.Sprintf("is up: %s", plural(s.config.Health.Rise, "check", "passed")))
	b.setWeight(s, m, ms.weight)
	if s.ramp != nil {
		s.ramping = append(s.ramping, m)
		b.advanceRamps(s, b.e.Now())
	}
	b.refresh(s, m)
	b.drainQueue(s)
}

func plural(n int, noun, verb string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s %s", noun, verb)
	}
	return fmt.Sprintf("%d %ss %s", n, noun, verb)
}
