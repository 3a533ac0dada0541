package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Failures are passive checks, which judge a server by the connections that
// clients make, as nginx does (ngx_http_upstream_round_robin.c): after MaxFails
// failures it is left out until more than FailTimeout has passed since the last
// of them, in whole seconds; then one connection tries it, and if that succeeds
// it is back. A service with a single server never leaves it out.
//
// A failure is a connection that the server does not take and, where the
// balancer decides for each request (mode http), a request whose connection is
// lost (or given up, with GiveUps); with Statuses also one that is answered with an
// error. A connection that is taken is a success.
type Failures struct {
	MaxFails    int           `yaml:"max_fails" doc:"failed connections that leave a server out; 0: none do"`
	FailTimeout time.Duration `yaml:"fail_timeout" doc:"how long failures count, and how long the server is left out, in whole seconds"`
	Statuses    bool          `yaml:"statuses" doc:"answers that are errors count as well: http_503 and the like in proxy_next_upstream"`
}

// SetDefaults makes it nginx's: one failure in 10 s.
func (f *Failures) SetDefaults() { *f = Failures{MaxFails: 1, FailTimeout: 10 * time.Second} }

// Validate checks the parameters.
func (f *Failures) Validate() []flow.Problem {
	var ps []flow.Problem
	if f.MaxFails < 0 || f.MaxFails > 65535 {
		ps = append(ps, flow.Problem{Path: "max_fails", Text: fmt.Sprintf("%d is not between 0 and 65535", f.MaxFails)})
	}
	if f.FailTimeout < time.Second || f.FailTimeout > mostTime || f.FailTimeout%time.Second != 0 {
		ps = append(ps, flow.Problem{Path: "fail_timeout", Text: fmt.Sprintf("%v is not a whole number of seconds from 1s to 24h", f.FailTimeout)})
	}
	return ps
}

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
func (f *Failures) window() int64 { return int64(f.FailTimeout.Seconds()) }

// suffer counts how a connection attempt to member m, or a request, ended. Of
// requests only the failures count.
func (b *Balancer) suffer(in *instance, m int, s sight) {
	switch s {
	case answered:
		return
	case rejected:
		if !in.failures.Statuses {
			return
		}
	case taken, refused:
		if f, now := &in.members[m].failing, b.clock(); now-f.checked > in.failures.window() {
			f.checked = now // a trial: until it is over, no other may try
		}
	}
	if s.bad() {
		b.blame(in, m)
	} else {
		b.forget(in, m)
	}
}

// blame counts a failure of member m and leaves it out after too many.
func (b *Balancer) blame(in *instance, m int) {
	f := &in.members[m].failing
	now, limit := b.clock(), in.failures.MaxFails
	f.count++
	f.accessed, f.checked = now, now
	if c, ok := in.scheduler.(FailureCounter); ok {
		c.Failed(m)
	}
	if limit == 0 || f.count < limit || len(in.members) == 1 {
		return
	}
	b.ports.forgive.At(sim.Time(now+in.failures.window()+1)*second, place(in, m))
	if f.out {
		return // it was used in spite of that, for want of others
	}
	f.out = true
	if f.count == limit { // later ones are trials
		b.note(flow.MarkedDown, in, m, fmt.Sprintf("is left out: %s", plural(f.count, "connection", "failed")))
	}
	in.leftOut(m)
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
	tried := f.count >= in.failures.MaxFails
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
	if !f.out || b.clock()-f.checked <= in.failures.window() {
		return
	}
	f.out = false
	in.refresh(m)
	in.judgePanic()
	b.settle(in)
}
