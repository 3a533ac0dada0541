package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// Drain lets a server keep the clients that belong to it and gives it no
// others.
func (b *Balancer) Drain(server int32) { b.assign(server, draining, "drains: it gets no new clients") }

// Disable takes a server out for maintenance: it gets no connections.
func (b *Balancer) Disable(server int32) { b.assign(server, away, "is taken out for maintenance") }

// Enable ends Drain and Disable.
func (b *Balancer) Enable(server int32) { b.assign(server, ready, "is put back") }

// assign sets a server's duty in all services.
func (b *Balancer) assign(server int32, d duty, text string) {
	b.each(server, func(in *instance, m int) {
		ms := &in.members[m]
		if ms.duty == d {
			return
		}
		cause := Enabled
		if ms.duty == draining {
			cause = Undrained
		}
		ms.duty = d
		b.note(flow.Operated, in, m, text)
		in.judgePanic()
		if d == ready && ms.alive() {
			in.welcome(m, cause)
			b.drainQueue(in)
			return
		}
		in.refresh(m)
		if d == away {
			b.disperse(in, m)
		}
	})
}

// SetWeight sets a server's weight in a service, 0 to 65535.
func (b *Balancer) SetWeight(service int, server int32, weight int) {
	b.each(server, func(in *instance, m int) {
		if in.index != service {
			return
		}
		v, ms := &in.view.Members[m], &in.members[m]
		before := v.Base
		v.Base, ms.weight = int64(weight), int64(weight)*FullWeight
		b.note(flow.Operated, in, m, fmt.Sprintf("has weight %d now, before %d", weight, before))
		switch {
		case before == 0 && weight > 0 && ms.alive() && ms.duty == ready:
			in.welcome(m, Reweighted)
		case ms.ascent.on && weight > 0:
			b.e.Cancel(ms.ascent.next)
			in.climb(m)
		default:
			in.setWeight(m, ms.weight)
		}
		if in.changed != nil {
			in.changed.Changed(m)
		}
		in.refresh(m)
		in.judgePanic()
		b.drainQueue(in)
	})
}

// SetLimit sets how many connections a server may hold in a service; 0: any
// number.
func (b *Balancer) SetLimit(service int, server int32, limit int) {
	b.each(server, func(in *instance, m int) {
		if in.index != service {
			return
		}
		ms := &in.members[m]
		ms.limit = int32(limit)
		b.note(flow.Operated, in, m, fmt.Sprintf("may hold %d connections now", limit))
		if ms.ascent.on {
			b.e.Cancel(ms.ascent.next)
			in.climb(m)
		} else {
			in.setLimit(m, ms.limit)
		}
		b.drainQueue(in)
		b.serveQueues(in, m)
	})
}

// each calls f for a server's member in every instance that has one.
func (b *Balancer) each(server int32, f func(in *instance, m int)) {
	for _, in := range b.instances {
		for m := range in.members {
			if in.members[m].server == server {
				f(in, m)
			}
		}
	}
}
