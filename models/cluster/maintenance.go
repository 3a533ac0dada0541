package cluster

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Maintenance is planned work on all hosts, such as a month's updates: in each round
// they are emptied, rebooted and put back, one after the other.
type Maintenance struct {
	Every time.Duration `yaml:"every" doc:"time from the beginning of a round to that of the next; an assumption"`
	// First is 0 for a first round after Every.
	First    time.Duration `yaml:"first,omitempty" doc:"when the first round begins, from the start of the run; left out: after every"`
	Takes    time.Duration `yaml:"takes" doc:"how long the reboot of a host takes; an assumption"`
	Patience time.Duration `yaml:"patience" doc:"how long is waited until a host is empty: machines that it has then are shut down, and start elsewhere; and before the next host, until those that start have started"`
}

// SetDefaults makes it a round a month, with reboots of 20 minutes.
func (m *Maintenance) SetDefaults() {
	*m = Maintenance{Every: 720 * time.Hour, Takes: 20 * time.Minute, Patience: time.Hour}
}

// Validate checks the times.
func (m *Maintenance) Validate() []flow.Problem {
	var c flow.Checks
	c.Duration("every", m.Every, time.Minute, longest)
	c.Duration("first", m.First, 0, longest)
	c.Duration("takes", m.Takes, time.Second, longest)
	c.Duration("patience", m.Patience, 0, longest)
	return c
}

// maintenance is the rounds of maintenance in a run.
type maintenance struct {
	c        *Cluster
	config   *Maintenance
	host     int  // whose turn it is, -1: no round is under way
	emptying bool // it is being emptied, and not rebooted yet
	deadline sim.Pending
	returned sim.Time // when it had booted

	begun, late, back, more sim.Port[uint32]
}

func newMaintenance(c *Cluster, config *Maintenance) *maintenance {
	m := &maintenance{c: c, config: config, host: -1}
	m.begun = sim.Bind(c.e, "cluster/maintenance", sim.Fault, m.onBegun)
	m.late = sim.Bind(c.e, "cluster/maintenance-late", sim.Expire, func(uint32) { m.reboot() })
	m.back = sim.Bind(c.e, "cluster/maintenance-back", sim.Fault, m.onBack)
	m.more = sim.Bind(c.e, "cluster/maintenance-next", sim.Expire, m.onMore)
	first := config.First
	if first == 0 {
		first = config.Every
	}
	m.begun.At(sim.Time(first), 0)
	return m
}

// onBegun begins a round, unless the last one is still under way.
func (m *maintenance) onBegun(uint32) {
	m.begun.After(m.config.Every, 0)
	if m.host < 0 {
		m.next()
	}
}

// next goes on to the next host that works and that nobody else has taken out.
func (m *maintenance) next() {
	c := m.c
	for m.host++; m.host < len(c.hosts); m.host++ {
		if h := m.host; c.hosts[h].alive() && !c.view.Hosts[h].Leaving {
			m.emptying = true
			m.deadline = m.late.Set(m.config.Patience, 0)
			c.Maintain(h)
			m.look()
			return
		}
	}
	m.host = -1
}

// look goes on when the host is empty, or has failed.
func (m *maintenance) look() {
	switch {
	case !m.emptying:
	case !m.c.hosts[m.host].alive():
		m.c.e.Cancel(m.deadline)
		m.emptying = false
		m.c.Resume(m.host)
		m.next()
	case len(m.c.view.Hosts[m.host].VMs) == 0:
		m.c.e.Cancel(m.deadline)
		m.reboot()
	}
}

// reboot shuts the host down with what it has.
func (m *maintenance) reboot() {
	m.emptying = false
	m.c.shutDown(m.host)
	m.back.After(m.config.Takes, 0)
}

// onBack is when the host has booted.
func (m *maintenance) onBack(uint32) {
	m.returned = m.c.e.Now()
	m.c.giveHost(m.host)
	m.c.Resume(m.host)
	m.more.After(startedPoll, 0)
}

// startedPoll is the time after which an operator looks again whether all machines have started.
const startedPoll = time.Second

// onMore goes on to the next host when no machine starts any more: two that do the
// same work are not to be down together.
func (m *maintenance) onMore(uint32) {
	starting := func(m vm) bool { return m.stage == queued || m.stage == booting || m.stage == services }
	if m.c.e.Now().Sub(m.returned) < m.config.Patience && slices.ContainsFunc(m.c.vms, starting) {
		m.more.After(startedPoll, 0)
		return
	}
	m.next()
}

// shutDown takes a host down in order. The platform knows at once.
func (c *Cluster) shutDown(h int) {
	x := &c.hosts[h]
	was := x.alive()
	if x.outages++; !was {
		return
	}
	c.noteHost(flow.TakenOut, h, "is rebooted")
	for _, v := range c.view.Hosts[h].VMs {
		if c.view.VMs[v].Host == h {
			c.vms[v].ending = ShutDown
		}
	}
	c.drop(h)
	c.view.Hosts[h].Up = false
	c.view.Changes++
	c.evacuate(h)
	c.tellHost(h)
}
