package traffic

import (
	"time"

	"lbsim/models/flow"
)

// An attempt to which nobody says anything is made again by the client's TCP: the
// SYN is sent again after the retransmission time-out, and then after twice as
// long each time: 1, 3, 7, 15, 31 s after the first (RFC 6298, sections 2.1 and
// 5.5). Each SYN finds its own way, so that it meets a balancer that is back.

// knock sends a connection attempt's SYN to the balancer.
func (g *Generator) knock(id flow.ConnID) {
	o := flow.Unanswered
	if g.cut == nil || !g.isCut(g.fl.Conns.At(uint32(id)).Client) {
		o = g.balancer.Open(id)
	}
	switch c := g.fl.Conns.At(uint32(id)); {
	case o == flow.Unanswered:
		g.resendSYN(id, c)
	case o != flow.Accepted:
		g.Refused(id, o)
	case c.Server != flow.NoServer:
		g.taken(id, c)
	default:
		g.await(id, c)
	}
}

// resendSYN schedules the next SYN of an attempt that got no answer.
func (g *Generator) resendSYN(id flow.ConnID, c *flow.Conn) {
	c.Member, c.Server = -1, flow.NoServer
	now := g.e.Now()
	retry := &g.streams[c.Stream].config.Retry
	limit := c.Tried.Add(retry.connectLimit())
	if now >= limit {
		g.Refused(id, flow.TimedOut)
		return
	}
	if c.End == 0 {
		c.End = g.expire.SetAt(limit, uint32(id))
	}
	// The next one follows the first after twice as long as this one, and a
	// time-out more.
	next := now.Add(now.Sub(c.Tried)).Add(retry.SYNTimeout)
	c.Next = g.syn.SetAt(min(next, limit), uint32(id))
}

// onSYN sends a SYN again. At the limit the attempt has been given up before.
func (g *Generator) onSYN(i uint32) {
	g.fl.Conns.At(i).Next = 0
	g.knock(flow.ConnID(i))
}

// connectLimit is how long an attempt may go without an answer.
func (r *Retry) connectLimit() time.Duration {
	if r.Timeout > 0 {
		return min(r.Timeout, r.ConnectTimeout)
	}
	return r.ConnectTimeout
}
