package models

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// outage is what the world knows of the balancers that can fail, the active one
// and, in a pair, the one that stands by. While nobody serves, requests and
// answers stay where they are. Then they are sent again as TCP does it, if the
// new balancer knows the connection, and otherwise the connection is lost.
type outage struct {
	pair    *lb.Pair // nil: there is one balancer
	working int      // balancers that work
	broken  [2]bool  // those that do not; the first serves at first
	active  int      // the one that serves, or will
	away    bool     // nobody serves
	next    sim.Pending
	since   []sim.Time // by request: when its answer was held back

	takeOver sim.Port[uint32]
	pass     sim.Port[uint32] // a request or an answer is sent again
}

// newOutage returns the state of the balancers, nil if nothing happens to them.
func (w *World) newOutage() *outage {
	f := w.config.Failures
	chance := f != nil && (f.Balancer != nil || f.BalancerSoftware != nil)
	if !chance && !slices.ContainsFunc(w.config.actions, func(a action) bool { return a.of == theBalancer }) && !blocks(w.config.Balancer.Services) {
		return nil
	}
	o := &outage{pair: w.config.Balancer.Pair}
	o.working = o.units()
	o.takeOver = sim.Bind(w.engine, "balancer/take-over", sim.Fault, w.onTakeOver)
	o.pass = sim.Bind(w.engine, "balancer/retransmission", sim.Arrive, w.onPass)
	return o
}

// units is the number of balancers.
func (o *outage) units() int {
	if o.pair == nil {
		return 1
	}
	return 2
}

// loseBalancer breaks a balancer and reports whether that changes anything. Orderly is
// whether it announces that.
func (w *World) loseBalancer(unit int, orderly bool) bool {
	o := w.outage
	if o.broken[unit] {
		return false
	}
	o.broken[unit] = true
	o.working--
	switch {
	case o.away && o.working == 0:
		w.noteBalancer(flow.Failed, "fails as well: nobody is left to answer")
		w.engine.Cancel(o.next)
		return true
	case unit != o.active:
		w.noteBalancer(flow.Failed, "the one that stands by fails")
		return true
	case orderly:
		w.noteBalancer(flow.Failed, "hands over: nobody answers at its addresses")
	default:
		w.noteBalancer(flow.Failed, "fails: nobody answers at its addresses")
	}
	if o.working > 0 {
		o.active = 1 - unit
	}
	w.interrupt(orderly)
	return true
}

// acting is the balancer that an operator takes away: the active one, or the one
// that is to be.
func (o *outage) acting() int {
	if o.broken[o.active] {
		return o.units() - 1 - o.active
	}
	return o.active
}

// interrupt begins a time in which nobody serves, and which ends when the
// balancer that stands by has noticed.
func (w *World) interrupt(orderly bool) {
	o := w.outage
	if !o.away {
		o.away = true
		w.lb.Away(true)
		w.recount()
	}
	w.engine.Cancel(o.next)
	if o.working > 0 {
		o.next = o.takeOver.Set(o.pair.Gap(orderly), 0)
	}
}

// regainBalancer repairs a balancer. The first of a pair is the one that takes over from
// the other where the pair says so.
func (w *World) regainBalancer(unit int) {
	o := w.outage
	if !o.broken[unit] {
		return
	}
	o.broken[unit] = false
	o.working++
	switch {
	case o.working == 1:
		w.noteBalancer(flow.Recovered, "comes back, empty")
		o.active = unit
		w.beginServing(nil)
	case o.pair.Preempt && !o.away && unit == 0:
		w.noteBalancer(flow.Recovered, "comes back, and takes over from the other")
		o.active = unit
		w.interrupt(false)
	default:
		w.noteBalancer(flow.Recovered, "comes back, and stands by")
	}
}

// mendable is the balancer that an operator repairs: of two, first the second.
func (o *outage) mendable() int {
	if o.broken[1] {
		return 1
	}
	return 0
}

func (w *World) onTakeOver(uint32) {
	w.noteBalancer(flow.Recovered, "the other one serves: "+w.outage.pair.Loses())
	w.beginServing(w.outage.pair)
}

// beginServing lets a balancer serve that knows what the pair says, and nothing
// without one.
func (w *World) beginServing(p *lb.Pair) {
	w.outage.away = false
	w.lb.Away(false)
	w.recount()
	queued := w.lb.Replace(p)
	if p.Keeps(lb.SyncedConnections) {
		w.resume(nil)
	} else {
		w.cutAll(p)
	}
	for _, id := range queued {
		w.clients.Refused(id, flow.Reset)
	}
}

// cutAll ends all connections: the balancer that serves now does not know them.
// Those over which nothing is under way are noticed when they are used.
func (w *World) cutAll(p *lb.Pair) {
	within := time.Duration(0)
	if p != nil {
		within = p.Keepalive
	}
	w.flows.Conns.All(func(i uint32, c *flow.Conn) {
		if c.Taken() && c.Busy == 0 {
			w.balancer.Close(flow.ConnID(i))
			w.clients.Sever(flow.ConnID(i), within)
		}
	})
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		switch {
		case r.Work == flow.Probe || w.dead(r):
		case r.Held != flow.NotHeld:
			w.clients.Lost(flow.RequestID(i))
		default:
			w.clients.Detach(flow.RequestID(i), flow.Reset)
		}
	})
	w.flows.Conns.All(func(i uint32, c *flow.Conn) {
		if c.Taken() {
			w.balancer.Close(flow.ConnID(i))
			w.clients.Reset(flow.ConnID(i))
		}
	})
}

func (w *World) noteBalancer(kind flow.NoteKind, text string) {
	w.obs.Noted(flow.Note{At: w.engine.Now(), Kind: kind, Service: -1, Server: -1, Actor: balancerName, Text: text})
}

// ofBalancer returns the action that a verb has on the balancer.
func ofBalancer(v verb) (x action, ok bool) {
	return action{of: theBalancer, server: flow.NoServer, service: -1}, v == failing || v == recovering || v == disabling || v == enabling
}

// operateBalancer carries out an action on the balancer.
func (w *World) operateBalancer(v verb) {
	switch v {
	case failing, disabling:
		w.loseBalancer(w.outage.acting(), v == disabling)
	case recovering, enabling:
		w.regainBalancer(w.outage.mendable())
	default:
		panic(fmt.Sprintf("verb %d on the balancer", v))
	}
}
