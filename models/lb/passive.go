package lb

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Passive checks judge a server by the connections that clients make, as nginx
// does (ngx_http_upstream_round_robin.c): after MaxFails failures it is left
// out until more than FailTimeout has passed since the last of them, in whole
// seconds; then one connection tries it, and if that succeeds it is back. A
// service with a single server never leaves it out.

// failures is what a balancer remembers of a member's failures, in seconds of
// its clock.
type failures struct {
	count    int
	checked  int64 // last failure, or when the window for a trial was opened
	accessed int64 // last failure
	out      bool
}

// clock is the time in whole seconds, which is all that nginx looks at.
func (b *Balancer) clock() int64 { return int64(b.e.Now() / second) }

const second sim.Time = 1e9

// window is how long failures count, in seconds.
func (h *Health) window() int64 { return int64(h.FailTimeout.Seconds()) }

// witness takes note of how a connection attempt to member m ended.
func (b *Balancer) witness(in *instance, m int, good bool) {
	f := &in.members[m].failing
	if now := b.clock(); now-f.checked > in.config.Health.window() {
		f.checked = now // a trial: until it is over, no other may try
	}
	if good {
		b.forget(in, m)
	} else {
		b.blame(in, m)
	}
}

// blame counts a failure of member m and leaves it out after too many.
func (b *Balancer) blame(in *instance, m int) {
	f, h := &in.members[m].failing, &in.config.Health
	now, limit := b.clock(), h.maxFails()
	f.count++
	f.accessed, f.checked = now, now
	if c, ok := in.scheduler.(FailureCounter); ok {
		c.Failed(m)
	}
	if limit == 0 || f.count < limit || len(in.members) == 1 {
		return
	}
	b.ports.forgive.At(sim.Time(now+h.window()+1)*second, place(in, m))
	if f.out {
		return // it was used in spite of that, for want of others
	}
	f.out = true
	in.lost(m)
	if f.count == limit { // later ones are trials
		b.note(flow.MarkedDown, in, m, fmt.Sprintf("is left out: %s", plural(f.count, "connection", "failed")))
	}
	in.leaveRamp(m)
	in.refresh(m)
	in.judgePanic()
	// Not at once: the connection that failed is still being placed.
	b.ports.settle.After(0, place(in, m))
}

// forget clears the failures of member m after a success, if that was more than
// the window after the last of them.
func (b *Balancer) forget(in *instance, m int) {
	f := &in.members[m].failing
	if f.count == 0 || f.accessed == f.checked {
		return
	}
	tried := f.count >= in.config.Health.maxFails()
	f.count, f.out = 0, false
	if tried && len(in.members) > 1 {
		b.note(flow.MarkedUp, in, m, "is used again: a connection succeeded")
		in.judgePanic()
		in.back(m, CheckedUp)
	}
}

// onForgive lets a connection try member m.
func (b *Balancer) onForgive(at uint64) {
	in, m := b.at(at)
	f := &in.members[m].failing
	if !f.out || b.clock()-f.checked <= in.config.Health.window() {
		return
	}
	f.out = false
	in.refresh(m)
	in.judgePanic()
	b.settle(in)
}
