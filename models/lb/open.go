package lb

import "lbsim/models/flow"

// Open finds a server for the connection. It returns Accepted when a server
// took it (c.Server is set) or when it waits in a queue (c.Server is
// flow.NoServer; Front is told later), Rejected when no server can, and Reset
// when the chosen server turned out to be dead.
func (b *Balancer) Open(id flow.ConnID) flow.Outcome {
	if b.away {
		return flow.Unanswered
	}
	c := b.fl.Conns.At(uint32(id))
	in := b.first[c.Service]
	if in.spread != nil {
		in = in.instanceFor(c)
	}
	if len(in.ramping) > 0 {
		in.advanceRamps(b.e.Now())
		b.drainQueue(in) // a limit may have risen, and those who wait come first
	}
	q := b.ask(id, c)
	if in.persist != nil {
		if kept := in.recall(q); kept >= 0 {
			switch {
			case !in.full(kept) || in.ties.Full == "override":
				if in.bound != nil {
					in.bound.Bound(kept)
				}
				return b.connect(in, kept, id, c, q)
			case in.ties.Full == "reschedule":
				q.why = flow.Full
			case in.config.Full == FullRejects:
				return b.turnAway(in, id)
			default:
				return b.waitFor(in, kept, id)
			}
		}
		c.Moved = q.why
	}
	if in.queue.n > 0 && in.config.hidesFull() {
		// Nobody would wait if a place were free, and so nobody's turn is used up in
		// looking for one (HAProxy 2.6, src/backend.c, assign_server).
		return b.overflow(in, -1, id)
	}
	m := in.pick(q)
	if m < 0 || in.full(m) {
		return b.overflow(in, m, id)
	}
	return b.connect(in, m, id, c, q)
}

// ask states the decision to be made for a connection. It writes field by field
// what was written field by field just before: a processor that is to copy several
// of them at once has to wait for them, which took 3 % of a request. For that
// reason Query has its fields in another order than flow.Conn.
func (b *Balancer) ask(id flow.ConnID, c *flow.Conn) *Query {
	q := &b.query
	q.Client, q.Addr, q.Conn, q.Now = c.Client, c.Addr, id, b.e.Now()
	q.was, q.why = -1, flow.Stayed
	return q
}

// connect sends the connection to member m, and if that does not take it, to
// others.
func (b *Balancer) connect(in *instance, m int, id flow.ConnID, c *flow.Conn, q *Query) flow.Outcome {
	if b.attempt(in, m, c, q) {
		return flow.Accepted
	}
	o := b.goOn(in, m, id, c, q)
	in.forgetTries()
	return o
}

// again tries member m once more.
func (b *Balancer) again(in *instance, m int, id flow.ConnID, c *flow.Conn, q *Query) flow.Outcome {
	if b.attempt(in, m, c, q) {
		return flow.Accepted
	}
	return b.goOn(in, m, id, c, q)
}

// goOn goes on with a connection that member m has not taken.
func (b *Balancer) goOn(in *instance, m int, id flow.ConnID, c *flow.Conn, q *Query) flow.Outcome {
	if in.silent && in.config.ConnectTimeout > 0 || int(c.Retried) < in.config.Retries && c.Why == flow.Unsaid {
		b.postpone(in, m, id, c, q)
		return flow.Accepted
	}
	o := flow.Reset
	if in.silent {
		o = flow.Unanswered
	}
	if in.config.Redispatch != 0 {
		if q.was == int32(m) {
			q.why = flow.ServerDown
		}
		o = b.redispatch(in, m, id, c, q)
	}
	if o == flow.Reset && c.Why != flow.Unsaid {
		o = flow.Rejected // no server was met
	}
	return o
}

// forgetTries ends the placing of a connection.
func (in *instance) forgetTries() {
	for _, t := range in.tries {
		in.setTried(t, false)
	}
	in.tries = in.tries[:0]
}

// redispatch tries other servers for a connection that member m did not take,
// as many as Redispatch says and none twice. If all that are left are full, the
// connection fares like any other that meets full servers.
func (b *Balancer) redispatch(in *instance, m int, id flow.ConnID, c *flow.Conn, q *Query) flow.Outcome {
	for most := in.config.Redispatch; ; {
		in.tries = append(in.tries, m)
		in.setTried(m, true)
		if most != Unlimited && len(in.tries) > most {
			return flow.Reset
		}
		m = in.pick(q)
		switch {
		case m < 0 && in.fulls == 0:
			return flow.Reset
		case m < 0 || in.full(m):
			c.Member, c.Server, c.Moved = -1, flow.NoServer, q.why
			return b.overflow(in, m, id)
		case b.attempt(in, m, c, q):
			return flow.Accepted
		case in.silent && in.config.ConnectTimeout > 0:
			b.postpone(in, m, id, c, q)
			return flow.Accepted
		}
	}
}

// attempt connects to member m, stores the persistence record and reports
// whether the server took the connection.
func (b *Balancer) attempt(in *instance, m int, c *flow.Conn, q *Query) bool {
	c.Member, c.Server, c.Why = int32(m), in.members[m].server, flow.Unsaid
	if in.persist != nil {
		c.Moved = flow.Stayed
		if q.was >= 0 && q.was != int32(m) {
			c.Moved = q.why
		}
		in.remember(q, m, "sent")
	}
	answer := b.backend.Connect(c.Server, in.index)
	in.silent = answer == flow.Silent
	if answer != flow.Accepts {
		if answer == flow.Refuses || in.config.ConnectTimeout == 0 {
			b.failed(in, m)
		}
		return false
	}
	if in.passive {
		b.witness(in, m, true)
	}
	return b.take(in, m, c, q)
}

// failed counts an attempt that met a dead server.
func (b *Balancer) failed(in *instance, m int) {
	b.refused++
	in.members[m].refused++
	if in.passive {
		b.witness(in, m, false)
	}
}

// take counts a connection on member m, which accepts it, and reports whether
// the balancer has a port for it.
func (b *Balancer) take(in *instance, m int, c *flow.Conn, q *Query) bool {
	if b.faces != nil && !b.faces.Take(c, b.e.Now()) {
		c.Why = flow.NoFacePort
		return false
	}
	if in.persist != nil {
		in.remember(q, m, "taken")
		if in.holder != nil {
			in.holder.Took(q, m)
		}
	}
	if in.ramp != nil {
		in.took(m)
	}
	in.count(m, +1)
	return true
}
