package lb

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Probes of a server start on a fixed grid, every Every, unless Pace says
// otherwise; the servers of a service are spread evenly over the first interval,
// and so are several balancers, each of which probes for itself. A server that
// refuses fails its probe at once, so its crash is seen between fall-1 and fall
// intervals after it happened; one that is silent fails it after Timeout.

// probing is what a balancer keeps of the probes of a member.
type probing struct {
	next     sim.Pending // the next one
	due      sim.Time    // when that is sent
	open     sim.Pending // the time-out of the one under way, or since the last good answer
	rising   sim.Pending // the end of the time for which it has to be good
	sent     sim.Time    // when the last one began
	count    uint32      // of those sent
	checking bool        // none was good since it began to be checked
	held     bool        // it is good and waits for an operator
	told     report      // by its agent
}

// probing returns what is kept of the probes of member m, nil if there are none.
func (in *instance) probing(m int) *probing {
	if in.probes == nil {
		return nil
	}
	return &in.probes[m]
}

// startProbes begins to probe the members of an instance.
func (b *Balancer) startProbes(in *instance) {
	h := &in.config.Health
	if !h.Probes() {
		return
	}
	in.probes = make([]probing, len(in.members))
	if h.Jitter > 0 || h.Delay > 0 {
		in.jitter = b.e.Stream("lb/" + in.actor + "/checks")
	}
	for m := range in.members {
		p := &in.probes[m]
		b.planAt(in, m, b.spreadOver(in, m, h.Every))
		if h.Start == StartFailing {
			in.members[m].streak = h.Fall - 1
		}
		if h.TimeoutFrom == FromAnswer {
			p.open = b.ports.giveUp.Set(h.Timeout, place(in, m))
		}
	}
}

// spread schedules the first event for each member, spread over an interval.
func (b *Balancer) spread(in *instance, port sim.Port[uint64], every time.Duration) {
	for m := range in.members {
		port.At(b.spreadOver(in, m, every), place(in, m))
	}
}

// spreadOver returns when the first event for a member is due.
func (b *Balancer) spreadOver(in *instance, m int, every time.Duration) sim.Time {
	earlier := float64(in.via) / float64(max(1, in.config.Instances))
	offset := float64(every) * ((float64(m+1) - earlier) / float64(len(in.members)))
	return b.e.Now() + sim.Time(offset)
}

// interval is the time from a probe of member m to the next.
func (in *instance) interval(m int) time.Duration {
	h, ms := &in.config.Health, &in.members[m]
	every := h.Every
	switch {
	case h.IdleEvery > 0 && in.unused():
		every = h.IdleEvery
	case h.FastEvery > 0 && ms.streak > 0:
		every = h.FastEvery
	case h.DownEvery > 0 && ms.streak == 0 && !ms.up:
		every = h.DownEvery
	}
	if in.jitter == nil {
		return every
	}
	u := in.jitter.Nth(uint64(m)<<32 | uint64(in.probes[m].count))
	return every + time.Duration(float64(every)*float64(h.Jitter)*(2*u-1)) + time.Duration(float64(h.Delay)*u)
}

// unused reports whether the service has had no connection so far that took any
// time.
func (in *instance) unused() bool {
	for m := range in.members {
		if ms := &in.members[m]; in.view.Members[m].Active > 0 || ms.conns.Value(in.b.e.Now()) > 0 {
			return false
		}
	}
	return true
}

// plan schedules the next probe of member m, an interval after a time.
func (b *Balancer) plan(in *instance, m int, from sim.Time) {
	b.planAt(in, m, max(b.e.Now(), from.Add(in.interval(m))))
}

// planAt schedules the next probe of member m.
func (b *Balancer) planAt(in *instance, m int, at sim.Time) {
	p := &in.probes[m]
	b.e.Cancel(p.next)
	p.due = at
	p.next = b.ports.probe.SetAt(p.due, place(in, m))
}

func (b *Balancer) onProbe(at uint64) {
	in, m := b.at(at)
	p, h := &in.probes[m], &in.config.Health
	paused := in.pauses(m)
	p.next, p.sent = 0, b.e.Now()
	p.count++
	if h.Pace != PaceAfter || paused {
		b.plan(in, m, p.sent)
	}
	if paused {
		return
	}
	switch h.Kind {
	case HTTPCheck:
		if h.TimeoutFrom != FromAnswer {
			p.open = b.ports.giveUp.Set(h.Timeout, at)
		}
		b.backend.Check(in.members[m].server, in.index, in.number(m), h.Demand)
		return
	case AgentCheck:
		b.askAgent(in, m)
	}
	if h.Demand > 0 {
		b.backend.Check(in.members[m].server, in.index, unheard, h.Demand)
	}
	answer := b.backend.Connect(in.members[m].server, in.index)
	switch {
	case answer == flow.Silent && h.TimeoutFrom == FromAnswer:
	case answer == flow.Silent:
		p.open = b.ports.giveUp.Set(h.Timeout, at)
	case answer == flow.Accepts && !p.told.down || answer == flow.Refuses && h.Kind == PingCheck:
		b.probed(in, m, passed)
	default:
		b.probed(in, m, failed)
	}
}

// pauses reports whether member m is not probed for now.
func (in *instance) pauses(m int) bool {
	d := in.members[m].duty
	return d == absent || d == away && in.config.Health.Pause
}

// probed goes on after a probe of member m has ended.
func (b *Balancer) probed(in *instance, m int, v verdict) {
	h, p := &in.config.Health, &in.probes[m]
	if h.TimeoutFrom == FromAnswer && v == passed {
		b.e.Cancel(p.open)
		p.open = b.ports.giveUp.Set(h.Timeout, place(in, m))
	}
	if b.judge(in, m, v) {
		b.settle(in)
	}
	if ms := &in.members[m]; v == passed && ms.up && ms.ejected && in.outlier.config.Checks {
		b.uneject(in, m, "is used again: a check passed")
	}
	switch {
	case h.Pace == PaceAfter:
		b.plan(in, m, b.e.Now())
	case h.Pace == PaceRetry && v != passed && in.members[m].up:
		b.planAt(in, m, b.e.Now())
	case h.FastEvery > 0 || h.DownEvery > 0:
		b.plan(in, m, p.sent)
	}
}

// onGiveUp ends a probe that was not answered in time, or the patience with a
// server that has given no good answer for so long.
func (b *Balancer) onGiveUp(at uint64) {
	in, m := b.at(at)
	in.probes[m].open = 0
	switch {
	case in.pauses(m):
		if in.config.Health.Pace == PaceAfter {
			b.plan(in, m, b.e.Now())
		}
	case in.config.Health.TimeoutFrom == FromAnswer:
		if b.judge(in, m, overdue) {
			b.settle(in)
		}
	default:
		b.probed(in, m, failed)
	}
}
