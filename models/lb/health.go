package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Probes of a server start on a fixed grid, every Every; the servers of a
// service are spread evenly over the first interval, and so are several
// balancers, each of which probes for itself. A server that refuses
// fails its probe at once, so its crash is seen between fall-1 and fall
// intervals after it happened; one that is silent fails it after Timeout.

func (b *Balancer) startProbes(in *instance) {
	if in.config.Health.Kind != TCPCheck {
		return
	}
	b.spread(in, b.ports.probe, in.config.Health.Every)
}

// spread schedules the first event for each member, spread over an interval.
func (b *Balancer) spread(in *instance, port sim.Port[uint64], every time.Duration) {
	earlier := float64(in.via) / float64(max(1, in.config.Instances))
	for m := range in.members {
		offset := float64(every) * ((float64(m+1) - earlier) / float64(len(in.members)))
		port.At(b.e.Now()+sim.Time(offset), place(in, m))
	}
}

func (b *Balancer) onProbe(at uint64) {
	in, m := b.at(at)
	b.ports.probe.After(in.config.Health.Every, at)
	switch b.backend.Connect(in.members[m].server, in.index) {
	case Accepts:
		b.judge(in, m, true)
	case Refuses:
		b.judge(in, m, false)
	case Silent:
		b.ports.giveUp.After(in.config.Health.Timeout, at)
	}
}

func (b *Balancer) onGiveUp(at uint64) {
	in, m := b.at(at)
	b.judge(in, m, false)
}

// judge counts one probe's result.
func (b *Balancer) judge(in *instance, m int, good bool) {
	ms := &in.members[m]
	if good == ms.up {
		ms.streak = 0
		return
	}
	ms.streak++
	h := &in.config.Health
	switch {
	case ms.up && ms.streak >= h.Fall:
		ms.up, ms.streak = false, 0
		b.note(flow.MarkedDown, in, m, fmt.Sprintf("is down: %s", plural(h.Fall, "check", "failed")))
		in.lost(m)
		in.leaveRamp(m)
		in.refresh(m)
		in.judgePanic()
		b.settle(in)
	case !ms.up && ms.streak >= h.Rise:
		ms.up, ms.streak = true, 0
		b.note(flow.MarkedUp, in, m, fmt.Sprintf("is up: %s", plural(h.Rise, "check", "passed")))
		in.judgePanic()
		in.back(m, CheckedUp)
		b.settle(in)
	}
}

func plural(n int, noun, verb string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s %s", noun, verb)
	}
	return fmt.Sprintf("%d %ss %s", n, noun, verb)
}
