package traffic

import (
	"time"

	"lbsim/models/flow"
)

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
