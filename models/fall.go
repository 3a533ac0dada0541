package models

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// fall is a server's crash, or that of one of its services, that clients at some
// distance have yet to hear of.
type fall struct {
	at      sim.Time
	oneWay  time.Duration
	server  int32
	service int // -1: all of them
}

// crashed resets what a server had that has crashed, or of one of its services if
// that is not -1. Where clients are far, this comes to them later; until then they
// find their connections as those of a server that is silent.
func (w *World) crashed(s int32, service int) {
	n := w.network
	if n == nil {
		w.reset(s, service)
		return
	}
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		switch {
		case r.Server != s || service >= 0 && int(r.Service) != service || r.Held != flow.NotHeld:
		case r.Work == flow.Probe:
			w.endCheck(flow.RequestID(i), false)
		case r.Abandoned:
			w.clients.Lost(flow.RequestID(i))
		case w.inFront(r) != flow.NoServer:
			w.stores.ids = append(w.stores.ids, flow.RequestID(i))
		default:
			r.Held = flow.Astray
		}
	})
	w.dropAll()
	var told []time.Duration
	for i := range n.far {
		if d := n.far[i].oneWay; !slices.Contains(told, d) {
			told = append(told, d)
			k, f := n.falls.New()
			*f = fall{w.engine.Now(), d, s, service}
			n.reset.After(d, k)
		}
	}
}

// onFall lets clients hear of a crash. Their connections since then are others.
func (w *World) onFall(i uint32) {
	n := w.network
	f := *n.falls.At(i)
	n.falls.Free(i)
	w.resetOver(f.server, f.service, func(c *flow.Conn) bool {
		pattern := w.patternOf(&n.lanes[c.Stream], c)
		return c.Server == f.server && c.Taken() && c.Opened < f.at && n.far[pattern].oneWay == f.oneWay
	})
}
