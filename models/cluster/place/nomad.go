package place

import (
	"fmt"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Nomad is HashiCorp Nomad's scheduler for services. The machines of a class are
// the allocations of a job's group; one without a class is a job of its own.
// Possible hosts are a constraint, preferred ones an affinity to any of them.
// What an allocation asks for is its memory and its reserved processor time.
//
// Nodes are looked at in a random order. Each gets scores, of which the mean
// counts: how full it is, for allocations of the group on it, for the spread, the
// affinity, and for having failed there. Only some nodes are scored: the base-2
// logarithm of the number of nodes, two at least, 100 with a spread or an
// affinity; up to three with scores of 0 or less are put off (scheduler/feasible:
// stack.go, select.go, rank.go and spread.go). Allocations without a node are
// blocked until something changes; nothing that runs is moved. Those of a node that
// is drained end, and others start elsewhere.
//
// Nomad shuffles the nodes once for all allocations that are placed together,
// here it does so for each.
type Nomad struct {
	DistinctHosts bool        `yaml:"distinct_hosts" doc:"a node has one allocation of a group at most: a constraint"`
	Algorithm     string      `yaml:"scheduler_algorithm" doc:"binpack (the fullest node) or spread (the emptiest)"`
	Spread        NomadSpread `yaml:"spread" doc:"allocations of a group are spread over an attribute: the spread block"`

	// TTL is 10 s at least, and as much again at random.
	TTL   time.Duration `yaml:"heartbeat_ttl" doc:"time after its last heartbeat up to which a client is believed; 10s to 20s, recalled, not verified"`
	Grace time.Duration `yaml:"heartbeat_grace" doc:"time after that until it is down; recalled, not verified"`
	// Restarts are those of the restart block of a service.
	Restarts int           `yaml:"restart_attempts" doc:"restarts of what fails on its node, before it goes to another; recalled, not verified"`
	Interval time.Duration `yaml:"restart_interval" doc:"the time in which restarts count; recalled, not verified"`
}

// NomadSpread is the spread block.
type NomadSpread struct {
	Attribute string        `yaml:"attribute" doc:"none, host, rack, site or datastore"`
	Targets   []NomadTarget `yaml:"targets,omitempty" doc:"shares of the allocations that values get; without, all values get the same"`
}

// NomadTarget is the share of a value. What the targets leave is for all other
// values together.
type NomadTarget struct {
	Value   string     `yaml:"value" doc:"the name of a host, rack, site or datastore"`
	Percent flow.Share `yaml:"percent" doc:"its share of the group's allocations"`
}

func newNomad() *Nomad {
	return &Nomad{
		Algorithm: "binpack", Spread: NomadSpread{Attribute: "none"}, TTL: 15 * time.Second, Grace: 10 * time.Second,
		Restarts: 2, Interval: 30 * time.Minute,
	}
}

// Validate implements flow.Validator.
func (p *Nomad) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("scheduler_algorithm", p.Algorithm, "binpack", "spread")
	c.Duration("heartbeat_ttl", p.TTL, time.Second, 24*time.Hour)
	c.Duration("heartbeat_grace", p.Grace, 0, 24*time.Hour)
	c.Number("restart_attempts", p.Restarts, 0, 1e6)
	c.Duration("restart_interval", p.Interval, time.Second, 30*24*time.Hour)
	return c
}

// Validate implements flow.Validator.
func (p *NomadSpread) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("attribute", p.Attribute, append([]string{"none"}, topologies...)...)
	if p.Attribute == "none" && len(p.Targets) > 0 {
		c.Add("attribute", "is needed for targets", "one of "+strings.Join(topologies, ", "))
	}
	if len(p.Targets) > 10000 {
		c.Add("targets", "are more than 10000", "")
		return c
	}
	var sum flow.Share
	for i, target := range p.Targets {
		c.Share(fmt.Sprintf("targets[%d].percent", i), target.Percent)
		sum += target.Percent
	}
	if sum > 1+rounding {
		c.Add("targets", fmt.Sprintf("have %v %% together", float64(100*sum)), "the shares are of all allocations")
	}
	return c
}

// HostNames implements cluster.HostNamer.
func (p *Nomad) HostNames() (names, paths []string) {
	if p.Spread.Attribute != "host" {
		return nil, nil
	}
	for i, target := range p.Spread.Targets {
		names, paths = append(names, target.Value), append(paths, fmt.Sprintf("spread.targets[%d].value", i))
	}
	return names, paths
}

// WithHosts implements cluster.HostNamer. Each host of a pattern has its share.
func (p *Nomad) WithHosts(list func(path, pattern string) []string) cluster.Policy {
	q := *p
	if p.Spread.Attribute != "host" {
		return &q
	}
	q.Spread.Targets = nil
	for i, target := range p.Spread.Targets {
		for _, name := range list(fmt.Sprintf("spread.targets[%d].value", i), target.Value) {
			q.Spread.Targets = append(q.Spread.Targets, NomadTarget{Value: name, Percent: target.Percent})
		}
	}
	return &q
}

// Timing implements cluster.Policy. Allocations of a client that is isolated are
// lost to the servers, and replaced.
func (p *Nomad) Timing() cluster.Timing {
	lost := p.TTL + p.Grace
	return cluster.Timing{Detect: lost, Isolated: lost, Leave: cluster.Cold}
}
