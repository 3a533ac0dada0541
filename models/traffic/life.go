package traffic

import (
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
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

// restrain notes a connection attempt in its client's retry budget and reports
// whether the circuit breaker lets it be sent.
func (g *Generator) restrain(st *stream, c *flow.Conn) (ok bool) {
	now := g.e.Now()
	if st.budgets != nil && !st.held && c.Attempt == 1 {
		st.budgets.ask(c.Client, now)
	}
	if st.breakers == nil {
		return true
	}
	if c.Trial, ok = st.breakers.permit(c.Client, now); !ok {
		c.Why = flow.CircuitOpen
	}
	return ok
}

// judge tells a client's circuit breaker what became of a connection.
func (g *Generator) judge(st *stream, c *flow.Conn, answered bool) {
	if st.breakers != nil && c.Why != flow.CircuitOpen {
		st.breakers.report(c.Client, c.Trial, answered, g.e.Now())
		c.Trial = 0
	}
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
	if !st.setup.on() || st.exchanges || g.initial(st, c) {
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
		if o := g.send(id, c, d, work{asked: c.Asked, since: c.Tried, attempt: c.Attempt}); o != flow.Accepted {
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
	return g.send(id, c, demand, work{asked: asked, since: g.e.Now(), attempt: attempt, trial: trial})
}

// work is what a piece of work is for.
type work struct {
	asked   sim.Time // when the client first asked
	since   sim.Time // from when on its time-out counts
	attempt uint16
	kind    flow.Work
	trial   uint8
	// offloaded is whether the balancer's machine does it.
	offloaded bool
}

// send gives a piece of work to the connection's server.
func (g *Generator) send(id flow.ConnID, c *flow.Conn, demand time.Duration, w work) flow.Outcome {
	i, r := g.fl.Requests.New()
	if g.fl.Requests.Len() > maxUnderWay {
		panic(Overload{g.e.Now()})
	}
	c.Busy++
	now := g.e.Now()
	r.Asked, r.Sent, r.Started = w.asked, now, -1
	r.Demand, r.Work, r.Attempt, r.Trial = demand, w.kind, w.attempt, w.trial
	r.Conn, r.Server, r.Service, r.Stream = id, c.Server, c.Service, c.Stream
	if w.offloaded {
		r.Server = g.terminator
	}
	if w.kind == flow.Ask {
		g.obs.Arrived(r, now)
	}
	if st := g.streams[c.Stream]; st.limited {
		g.expect(i, r, w.since.Add(st.config.Retry.Timeout))
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
	if abandoned {
		return
	}
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

// Reset ends a connection whose server died; its requests are lost already.
func (g *Generator) Reset(id flow.ConnID) { g.fail(id, flow.Reset) }

// onEnd closes a connection, or lets it close when its last request is
// answered.
func (g *Generator) onEnd(i uint32) {
	c := g.fl.Conns.At(i)
	c.End = 0
	g.e.Cancel(c.Next)
	if c.Busy > 0 {
		c.State = flow.Closing
		return
	}
	g.finish(flow.ConnID(i), g.streams[c.Stream], c)
}

// finish closes a connection in good order; a population replaces it after a
// pause.
func (g *Generator) finish(id flow.ConnID, st *stream, c *flow.Conn) {
	g.leave(c)
	g.balancer.Close(id)
	g.obs.Closed(id, c, flow.Completed, g.e.Now())
	owner := c.Owner
	switch {
	case st.resends:
		g.disconnected(owner)
	case st.restrained && st.single:
		g.judge(st, c, true)
	}
	g.forget(id, c)
	if st.exchanges {
		g.afterExchange(st, owner)
	}
	if !st.held {
		return
	}
	var pause time.Duration
	if st.pause.on() {
		pause = st.pause.at(occasion(owner, g.slots[owner].opens))
	}
	g.dial.After(pause, owner)
}

// leave ends a connection for its server.
func (g *Generator) leave(c *flow.Conn) {
	if g.doors != nil {
		g.doors.Leave(c)
	}
}

// fail ends a connection that a server had taken.
func (g *Generator) fail(id flow.ConnID, o flow.Outcome) {
	c := g.fl.Conns.At(uint32(id))
	if c.State != flow.Severed {
		g.leave(c)
	}
	g.e.Cancel(c.End)
	g.e.Cancel(c.Next)
	g.obs.Closed(id, c, o, g.e.Now())
	st := g.streams[c.Stream]
	if c.State < flow.Open {
		g.unsent(id, c, o)
	}
	if c.State < flow.Open || st.single || !st.asks.on() {
		g.judge(st, c, false)
	}
	if st.resends {
		g.disconnected(c.Owner)
	}
	g.tryAgain(c)
	g.forget(id, c)
}

// tryAgain schedules the next attempt after a failed one, if there is to be
// one. Clients that hold connections never give up.
func (g *Generator) tryAgain(c *flow.Conn) {
	st := g.streams[c.Stream]
	if st.held {
		s := &g.slots[c.Owner]
		if s.fails < 1000 {
			s.fails++
		}
		g.dial.After(st.config.Retry.Backoff.Delay(int(s.fails), Luck{st.backoff, occasion(c.Owner, s.opens), 1}), c.Owner)
		return
	}
	if int(c.Attempt) >= st.config.Retry.Attempts || !st.affords(c.Client, g.e.Now()) {
		if st.exchanges {
			g.afterExchange(st, c.Owner)
		}
		return
	}
	i, p := g.paused.New()
	*p = paused{
		asked: c.Asked, client: c.Client, owner: c.Owner, draws: c.Draws,
		service: c.Service, stream: c.Stream, attempt: c.Attempt + 1,
	}
	g.retry.After(st.config.Retry.Backoff.Delay(int(c.Attempt), g.patience(st, c)), i)
}
