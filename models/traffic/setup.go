package traffic

import (
	"fmt"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// Setup is what opening a connection costs its server.
type Setup struct {
	// Demand is the CPU time of a new connection; with Resumed, of one whose TLS
	// handshake is a full one.
	Demand dist.Spec `yaml:"demand" doc:"CPU time of a new connection: the TLS handshake, or all that opening it costs"`
	// Resumed says when a TLS session is resumed, and what that costs; nil: never.
	Resumed *Resumed `yaml:"resumed,omitempty" doc:"TLS sessions that are resumed instead of begun; left out: every handshake is a full one"`
	// LogOn is the CPU time of authenticating a client on a new connection. The
	// balancer cannot take that over.
	LogOn dist.Spec `yaml:"log_on,omitempty" doc:"CPU time of the log-on on a new connection, always of the server"`
}

// Resumed is the resumption of TLS sessions (RFC 5246, section 7.3; RFC 8446,
// section 2.2). A client remembers the last session of each stream, whichever of
// its connections has begun it, and it can be resumed where it was begun.
type Resumed struct {
	// Demand is the CPU time of resuming, without the private key's operation that
	// makes a full handshake dear.
	Demand dist.Spec `yaml:"demand" doc:"CPU time of a new connection whose TLS session is resumed"`
	// Within is how old a session may be, counted from its full handshake (OpenSSL,
	// and with it nginx and HAProxy, counts from there).
	Within time.Duration `yaml:"within" doc:"age up to which a TLS session can be resumed, counted from its full handshake"`
	// Shared is whether the servers know each other's sessions: they have a common
	// cache, or common keys for tickets.
	Shared bool `yaml:"shared,omitempty" doc:"whether all servers can resume what one has begun, by common ticket keys or a common cache"`
}

// SetDefaults makes it sessions of five minutes, as in nginx (ssl_session_timeout)
// and HAProxy (tune.ssl.lifetime), of which each server knows its own.
func (r *Resumed) SetDefaults() { r.Within = 5 * time.Minute }

// Validate checks the set-up's own fields.
func (s *Setup) Validate() []flow.Problem {
	if s.Demand == nil {
		return []flow.Problem{{Path: "demand", Text: "the CPU time of a new connection is missing"}}
	}
	return nil
}

// Validate checks the resumption's own fields.
func (r *Resumed) Validate() []flow.Problem {
	var ps []flow.Problem
	if r.Demand == nil {
		ps = append(ps, flow.Problem{Path: "demand", Text: "the CPU time of a resumed session is missing"})
	}
	if r.Within < time.Millisecond || r.Within > 365*24*time.Hour {
		ps = append(ps, flow.Problem{Path: "within", Text: fmt.Sprintf("%v is not between 1ms and 365d", r.Within), Hint: "leave resumed out if sessions are never resumed"})
	}
	return ps
}

// Most is the mean CPU time, in seconds, that a new connection costs its server if
// its TLS handshake is a full one.
func (s *Setup) Most(offloaded bool) float64 {
	var most float64
	if !offloaded {
		most = s.Demand.Build().Mean()
	}
	if s.LogOn != nil {
		most += s.LogOn.Build().Mean()
	}
	return most
}

// handshakes is what a stream's connections need beyond one demand each.
type handshakes struct {
	resumed   draw
	logOn     draw
	rule      *Resumed // nil: no session is resumed
	offloaded bool
	first     flow.ClientID
	sessions  []session // by client, from first on
	behaviour *Behaviour
	renewal   *sim.Stream
}

// session is a TLS session that a client can try to resume.
type session struct {
	begun  sim.Time
	server int32 // plus 1; 0: there is none
}

// newHandshakes returns nil where the demand of the set-up is all.
func newHandshakes(e *sim.Engine, name string, c *Stream, pop Population) *handshakes {
	if c.Setup == nil || c.Setup.Resumed == nil && c.Setup.LogOn == nil && !c.Offload {
		return nil
	}
	h := &handshakes{rule: c.Setup.Resumed, offloaded: c.Offload, behaviour: c.Behaviour, logOn: newDraw(e, name+"/log-on", c.Setup.LogOn)}
	if h.rule == nil {
		return h
	}
	h.resumed, h.renewal = newDraw(e, name+"/resumed", h.rule.Demand), e.Stream(renewalStream)
	end := flow.ClientID(0)
	for i, s := range c.Sites {
		g := pop.Group(s)
		if i == 0 || g.First < h.first {
			h.first = g.First
		}
		end = max(end, g.First+flow.ClientID(g.Clients))
	}
	h.sessions = make([]session, max(h.first, end)-h.first)
	return h
}

// resumes reports whether the client of a connection that is opened now has a
// session that can be resumed.
func (h *handshakes) resumes(c *flow.Conn, now sim.Time) bool {
	if h.rule == nil {
		return false
	}
	s := h.sessions[c.Client-h.first]
	switch {
	case s.server == 0, now.Sub(s.begun) > h.rule.Within:
		return false
	case s.server != c.Server+1 && !h.rule.Shared && !h.offloaded:
		return false
	}
	return h.behaviour.session(h.renewal, c.Client, s.begun) == h.behaviour.session(h.renewal, c.Client, now)
}

// keep notes the session of a connection whose handshake is done.
func (h *handshakes) keep(c *flow.Conn, now sim.Time) {
	if h.rule != nil && !h.resumes(c, c.Opened) {
		h.sessions[c.Client-h.first] = session{now, c.Server + 1}
	}
}

// Terminate names the machine, numbered as servers are, that does the TLS
// handshakes of streams that are offloaded.
func (g *Generator) Terminate(machine int32) { g.terminator = machine }

// setUp begins the work that opening a connection costs, on its server or first
// on the balancer.
func (g *Generator) setUp(id flow.ConnID, st *stream, c *flow.Conn) flow.Outcome {
	c.State = flow.SettingUp
	k := g.opening(st, c)
	h := st.tls
	switch {
	case !st.setup.on():
		return g.sendSetup(id, c, 0, c.Server)
	case h == nil:
		return g.sendSetup(id, c, st.setup.at(k), c.Server)
	}
	full := &st.setup
	if h.resumes(c, c.Opened) {
		full = &h.resumed
	}
	demand := full.at(k)
	if h.offloaded {
		return g.sendSetup(id, c, demand, g.terminator)
	}
	if h.logOn.on() {
		demand += h.logOn.at(k)
	}
	return g.sendSetup(id, c, demand, c.Server)
}

// sendSetup gives work of a connection's set-up to a machine.
func (g *Generator) sendSetup(id flow.ConnID, c *flow.Conn, demand time.Duration, machine int32) flow.Outcome {
	i, r := g.prepare(id, c, demand)
	r.Work, r.Server = flow.Setup, machine
	return g.send(i, r, c, c.Tried)
}

// opening numbers the occasion of a connection's set-up.
func (g *Generator) opening(st *stream, c *flow.Conn) uint64 {
	if st.held {
		return occasion(c.Owner, g.slots[c.Owner].opens)
	}
	return occasion(c.Owner, uint32(c.Attempt)-1)
}

// greeted goes on with a connection after a machine has done its work for the
// set-up.
func (g *Generator) greeted(id flow.ConnID, st *stream, c *flow.Conn, machine int32) {
	h := st.tls
	if h == nil {
		g.established(id, c)
		return
	}
	if machine != c.Server || !h.offloaded {
		h.keep(c, g.e.Now())
	}
	if !h.offloaded || machine == c.Server || !h.logOn.on() {
		g.established(id, c)
		return
	}
	if o := g.sendSetup(id, c, h.logOn.at(g.opening(st, c)), c.Server); o != flow.Accepted {
		g.balancer.Close(id)
		g.fail(id, o)
	}
}
