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
	n, r, now := w.network, w.flows.Requests.At(uint32(id)), w.engine.Now()
	for len(n.trips) <= int(id) {
		n.trips = append(n.trips, trip{})
	}
	t, c, after := &n.trips[id], w.flows.Conns.At(uint32(r.Conn)), time.Duration(0)
	switch lane := &n.lanes[r.Stream]; {
	case lane.bare:
		far := &n.far[(*World)(w).patternOf(lane, c)]
		p := &n.passages[far.fresh]
		if r.Attempt != c.Attempt {
			p = &n.passages[far.idle] // it is asked again, as its connection has another server
		}
		t.back, t.told = p.back, &p.trip
		after = p.trip.Before
	case r.Work == flow.Ask:
		after = (*World)(w).ask(t, (*World)(w).lineOf(lane, r, c), id, r, c, now)
	default:
		after = (*World)(w).openLine((*World)(w).lineOf(lane, r, c), id, r, c, now)
	}
	due := now.Add(after) // when it has reached its server
	r.Held, r.Check = flow.Outbound, uint64(due)
	n.out.At(due, uint32(id))
	return flow.Accepted
}

// ask fills in the trip of a request, and returns how long it is until its server
// can begin.
func (w *World) ask(t *trip, l *line, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) time.Duration {
	first := l.opens || l.opening > 0
	if !first && now.Sub(l.last) > l.restart {
		l.place = l.idle
	}
	p := w.passage(l.place, id, r, c, now)
	out, opening, apart := p.out, l.opening, false
	if first {
		if l.opens {
			opening = p.setUp
			out += opening
		}
		apart = !l.opens && now.Sub(r.Asked) < opening
		l.opens, l.opening = false, 0
	}
	if t.told = &p.trip; opening != p.setUp || apart {
		t.told = w.network.tell(p, id, r, opening, apart)
	}
	t.back = p.back
	l.place, l.last = p.next, now.Add(out+p.back)
	return out
}

// openLine returns how long it takes until a connection is open, for the first piece
// of work that its set-up is.
func (w *World) openLine(l *line, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) time.Duration {
	if !l.opens {
		return 0
	}
	l.opening, l.opens = w.passage(l.place, id, r, c, now).setUp, false
	return l.opening
}

// patternOf returns the pattern of a connection of a stream.
func (w *World) patternOf(l *lane, c *flow.Conn) int32 {
	if l.alike {
		return l.pattern
	}
	return l.patterns[w.pop.SiteOf(c.Client)]
}

// lineOf returns the connection that a request goes over.
func (w *World) lineOf(lane *lane, r *flow.Request, c *flow.Conn) *line {
	n := w.network
	if lane.way == traffic.OneByOne {
		return w.ownLine(lane, r, c)
	}
	for len(n.lines) <= int(r.Conn) {
		n.lines = append(n.lines, line{})
	}
	l := &n.lines[r.Conn]
	if l.seq != c.Seq+1 {
		if l.kept {
			l.kept, l.seq = false, c.Seq+1
			return l
		}
		// One that is held and has not been set up was open when the run began.
		w.begins(l, lane, c, r.Work == flow.Setup || lane.way == traffic.OwnWay)
	}
	return l
}

// ownLine returns the connection to the balancer that a request goes over for which
// the balancer chooses a server.
func (w *World) ownLine(lane *lane, r *flow.Request, c *flow.Conn) *line {
	n := w.network
	number, numbered, first := w.clients.Line(c)
	l := &n.loose
	if numbered {
		for len(n.own) <= int(number) {
			n.own = append(n.own, line{})
		}
		l = &n.own[number]
	}
	if first || !numbered || l.seq == 0 {
		w.begins(l, lane, c, first)
	}
	return l
}

// begins makes a line of a connection's first request.
func (w *World) begins(l *line, lane *lane, c *flow.Conn, opens bool) {
	n, state := w.network, tcp.Idle
	if opens {
		if state = tcp.Fresh; w.clients.Resumes(c) {
			state = tcp.Resumed
		}
	}
	pattern := w.patternOf(lane, c)
	far := &n.far[pattern]
	*l = line{last: w.engine.Now(), seq: c.Seq + 1, place: n.memo.First(int(pattern), state), restart: far.restart, idle: far.idle, opens: opens}
}

// keepLine keeps what is known of a connection that another server is to have.
func (w *World) keepLine(id flow.ConnID) {
	if n := w.network; int(id) < len(n.lines) {
		l := &n.lines[id]
		l.kept, l.seq = l.kept || l.seq != 0, 0
	}
}

// onOut gives a request that has come over the wire to its server. Of one that has
// ended meanwhile, the number may be that of another.
func (w *World) onOut(i uint32) {
	r, now := w.flows.Requests.At(i), w.engine.Now()
	if r.Held != flow.Outbound || sim.Time(r.Check) != now {
		return
	}
	r.Held = flow.NotHeld
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
	due := now.Add(t.back)
	r.Held, t.end, t.due = flow.Inbound, o, due
	switch n.lanes[r.Stream].way {
	case traffic.Held:
		n.lines[r.Conn].last = due
	case traffic.OneByOne:
		if number, numbered, _ := w.clients.Line(w.flows.Conns.At(uint32(r.Conn))); numbered {
			n.own[number].last = due
		}
	}
	n.back.At(due, uint32(id))
	return true
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
	if n.obs != nil && !r.Abandoned && w.clients.Hears(r.Conn) {
		n.obs.Travelled(r, t.told, now)
	}
	w.clients.Answered(flow.RequestID(i))
}
