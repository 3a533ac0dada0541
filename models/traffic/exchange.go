package traffic

import (
	"math"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Where the balancer chooses a server for each request, the connection between
// a client and the balancer decides nothing. Each request is then an attempt of
// its own, an exchange: it asks for a server, is served and gives the server
// back, and it is retried as the attempts of an open stream are. Setting up a
// connection costs the servers nothing, as the balancer keeps its connections to
// them open. What a client sends, and when, is the same as over connections; but
// there, while it has none, its requests are left out.
//
// A stream without requests, a replay for one, has connections in both modes: a
// request that keeps its server busy with nothing, such as a WebSocket, is to the
// balancer a connection.

// stay is what a slot has of a client that has arrived and will leave.
type stay struct {
	until sim.Time
	owner uint32 // who draws its random numbers
}

// stayOf returns the stay of a slot; one of a population lasts for the whole run.
// The slots of populations come first: others are made when the run has begun.
func (g *Generator) stayOf(index uint32) stay {
	if k := int(index) - (len(g.slots) - len(g.stays)); k >= 0 {
		return g.stays[k]
	}
	return stay{math.MaxInt64, index}
}

// session gives a client that has arrived a slot for the time of its
// connection.
func (g *Generator) session(st *stream, client flow.ClientID, owner uint32) {
	s := slot{client: client, stream: st.index, due: g.e.Now()}
	v := stay{s.due.Add(st.lifetime.at(uint64(owner))), owner}
	var i uint32
	if n := len(g.vacant); n > 0 {
		i, g.vacant = g.vacant[n-1], g.vacant[:n-1]
		g.slots[i], g.stays[int(i)-(len(g.slots)-len(g.stays))] = s, v
	} else {
		i = uint32(len(g.slots))
		g.slots, g.stays = append(g.slots, s), append(g.stays, v)
		if len(g.slots) > maxUnderWay {
			panic(Overload{g.e.Now()})
		}
	}
	g.nextExchange(st, i)
}

// nextExchange schedules a slot's next request, or gives the slot up when it
// has ended by then.
func (g *Generator) nextExchange(st *stream, index uint32) {
	s, v := &g.slots[index], g.stayOf(index)
	if st.gap == 0 {
		s.due = g.e.Now() // thinking begins with the answer
	}
	s.due = st.after(s.due, occasion(v.owner, s.asks))
	if s.due >= v.until {
		g.vacant = append(g.vacant, index)
		return
	}
	g.dial.At(s.due, index)
}

// exchange sends a slot's request that is due.
func (g *Generator) exchange(st *stream, index uint32) {
	s := &g.slots[index]
	owner := index
	if st.gap > 0 {
		owner = g.stayOf(index).owner
	}
	id, c := g.attempt(st, s.client, g.pop.Address(s.client), owner)
	c.Draws = s.asks
	s.asks++
	if st.gap > 0 {
		g.nextExchange(st, index)
	}
	g.open(id)
}

// afterExchange lets a client think that waited for the answer. Owner is the
// attempt's, which is the slot where clients wait.
func (g *Generator) afterExchange(st *stream, owner uint32) {
	if st.gap == 0 {
		g.nextExchange(st, owner)
	}
}

// occasionOf numbers what an attempt is made for among all of the stream: a
// request, or a connection.
func (g *Generator) occasionOf(st *stream, c *flow.Conn) uint64 {
	switch {
	case st.held:
		return occasion(c.Owner, g.slots[c.Owner].opens)
	case st.exchanges && st.gap == 0:
		return occasion(g.stayOf(c.Owner).owner, c.Draws)
	}
	return occasion(c.Owner, c.Draws)
}

// attemptShift is where the number of an attempt stands among the numbers of
// the waits for retries of exchanges, above all occasions.
const attemptShift = 32 + occasionBits

// patience is the random numbers of the waits after failed attempts that belong
// to no slot.
func (g *Generator) patience(st *stream, c *flow.Conn) Luck {
	if st.exchanges {
		return Luck{st.backoff, uint64(c.Attempt)<<attemptShift + g.occasionOf(st, c), 1 << attemptShift}
	}
	return Luck{st.backoff, occasion(c.Owner, uint32(c.Attempt)), 1}
}
