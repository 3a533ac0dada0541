package traffic

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Behaviour is how clients deal with what servers and balancers give them to
// come back with. Who behaves how is drawn for each client from its number
// alone, so that all variants, and all streams, have the same clients.
type Behaviour struct {
	// Cookies is the share of clients that return cookies. The others are new
	// to a balancer each time.
	Cookies flow.Share `yaml:"cookies" doc:"share of clients that return cookies; the others are new each time"`
	// Renegotiates is the time after which a client begins a new TLS session,
	// counted from a time of its own; 0 is never.
	Renegotiates time.Duration `yaml:"renegotiates" doc:"time after which a client begins a new TLS session; 0: never"`
	// Renegotiating is the share of clients that do.
	Renegotiating flow.Share `yaml:"renegotiating" doc:"share of clients that renegotiate; the others keep a session for ever"`
}

// SetDefaults makes all clients keep what they are given.
func (b *Behaviour) SetDefaults() { b.Cookies, b.Renegotiating = 1, 1 }

// Validate checks the behaviour's own fields.
func (b *Behaviour) Validate() []flow.Problem {
	ps := append(flow.CheckShare("cookies", b.Cookies), flow.CheckShare("renegotiating", b.Renegotiating)...)
	if b.Renegotiates != 0 && b.Renegotiates < time.Second {
		ps = append(ps, flow.Problem{Path: "renegotiates", Text: fmt.Sprintf("%v is less than 1s", b.Renegotiates), Hint: "0 means never"})
	}
	return ps
}

// Habits is what a balancer can notice of the clients; it is an lb.Habits.
type Habits struct {
	g                *Generator
	cookies, renewal *sim.Stream
}

// Habits returns the clients' habits.
func (g *Generator) Habits() *Habits {
	return &Habits{g, g.e.Stream("clients/cookies"), g.e.Stream(renewalStream)}
}

// renewalStream is what it is drawn from when clients begin new TLS sessions.
const renewalStream = "clients/renegotiation"

func (h *Habits) of(id flow.ConnID) (*flow.Conn, *Behaviour) {
	c := h.g.fl.Conns.At(uint32(id))
	return c, h.g.streams[c.Stream].config.Behaviour
}

// Cookies reports whether the client of a connection returns cookies.
func (h *Habits) Cookies(id flow.ConnID) bool {
	c, b := h.of(id)
	return b == nil || b.Cookies == 1 || h.cookies.Nth(uint64(c.Client)) < float64(b.Cookies)
}

// Session numbers the TLS sessions that a connection's client has had.
func (h *Habits) Session(id flow.ConnID, now sim.Time) uint32 {
	c, b := h.of(id)
	return b.session(h.renewal, c.Client, now)
}

// session is Habits.Session for one client; a nil Behaviour is that of clients who
// keep a session for ever.
func (b *Behaviour) session(renewal *sim.Stream, client flow.ClientID, now sim.Time) uint32 {
	if b == nil || b.Renegotiates == 0 || renewal.Nth(uint64(client)) >= float64(b.Renegotiating) {
		return 0
	}
	begun := renewal.Nth(^uint64(client)) * float64(b.Renegotiates)
	return uint32((time.Duration(now) + time.Duration(begun)) / b.Renegotiates)
}

// Occasion numbers what a connection is made for.
func (h *Habits) Occasion(id flow.ConnID) uint64 {
	c, _ := h.of(id)
	return apart(c.Stream, h.g.occasionOf(h.g.streams[c.Stream], c))
}

// Dialog numbers what a client does in one go: a connection, or all exchanges of
// one slot or session.
func (h *Habits) Dialog(id flow.ConnID) uint64 {
	c, _ := h.of(id)
	st := h.g.streams[c.Stream]
	switch {
	case !st.exchanges:
		return apart(c.Stream, h.g.occasionOf(st, c))
	case st.gap == 0:
		return apart(c.Stream, uint64(h.g.stayOf(c.Owner).owner))
	}
	return apart(c.Stream, uint64(c.Owner))
}

// apart keeps the numbers of different streams apart.
func apart(stream uint16, n uint64) uint64 { return n ^ uint64(stream)<<52 }
