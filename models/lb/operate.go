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

// Add puts a server into the table of every service that has a place for it, as
// if it had been enabled. It does nothing for one that is there.
func (b *Balancer) Add(server int32) {
	each(b.instances, server, func(in *instance, m int) {
		if in.members[m].duty == absent {
			in.enterTable(m)
			b.charge(in, m, ready, "is added")
		}
	})
}

// Remove takes a server out of the tables at once. What becomes of its
// connections is Service.OnRemove's to say.
func (b *Balancer) Remove(server int32) {
	each(b.instances, server, func(in *instance, m int) {
		ms, fate := &in.members[m], in.config.OnRemove
		switch {
		case ms.duty == absent:
			return
		case fate == Refused && (ms.duty == ready || in.view.Members[m].Active > 0):
			b.note(flow.Adjusted, in, m, "is not removed: it must be in maintenance, or drain, and have no connections")
			return
		}
		in.leaveTable(m)
		b.charge(in, m, absent, "is removed")
		b.part(in, m, fate)
	})
}

// leaveTable makes member m one that is not in the table: algorithms are to see
// it without weight, and hash tables not at all.
func (in *instance) leaveTable(m int) {
	ms, v := &in.members[m], &in.view.Members[m]
	ms.base = v.Base
	v.Base, v.Absent, ms.weight, ms.duty = 0, true, 0, absent
}

// enterTable undoes leaveTable. The member is not used before it has a duty.
func (in *instance) enterTable(m int) {
	ms, v := &in.members[m], &in.view.Members[m]
	v.Base, v.Absent, ms.weight = ms.base, false, ms.base*FullWeight
}

// assign sets a server's duty in all services.
func (b *Balancer) assign(server int32, d duty, text string) {
	each(b.instances, server, func(in *instance, m int) {
		if was := in.members[m].duty; was != d && was != absent {
			b.charge(in, m, d, text)
		}
	})
}

// charge sets the duty of member m.
func (b *Balancer) charge(in *instance, m int, d duty, text string) {
	ms := &in.members[m]
	cause := Enabled
	if ms.duty == draining {
		cause = Undrained
	}
	before := ms.leaves()
	if ms.duty.off() && !d.off() {
		b.checkAgain(in, m)
	}
	ms.duty = d
	in.drains(m, before)
	b.note(in.operated(m), in, m, text)
	in.judgePanic()
	if d.off() {
		in.leaveRamp(m)
	}
	if d == absent {
		in.setWeight(m, 0)
	}
	if !in.back(m, cause) {
		in.refresh(m)
	}
	in.timeDrain(m)
	b.settle(in)
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
		if ms.duty == absent {
			ms.base = int64(weight)
			return
		}
		base, effective := v.Base, v.Weight
		if base == int64(weight) {
			return
		}
		v.Base = int64(weight)
		in.reweigh(m, v.Base*FullWeight, base == 0)
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

// each calls f for a server's member in those of the instances that have one; a
// sorry server is none.
func each(instances []*instance, server int32, f func(in *instance, m int)) {
	for _, in := range instances {
		for m := range in.members {
			if in.members[m].server == server && m != in.sorry {
				f(in, m)
			}
		}
	}
}
