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

// witness takes note of how a connection attempt to member m ended.
func (b *Balancer) witness(in *instance, m int, good bool) {
	f := &in.members[m].failing
	h := &in.config.Health
	limit := h.maxFails()
	now := int64(b.e.Now() / sim.Time(1e9))
	window := int64(h.FailTimeout.Seconds())
	if now-f.checked > window {
		f.checked = now // this connection is the window's only one
	}
	switch {
	case !good:
		f.count++
		f.accessed, f.checked = now, now
		if c, ok := in.scheduler.(FailureCounter); ok {
			c.Failed(m)
		}
		if limit == 0 || f.count < limit || len(in.members) == 1 {
			return
		}
		if !f.out {
			f.out = true
			if f.count == limit { // later ones are trials
				b.note(flow.MarkedDown, in, m, fmt.Sprintf("is left out: %s", plural(f.count, "connection", "failed")))
			}
			in.refresh(m)
			in.judgePanic()
			b.disperse(in, m)
		}
		b.ports.forgive.At(sim.Time((f.checked+window+1)*1e9), place(in, m))
	case f.accessed < f.checked && f.count > 0:
		tried := f.count >= limit
		f.count = 0
		if tried {
			b.note(flow.MarkedUp, in, m, "is used again: a connection succeeded")
		}
	}
}

// onForgive lets a connection try member m.
func (b *Balancer) onForgive(at uint64) {
	in, m := b.at(at)
	f := &in.members[m].failing
	if now := int64(b.e.Now() / sim.Time(1e9)); !f.out || now-f.checked <= int64(in.config.Health.FailTimeout.Seconds()) {
		return
	}
	f.out = false
	in.refresh(m)
	in.judgePanic()
	b.drainQueue(in)
}
