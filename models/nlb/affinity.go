package nlb

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// seen is where a client was last, for the reason of its moves.
type seen struct {
	key  uint32 // what it came with
	host int8   // from 1; 0: it was nowhere
}

// record is what extended affinity keeps of a client, or of a network.
type record struct {
	ended sim.Time // when its last connection ended, if none is open
	open  int32
	host  int8 // from 1; 0: there is no record
}

// whyMoved returns why a client that comes to host h is not where it was.
func (cl *Cluster) whyMoved(r *rule, c *flow.Conn, h int) flow.Move {
	s := &r.seen[c.Client]
	last := int(s.host) - 1
	switch {
	case last < 0 || last == h:
		return flow.Stayed
	case s.key != r.keys.key(c.Addr):
		return flow.KeyChanged
	case cl.hosts[last].duty != started:
		return flow.Drained
	case !cl.joined.has(last):
		return flow.ServerDown
	case r.records != nil && r.records[s.key].host == s.host && !r.holds(&r.records[s.key], cl.e.Now()):
		return flow.Expired
	}
	return flow.Remapped
}

// holds reports whether a record is young enough.
func (r *rule) holds(x *record, now sim.Time) bool {
	return x.open > 0 || now.Sub(x.ended) < r.config.Extended
}

// recorded returns the host to which a client belongs by extended affinity,
// nobody if there is none that takes connections.
func (cl *Cluster) recorded(r *rule, c *flow.Conn) int {
	x := &r.records[r.keys.key(c.Addr)]
	h := int(x.host) - 1
	if h < 0 || !cl.joined.has(h) || cl.hosts[h].duty != started || !r.holds(x, cl.e.Now()) {
		return nobody
	}
	return h
}

// accept notes that host h has accepted a connection.
func (r *rule) accept(c *flow.Conn, h int) {
	if r.seen == nil {
		return
	}
	key := r.keys.key(c.Addr)
	r.seen[c.Client] = seen{key, int8(h + 1)}
	if r.records != nil {
		x := &r.records[key]
		if int(x.host) != h+1 {
			*x = record{host: int8(h + 1)}
		}
		x.open++
	}
}

// release notes that a connection of host h has ended.
func (r *rule) release(c *flow.Conn, h int, now sim.Time) {
	if r.records == nil {
		return
	}
	if x := &r.records[r.keys.key(c.Addr)]; int(x.host) == h+1 && x.open > 0 {
		x.open--
		x.ended = now
	}
}

// forget drops the records of host h, which has started anew.
func (r *rule) forget(h int) {
	for i := range r.records {
		if int(r.records[i].host) == h+1 {
			r.records[i] = record{}
		}
	}
}
