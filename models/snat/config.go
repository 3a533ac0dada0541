package snat

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Site is a place where clients sit.
type Site struct {
	Name  string `yaml:"name,omitempty" doc:"name of the site"`
	Names string `yaml:"names,omitempty" doc:"names of several sites that are alike, as in office[1-20]"`
	// Clients is the number of clients, up to MaxClients; 0 with a log, which
	// brings its own.
	Clients int  `yaml:"clients,omitempty" doc:"number of clients"`
	NAT     *NAT `yaml:"nat,omitempty" doc:"address translation; without it every client has an address of its own"`
	// Moves is after how long a client appears behind another of the site's
	// addresses, 1s to 10 years; 0 is never. Open connections keep their address.
	Moves time.Duration `yaml:"moves,omitempty" doc:"time after which a client comes from another address of the site, as phones do; left out: never"`
	// RTT is the round-trip time from the site where that is not the network's, up to
	// 10 s; 0: it is the network's.
	RTT time.Duration `yaml:"rtt,omitempty" doc:"with a network: round-trip time from the site, instead of the network's; 0s: the network's"`
	// Log names an access log whose clients, addresses and times the site has.
	Log string `yaml:"log,omitempty" doc:"access log whose clients, addresses and times the site has"`

	Visits *flow.Visits `yaml:"-"` // the log's content
}

// NAT is the address translation of a site.
type NAT struct {
	// Addresses is the number of outside addresses.
	Addresses int `yaml:"addresses,omitempty" doc:"number of outside addresses"`
	// Sharing, instead of Addresses, is how many users share an address, as
	// behind carrier NAT, whose inside addresses are of 100.64.0.0/10 (RFC 6598,
	// from memory, unverified) and are not seen by anyone. 0 is not at all. Up to
	// about 128 have been observed (Richter et al., IMC 2016, from memory,
	// unverified).
	Sharing int `yaml:"sharing,omitempty" doc:"instead of addresses: users that share each address, as behind carrier NAT"`
	// Prefix, for a site with a log, puts all clients of one network of that
	// length behind one address, 8 to 32; 0 switches it off.
	Prefix int `yaml:"prefix,omitempty" doc:"with a log: clients of one network of this length share an address, as in 24"`
	// Pooling is paired (a client keeps its outside address, as RFC 4787 REQ-2
	// asks) or arbitrary (any address for every connection).
	Pooling Pooling `yaml:"pooling" doc:"paired: a client keeps its address; arbitrary: any address for each connection"`
	// Sizes says how many clients share each address.
	Sizes SizesPolicy `yaml:"sizes" doc:"how many clients share each address"`
	// Mapping is whether a port serves one connection or one to each service.
	Mapping Mapping `yaml:"mapping" doc:"endpoint-independent: a port is for one connection; per-destination: for one to each service"`
	// Allocation is how users get their ports.
	Allocation AllocationPolicy `yaml:"allocation" doc:"how the clients behind an address get its ports"`
	// Ports is how many ports each address has, 1 to 65535: 1024 to 65535 are
	// 64,512 (the convention of RFC 4787, and of the NAT plan of FD.io CSIT).
	// A value of 0, which a scenario cannot have, is no limit. Each connection
	// takes one while it exists. Where a service chooses a server for each
	// request, the connections of the clients that send them are not modelled,
	// nor are their ports.
	Ports int `yaml:"ports" doc:"ports of each address; a connection takes one"`
	// Rest is how long a port that is given back rests before it is taken
	// again: 120 s by RFC 6888 REQ-8; 0 is not at all, at most 24h.
	Rest time.Duration `yaml:"rest" doc:"how long a port rests between two connections; 0s: not at all"`
}

// Ports of an address, and how long each rests, where nothing else is said.
const (
	DefaultPorts = 64_512
	DefaultRest  = 120 * time.Second
)

// Outside returns how many outside addresses the device has for so many
// clients, unless a log says it.
func (n *NAT) Outside(clients int) int {
	if k := groups(n.Sizes, clients); k > 0 {
		return k
	}
	if n.Sharing > 0 {
		return (clients + n.Sharing - 1) / n.Sharing
	}
	return n.Addresses
}

// Pooling is how a NAT device with several addresses chooses among them.
type Pooling string

// The ways of pooling.
const (
	Paired    Pooling = "paired"
	Arbitrary Pooling = "arbitrary"
)

// MaxClients bounds the clients of a run.
const MaxClients = 10_000_000

