package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Config describes a balancer.
type Config struct {
	// Product is the load balancer whose defaults hold where a scenario gives
	// no value. It means nothing here: package scenarios puts the values in.
	Product Product `yaml:"product,omitempty" doc:"load balancer whose defaults hold where the file gives no value"`
	// Source is what servers see of the clients' addresses.
	Source Source `yaml:"source" doc:"address from which servers see connections: transparent, or snat"`
	// Pair is the standby; nil: there is none.
	Pair *Pair `yaml:"pair,omitempty" doc:"a second balancer that takes over when this one fails"`
	// TLS is what the balancer has for the handshakes of services with Offload.
	TLS      *TLS      `yaml:"tls,omitempty" doc:"processors for the TLS handshakes of services with offload"`
	Services []Service `yaml:"services" doc:"virtual services"`
}

// Product is the name of a load balancer that is for sale or free.
type Product string

// Service is one virtual service: an address and port that clients connect to.
type Service struct {
	Name string `yaml:"name" doc:"name of the service"`
	// Product is as in Config, for this service alone.
	Product Product `yaml:"product,omitempty" doc:"load balancer of this service, if it is another"`
	Port    int     `yaml:"port" doc:"TCP port, for output only"`
	// Mode is whether a server is chosen for a connection or for each of its
	// requests.
	Mode        Mode              `yaml:"mode" doc:"tcp: a server is chosen for a connection; http: for each request"`
	Scheduler   SchedulerPolicy   `yaml:"scheduler" doc:"how a server is picked, for a connection or in mode http for each request"`
	Persistence PersistencePolicy `yaml:"persistence" doc:"how a client is kept on its server"`
	SlowStart   RampPolicy        `yaml:"slow_start" doc:"how a returning server is spared"`
	Health      Health            `yaml:"health" doc:"how the balancer finds out that a server is up or down"`
	// Offload is whether the balancer does the TLS handshakes of the service's
	// clients; the servers then have the log-ons alone.
	Offload bool `yaml:"offload,omitempty" doc:"whether the balancer does the clients' TLS handshakes, with the cores of balancer.tls"`
	// Instances is how many balancers serve the service, each with its own
	// counts, probes and persistence table, 1 to 255; 0, which a Service has
	// that was not given its defaults, counts as 1.
	Instances int `yaml:"instances" doc:"balancers that serve it, each knowing only its own connections"`
	// Spread is how clients come to one of several balancers.
	Spread Spread `yaml:"spread" doc:"how clients meet one of several balancers: each connection anew, or each client always the same"`
	// Full is what becomes of a connection when the servers are at their
	// connection limits. One that belongs to a full server by its persistence
	// record waits for it, unless full ones reject.
	Full Overflow `yaml:"full" doc:"where a server at max_connections sends a connection: next, server-queue, queue or reject"`
	// Queue is how many connections may wait; Unlimited for no limit.
	Queue int `yaml:"queue" doc:"connections that may wait when servers are at max_connections; -1: no limit, 0: none"`
	// Resume is the part of its limit below which a server that was full takes
	// connections again; 0 is at once. IPVS has 75 % (its lower threshold).
	Resume flow.Share `yaml:"resume" doc:"part of max_connections to which a full server must come down; 0%: any free place will do"`
	// Redispatch is how many other servers the balancer tries when one does
	// not take a connection; Unlimited for all. No server is tried twice, and if
	// none takes it, the connection is reset.
	Redispatch int `yaml:"redispatch" doc:"other servers that are tried when one does not take a connection; -1: all"`
	// Panic is the share of servers up below which all are used, up or not. Those
	// that are drained or without weight do not count.
	Panic flow.Share `yaml:"panic" doc:"share of the servers that must be up; below it all are used, up or down; 0%: never"`
	// OnDown is what becomes of a server's connections when it is marked down, and
	// OnUp what becomes of those of servers that stand by when another comes up.
	OnDown Fate     `yaml:"on_down" doc:"what becomes of a server's connections when checks mark it down: keep, reset, reselect, drop or hold"`
	OnUp   Comeback `yaml:"on_up" doc:"what becomes of connections to backup servers when another comes up: keep or shutdown-backup-sessions"`
	// OnRemove is what becomes of the connections of a server that the timeline
	// removes.
	OnRemove Fate `yaml:"on_remove" doc:"what becomes of the connections of a server that is removed: keep, reset, reselect, drop or hold; or refuse"`
	// Drain is how long a server drains, and what happens then.
	Drain Drain `yaml:"drain" doc:"how long a server drains, and what becomes of its connections then"`
	// Sorry is the server that answers when no other takes a connection; "": none.
	Sorry string `yaml:"sorry,omitempty" doc:"server that says sorry when no other takes a connection; it is not checked, and what it answers counts as rejected"`
	// ConnectTimeout is how long the balancer waits for a server that does not
	// answer, 0 to 1h; 0: it does not, the client's own attempts meet the server.
	ConnectTimeout time.Duration `yaml:"connect_timeout" doc:"how long the balancer waits for a server that does not answer; 0s: the client's own attempts find out, as at layer 4"`
	// Retries is how often the same server is tried again that did not take a
	// connection, RetryWait after each attempt, before others are tried.
	Retries   int           `yaml:"retries" doc:"how often a server that does not take a connection is tried again, before redispatch"`
	RetryWait time.Duration `yaml:"retry_wait" doc:"time from a failed attempt to the next one at the same server"`
	// Linger is how long a closed connection stays in the table and counts as
	// inactive, for the algorithms that mind.
	Linger  time.Duration  `yaml:"linger" doc:"how long a closed connection counts as inactive, for least connections like ipvs"`
	Servers []MemberConfig `yaml:"servers" doc:"servers of the service"`
}

