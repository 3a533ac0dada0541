package models

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/traffic"
)

// Who works on requests where clients have mailboxes: see traffic.Mailboxes. The
// server that has a client's connection is in front, and passes a request on to the
// one behind it where the database is mounted. What becomes of a request then, where
// the documents do not say, is chosen:
//
//   - If the server in front fails, the client's connection is reset. The one behind
//     does not know, and works on.
//   - If the server behind crashes, the client gets an error, and keeps its
//     connection. If it falls silent, the one in front waits until the database is
//     mounted elsewhere, and gives the client an error then.
//   - What a server is working on when it dismounts a database is completed.
//   - A server in front that hangs or stands still does what comes meanwhile by
//     itself when it goes on.

// stores is what the world knows of mailboxes.
type stores struct {
	rules  []*traffic.Mailboxes // by stream; nil: the servers that have its connections do the work
	server []int32              // by member of the database group
	ids    []flow.RequestID     // found in a walk through all requests, to be ended after it
}

// resolveMailboxes checks that those who work on requests are servers.
func (r *resolved) resolveMailboxes() (problems []flow.Problem) {
	for i := range r.Traffic {
		if r.Traffic[i].Mailboxes == nil {
			continue
		}
		bad := func(hint, format string, args ...any) {
			problems = append(problems, flow.Problem{Path: fmt.Sprintf("traffic[%d].mailboxes", i), Text: fmt.Sprintf(format, args...), Hint: hint})
		}
		if r.DAG == nil || len(r.DAG.Databases) == 0 {
			bad("describe a dag with databases, or leave mailboxes out", "there are no databases")
			continue
		}
		for m, at := range r.members {
			if at.server < 0 && at != noNode {
				bad("write servers: [{name: ..., vm: ...}]", "member %s is a virtual machine without a server: nobody works on requests there", r.DAG.Members[m].Name)
			}
		}
	}
	return problems
}

// newStores returns nil where no client has a mailbox.
func (w *World) newStores() *stores {
	x, any := &stores{}, false
	for i := range w.config.Traffic {
		rule := w.config.Traffic[i].Mailboxes
		x.rules = append(x.rules, rule)
		any = any || rule != nil
	}
	if !any {
		return nil
	}
	for _, at := range w.config.members {
		x.server = append(x.server, int32(at.server))
	}
	return x
}

// relays gives requests to the servers that work on them.
type relays World

// Submit implements traffic.Servers.
func (w *relays) Submit(s int32, id flow.RequestID) flow.Outcome { return (*World)(w).deliver(s, id) }

// deliver gives a request that has come to server s to whoever works on it.
func (w *World) deliver(s int32, id flow.RequestID) flow.Outcome {
	r := w.flows.Requests.At(uint32(id))
	switch {
	case w.network != nil && w.network.falls.Len() > 0 && w.shut(r):
		return flow.Reset
	case w.stores == nil:
		return w.servers.Submit(s, id)
	}
	rule, service := w.stores.rules[r.Stream], int(r.Service)
	if rule == nil || r.Work != flow.Ask || !w.works(s, service) {
		return w.servers.Submit(s, id)
	}
	member, mounted := w.group.Active(w.databaseOf(r))
	behind := w.stores.server[member]
	switch {
	case !mounted && rule.WhileDismounted == traffic.AwaitMounted:
		r.Held = flow.Parked
		return flow.Accepted
	case !mounted:
		r.Why = flow.Dismounted
		return flow.Rejected
	case behind == s:
		return w.servers.Submit(s, id)
	case w.servers.State(behind, service) == flow.Refuses:
		return flow.Reset
	}
	demand, stream := r.Demand, r.Stream
	r.Server = behind
	o := w.servers.Submit(behind, id)
	if o == flow.Accepted && rule.Relay > 0 {
		w.relay(s, service, stream, demand, rule.Relay)
	}
	return o
}

