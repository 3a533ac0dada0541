package server

import (
	"fmt"
	"math"

	"lbsim/models/flow"
)

// PerSource limits the connections that a server takes from one source address,
// as a receive connector of Exchange does. To the server an address is a client:
// behind a NAT device or a balancer that is not transparent a whole site is
// throttled as one. Connections of all services count together.
//
// A connection is refused after it was made: the balancer has found a server
// that answers, and does not try another. The defaults are those of a receive
// connector other than the internal one (message-rate-limits.md and
// Set-ReceiveConnector in the documentation of Exchange).
type PerSource struct {
	// Connections is the most from one address: MaxInboundConnectionPerSource.
	Connections int `yaml:"connections" doc:"connections from one source address"`
	// PercentRemaining is a second limit, a share of what Total leaves to this
	// address: MaxInboundConnectionPercentagePerSource. What an address has
	// itself is not counted against it (a modelling choice: the documentation
	// speaks of the remaining connections of the connector).
	PercentRemaining flow.Share `yaml:"percent_remaining" doc:"share of total less the connections of others that one source address may have, if that is less"`
	// Total is the most from all addresses: MaxInboundConnection.
	Total int `yaml:"total" doc:"connections from all source addresses"`
}

// SetDefaults makes it 20 connections per source, or 2 % of what is left of
// 5000.
func (p *PerSource) SetDefaults() {
	*p = PerSource{Connections: 20, PercentRemaining: 0.02, Total: 5000}
}

// Validate checks the limit's own fields.
func (p *PerSource) Validate() []flow.Problem {
	var ps []flow.Problem
	for _, n := range []struct {
		path string
		n    int
	}{{"connections", p.Connections}, {"total", p.Total}} {
		if n.n < 1 || n.n > 1_000_000_000 {
			ps = append(ps, flow.Problem{Path: n.path, Text: fmt.Sprintf("%d is not between 1 and 1000000000", n.n),
				Hint: "leave per_source out for no limit"})
		}
	}
	if !(p.PercentRemaining > 0 && p.PercentRemaining <= 1) {
		ps = append(ps, flow.Problem{Path: "percent_remaining", Text: fmt.Sprintf("%g is not above 0%% and at most 100%%", float64(p.PercentRemaining)),
			Hint: "100% leaves only the other limits"})
	}
	return ps
}

// limit is how many connections an address may have while others have so many.
func (p *PerSource) limit(others int) int {
	left := p.Total - others
	share := math.Floor(float64(float64(p.PercentRemaining)*float64(left)) + 1e-9)
	return min(p.Connections, left, int(share))
}

// doorkeeper counts the connections of a server by source address.
type doorkeeper struct {
	config *PerSource
	total  int
	from   map[uint64]int // by address; those without connections are left out
}

// address is what the server sees of a connection's source.
func address(c *flow.Conn) uint64 {
	if c.Face > 0 {
		return 1<<32 | uint64(c.Face)
	}
	return uint64(c.Addr)
}

// Guarded reports whether any server limits connections by their source.
func (p *Pool) Guarded() bool { return p.doors != nil }

// Admit reports whether the connection's server lets it in.
func (p *Pool) Admit(c *flow.Conn) bool {
	d := p.doors[c.Server]
	if d == nil {
		return true
	}
	a := address(c)
	n := d.from[a]
	if n >= d.config.limit(d.total-n) {
		return false
	}
	d.from[a] = n + 1
	d.total++
	return true
}

// Leave ends a connection that was let in.
func (p *Pool) Leave(c *flow.Conn) {
	d := p.doors[c.Server]
	if d == nil {
		return
	}
	a := address(c)
	d.total--
	if d.from[a]--; d.from[a] == 0 {
		delete(d.from, a)
	}
}