// Mode is what a scheduling decision covers.
type Mode string

// The modes.
const (
	TCP  Mode = "tcp"
	HTTP Mode = "http"
)

// Modes lists the modes with their documentation.
var Modes = flow.Table[Mode]{
	{Name: "tcp", Doc: "a server is chosen for each connection and serves all its requests", New: func() Mode { return TCP }},
	{Name: "http", Doc: "a server is chosen for each request", New: func() Mode { return HTTP }},
}

// Spread is how clients come to one of several balancers.
type Spread string

// The ways.
const (
	SpreadConnections Spread = "connection"
	SpreadClients     Spread = "client"
)

// Spreads lists the ways with their documentation.
var Spreads = flow.Table[Spread]{
	{Name: "connection", Doc: "each connection meets any of the balancers, as with routes of equal cost (ECMP)", New: func() Spread { return SpreadConnections }},
	{Name: "client", Doc: "each client meets the same balancer every time, as with a name that resolves to several addresses", New: func() Spread { return SpreadClients }},
}

// Overflow is what becomes of a connection when servers are full.
type Overflow string

// The ways.
const (
	FullNext    Overflow = "next"
	FullWaits   Overflow = "server-queue"
	FullQueues  Overflow = "queue"
	FullRejects Overflow = "reject"
)

// Overflows lists the ways with their documentation.
var Overflows = flow.Table[Overflow]{
	{Name: "next", Doc: "a full server is passed over; connections queue when all are full", New: func() Overflow { return FullNext }},
	{Name: "server-queue", Doc: "a connection whose server is full waits for that server", New: func() Overflow { return FullWaits }},
	{Name: "queue", Doc: "a connection whose server is full waits for any server", New: func() Overflow { return FullQueues }},
	{Name: "reject", Doc: "a connection whose server is full is turned away", New: func() Overflow { return FullRejects }},
}

// hidesFull reports whether the scheduler must not pick a full server.
func (s *Service) hidesFull() bool { return s.Full == FullNext || s.Full == "" }

// Unlimited is the Queue of a service that turns no connection away for being
// full.
const Unlimited = -1

// MemberConfig is a server as one service uses it.
type MemberConfig struct {
	Name           string `yaml:"name" doc:"name of a server, or of several as in ex[1-4]"`
	Weight         int    `yaml:"weight" doc:"share of the load relative to the others, 0 to 65535; 0: no new connections"`
	MaxConnections int    `yaml:"max_connections" doc:"connections it is given at a time; 0: no limit"`
	// Priority and Backup order the servers in groups; see the scheduler
	// priority.
	Priority int   `yaml:"priority" doc:"servers of the highest priority are used first, 0 to 1000: priority groups of f5; for envoy, whose P0 comes first, P0 has the highest number; haproxy and nginx know none and ignore it"`
	Backup   bool  `yaml:"backup" doc:"stands by until no other server can be used"`
	Server   int32 `yaml:"-"` // number of the server, set when the world is built
	Absent   bool  `yaml:"-"` // not in the table yet: the timeline adds it
	Sorry    bool  `yaml:"-"` // Service.Sorry
}

