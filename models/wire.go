package models

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// wire is the network to the clients: where their requests go.
type wire World

// Submit implements traffic.Servers.
func (w *wire) Submit(_ int32, id flow.RequestID) flow.Outcome {
	n, r := w.network, w.flows.Requests.At(uint32(id))
	for len(n.trips) <= int(id) {
		n.trips = append(n.trips, trip{})
	}
	t, c, now := &n.trips[id], w.flows.Conns.At(uint32(r.Conn)), w.engine.Now()
	after := time.Duration(0)
	switch lane := &n.lanes[r.Stream]; {
	case lane.bare:
		far := &n.far[(*World)(w).patternOf(lane, c)]
		if t.cost = far.fresh; r.Attempt != c.Attempt {
			t.cost = far.idle // it is asked again, as its connection has another server
		}
		t.opening, t.apart = t.cost.SetUp, false
		after = t.opening + t.cost.Out
	case r.Work == flow.Ask:
		after = (*World)(w).ask(t, (*World)(w).lineOf(r, c), id, r, c, now)
	default:
		after = (*World)(w).openLine(t, (*World)(w).lineOf(r, c), id, r, c, now)
	}
	r.Held, t.due = flow.Outbound, now.Add(after)
	n.out.At(t.due, uint32(id))
	return flow.Accepted
}

// ask fills in the trip of a request, and returns how long it is until its server
// can begin.
func (w *World) ask(t *trip, l *line, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) time.Duration {
	n := w.network
	if now > l.last && now.Sub(l.last) > n.far[l.pattern].restart && !l.opens && l.opening == 0 {
		l.place = n.memo.First(int(l.pattern), tcp.Idle)
	}
	var next tcp.Place
	t.cost, next = w.draw(l, id, r, c, now)
	out := t.cost.Out
	if t.opening = l.opening; l.opens {
		t.opening = t.cost.SetUp
		out += t.cost.SetUp
	}
	t.apart = !l.opens && now.Sub(r.Asked) < t.opening
	l.place, l.opens, l.opening, l.last = next, false, 0, now.Add(out+t.cost.Back)
	return out
}

// openLine returns how long it takes until a connection is open, for the first piece
// of work that its set-up is.
func (w *World) openLine(t *trip, l *line, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) time.Duration {
	if !l.opens {
		return 0
	}
	t.cost, _ = w.draw(l, id, r, c, now)
	l.opening, l.opens = t.cost.SetUp, false
	return l.opening
}

// draw returns what an exchange costs that begins now, and the place after it.
func (w *World) draw(l *line, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) (*tcp.Cost, tcp.Place) {
	n := w.network
	loss := n.lanes[r.Stream].loss
	if loss == nil {
		return n.memo.Cost(l.place, now), n.memo.After(l.place)
	}
	for len(n.lossy) <= int(id) {
		n.lossy = append(n.lossy, tcp.Cost{})
	}
	cost, next := n.memo.Draw(l.place, now, loss.Nth(w.clients.Occasion(r, c)))
	n.lossy[id] = *cost
	return &n.lossy[id], next
}

// patternOf returns the pattern of a connection of a stream.
func (w *World) patternOf(l *lane, c *flow.Conn) int32 {
	site := 0
	if !l.alike {
		site = w.pop.SiteOf(c.Client)
	}
	return l.patterns[site]
}

// lineOf returns the connection that a request goes over.
func (w *World) lineOf(r *flow.Request, c *flow.Conn) *line {
	n := w.network
	if n.lanes[r.Stream].way == traffic.OneByOne {
		return w.ownLine(r, c)
	}
	for len(n.lines) <= int(r.Conn) {
		n.lines = append(n.lines, line{})
	}
	l := &n.lines[r.Conn]
	if l.kept {
		l.kept, l.seq = false, c.Seq
	}
	if !l.used || l.seq != c.Seq {
		// One that is held and has not been set up was open when the run began.
		w.begins(l, r, c, r.Work == flow.Setup || n.lanes[r.Stream].way == traffic.OwnWay)
	}
	return l
}

// ownLine returns the connection to the balancer that a request goes over for which
// the balancer chooses a server.
func (w *World) ownLine(r *flow.Request, c *flow.Conn) *line {
	n := w.network
	number, numbered, first := w.clients.Line(c)
	l := &n.loose
	if numbered {
		for len(n.own) <= int(number) {
			n.own = append(n.own, line{})
		}
		l = &n.own[number]
	}
	if first || !numbered || !l.used {
		w.begins(l, r, c, first)
	}
	return l
}

