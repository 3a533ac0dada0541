package traffic

import (
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
)

// The life of a connection:
//
//	open -> (queue) -> taken -> set-up -> established -> requests -> finish
//
// and on the way out of any of these states: fail, which a server's death
// calls from outside as Reset.

// attempt returns a new connection attempt, the first of its owner's. It is
// filled in in its place, as copies of it would cost more than its life.
func (g *Generator) attempt(st *stream, client flow.ClientID, addr flow.AddrID, owner uint32) (flow.ConnID, *flow.Conn) {
	i, c := g.fl.Conns.New()
	if g.fl.Conns.Len() > maxUnderWay {
		panic(Overload{g.e.Now()})
	}
	now := g.e.Now()
	c.Asked, c.Tried = now, now
	c.Seq, c.Attempt = g.seq, 1
	c.Client, c.Addr, c.Owner = client, addr, owner
	c.Stream, c.Service = st.index, uint16(st.config.Service)
	c.Member, c.Server = -1, flow.NoServer
	g.seq++
	return flow.ConnID(i), c
}

// open makes a connection attempt.
func (g *Generator) open(id flow.ConnID) {
	c := g.fl.Conns.At(uint32(id))
	if st := g.streams[c.Stream]; st.restrained && !g.restrain(st, c) || g.ports != nil && !g.takePort(c) {
		g.Refused(id, flow.Rejected)
		return
	}
	g.knock(id)
}

// TakesPort reports whether a connection needs a port where ports are limited.
// Exchanges do not: see exchange.go.
func (g *Generator) TakesPort(c *flow.Conn) bool { return !g.streams[c.Stream].exchanges }

// takePort takes the port from which a connection comes, if there is one left.
func (g *Generator) takePort(c *flow.Conn) bool {
	if !g.TakesPort(c) || g.ports.TakePort(c, g.e.Now()) {
		return true
	}
	c.Why = flow.NoPort
	return false
}

// forget ends what is known of a connection attempt that is no more.
func (g *Generator) forget(id flow.ConnID, c *flow.Conn) {
	if g.ports != nil && c.Why != flow.NoPort && c.Why != flow.CircuitOpen && g.TakesPort(c) {
		g.ports.ReleasePort(c, g.e.Now())
	}
	g.fl.Conns.Free(uint32(id))
}

// Taken goes on with a connection that waited in the balancer's queue.
func (g *Generator) Taken(id flow.ConnID) { g.taken(id, g.fl.Conns.At(uint32(id))) }

// Refused ends a connection attempt that no server takes. One that is Unanswered
// goes on with the next SYN.
func (g *Generator) Refused(id flow.ConnID, o flow.Outcome) {
	c := g.fl.Conns.At(uint32(id))
	if o == flow.Unanswered {
		g.resendSYN(id, c)
		return
	}
	g.e.Cancel(c.End)
	g.e.Cancel(c.Next)
	g.obs.Assigned(id, c, o, g.e.Now())
	g.unsent(id, c, o)
	g.judge(g.streams[c.Stream], c, false)
	g.tryAgain(c)
	g.forget(id, c)
}

// unsent reports the request that was to come with an arriving connection and
// that fails with it: its client asked and got no answer.
func (g *Generator) unsent(id flow.ConnID, c *flow.Conn, o flow.Outcome) {
	st := g.streams[c.Stream]
	if _, ok := g.ownDemand(st, c); st.held || !ok {
		return
	}
	now := g.e.Now()
	g.failed = flow.Request{
		Asked: c.Asked, Sent: now, Started: -1, Conn: id, Server: c.Server,
		Service: c.Service, Stream: c.Stream, Attempt: c.Attempt,
	}
	g.obs.Arrived(&g.failed, now)
	g.obs.Finished(&g.failed, o, now)
}

func (g *Generator) taken(id flow.ConnID, c *flow.Conn) {
	if c.End != 0 { // it has waited
		g.e.Cancel(c.End)
		c.End = 0
	}
	if g.doors != nil && !g.doors.Admit(c) {
		g.balancer.Close(id)
		g.Refused(id, flow.Rejected)
		return
	}
	c.Opened = g.e.Now()
	g.obs.Assigned(id, c, flow.Accepted, c.Opened)
	st := g.streams[c.Stream]
	if !st.setup.on() && !g.far(st) || st.exchanges || g.initial(st, c) {
		if st.tls != nil && !st.exchanges {
			st.tls.keep(c, c.Opened)
		}
		g.established(id, c)
		return
	}
	if o := g.setUp(id, st, c); o != flow.Accepted {
		g.balancer.Close(id)
		g.fail(id, o)
	}
}

// initial reports whether a connection belongs to those that are open when the
// run begins.
func (g *Generator) initial(st *stream, c *flow.Conn) bool {
	return st.held && g.e.Now() == 0 && c.Attempt == 1 && g.slots[c.Owner].opens == 1
}

// established begins a connection's use.
func (g *Generator) established(id flow.ConnID, c *flow.Conn) {
	st := g.streams[c.Stream]
	c.State = flow.Open
	if st.held && (!st.limited || !st.asks.on()) {
		g.slots[c.Owner].fails = 0
	}
	g.obs.Opened(id, c, g.e.Now())
	switch {
	case st.breakers == nil || st.single:
	case !st.asks.on():
		g.judge(st, c, true)
	case c.Trial > 0:
		st.breakers.connected(c.Client, c.Trial)
		c.Trial = 0
	}
	if d, ok := g.ownDemand(st, c); ok {
		// It has waited since the client wanted the connection.
		i, r := g.prepare(id, c, d)
		r.Asked, r.Attempt = c.Asked, c.Attempt
		if o := g.send(i, r, c, c.Tried); o != flow.Accepted {
			g.balancer.Close(id)
			g.fail(id, o)
			return
		}
	}
	if st.asks.on() && !st.exchanges {
		g.plan(id, st, c)
	}
	if st.single {
		c.State = flow.Closing
		return
	}
	life := g.life(st, c)
	if life > 0 {
		c.End = g.end.Set(life, uint32(id))
	}
	if st.resends {
		g.connected(id, c)
	}
	if life == 0 {
		g.onEnd(uint32(id))
	}
}

// forEver is the lifetime of a connection that stays for the whole run.
const forEver time.Duration = -1

// minLife bounds the lifetimes of held connections and the think times from
// below: what is repeated in no time would stop the clock.
const minLife = time.Microsecond

// life returns how long a connection is to last.
func (g *Generator) life(st *stream, c *flow.Conn) time.Duration {
	switch {
	case st.visits != nil:
		return st.visits[c.Owner].Hold
	case !st.held && !st.lifetime.on():
		return 0
	case !st.lifetime.on():
		return forEver
	case !st.held:
		return st.lifetime.at(uint64(c.Owner))
	case g.initial(st, c):
		u := func(k int) float64 { return st.residual.Nth(occasion(c.Owner, uint32(k))) }
		return max(minLife, dist.Seconds(dist.Residual(st.lifetime.law, u)))
	}
	return max(minLife, st.lifetime.at(occasion(c.Owner, g.slots[c.Owner].opens)))
}
