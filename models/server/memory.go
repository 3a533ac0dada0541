package server

import (
	"fmt"

	"lbsim/models/flow"
)

// Memory is what limits a server's connections. Each takes a share for its
// buffers, its TLS state and its session, whether anything is sent or not; how
// much is a matter of the application and of buffer sizes, and is to be measured.
// Where the balancer chooses a server for each request, each is a connection.
type Memory struct {
	// Total is what there is for connections, after the system and programs.
	Total flow.Size `yaml:"total" doc:"memory for connections"`
	// PerConnection is what each of them takes.
	PerConnection flow.Size `yaml:"per_connection" doc:"memory that a connection takes"`
	// Full is refuse or crash; "" is refuse.
	Full OutOfMemory `yaml:"full,omitempty" doc:"what happens to a connection that does not fit; refuse: it is rejected; crash: the server fails, as if an event of the timeline said so"`
}

// OutOfMemory is what a server without memory does.
type OutOfMemory string

// The ways.
const (
	Refuse OutOfMemory = "refuse"
	Crash  OutOfMemory = "crash"
)

// SetDefaults makes it a quarter of a megabyte for each connection.
func (m *Memory) SetDefaults() { m.PerConnection, m.Full = 256_000, Refuse }

// Validate checks the fields.
func (m *Memory) Validate() []flow.Problem {
	var ps []flow.Problem
	for _, x := range []struct {
		path string
		size flow.Size
	}{{"total", m.Total}, {"per_connection", m.PerConnection}} {
		if x.size < 1 || x.size > 1<<60 {
			ps = append(ps, flow.Problem{Path: x.path, Text: fmt.Sprintf("%d bytes are not between 1 and 2^60", x.size)})
		}
	}
	ps = append(ps, flow.OneOfOrNone("full", m.Full, string(Refuse), string(Crash))...)
	if len(ps) == 0 && m.PerConnection > m.Total {
		ps = append(ps, flow.Problem{Path: "per_connection", Text: "not one connection fits"})
	}
	return ps
}

// connections is how many fit.
func (m *Memory) connections() int { return int(m.Total / m.PerConnection) }

// usage is the memory of a server.
type usage struct {
	config *Memory
	most   int // connections that fit
	now    int
	peak   int // most at a time since ResetPeaks
}

// fits reports whether the connection's server has memory for it, and takes it.
func (p *Pool) fits(c *flow.Conn) bool {
	u := p.memories[c.Server]
	if u == nil {
		return true
	}
	if u.now < u.most {
		u.now++
		u.peak = max(u.peak, u.now)
		return true
	}
	c.Why = flow.OutOfMemory
	if u.config.Full == Crash {
		p.crash.At(p.e.Now(), uint32(c.Server))
	}
	return false
}

// unload gives back what fits took.
func (p *Pool) unload(c *flow.Conn) {
	if u := p.memories[c.Server]; u != nil {
		u.now--
	}
}
