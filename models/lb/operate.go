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
func (b *Balancer) Enable(server int32) {
	each(b.instances, server, (*instance).resume)
	b.assign(server, ready, "is put back")
}

// assign sets a server's duty in all services.
func (b *Balancer) assign(server int32, d duty, text string) {
	each(b.instances, server, func(in *instance, m int) {
		ms := &in.members[m]
		if ms.duty == d {
			return
		}
		cause := Enabled
		if ms.duty == draining {
			cause = Undrained
		}
		before := ms.duty == draining || ms.weight == 0
		ms.duty = d
		in.drains(m, before)
		b.note(in.operated(m), in, m, text)
		in.judgePanic()
		if d == away {
			in.leaveRamp(m)
		}
		if !in.back(m, cause) {
			in.refresh(m)
		}
		b.settle(in)
	})
}

// operated classifies what an operator has just done to member m.
func (in *instance) operated(m int) flow.NoteKind {
	switch ms := &in.members[m]; {
	case ms.duty != ready || ms.weight == 0:
		return flow.TakenOut
	case ms.alive():
		return flow.PutBack
	}
	return flow.Adjusted // it is down, and its checks will put it back
}

// SetWeight sets a server's weight in a service, 0 to 65535.
func (b *Balancer) SetWeight(service int, server int32, weight int) {
	each(b.services[service].instances, server, func(in *instance, m int) {
		v, ms := &in.view.Members[m], &in.members[m]
		base, effective := v.Base, v.Weight
		if base == int64(weight) {
			return
		}
		before := ms.duty == draining || ms.weight == 0
		v.Base, ms.weight = int64(weight), int64(weight)*FullWeight
		in.drains(m, before)
		switch {
		case base == 0 && in.back(m, Reweighted):
		case ms.ascent.on && weight > 0:
			b.e.Cancel(ms.ascent.next)
			in.climb(m)
		default:
			in.leaveRamp(m)
			in.setWeight(m, ms.weight)
		}
		if v.Weight == effective && in.changed != nil {
			in.changed.Changed(m) // of Base
		}
		kind := flow.Adjusted
		if base == 0 || weight == 0 {
			kind = in.operated(m)
		}
		b.note(kind, in, m, fmt.Sprintf("has weight %d instead of %d", weight, base))
		in.judgePanic()
		b.settle(in)
	})
}

// SetLimit sets how many connections a server may hold in a service; 0: any
// number.
func (b *Balancer) SetLimit(service int, server int32, limit int) {
	each(b.services[service].instances, server, func(in *instance, m int) {
		ms := &in.members[m]
		if ms.limit == int32(limit) {
			return
		}
		ms.limit = int32(limit)
		b.note(flow.Adjusted, in, m, "may hold "+connections(limit)+" at a time")
		if ms.ascent.on {
			b.e.Cancel(ms.ascent.next)
			in.climb(m)
		} else {
			in.setLimit(m, ms.limit)
		}
		b.serveQueues(in, m)
		b.settle(in)
	})
}

func connections(limit int) string {
	switch limit {
	case 0:
		return "any number of connections"
	case 1:
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", limit)
}

// each calls f for a server's member in those of the instances that have one.
func each(instances []*instance, server int32, f func(in *instance, m int)) {
	for _, in := range instances {
		for m := range in.members {
			if in.members[m].server == server {
				f(in, m)
			}
		}
	}
}
