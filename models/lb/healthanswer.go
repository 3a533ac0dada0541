package lb

import (
	"time"

	"lbsim/models/flow"
)

// Checks that a backend carries out are told apart by their numbers: those of
// schedulers are a place alone, those of health checks have the highest bit set
// and count the probes of their member, so that an answer which comes after its
// probe was given up is seen to be late.
const (
	ofHealth = 1 << 63
	// unheard is the number of a check that is sent for its cost alone.
	unheard = 1<<64 - 1

	countBits, memberBits = 21, 21
)

// number is that of the probe of member m under way.
func (in *instance) number(m int) uint64 {
	count := uint64(in.probes[m].count) % (1 << countBits)
	return ofHealth | uint64(in.id)<<(countBits+memberBits) | uint64(m)<<countBits | count
}

// Checked ends a check that Backend.Check was given under this number.
func (b *Balancer) Checked(number uint64, took time.Duration, ok bool) {
	switch {
	case number == unheard:
	case number&ofHealth != 0:
		b.answeredProbe(number, ok)
	default:
		in, m := b.at(number)
		in.scheduler.(Timer).Timed(m, took, ok, b.e.Now())
	}
}

// answeredProbe goes on after a health check's request has been answered, was
// turned away, or was lost with its connection. As long as the last good answer
// counts, any is as good as another; else an answer has to be that of the probe
// under way.
func (b *Balancer) answeredProbe(number uint64, ok bool) {
	number &^= ofHealth
	in := b.instances[number>>(countBits+memberBits)]
	m := int(number >> countBits % (1 << memberBits))
	p := &in.probes[m]
	if in.config.Health.TimeoutFrom != FromAnswer {
		if !b.e.IsPending(p.open) || number%(1<<countBits) != uint64(p.count)%(1<<countBits) {
			return
		}
		b.e.Cancel(p.open)
		p.open = 0
	}
	switch {
	case in.pauses(m):
		if in.config.Health.Pace == PaceAfter {
			b.plan(in, m, b.e.Now())
		}
	case ok:
		b.probed(in, m, passed)
	case b.backend.Connect(in.members[m].server, in.index) == flow.Accepts:
		b.probed(in, m, erred) // there was a connection: the answer was an error
	default:
		b.probed(in, m, failed)
	}
}
