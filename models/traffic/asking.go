package traffic

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// ownDemand returns the demand of the one request that comes with an arriving
// connection, if there is one.
func (g *Generator) ownDemand(st *stream, c *flow.Conn) (time.Duration, bool) {
	if st.visits != nil {
		if d := st.visits[c.Owner].Demand; d != flow.Unknown {
			return d, true
		}
	}
	switch again := c.Attempt > 1 && st.config.Retry.Redraw; {
	case st.demand.on() && again:
		return st.demand.at(anew(uint64(c.Owner), c.Attempt)), true
	case st.demand.on():
		return st.demand.inTurn(uint64(c.Owner)), true
	case st.exchanges && again:
		return st.asks.at(anew(g.occasionOf(st, c), c.Attempt)), true
	case st.exchanges:
		return st.asks.at(g.occasionOf(st, c)), true
	}
	return 0, false
}

// anew numbers what is drawn anew for a further attempt.
func anew(k uint64, attempt uint16) uint64 { return uint64(attempt-1)<<attemptShift + k }

// plan schedules the connection's next request.
//
// A client that holds connections has its own times for its requests. They
// stand when a connection is replaced, and what falls due while there is no
// connection is left out. Were the wait to begin anew with each connection, long
// waits would be begun again and again, and too few requests sent.
func (g *Generator) plan(id flow.ConnID, st *stream, c *flow.Conn) {
	now := g.e.Now()
	if !st.held {
		c.Next = g.ask.SetAt(st.after(now, occasion(c.Owner, c.Draws)), uint32(id))
		return
	}
	if st.gap == 0 && g.awaited(st, c.Owner) {
		return // the client waits for a request that it sends again
	}
	s := &g.slots[c.Owner]
	if st.gap == 0 {
		s.due = max(s.due, now) // thinking begins with the answer
	}
	for s.due <= now {
		s.due = st.after(s.due, occasion(c.Owner, s.asks))
		s.asks++
	}
	c.Next = g.ask.SetAt(s.due, uint32(id))
}

// after returns when a connection's next request is due, counted from its last
// request or answer.
func (st *stream) after(from sim.Time, k uint64) sim.Time {
	if st.peak != nil {
		return st.peak.after(from, st.wait(k))
	}
	return from.Add(st.wait(k))
}

// wait returns the time from a connection's last request or answer to its next
// request, outside of a peak.
func (st *stream) wait(k uint64) time.Duration {
	if st.gap == 0 {
		return max(minLife, st.think.at(k))
	}
	wait := -float64(st.gap) * sim.Log(1-st.uniform.Nth(k))
	return time.Duration(min(wait, 1e18))
}

// onAsk sends a connection's next request.
func (g *Generator) onAsk(i uint32) {
	id := flow.ConnID(i)
	c := g.fl.Conns.At(i)
	st := g.streams[c.Stream]
	k := c.Draws
	if st.held {
		k = g.slots[c.Owner].asks - 1
	} else {
		c.Draws++
	}
	demand := st.asks.at(occasion(c.Owner, k))
	c.Next = 0
	o := g.request(id, st, c, demand, g.e.Now(), 1)
	switch {
	case c.State == flow.Severed:
		g.fail(id, o)
	case st.gap > 0 || o != flow.Accepted:
		g.plan(id, st, c)
	}
}

// request sends a request over a connection, or does not because the client's
// circuit breaker is open.
func (g *Generator) request(id flow.ConnID, st *stream, c *flow.Conn, demand time.Duration, asked sim.Time, attempt uint16) flow.Outcome {
	trial := uint8(0)
	if st.restrained {
		now, ok := g.e.Now(), true
		if st.budgets != nil && attempt == 1 {
			st.budgets.ask(c.Client, now)
		}
		if st.breakers != nil {
			trial, ok = st.breakers.permit(c.Client, now)
		}
		if !ok {
			g.failed = flow.Request{
				Asked: asked, Sent: now, Started: -1, Demand: demand, Conn: id, Server: c.Server,
				Service: c.Service, Stream: c.Stream, Attempt: attempt, Why: flow.CircuitOpen,
			}
			g.obs.Arrived(&g.failed, now)
			g.obs.Finished(&g.failed, flow.Rejected, now)
			g.missed(&g.failed, c)
			return flow.Rejected
		}
	}
	i, r := g.prepare(id, c, demand)
	r.Asked, r.Attempt, r.Trial = asked, attempt, trial
	return g.send(i, r, c, r.Sent)
}