// SetDefaults makes it a NAT device with one address.
func (n *NAT) SetDefaults() {
	n.Addresses, n.Pooling, n.Sizes = 1, Paired, &Equal{}
	n.Mapping, n.Allocation = EndpointIndependent, &PerFlow{}
	n.Ports, n.Rest = DefaultPorts, DefaultRest
}

// Validate checks the site's own fields.
func (s *Site) Validate() []flow.Problem {
	var ps []flow.Problem
	if (s.Name == "") == (s.Names == "") {
		ps = append(ps, flow.Problem{Text: "a site needs either name or names"})
	}
	switch {
	case s.Log != "" && s.Clients != 0:
		ps = append(ps, flow.Problem{Path: "clients", Text: "a site with a log takes its clients from the log"})
	case s.Log == "" && s.Visits == nil && (s.Clients < 1 || s.Clients > MaxClients):
		ps = append(ps, flow.Problem{Path: "clients", Text: fmt.Sprintf("%d is not between 1 and %d", s.Clients, MaxClients)})
	}
	if s.NAT != nil && s.NAT.Prefix != 0 && s.Log == "" {
		ps = append(ps, flow.Problem{Path: "nat.prefix", Text: "needs a log, whose addresses it groups"})
	}
	if s.Moves != 0 {
		ps = append(ps, s.checkMoves()...)
	}
	if s.RTT < 0 || s.RTT > 10*time.Second {
		ps = append(ps, flow.Problem{Path: "rtt", Text: fmt.Sprintf("%v is not between 0s and 10s", s.RTT)})
	}
	if s.NAT != nil && s.NAT.Prefix == 0 && s.Clients > 0 {
		_, equal := s.NAT.Sizes.(*Equal)
		f, fixed := s.NAT.Allocation.(*Fixed)
		if n := s.NAT.Outside(s.Clients); equal && fixed && n > 0 && s.Clients > n*f.Ratio {
			ps = append(ps, flow.Problem{Path: "nat.allocation.ratio",
				Text: fmt.Sprintf("%d clients behind %d addresses are more than %d each: some would have no ports", s.Clients, n, f.Ratio),
				Hint: fmt.Sprintf("write sharing: %d, or more addresses", f.Ratio)})
		}
	}
	return ps
}

func (s *Site) checkMoves() []flow.Problem {
	at := func(text, hint string) []flow.Problem { return []flow.Problem{{Path: "moves", Text: text, Hint: hint}} }
	switch {
	case s.Moves < time.Second || s.Moves > 10*365*24*time.Hour:
		return at(fmt.Sprintf("%v is not between 1s and 10 years", s.Moves), "leave it out for clients that stay where they are")
	case s.NAT == nil || s.NAT.Prefix != 0 || s.Clients > 0 && s.NAT.Outside(s.Clients) < 2:
		return at("there is no other address to move to", "write nat: {addresses: 4}")
	case s.NAT.Pooling == Arbitrary:
		return at("with pooling arbitrary every connection has another address anyway", "write pooling: paired")
	}
	if _, ok := s.NAT.allocates().(*PerFlow); !ok {
		return at("a client that moves has no ports of its own", "write allocation: per-flow")
	}
	return nil
}

// Validate checks the NAT device's own fields.
func (n *NAT) Validate() []flow.Problem {
	var ps []flow.Problem
	if n.Addresses < 0 || n.Addresses > MaxClients {
		ps = append(ps, flow.Problem{Path: "addresses", Text: fmt.Sprintf("%d is not between 1 and %d", n.Addresses, MaxClients)})
	}
	if n.Addresses == 0 && n.Prefix == 0 && n.Sharing == 0 {
		ps = append(ps, flow.Problem{Path: "addresses", Text: "0 is not between 1 and 10000000"})
	}
	if n.Prefix < 0 || n.Prefix > 32 || n.Prefix > 0 && n.Prefix < 8 {
		ps = append(ps, flow.Problem{Path: "prefix", Text: fmt.Sprintf("%d is not between 8 and 32", n.Prefix)})
	}
	ps = append(ps, flow.OneOf("pooling", n.Pooling, string(Paired), string(Arbitrary))...)
	if n.Ports < 0 || n.Ports > 65535 {
		ps = append(ps, flow.Problem{Path: "ports", Text: fmt.Sprintf("%d is not between 1 and 65535", n.Ports),
			Hint: "above the reserved ones there are 64512"})
	}
	if n.Rest < 0 || n.Rest > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "rest", Text: fmt.Sprintf("%v is not between 0s and 24h", n.Rest)})
	}
	return append(ps, n.checkAllocation()...)
}
