package models

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// What becomes of connections whose server goes, as lb.Fate has it.

// Cut implements lb.Front.
func (w *front) Cut(ids []flow.ConnID) {
	(*World)(w).endRequests(ids, nil)
	for _, id := range ids {
		w.balancer.Close(id)
		w.clients.Reset(id)
	}
}

// endRequests ends what is under way over connections, as reset, and calls f for
// each before, if it is not nil. A server that works does not know, and goes on.
func (w *World) endRequests(ids []flow.ConnID, f func(r *flow.Request)) {
	ending := among(ids)
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		switch id := flow.RequestID(i); {
		case r.Abandoned || r.Work == flow.Probe || !ending[r.Conn]:
			return
		case f != nil:
			f(r)
			fallthrough
		default:
			if r.Held != flow.NotHeld || !w.servers.Up(r.Server) {
				w.clients.Lost(id)
				return
			}
			w.clients.Detach(id, flow.Reset)
		}
	})
}

func among(ids []flow.ConnID) map[flow.ConnID]bool {
	set := make(map[flow.ConnID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// Released implements lb.Front: what was sent over the connections is sent again
// as TCP does it.
func (w *front) Released(ids []flow.ConnID) { (*World)(w).resume(among(ids)) }

// Leaves implements lb.Front.
func (w *front) Leaves(id flow.ConnID) {
	w.again = w.again[:0]
	(*World)(w).endRequests([]flow.ConnID{id}, func(r *flow.Request) { w.again = append(w.again, *r) })
	w.clients.Leaves(id)
}

// Moved implements lb.Front.
func (w *front) Moved(id flow.ConnID, ok bool) {
	if !ok {
		w.clients.Stranded(id)
		return
	}
	if w.network != nil {
		(*World)(w).keepLine(id)
	}
	w.clients.Moved(id, w.again)
}

// Blocked implements lb.Front: what a server that does not work had will not be
// answered.
func (w *front) Blocked([]flow.ConnID) {
	w.flows.Requests.All(func(_ uint32, r *flow.Request) {
		if (*World)(w).dead(r) && !w.servers.Up(r.Server) {
			r.Held = flow.Astray
		}
	})
}

// blocks reports whether a balancer may let nothing pass over some connections
// for a time.
func blocks(services []lb.Service) bool {
	for i := range services {
		for _, f := range []lb.Fate{services[i].OnDown, services[i].OnRemove} {
			if f == lb.Dropped || f == lb.Suspended {
				return true
			}
		}
	}
	return false
}
