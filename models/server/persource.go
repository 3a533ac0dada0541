package server

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// PerSource limits the connections that a server takes from one source address,
// as a receive connector of Exchange does. To the server an address is a client:
// behind a NAT device or a balancer that is not transparent a whole site is
// throttled as one. Connections of all services count together.
//
// A connection is refused after it was made: the balancer has found a server
// that answers, and does not try another. The defaults are those of a receive
// connector other than the internal one (message-rate-limits.md and
// Set-ReceiveConnector in the documentation of Exchange), but for the rates, which
// are not limited: there are 1200 new connections a minute for each transport
// service, 5 messages a minute from each user on client connectors, and 600 a
// minute from each address on the internal connector of an Edge server.
//
// A minute begins with the first that counts, and what is refused does not count
// (modelling choices: how Exchange counts is not documented). The tarpit, which
// delays answers to those who are not authenticated by 5 s, is not modelled.
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
	// ConnectionRate is the most new connections from all addresses in a minute;
	// 0: any number.
	ConnectionRate flow.Rate `yaml:"connection_rate" doc:"new connections from all source addresses, as 1200/min; 0/s: any number"`
	// MessageRate is the most requests of one source in a minute:
	// MessageRateLimit; 0: any number. Others are rejected, and their connections
	// stay.
	MessageRate flow.Rate `yaml:"message_rate" doc:"requests of one source, as 600/min; 0/s: any number"`
	// MessageSource is what a source of messages is: MessageRateSource.
	MessageSource string `yaml:"message_source" doc:"what message_rate holds for: each address, or each client, whatever its address"`
}

// The sources of messages.
const byAddress, byClient = "address", "client"

// SetDefaults makes it 20 connections per source, or 2 % of what is left of
// 5000.
func (p *PerSource) SetDefaults() {
	*p = PerSource{Connections: 20, PercentRemaining: 0.02, Total: 5000, MessageSource: byAddress}
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
	for _, r := range []struct {
		path string
		rate flow.Rate
	}{{"connection_rate", p.ConnectionRate}, {"message_rate", p.MessageRate}} {
		if r.rate != 0 && !(aMinute(r.rate) >= 1 && aMinute(r.rate) <= 1_000_000_000) {
			ps = append(ps, flow.Problem{Path: r.path, Text: fmt.Sprintf("%.3g/min is not between 1/min and 1000000000/min", float64(r.rate)*60),
				Hint: "leave it out for no limit"})
		}
	}
	ps = append(ps, flow.OneOfOrNone("message_source", p.MessageSource, byAddress, byClient)...)
	return ps
}

// aMinute returns how many a rate allows in a minute.
func aMinute(r flow.Rate) int { return int(math.Floor(min(float64(r)*60+1e-9, 1e15))) }

// limit is how many connections an address may have while others have so many.
func (p *PerSource) limit(others int) int {
	left := p.Total - others
	share := math.Floor(float64(float64(p.PercentRemaining)*float64(left)) + 1e-9)
	return min(p.Connections, left, int(share))
}

// doorkeeper counts the connections of a server by source address, and what
// comes in a minute.
type doorkeeper struct {
	config *PerSource
	total  int
	from   map[uint64]int    // by address; those without connections are left out
	opened minute            // connections
	sent   map[uint64]minute // requests, by address or client
}

// minute counts what comes in a minute from the first on.
type minute struct {
	over sim.Time // when it is
	n    int
}

// allows counts one more, unless there were so many already.
func (m *minute) allows(rate flow.Rate, now sim.Time) bool {
	if rate == 0 {
		return true
	}
	if now >= m.over {
		*m = minute{over: now.Add(time.Minute)}
	}
	if m.n >= aMinute(rate) {
		return false
	}
	m.n++
	return true
}

// address is what the server sees of a connection's source.
func address(c *flow.Conn) uint64 {
	if c.Face > 0 {
		return 1<<32 | uint64(c.Face)
	}
	return uint64(c.Addr)
}

// admits reports whether the connection's server lets one in from there; if not,
// c.Why says which limit forbids it.
func (p *Pool) admits(c *flow.Conn) bool {
	d := p.doors[c.Server]
	if d == nil {
		return true
	}
	a := address(c)
	n := d.from[a]
	if n >= d.config.limit(d.total-n) {
		c.Why = flow.SourceLimit
		return false
	}
	if !d.opened.allows(d.config.ConnectionRate, p.e.Now()) {
		c.Why = flow.ConnectionRate
		return false
	}
	d.from[a] = n + 1
	d.total++
	return true
}

// allows reports whether server s takes another request from where this one comes.
func (p *Pool) allows(s int32, id flow.RequestID) bool {
	d, r := p.doors[s], p.fl.Requests.At(uint32(id))
	if d == nil || d.config.MessageRate == 0 || r.Work != flow.Ask {
		return true
	}
	c := p.fl.Conns.At(uint32(r.Conn))
	from := address(c)
	if d.config.MessageSource == byClient {
		from = uint64(c.Client)
	}
	m := d.sent[from]
	ok := m.allows(d.config.MessageRate, p.e.Now())
	d.sent[from] = m
	if !ok {
		r.Why = flow.MessageRate
	}
	return ok
}

// parts ends a connection that was let in.
func (p *Pool) parts(c *flow.Conn) {
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
