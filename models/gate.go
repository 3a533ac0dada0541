package models

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// gate holds requests and answers back while nobody passes them on.
type gate World

// Submit implements traffic.Servers.
func (g *gate) Submit(s int32, id flow.RequestID) flow.Outcome {
	if r := g.flows.Requests.At(uint32(id)); (*World)(g).blocked(r) {
		if r.Held = flow.Undelivered; (*World)(g).dead(r) {
			r.Held = flow.Astray
		}
		return flow.Accepted
	}
	return (*World)(g).deliver(s, id)
}

// holds reports whether an answer stays with its server for now.
func (w *World) holds(id flow.RequestID, r *flow.Request) bool {
	if w.outage == nil || r.Work == flow.Probe || !w.blocked(r) {
		return false
	}
	if r.Held = flow.Unreturned; w.dead(r) {
		r.Held = flow.Astray
	}
	o := w.outage
	for len(o.since) <= int(id) {
		o.since = append(o.since, 0)
	}
	o.since[id] = w.engine.Now()
	return true
}

// blocked reports whether nothing passes over a request's connection.
func (w *World) blocked(r *flow.Request) bool {
	return w.outage.away || !r.Abandoned && w.flows.Conns.At(uint32(r.Conn)).Path != flow.Whole
}

// dead reports whether nothing will ever pass over a request's connection.
func (w *World) dead(r *flow.Request) bool {
	return !r.Abandoned && r.Work != flow.Probe && w.flows.Conns.At(uint32(r.Conn)).Path == flow.Dead
}

// resume sends again what is waiting, over some connections or, if these are nil,
// over all.
func (w *World) resume(over map[flow.ConnID]bool) {
	now := w.engine.Now()
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		if r.Held == flow.NotHeld || r.Held >= flow.Astray || over != nil && (r.Abandoned || !over[r.Conn]) {
			return
		}
		w.outage.pass.At(retransmission(w.outage.heldSince(i, r), now), i)
	})
}

// minRTO is the time after which TCP sends a segment again for the first time,
// on a path whose round trip is short; it doubles each time (RFC 6298, section
// 5.5; its least value of 1 s is 200 ms in Linux, include/net/tcp.h).
const minRTO = 200 * time.Millisecond

// retransmission returns when a segment is sent again for the first time from
// a given time on.
func retransmission(sent, from sim.Time) sim.Time {
	at := sent
	for rto := minRTO; at < from; rto *= 2 {
		at = at.Add(rto)
	}
	return at
}

// heldSince returns when a request was sent that is held back, or when its answer
// was.
func (o *outage) heldSince(i uint32, r *flow.Request) sim.Time {
	if r.Held == flow.Unreturned {
		return o.since[i]
	}
	return r.Reached()
}

// onPass passes a request or an answer on that was sent again. What was to be sent
// may have come to nothing since; another request that has its number by now is
// sent at times of its own.
func (w *World) onPass(i uint32) {
	r := w.flows.Requests.At(i)
	held := r.Held
	if held != flow.Undelivered && held != flow.Unreturned || retransmission(w.outage.heldSince(i, r), w.engine.Now()) != w.engine.Now() {
		return
	}
	if r.Held = flow.NotHeld; w.blocked(r) {
		r.Held = held // once more
		return
	}
	id := flow.RequestID(i)
	switch held {
	case flow.Undelivered:
		if o := w.deliver(r.Server, id); o != flow.Accepted {
			w.clients.Dropped(id, o)
		}
	case flow.Unreturned:
		(*answers)(w).Done(id)
	}
}
