package models

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/tcp"
	"lbsim/sim"
)

// passage is what an exchange at some place of a connection takes.
type passage struct {
	setUp     time.Duration // to open the connection, if it is not open
	out, back time.Duration
	next      tcp.Place
	trip      flow.Trip // that is told if setUp is part of it
}

// passageOf returns what an exchange takes of whose time a part is thinking.
func passageOf(c *tcp.Cost, next tcp.Place, thinking time.Duration) passage {
	return passage{c.SetUp, c.Out, c.Back, next, flow.Trip{
		Before: c.SetUp + c.Out, Total: max(0, c.Total()-thinking), StallTime: c.StallTime, Stalls: int(c.Stalls),
	}}
}

// passage returns what an exchange takes that begins now at a place. It is looked up
// unless packets are lost or clocks tick.
func (w *World) passage(at tcp.Place, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) *passage {
	if n := w.network; n.passages != nil {
		return &n.passages[at]
	}
	return w.draw(at, id, r, c, now)
}

// draw is passage where it is not known beforehand.
func (w *World) draw(at tcp.Place, id flow.RequestID, r *flow.Request, c *flow.Conn, now sim.Time) *passage {
	n := w.network
	for len(n.drawn) <= int(id) {
		n.drawn = append(n.drawn, passage{})
	}
	lane, p := &n.lanes[r.Stream], &n.drawn[id]
	if lane.loss == nil {
		*p = passageOf(n.memo.Cost(at, now), n.memo.After(at), lane.thinking)
		return p
	}
	cost, next := n.memo.Draw(at, now, lane.loss.Nth(w.clients.Occasion(r, c)))
	*p = passageOf(cost, next, lane.thinking)
	return p
}

// tell returns what observers are told of a request if that is not the usual: its
// connection was opened apart from it, or has taken another time for that than this
// exchange would.
func (n *network) tell(p *passage, id flow.RequestID, r *flow.Request, opening time.Duration, apart bool) *flow.Trip {
	for len(n.told) <= int(id) {
		n.told = append(n.told, flow.Trip{})
	}
	t := &n.told[id]
	*t = p.trip
	t.Before, t.Opened = p.out, opening
	if !apart {
		t.Before, t.Opened = opening+p.out, 0
	}
	t.Total = max(0, t.Before+p.back-n.lanes[r.Stream].thinking)
	return t
}
