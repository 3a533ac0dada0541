package traffic

import "lbsim/models/flow"

// Where there is a network between clients and servers, it has to know what of a
// connection goes over it. The time of a set-up is spent before the server's work
// for it, or else before the first request.

// The sizes, in bytes, of a request and an answer that nothing is said of.
const (
	UsualRequest  = 300
	UsualResponse = 500
)

// single reports whether a stream of arrivals has one request on each connection
// that costs nothing, and of which only the exchange is known.
func (s *Stream) single() bool {
	_, replay := s.Arrivals.(*Replay)
	return s.Exchange != nil && s.Arrivals != nil && !replay && s.Demand == nil && s.Requests == nil
}

// HasRequests reports whether requests are sent, and not only connections opened.
// Recorded connections have requests if the records say so.
func (s *Stream) HasRequests() bool { return s.Demand != nil || s.Requests != nil || s.single() }

// Distant lets connections take time to be opened, though that may cost the
// servers nothing: they are set up by work of no demand then.
func (g *Generator) Distant() { g.distant = true }

// far reports whether the connections of a stream are set up before and apart from
// their first request.
func (g *Generator) far(st *stream) bool { return g.distant && !st.single }

// Way is how requests of a stream come to the balancer.
type Way uint8

// The ways.
const (
	Held     Way = iota // over connections that are set up first
	OwnWay              // each over a connection of its own, opened for it
	OneByOne            // over connections to the balancer, which chooses a server for each
)

// WayOf returns how the requests of a stream come.
func (g *Generator) WayOf(stream int) Way {
	switch st := g.streams[stream]; {
	case st.exchanges:
		return OneByOne
	case st.single:
		return OwnWay
	}
	return Held
}

// Resumes reports whether a connection that is being opened resumes a TLS session.
func (g *Generator) Resumes(c *flow.Conn) bool {
	h := g.streams[c.Stream].tls
	return h != nil && h.resumes(c, c.Opened)
}

// Line returns the number of the connection to the balancer that a request goes
// over which is OneByOne, and whether the request is the first of a client that
// has just arrived. Clients that arrive and send at a rate have no such number:
// their requests overlap.
func (g *Generator) Line(c *flow.Conn) (number uint32, numbered, first bool) {
	st := g.streams[c.Stream]
	first = st.config.Arrivals != nil && c.Draws == 0 && c.Attempt == 1
	return c.Owner, st.gap == 0 || st.config.Arrivals == nil, first
}

// Occasion numbers a request among all of its stream, whatever becomes of others.
func (g *Generator) Occasion(r *flow.Request, c *flow.Conn) uint64 {
	k := anew(0, r.Attempt)
	if st := g.streams[c.Stream]; st.held {
		return k + occasion(c.Owner, g.slots[c.Owner].asks)
	}
	return k + occasion(c.Owner, c.Draws)
}

// Hears reports whether a client hears what is sent to it over a connection.
func (g *Generator) Hears(id flow.ConnID) bool {
	return g.cut == nil || !g.isCut(g.fl.Conns.At(uint32(id)).Client)
}