// prepare returns a new piece of work for the connection's server: a request that
// its client asks for now. Like a connection, it is filled in in its place: what
// would be said of it in a struct of arguments goes through memory twice.
func (g *Generator) prepare(id flow.ConnID, c *flow.Conn, demand time.Duration) (uint32, *flow.Request) {
	i, r := g.fl.Requests.New()
	if g.fl.Requests.Len() > maxUnderWay {
		panic(Overload{g.e.Now()})
	}
	c.Busy++
	now := g.e.Now()
	r.Asked, r.Sent, r.Started = now, now, -1
	r.Demand, r.Work, r.Attempt = demand, flow.Ask, 1
	r.Conn, r.Server, r.Service, r.Stream = id, c.Server, c.Service, c.Stream
	return i, r
}

// send gives a piece of work to its machine. Since is from when on its time-out
// counts.
func (g *Generator) send(i uint32, r *flow.Request, c *flow.Conn, since sim.Time) flow.Outcome {
	if r.Work == flow.Ask {
		g.obs.Arrived(r, r.Sent)
	}
	if st := g.streams[c.Stream]; st.limited {
		g.expect(i, r, since.Add(st.config.Retry.Timeout))
	}
	o := flow.Reset
	switch {
	case c.State == flow.Severed:
	case g.cut != nil && g.isCut(c.Client):
		r.Held, o = flow.Astray, flow.Accepted
	default:
		o = g.servers.Submit(r.Server, flow.RequestID(i))
	}
	if o != flow.Accepted {
		g.drop(i, o)
	}
	return o
}

// drop ends a request that is not answered.
func (g *Generator) drop(i uint32, o flow.Outcome) {
	g.Detach(flow.RequestID(i), o)
	g.fl.Requests.At(i).Held = flow.NotHeld // nobody sends it again
	g.fl.Requests.Free(i)
}

// Answered goes on after a server has finished a request.
func (g *Generator) Answered(id flow.RequestID) {
	r := g.fl.Requests.At(uint32(id))
	if r.Abandoned {
		g.fl.Requests.Free(uint32(id))
		return
	}
	cid, work, machine := r.Conn, r.Work, r.Server
	c := g.fl.Conns.At(uint32(cid))
	if g.cut != nil && g.isCut(c.Client) {
		r.Held = flow.Astray
		return
	}
	c.Busy--
	if work == flow.Ask {
		o := flow.Completed
		if c.Sorry {
			o, r.Why = flow.Rejected, flow.Apologised
		}
		g.obs.Finished(r, o, g.e.Now())
	}
	st := g.streams[c.Stream]
	if st.limited || st.restrained {
		g.thrive(uint32(id), st, c, r)
	}
	g.fl.Requests.Free(uint32(id))
	switch {
	case work == flow.Setup:
		g.greeted(cid, st, c, machine)
	case c.State == flow.Closing:
		if c.Busy == 0 {
			g.finish(cid, st, c)
		}
	case c.Sorry: // it closes what it has answered
		g.e.Cancel(c.End)
		g.onEnd(uint32(cid))
	case st.think.on():
		g.plan(cid, st, c)
	}
}

// Dropped ends a request that its server had taken and then turned away, and
// the connection with it if that was opened for this request.
func (g *Generator) Dropped(id flow.RequestID, o flow.Outcome) {
	r := g.fl.Requests.At(uint32(id))
	cid, work, abandoned := r.Conn, r.Work, r.Abandoned
	if g.cut != nil && !abandoned && g.isCut(g.fl.Conns.At(uint32(cid)).Client) {
		r.Held = flow.Astray
		return
	}
	g.drop(uint32(id), o)
	if !abandoned {
		g.unserved(cid, work, o)
	}
}

// Forsaken tells the client of a request that it will not be answered, while its
// server may go on with it. A client that is cut off is not reached.
func (g *Generator) Forsaken(id flow.RequestID, o flow.Outcome) {
	r := g.fl.Requests.At(uint32(id))
	cid, work := r.Conn, r.Work
	if r.Abandoned || g.cut != nil && g.isCut(g.fl.Conns.At(uint32(cid)).Client) {
		return
	}
	g.Detach(id, o)
	g.unserved(cid, work, o)
}

// unserved goes on with a connection after an error in place of an answer.
func (g *Generator) unserved(cid flow.ConnID, work flow.Work, o flow.Outcome) {
	c := g.fl.Conns.At(uint32(cid))
	st := g.streams[c.Stream]
	switch {
	case work == flow.Setup, st.single:
		g.balancer.Close(cid)
		g.fail(cid, o)
	case c.State == flow.Closing:
		if c.Busy == 0 {
			g.finish(cid, st, c)
		}
	case st.think.on():
		g.plan(cid, st, c)
	}
}

// Lost ends a request whose server died.
func (g *Generator) Lost(id flow.RequestID) { g.drop(uint32(id), flow.Reset) }
