package traffic

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// A client with a time-out gives up what it has waited for so long: a connection
// attempt, its set-up included, or a request. It closes the connection, as RPC and
// HTTP/1.1 clients do that cannot tell a late answer from that to the next
// request, so that other requests under way over it time out as well. The server
// does not know, and goes on working.
//
// Where the connection is there for one request, both are tried again together.
// Clients that hold connections reconnect, and send their requests again; see
// resend.go. A session that arrived is begun again, as after a reset.

// quitter is a balancer from whose queues connections can be taken.
type quitter interface {
	// Leave ends the wait of a connection that no server has taken yet.
	Leave(id flow.ConnID)
}

// deadlines are the time-outs of the requests under way. They are kept apart from
// the requests because most clients have none.
type deadlines struct {
	of     []deadline // by request
	newest []uint32   // by connection: its newest request, plus 1
}

// deadline is that of one request, linked to others of its connection.
type deadline struct {
	timer        sim.Pending
	older, newer uint32 // plus 1
}

// expect sets the time-out of a request that is about to be sent.
func (g *Generator) expect(i uint32, r *flow.Request, until sim.Time) {
	d := &g.deadlines
	for len(d.of) <= int(i) {
		d.of = append(d.of, deadline{})
	}
	for len(d.newest) <= int(r.Conn) {
		d.newest = append(d.newest, 0)
	}
	last := d.newest[r.Conn]
	d.of[i] = deadline{timer: g.giveUp.SetAt(max(g.e.Now(), until), i), older: last}
	if last > 0 {
		d.of[last-1].newer = i + 1
	}
	d.newest[r.Conn] = i + 1
}

// relax ends the time-out of a request that its client no longer waits for.
func (g *Generator) relax(i uint32, r *flow.Request) {
	d := &g.deadlines
	if int(i) >= len(d.of) || d.of[i].timer == 0 {
		return
	}
	x := d.of[i]
	d.of[i].timer = 0
	g.e.Cancel(x.timer)
	if x.older > 0 {
		d.of[x.older-1].newer = x.newer
	}
	if x.newer > 0 {
		d.of[x.newer-1].older = x.older
	} else {
		d.newest[r.Conn] = x.older
	}
}

// onGiveUp gives a request up, its connection, and what else is under way over
// that.
func (g *Generator) onGiveUp(i uint32) {
	id := g.fl.Requests.At(i).Conn
	for g.deadlines.newest[id] > 0 {
		g.abandon(g.deadlines.newest[id]-1, flow.TimedOut)
	}
	g.balancer.Close(id)
	g.fail(id, flow.TimedOut)
}

// abandon ends a request for its client. Its server goes on with it, unless it
// never got it, has answered or has not begun to see to it.
func (g *Generator) abandon(i uint32, o flow.Outcome) {
	held := g.fl.Requests.At(i).Held
	g.Detach(flow.RequestID(i), o)
	if held == flow.Astray || held == flow.Parked {
		g.fl.Requests.Free(i)
	}
}

// await sets the time-out of a connection attempt that no server has taken yet.
func (g *Generator) await(id flow.ConnID, c *flow.Conn) {
	g.e.Cancel(c.End)
	c.End = 0
	if t := g.streams[c.Stream].config.Retry.Timeout; t > 0 {
		c.End = g.expire.SetAt(max(g.e.Now(), c.Tried.Add(t)), uint32(id))
	}
}

// onExpire gives up a connection attempt that no server has taken.
func (g *Generator) onExpire(i uint32) {
	c := g.fl.Conns.At(i)
	c.End = 0
	if g.quitter != nil && !g.e.IsPending(c.Next) {
		g.quitter.Leave(flow.ConnID(i))
	}
	g.Refused(flow.ConnID(i), flow.TimedOut)
}
