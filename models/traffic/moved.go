package traffic

import "lbsim/models/flow"

// Leaves ends a connection for its server, because the balancer gives it to
// another one. What was under way over it has ended.
func (g *Generator) Leaves(id flow.ConnID) {
	c := g.fl.Conns.At(uint32(id))
	g.leave(c)
	g.obs.Closed(id, c, flow.Reset, g.e.Now())
}

// Moved goes on with a connection that another server has now: to the observer it
// is a new one. The server is asked again what was under way.
func (g *Generator) Moved(id flow.ConnID, again []flow.Request) {
	c := g.fl.Conns.At(uint32(id))
	c.Seq = g.seq
	g.seq++
	if g.doors != nil && !g.doors.Admit(c) {
		g.balancer.Close(id)
		g.Stranded(id)
		return
	}
	c.Opened = g.e.Now()
	g.obs.Assigned(id, c, flow.Accepted, c.Opened)
	for i := range again {
		if o := g.repeat(id, c, &again[i]); o != flow.Accepted {
			g.balancer.Close(id)
			g.fail(id, o)
			return
		}
	}
}

// repeat sends a request again that was lost with its server, unless its client
// does so by itself; see resend.go.
func (g *Generator) repeat(id flow.ConnID, c *flow.Conn, old *flow.Request) flow.Outcome {
	st := g.streams[c.Stream]
	if st.resends && old.Work == flow.Ask {
		return flow.Accepted
	}
	i, r := g.fl.Requests.New()
	*r = flow.Request{
		Asked: old.Asked, Sent: g.e.Now(), Started: -1, Demand: old.Demand, Work: old.Work, Attempt: old.Attempt + 1,
		Conn: id, Server: c.Server, Service: c.Service, Stream: c.Stream,
	}
	c.Busy++
	if r.Work == flow.Ask {
		g.obs.Arrived(r, r.Sent)
	}
	if st.limited {
		g.expect(i, r, r.Sent.Add(st.config.Retry.Timeout))
	}
	o := g.servers.Submit(c.Server, flow.RequestID(i))
	if o != flow.Accepted {
		g.drop(i, o)
	}
	return o
}

// Stranded ends a connection that has left its server and that no other takes.
func (g *Generator) Stranded(id flow.ConnID) {
	c := g.fl.Conns.At(uint32(id))
	g.e.Cancel(c.End)
	g.e.Cancel(c.Next)
	g.obs.Assigned(id, c, flow.Reset, g.e.Now())
	if c.State < flow.Open {
		g.unsent(id, c, flow.Reset)
	}
	g.tryAgain(c)
	g.forget(id, c)
}
