package nlb

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"lbsim/models/flow"
)

// MaxHosts is the number of hosts that a cluster can have, and FewHosts how many
// it should have at most.
const (
	MaxHosts = 32
	FewHosts = 8
)

// MaxWeight is the highest load weight, and DefaultWeight the one that a host has
// if it is given none.
const (
	MaxWeight     = 100
	DefaultWeight = 50
)

// Config describes a cluster.
type Config struct {
	// Heartbeat is the time between two heartbeats of a host, AliveMsgPeriod, from
	// 10ms to 10m.
	Heartbeat time.Duration `yaml:"heartbeat" doc:"time between two heartbeats of a host"`
	// Missed is how many heartbeats in a row a host may miss before it is left
	// out: AliveMsgTolerance.
	Missed int `yaml:"missed" doc:"heartbeats in a row that the others miss before they leave a host out"`
	// Convergence is the time from the change that hosts have noticed last to the
	// new table, up to 10m. Texts say 2.5 s to 3 s.
	Convergence time.Duration `yaml:"convergence" doc:"time from what hosts notice to the new table; texts say 2.5s to 3s"`
	// Buckets is the number of buckets that clients fall into: of the reference
	// model, see the package.
	Buckets int `yaml:"buckets" doc:"buckets that clients fall into; 60 is often said, Microsoft does not say"`
	// Existing is what becomes of the connections whose bucket has moved.
	Existing Existing `yaml:"existing" doc:"connections whose bucket moves to another host: keep, or reset"`
	// Mode is how the hosts share an address; it is told for completeness.
	Mode Mode `yaml:"mode" doc:"unicast, multicast or igmp: how switches spread packets, which changes nothing here"`
	// Rules are the port rules, by the services that they are for; a service
	// without one has the defaults of a rule.
	Rules map[string]Rule `yaml:"rules,omitempty" doc:"port rules, by service"`
}

// Existing is what becomes of existing connections at the end of convergence.
type Existing string

// The ways.
const (
	Keep  Existing = "keep"
	Reset Existing = "reset"
)

// Existings lists the ways with their documentation.
var Existings = flow.Table[Existing]{
	{Name: "keep", Doc: "the host that has accepted a connection serves it to its end", New: func() Existing { return Keep }},
	{Name: "reset", Doc: "connections of clients that belong to another host now are reset", New: func() Existing { return Reset }},
}

// Mode is how the hosts share an address.
type Mode string

// The modes of a cluster.
const (
	Unicast   Mode = "unicast"
	Multicast Mode = "multicast"
	IGMP      Mode = "igmp"
)

// Modes lists the modes with their documentation.
var Modes = flow.Table[Mode]{
	{Name: "unicast", Doc: "all hosts have one hardware address: switches flood every port with every packet", New: func() Mode { return Unicast }},
	{Name: "multicast", Doc: "the cluster's address is a multicast address", New: func() Mode { return Multicast }},
	{Name: "igmp", Doc: "multicast, and switches learn which ports want it", New: func() Mode { return IGMP }},
}

// Rule is a port rule.
type Rule struct {
	// Mode is the filtering mode.
	Mode Filtering `yaml:"mode" doc:"who takes connections: multiple, single, disabled, or default where no rule matches"`
	// Affinity is what of a connection decides which host takes it, in mode
	// multiple.
	Affinity Affinity `yaml:"affinity" doc:"what decides, in mode multiple: none (address and port), single (address) or network (its /24)"`
	// Extended is how long after the end of its last connection a client still
	// belongs to its host, 0 to 240m; not with affinity none.
	Extended time.Duration `yaml:"extended_affinity" doc:"how long after its last connection a client stays with its host, whatever the table says; 0s: not at all"`
}

// Filtering is who takes the connections of a rule.
type Filtering string

// The filtering modes, and what is as good as one.
const (
	Multiple  Filtering = "multiple"
	Single    Filtering = "single"
	Disabled  Filtering = "disabled"
	ByDefault Filtering = "default"
)