// relay gives a server the work of passing a request on, for which nobody waits.
func (w *World) relay(s int32, service int, stream uint16, demand time.Duration, share flow.Share) {
	i, x := w.flows.Requests.New()
	now := w.engine.Now()
	x.Asked, x.Sent, x.Started = now, now, -1
	x.Server, x.Service, x.Stream, x.Work, x.Abandoned = s, uint16(service), stream, flow.Setup, true
	x.Demand = time.Duration(float64(demand) * float64(share))
	if w.servers.Submit(s, flow.RequestID(i)) != flow.Accepted {
		w.flows.Requests.Free(i)
	}
}

// databaseOf returns the database that a request is for.
func (w *World) databaseOf(r *flow.Request) int {
	n := uint32(len(w.config.DAG.Databases))
	return dealt(uint32(w.flows.Conns.At(uint32(r.Conn)).Client), n)
}

// dealt returns the one of n databases that a client has its mailbox in. As many
// clients as there are databases have one each, and so do the next. Each round begins
// elsewhere, at a number that Fibonacci hashing spreads (Knuth, volume 3, section
// 6.4): a balancer that deals out the same clients in turn would else give all
// clients of a database the same server.
func dealt(client, n uint32) int {
	round := client / n
	first := uint32(uint64(round*2654435769) * uint64(n) >> 32)
	return int((client + first) % n)
}

// inFront returns the server that has passed a request on, or flow.NoServer.
func (w *World) inFront(r *flow.Request) int32 {
	if w.stores == nil || r.Abandoned || r.Work != flow.Ask || w.stores.rules[r.Stream] == nil {
		return flow.NoServer
	}
	if s := w.flows.Conns.At(uint32(r.Conn)).Server; s != r.Server {
		return s
	}
	return flow.NoServer
}

// resetRelayed resets a request that a server has passed on which has failed.
func (w *World) resetRelayed(id flow.RequestID, r *flow.Request) {
	if r.Held != flow.NotHeld { // the server behind it has answered
		w.clients.Lost(id)
		return
	}
	w.clients.Detach(id, flow.Reset)
}

// dropAll ends requests that had been passed on to a server that has failed, now
// that nobody walks through all of them.
func (w *World) dropAll() {
	if w.stores == nil {
		return
	}
	for _, id := range w.stores.ids {
		w.clients.Dropped(id, flow.Reset)
	}
	w.stores.ids = w.stores.ids[:0]
}

// mailboxes is the world to a database group: where databases are.
type mailboxes World

// Mounted implements dag.Listener.
func (w *mailboxes) Mounted(database, member int) {
	if p, ok := w.obs.(flow.PlacementObserver); ok {
		p.Mounted(database, member, w.engine.Now())
	}
	if w.stores != nil {
		(*World)(w).catchUp(database, w.stores.server[member])
	}
}

// Dismounted implements dag.Listener.
func (w *mailboxes) Dismounted(database int) {
	if p, ok := w.obs.(flow.PlacementObserver); ok {
		p.Mounted(database, -1, w.engine.Now())
	}
}

// catchUp sees to the requests that have waited for a database, which a server has
// mounted, and to those that a server has which falls silent and had it before.
func (w *World) catchUp(database int, on int32) {
	x := w.stores
	x.ids = x.ids[:0]
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		if r.Abandoned || r.Work != flow.Ask || x.rules[r.Stream] == nil || w.databaseOf(r) != database {
			return
		}
		if r.Held == flow.Parked || r.Held == flow.NotHeld && r.Server != on && w.inFront(r) >= 0 && w.servers.State(r.Server, int(r.Service)) == flow.Silent {
			x.ids = append(x.ids, flow.RequestID(i))
		}
	})
	for _, id := range x.ids {
		r := w.flows.Requests.At(uint32(id))
		if r.Held != flow.Parked {
			w.clients.Forsaken(id, flow.Reset)
			continue
		}
		r.Held = flow.NotHeld
		if o := w.deliver(r.Server, id); o != flow.Accepted {
			w.clients.Dropped(id, o)
		}
	}
	x.ids = x.ids[:0]
}
