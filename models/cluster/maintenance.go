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

// upkeep is the maintenance of a cluster's hosts in a run.
type upkeep struct {
	c        *Cluster
	config   *Maintenance
	host     int  // whose turn it is, -1: no round is under way
	emptying bool // it is being emptied, and not rebooted yet
	deadline sim.Pending
	returned sim.Time // when it had booted

	begun, late, back, more sim.Port[uint32]
}

func newUpkeep(c *Cluster, config *Maintenance) *upkeep {
	u := &upkeep{c: c, config: config, host: -1}
	u.begun = sim.Bind(c.e, "cluster/maintenance", sim.Fault, u.onBegun)
	u.late = sim.Bind(c.e, "cluster/maintenance-late", sim.Expire, func(uint32) { u.reboot() })
	u.back = sim.Bind(c.e, "cluster/maintenance-back", sim.Fault, u.onBack)
	u.more = sim.Bind(c.e, "cluster/maintenance-next", sim.Expire, u.onMore)
	first := config.First
	if first == 0 {
		first = config.Every
	}
	u.begun.At(sim.Time(first), 0)
	return u
}

// onBegun begins a round, unless the last one is still under way.
func (u *upkeep) onBegun(uint32) {
	u.begun.After(u.config.Every, 0)
	if u.host < 0 {
		u.next()
	}
}

// next goes on to the next host that works and that nobody else has taken out.
func (u *upkeep) next() {
	c := u.c
	for u.host++; u.host < len(c.hosts); u.host++ {
		if h := u.host; c.hosts[h].alive() && !c.view.Hosts[h].Leaving {
			u.emptying = true
			u.deadline = u.late.Set(u.config.Patience, 0)
			c.Maintain(h)
			u.look()
			return
		}
	}
	u.host = -1
}

// look goes on when the host is empty, or has failed.
func (u *upkeep) look() {
	switch {
	case !u.emptying:
	case !u.c.hosts[u.host].alive():
		u.c.e.Cancel(u.deadline)
		u.emptying = false
		u.c.Resume(u.host)
		u.next()
	case len(u.c.view.Hosts[u.host].VMs) == 0:
		u.c.e.Cancel(u.deadline)
		u.reboot()
	}
}

// reboot shuts the host down with what it has.
func (u *upkeep) reboot() {
	u.emptying = false
	u.c.shutDown(u.host)
	u.back.After(u.config.Takes, 0)
}

// onBack is when the host has booted.
func (u *upkeep) onBack(uint32) {
	u.returned = u.c.e.Now()
	u.c.giveHost(u.host)
	u.c.Resume(u.host)
	u.more.After(glance, 0)
}

// glance is how often an operator looks whether all machines have started.
const glance = time.Second

// onMore goes on to the next host when no machine starts any more: two that do the
// same work are not to be down together.
func (u *upkeep) onMore(uint32) {
	starting := func(m vm) bool { return m.stage == queued || m.stage == booting || m.stage == services }
	if u.c.e.Now().Sub(u.returned) < u.config.Patience && slices.ContainsFunc(u.c.vms, starting) {
		u.more.After(glance, 0)
		return
	}
	u.next()
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