// Filterings lists the filtering modes with their documentation.
var Filterings = flow.Table[Filtering]{
	{Name: "multiple", Doc: "every host takes its share, by load weight", New: func() Filtering { return Multiple }},
	{Name: "single", Doc: "the host of the lowest handling priority (priority of a server) takes all", New: func() Filtering { return Single }},
	{Name: "disabled", Doc: "no host answers", New: func() Filtering { return Disabled }},
	{Name: "default", Doc: "there is no rule: the default host, that of the lowest number, takes all", New: func() Filtering { return ByDefault }},
}

// Affinity is what decides which host takes a connection.
type Affinity string

// The affinities.
const (
	NoAffinity      Affinity = "none"
	SingleAffinity  Affinity = "single"
	NetworkAffinity Affinity = "network"
)

// Affinities lists the affinities with their documentation.
var Affinities = flow.Table[Affinity]{
	{Name: "none", Doc: "address and port: each connection by itself", New: func() Affinity { return NoAffinity }},
	{Name: "single", Doc: "the address: clients behind one NAT address are one client", New: func() Affinity { return SingleAffinity }},
	{Name: "network", Doc: "the network of 256 addresses (class C) is one client", New: func() Affinity { return NetworkAffinity }},
}

// SetDefaults makes it a cluster as Windows installs it, with the reference
// model's 60 buckets and the shorter time of convergence.
func (c *Config) SetDefaults() {
	*c = Config{
		Heartbeat: time.Second, Missed: 5, Convergence: 2500 * time.Millisecond, Buckets: 60,
		Existing: Keep, Mode: Unicast,
	}
}

// SetDefaults makes it the rule that Windows offers: multiple hosts, single
// affinity.
func (r *Rule) SetDefaults() { r.Mode, r.Affinity = Multiple, SingleAffinity }

// RuleOf returns the rule of a service.
func (c *Config) RuleOf(service string) Rule {
	r, ok := c.Rules[service]
	if !ok {
		r.SetDefaults()
	}
	return r
}

// Keeps reports whether clients are kept on their hosts by the rule of a service.
func (c *Config) Keeps(service string) bool {
	r := c.RuleOf(service)
	return r.keeps()
}

func (r *Rule) keeps() bool { return r.Mode == Multiple && r.Affinity != NoAffinity }

// Validate checks the fields, those of the rules included.
func (c *Config) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	if c.Heartbeat < 10*time.Millisecond || c.Heartbeat > 10*time.Minute {
		bad("heartbeat", "%v is not between 10ms and 10m", c.Heartbeat)
	}
	if c.Missed < 1 || c.Missed > 255 {
		bad("missed", "%d is not between 1 and 255", c.Missed)
	}
	if c.Convergence < 0 || c.Convergence > 10*time.Minute {
		bad("convergence", "%v is not between 0s and 10m", c.Convergence)
	}
	if c.Buckets < 1 || c.Buckets > 65536 {
		bad("buckets", "%d is not between 1 and 65536", c.Buckets)
	}
	ps = append(ps, flow.OneOf("existing", c.Existing, Existings.Names()...)...)
	ps = append(ps, flow.OneOf("mode", c.Mode, Modes.Names()...)...)
	for _, name := range slices.Sorted(maps.Keys(c.Rules)) {
		r := c.Rules[name]
		for _, p := range r.Validate() {
			p.Path = "rules." + name + "." + p.Path
			ps = append(ps, p)
		}
	}
	return ps
}

// Validate checks the rule's own fields.
func (r *Rule) Validate() []flow.Problem {
	ps := flow.OneOf("mode", r.Mode, Filterings.Names()...)
	ps = append(ps, flow.OneOf("affinity", r.Affinity, Affinities.Names()...)...)
	switch {
	case r.Extended < 0 || r.Extended > 240*time.Minute:
		ps = append(ps, flow.Problem{Path: "extended_affinity", Text: fmt.Sprintf("%v is not between 0s and 240m", r.Extended)})
	case r.Extended > 0 && !r.keeps():
		ps = append(ps, flow.Problem{Path: "extended_affinity", Text: "there is none without affinity single or network in mode multiple",
			Hint: "write affinity: single, or leave it out"})
	}
	return ps
}
