package traffic

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Clients that hold connections send a request again that was not answered, as
// often as Retry.Attempts says. It has a backoff of its own, and goes over the
// connection that there is then, or the next one. Clients that think wait for it.

// resend is a request that is to be sent again.
type resend struct {
	asked   sim.Time
	demand  time.Duration
	slot    uint32
	next    uint32 // that waits for the slot's connection, plus 1
	attempt uint16
}

// line is a slot's connection, and the requests to be sent again over it.
type line struct {
	conn        uint32 // plus 1; 0: none that is established
	first, last uint32 // that wait for it, plus 1
	n           uint32 // that wait for it or for the end of their backoff
}

// missed deals with a request that came to nothing. Those for which a connection
// was made are dealt with together with it.
func (g *Generator) missed(r *flow.Request, c *flow.Conn) {
	st := g.streams[c.Stream]
	if st.single {
		return
	}
	if st.breakers != nil && r.Why != flow.CircuitOpen {
		st.breakers.report(c.Client, r.Trial, false, g.e.Now())
	}
	if !st.resends || int(r.Attempt) >= st.config.Retry.Attempts || !st.affords(c.Client, g.e.Now()) {
		return
	}
	i, x := g.resends.New()
	*x = resend{asked: r.Asked, demand: r.Demand, slot: c.Owner, attempt: r.Attempt + 1}
	l := &g.lines[c.Owner]
	l.n++
	k := occasion(c.Owner, g.slots[c.Owner].asks+l.n)
	if st.config.Retry.Redraw {
		x.demand = st.asks.at(anew(k, x.attempt))
	}
	luck := Luck{st.resend, anew(k, x.attempt), 1 << attemptShift}
	g.again.After(st.config.Retry.Backoff.Delay(int(r.Attempt), luck), i)
}

// thrive deals with an answered request: its client's connection works.
func (g *Generator) thrive(i uint32, st *stream, c *flow.Conn, r *flow.Request) {
	if st.limited {
		g.relax(i, r)
	}
	if st.held {
		g.slots[c.Owner].fails = 0
	}
	if st.breakers != nil && !st.single && r.Work == flow.Ask {
		st.breakers.report(c.Client, r.Trial, true, g.e.Now())
	}
}

// awaited reports whether a slot has requests to send again.
func (g *Generator) awaited(st *stream, slot uint32) bool {
	return st.resends && g.lines[slot].n > 0
}

// onAgain sends a request again, or lets it wait for the next connection.
func (g *Generator) onAgain(i uint32) {
	x := g.resends.At(i)
	l := &g.lines[x.slot]
	if l.conn > 0 && g.fl.Conns.At(l.conn-1).State != flow.Closing {
		g.sendAgain(i)
		return
	}
	if l.last > 0 {
		g.resends.At(l.last - 1).next = i + 1
	} else {
		l.first = i + 1
	}
	l.last = i + 1
}

// sendAgain sends a request over its slot's connection.
func (g *Generator) sendAgain(i uint32) {
	x := *g.resends.At(i)
	g.resends.Free(i)
	l := &g.lines[x.slot]
	l.n--
	id := flow.ConnID(l.conn - 1)
	c := g.fl.Conns.At(uint32(id))
	st := g.streams[c.Stream]
	o := g.request(id, st, c, x.demand, x.asked, x.attempt)
	switch {
	case c.State == flow.Severed:
		g.fail(id, o)
	case st.think.on() && o != flow.Accepted:
		g.plan(id, st, c)
	}
}

// connected remembers a slot's connection, and sends what waits for it.
func (g *Generator) connected(id flow.ConnID, c *flow.Conn) {
	l := &g.lines[c.Owner]
	l.conn = uint32(id) + 1
	for l.first > 0 && l.conn == uint32(id)+1 {
		i := l.first - 1
		if l.first = g.resends.At(i).next; l.first == 0 {
			l.last = 0
		}
		g.sendAgain(i)
	}
}

// disconnected forgets a slot's connection.
func (g *Generator) disconnected(slot uint32) { g.lines[slot].conn = 0 }
