package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Source is the address from which a balancer connects to servers. It may be
// written as its kind alone.
type Source struct {
	// Kind is transparent (servers see the clients' addresses: the balancer is
	// on the way back, as their gateway) or snat (they see the balancer's: one
	// arm in the network is enough).
	Kind SourceKind `yaml:"kind" doc:"transparent: servers see the clients' addresses; snat: they see the balancer's"`
	// Addresses is how many addresses the balancer has for it, 1 to 255, used
	// in turn.
	Addresses int `yaml:"addresses" doc:"snat: addresses of the balancer, used in turn"`
	// Ports is how many ports each address has towards each server and port, 1
	// to 65535: 64,512 unless a product or kernel leaves fewer.
	Ports int `yaml:"ports" doc:"snat: ports of each address towards each server"`
	// Rest is how long a port is not taken again after its connection, 0 to 24h:
	// TIME_WAIT, which in Linux is 60 s (include/net/tcp.h), if the balancer
	// closes first. Services of mode http keep their connections to servers, and
	// their ports do not rest (a modelling choice).
	Rest time.Duration `yaml:"rest" doc:"snat: how long a port rests between two connections; 0s: not at all"`
}

// SourceKind is a kind of source address.
type SourceKind string

// The kinds.
const (
	Transparent SourceKind = "transparent"
	SNAT        SourceKind = "snat"
)

// SourceKinds lists the kinds with their documentation.
var SourceKinds = flow.Table[SourceKind]{
	{Name: "transparent", Doc: "servers see the clients' addresses", New: func() SourceKind { return Transparent }},
	{Name: "snat", Doc: "servers see addresses of the balancer, which can run out of ports", New: func() SourceKind { return SNAT }},
}

// SetDefaults makes the balancer transparent.
func (s *Source) SetDefaults() {
	*s = Source{Kind: Transparent, Addresses: 1, Ports: 64_512, Rest: time.Minute}
}

// FromScalar lets a kind alone stand for a source.
func (s *Source) FromScalar(kind string) error {
	s.Kind = SourceKind(kind)
	return nil
}

// Validate checks the source's own fields.
func (s *Source) Validate() []flow.Problem {
	ps := flow.OneOfOrNone("kind", s.Kind, SourceKinds.Names()...)
	if s.Kind != SNAT {
		return ps
	}
	if s.Addresses < 1 || s.Addresses > 255 {
		ps = append(ps, flow.Problem{Path: "addresses", Text: fmt.Sprintf("%d is not between 1 and 255", s.Addresses)})
	}
	if s.Ports < 1 || s.Ports > 65535 {
		ps = append(ps, flow.Problem{Path: "ports", Text: fmt.Sprintf("%d is not between 1 and 65535", s.Ports)})
	}
	if s.Rest < 0 || s.Rest > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "rest", Text: fmt.Sprintf("%v is not between 0s and 24h", s.Rest)})
	}
	return ps
}

// Faces gives connections to servers the balancer's own addresses and ports.
type Faces interface {
	// Take reports whether there is a port for a connection to its c.Member.
	Take(c *flow.Conn, now sim.Time) bool
	// Release gives back what Take gave.
	Release(c *flow.Conn, now sim.Time)
}
