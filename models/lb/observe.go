package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// Observe watches what becomes of clients' connections or requests and lets
// errors count as failed probes: HAProxy's observe (__health_adjust in
// src/check.c). Errors count in a row; whatever they lead to, counting begins
// again, and the next probe comes after FastEvery at the latest.
type Observe struct {
	// Layer is what is looked at. With layer4 a connection that is taken is a
	// success; with layer7, which a service in mode tcp does not see, an answer.
	Layer string `yaml:"layer" doc:"layer4 (connections that a server does not take) or layer7 (these, and requests that end badly)"`
	// Limit is how many errors in a row do something, and OnError what.
	Limit   int    `yaml:"error_limit" doc:"errors in a row that count"`
	OnError string `yaml:"on_error" doc:"what they do: fastinter (only bring the next probe forward), fail-check (count as a failed probe), sudden-death (as many failed probes as leave one more to take the server out) or mark-down (take it out)"`
}

const layer4, layer7 = "layer4", "layer7"

// The things that errors do.
const (
	fastInter   = "fastinter"
	failCheck   = "fail-check"
	suddenDeath = "sudden-death"
	onMarkDown  = "mark-down"
)

// SetDefaults makes it HAProxy's: ten errors in a row are a failed check.
func (o *Observe) SetDefaults() { *o = Observe{Layer: layer4, Limit: 10, OnError: failCheck} }

// Validate checks the parameters.
func (o *Observe) Validate() []flow.Problem {
	var ps []flow.Problem
	for _, w := range []struct {
		path, word string
		known      []string
	}{{"layer", o.Layer, []string{layer4, layer7}}, {"on_error", o.OnError, []string{fastInter, failCheck, suddenDeath, onMarkDown}}} {
		ps = append(ps, flow.OneOf(w.path, w.word, w.known...)...)
	}
	if o.Limit < 1 || o.Limit > 65535 {
		ps = append(ps, flow.Problem{Path: "error_limit", Text: fmt.Sprintf("%d is not between 1 and 65535", o.Limit)})
	}
	return ps
}

// sight is what a balancer sees of a connection or a request.
type sight uint8

const (
	taken    sight = iota // a server took the connection
	refused               // it did not
	answered              // a request was answered
	rejected              // it was answered with an error
	broken                // its connection was lost
	late                  // it was given up
)

// bad reports whether it is an error.
func (s sight) bad() bool { return s != taken && s != answered }

// startWatching begins to watch what becomes of connections, if a check wants it.
func (b *Balancer) startWatching(in *instance) {
	h := &in.config.Health
	in.failures = h.failures()
	if h.Outlier != nil {
		b.startOutliers(in)
	}
	in.passive = in.failures != nil || in.outlier != nil || h.Observe != nil && h.Probes()
}

// witness takes note of whether member m took a connection.
func (b *Balancer) witness(in *instance, m int, good bool) {
	if good {
		b.watch(in, m, taken)
	} else {
		b.watch(in, m, refused)
	}
}

// watch takes note of what became of a connection to member m, or of a request.
func (b *Balancer) watch(in *instance, m int, s sight) {
	if in.failures != nil {
		b.suffer(in, m, s)
	}
	if in.config.Health.Observe != nil {
		b.observe(in, m, s)
	}
	if in.outlier != nil {
		b.measure(in, m, s)
	}
}

// observe counts errors in a row.
func (b *Balancer) observe(in *instance, m int, s sight) {
	o, h, ms := in.config.Health.Observe, &in.config.Health, &in.members[m]
	switch ofLayer7 := s != taken && s != refused; {
	case !s.bad() && ofLayer7 == (o.Layer == layer7):
		ms.errors = 0
		return
	case !s.bad() || ofLayer7 && o.Layer == layer4:
		return
	}
	if ms.errors++; ms.errors < o.Limit {
		return
	}
	ms.errors = 0
	down := false
	switch {
	case o.OnError == fastInter:
	case !ms.up:
		b.judge(in, m, failed)
	case o.OnError == onMarkDown:
		b.markDown(in, m, fmt.Sprintf("is down: %d errors in a row", o.Limit))
		down = true
	default:
		if o.OnError == suddenDeath {
			ms.streak = max(ms.streak, h.Fall-2)
		}
		down = b.judge(in, m, failed)
	}
	if p := &in.probes[m]; h.FastEvery > 0 && b.e.IsPending(p.next) {
		if at := b.e.Now().Add(h.FastEvery); at < p.due {
			b.planAt(in, m, at)
		}
	}
	if down {
		b.ports.settle.After(0, place(in, m)) // not at once: see blame
	}
}

// Ended tells the balancer how a request has ended, where Health.Watches it.
func (b *Balancer) Ended(r *flow.Request, o flow.Outcome) {
	c := b.fl.Conns.At(uint32(r.Conn))
	in := b.services[r.Service].instances[c.Via]
	if !in.passive || c.Member < 0 {
		return
	}
	s := answered
	switch o {
	case flow.Rejected:
		s = rejected
	case flow.Reset:
		s = broken
	case flow.TimedOut, flow.Unanswered:
		if s = late; !in.config.Health.GiveUps {
			return
		}
	}
	b.watch(in, int(c.Member), s)
}
