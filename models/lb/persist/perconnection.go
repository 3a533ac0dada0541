package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// perConnection asks a table only for the first request of each connection that
// a client has to the balancer, as KEMP does by default (alwayspersist=0): the
// others go where that went, and what becomes of them changes no record. With
// per: request every request is looked up and stored (alwayspersist=1), also one
// that comes to another server in the middle of a connection, which KEMP stores
// only with alwayspersist=2: here both are the same.
//
// Requests do not say which connection they come over. A client is taken to have
// one at a time, which ends when it has been silent for keep_alive (a modelling
// choice).
type perConnection struct {
	lb.Persistence
	idle     time.Duration
	personal bool       // records belong to clients, and not to what they ask for
	open     []openConn // by client
}

// openConn is a client's connection to the balancer, or its last one.
type openConn struct {
	until sim.Time // when it ends unless there is a request before
	to    int32    // member, -1 before the first connection
	why   flow.Move
}

func newPerConnection(p lb.Persistence, o *Options, clients int, personal bool) *perConnection {
	c := &perConnection{Persistence: p, idle: o.KeepAlive, personal: personal, open: make([]openConn, clients)}
	if c.idle == 0 {
		c.idle = defaultKeepAlive
	}
	for i := range c.open {
		c.open[i].to = -1
	}
	return c
}

// Lookup implements lb.Persistence.
func (p *perConnection) Lookup(q *lb.Query) lb.Record {
	c := &p.open[q.Client]
	if c.until > q.Now {
		return lb.Record{Member: c.to, Last: c.to, Open: true}
	}
	r := p.Persistence.Lookup(q)
	if !p.personal || c.to < 0 {
		return r
	}
	// A client that was moved in the middle of a connection comes back by its
	// record, for the reason that had moved it.
	if r.Last = c.to; r.Member != c.to && r.Why == flow.Stayed {
		r.Why = c.why
	}
	if r.Member != c.to && r.Why == flow.Stayed {
		r.Why = flow.Expired
	}
	return r
}

// Store implements lb.Persistence.
func (p *perConnection) Store(q *lb.Query, member int, why flow.Move) {
	c := &p.open[q.Client]
	switch {
	case c.until <= q.Now:
		p.Persistence.Store(q, member, why)
		c.why = why
	case c.to != int32(member):
		c.why = why
	}
	c.until, c.to = q.Now.Add(p.idle), int32(member)
}

// Touch implements lb.Persistence.
func (p *perConnection) Touch(q *lb.Query) {
	if p.open[q.Client].until <= q.Now {
		p.Persistence.Touch(q)
	}
}

// Forget implements lb.Persistence: with what the balancer remembers, its
// connections to clients are gone.
func (p *perConnection) Forget() {
	p.Persistence.Forget()
	for i := range p.open {
		p.open[i].until = 0
	}
}

// Keeps implements lb.Keeper, by the records alone.
func (p *perConnection) Keeps(member int, now sim.Time) bool {
	k, ok := p.Persistence.(lb.Keeper)
	return ok && k.Keeps(member, now)
}