// begins makes a line of a connection's first request.
func (w *World) begins(l *line, r *flow.Request, c *flow.Conn, opens bool) {
	n, state := w.network, tcp.Idle
	if opens {
		if state = tcp.Fresh; w.clients.Resumes(c) {
			state = tcp.Resumed
		}
	}
	pattern := w.patternOf(&n.lanes[r.Stream], c)
	*l = line{last: w.engine.Now(), seq: c.Seq, place: n.memo.First(int(pattern), state), pattern: pattern, used: true, opens: opens}
}

// keepLine keeps what is known of a connection that another server is to have.
func (w *World) keepLine(id flow.ConnID) {
	if n := w.network; int(id) < len(n.lines) {
		n.lines[id].kept = n.lines[id].used
	}
}

// onOut gives a request that has come over the wire to its server. Of one that has
// ended meanwhile, the number may be that of another.
func (w *World) onOut(i uint32) {
	r, now := w.flows.Requests.At(i), w.engine.Now()
	if r.Held != flow.Outbound || w.network.trips[i].due != now {
		return
	}
	r.Held, r.Check = flow.NotHeld, uint64(now)
	id := flow.RequestID(i)
	switch {
	case r.Work == flow.Setup && r.Demand == 0 && w.greets(r):
		w.clients.Answered(id)
		return
	case r.Abandoned && w.stores != nil:
		w.flows.Requests.Free(i) // its connection is closed, and nobody passes it on
		return
	}
	o := flow.Reset
	if w.network.falls.Len() == 0 || !w.shut(r) {
		o = w.network.enter.Submit(r.Server, id)
	}
	if o != flow.Accepted && !w.sendBack(id, o) {
		w.clients.Dropped(id, o)
	}
}

// shut reports whether a request that is let through meets a port that has been
// closed, as its client has yet to hear.
func (w *World) shut(r *flow.Request) bool {
	return (w.outage == nil || !w.blocked(r)) && int(r.Server) < len(w.config.Servers) && w.servers.State(r.Server, int(r.Service)) == flow.Refuses
}

// greets reports whether a server's system can open a request's connection, which
// costs its programs nothing.
func (w *World) greets(r *flow.Request) bool {
	return r.Abandoned || (w.outage == nil || !w.blocked(r)) && w.servers.State(r.Server, int(r.Service)) == flow.Accepts
}

// sendBack puts what a server says to a request on the wire, and reports whether it
// takes time there.
func (w *World) sendBack(id flow.RequestID, o flow.Outcome) bool {
	r := w.flows.Requests.At(uint32(id))
	if r.Abandoned || r.Work != flow.Ask {
		return false
	}
	n, now := w.network, w.engine.Now()
	t := &n.trips[id]
	r.Held, t.end, t.due = flow.Inbound, o, now.Add(t.cost.Back)
	switch n.lanes[r.Stream].way {
	case traffic.Held:
		n.lines[r.Conn].last = t.due
	case traffic.OneByOne:
		if number, numbered, _ := w.clients.Line(w.flows.Conns.At(uint32(r.Conn))); numbered {
			n.own[number].last = t.due
		}
	}
	n.back.At(t.due, uint32(id))
	return true
}

// told returns what observers are told of a trip.
func (w *World) told(t *trip, r *flow.Request) *flow.Trip {
	n := w.network
	n.trip.Before, n.trip.Opened = t.cost.Out, t.opening
	if !t.apart {
		n.trip.Before, n.trip.Opened = t.opening+t.cost.Out, 0
	}
	n.trip.Total = max(0, n.trip.Before+t.cost.Back-n.lanes[r.Stream].thinking)
	n.trip.StallTime, n.trip.Stalls = t.cost.StallTime, int(t.cost.Stalls)
	return &n.trip
}

// onBack gives what has come over the wire to the client.
func (w *World) onBack(i uint32) {
	r, now := w.flows.Requests.At(i), w.engine.Now()
	n := w.network
	t := &n.trips[i]
	if r.Held != flow.Inbound || t.due != now {
		return
	}
	r.Held = flow.NotHeld
	if t.end != flow.Completed {
		w.clients.Dropped(flow.RequestID(i), t.end)
		return
	}
	if n.obs != nil && !r.Abandoned && w.clients.Hears(w.flows.Conns.At(uint32(r.Conn))) {
		n.obs.Travelled(r, w.told(t, r), now)
	}
	w.clients.Answered(flow.RequestID(i))
}