// SetDefaults makes it a member of weight 1 without a connection limit.
func (m *MemberConfig) SetDefaults() { m.Weight = 1 }

// FromScalar lets a name alone stand for a member.
func (m *MemberConfig) FromScalar(name string) error {
	m.Name = name
	return nil
}

// Validate checks the member's own fields.
func (m *MemberConfig) Validate() []flow.Problem {
	var ps []flow.Problem
	if m.Name == "" {
		ps = append(ps, flow.Problem{Path: "name", Text: "the server has no name"})
	}
	if m.Weight < 0 || m.Weight > 65535 {
		ps = append(ps, flow.Problem{Path: "weight", Text: fmt.Sprintf("%d is not between 0 and 65535", m.Weight)})
	}
	if m.MaxConnections < 0 {
		ps = append(ps, flow.Problem{Path: "max_connections", Text: fmt.Sprintf("%d is negative", m.MaxConnections),
			Hint: "0 means no limit"})
	}
	if m.Priority < 0 || m.Priority > 1000 {
		ps = append(ps, flow.Problem{Path: "priority", Text: fmt.Sprintf("%d is not between 0 and 1000", m.Priority)})
	}
	return ps
}

// SetDefaults makes it a service of one balancer whose connections may wait
// without limit.
func (s *Service) SetDefaults() {
	s.Mode, s.Spread, s.Full, s.Instances, s.Queue = TCP, SpreadConnections, FullNext, 1, Unlimited
	s.OnDown, s.OnUp, s.OnRemove, s.RetryWait = Kept, BackupsKept, Kept, time.Second
}

// Validate checks the service's own fields.
func (s *Service) Validate() []flow.Problem {
	var ps []flow.Problem
	if s.Name == "" {
		ps = append(ps, flow.Problem{Path: "name", Text: "the service has no name"})
	}
	if s.Port < 0 || s.Port > 65535 {
		ps = append(ps, flow.Problem{Path: "port", Text: fmt.Sprintf("%d is not a TCP port (0 to 65535)", s.Port)})
	}
	if s.Queue < Unlimited {
		ps = append(ps, flow.Problem{Path: "queue", Text: fmt.Sprintf("%d is negative", s.Queue), Hint: "-1 means no limit"})
	}
	if s.Instances < 0 || s.Instances > 255 {
		ps = append(ps, flow.Problem{Path: "instances", Text: fmt.Sprintf("%d is not between 1 and 255", s.Instances)})
	}
	if s.Redispatch < Unlimited {
		ps = append(ps, flow.Problem{Path: "redispatch", Text: fmt.Sprintf("%d is negative", s.Redispatch), Hint: "-1 means all"})
	}
	if s.Linger < 0 || s.Linger > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "linger", Text: fmt.Sprintf("%v is not between 0 and 24h", s.Linger)})
	}
	ps = append(ps, flow.OneOfOrNone("mode", s.Mode, Modes.Names()...)...)
	ps = append(ps, flow.OneOfOrNone("spread", s.Spread, Spreads.Names()...)...)
	ps = append(ps, flow.OneOfOrNone("full", s.Full, Overflows.Names()...)...)
	ps = append(ps, flow.CheckShare("resume", s.Resume)...)
	ps = append(ps, flow.CheckShare("panic", s.Panic)...)
	ps = append(ps, s.checkFates()...)
	ps = append(ps, s.checkConnecting()...)
	if o := s.Health.Observe; o != nil && o.Layer == layer7 && s.Mode != HTTP {
		ps = append(ps, flow.Problem{Path: "health.observe.layer", Text: "a balancer in mode tcp sees no requests",
			Hint: "write mode: http for the service, or layer: layer4"})
	}
	if len(s.Servers) == 0 {
		ps = append(ps, flow.Problem{Path: "servers", Text: "the service has no servers"})
	}
	return ps
}
