package cluster

import (
	"slices"

	"lbsim/models/flow"
)

// FailDomain takes down a rack or a site with all its hosts, or a datastore with
// all machines whose disks are there. Domains are numbered as View.Labels. Several
// causes may do so at a time: it works again when all are over.
func (c *Cluster) FailDomain(kind, label int) {
	if c.domains[kind][label]++; c.domains[kind][label] > 1 {
		return
	}
	name := c.view.Labels[kind][label]
	if c.observer != nil {
		c.note(flow.Failed, name, "fails")
	}
	if kind != Datastore {
		for _, h := range c.hostsIn(kind, label) {
			c.takeHost(h, name+" has failed")
		}
		return
	}
	for v := range c.vms {
		if c.view.VMs[v].Host >= 0 && c.datastoreOf(v) == int32(label) {
			c.block(v)
		}
	}
}

// RecoverDomain ends one cause of a domain's failure. Machines whose datastore is
// there again boot on the hosts that have them.
func (c *Cluster) RecoverDomain(kind, label int) {
	if c.domains[kind][label] == 0 {
		return
	}
	if c.domains[kind][label]--; c.domains[kind][label] > 0 {
		return
	}
	if c.observer != nil {
		c.note(flow.Recovered, c.view.Labels[kind][label], "is back")
	}
	if kind != Datastore {
		for _, h := range c.hostsIn(kind, label) {
			c.giveHost(h)
		}
		return
	}
	var back []int
	for v := range c.vms {
		if c.vms[v].stage == blocked && !c.out(v) {
			back = append(back, v)
		}
	}
	slices.SortFunc(back, func(a, b int) int { return c.vms[a].rank - c.vms[b].rank })
	for _, v := range back {
		c.start(v)
	}
}

// hostsIn lists the hosts of a domain.
func (c *Cluster) hostsIn(kind, label int) (hosts []int) {
	for h := range c.view.Hosts {
		if c.view.Hosts[h].In(kind) == int32(label) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// datastoreOf is where the disks of a machine are that has a host, -1: in the host.
func (c *Cluster) datastoreOf(v int) int32 {
	if own := c.vms[v].datastore; own >= 0 {
		return own
	}
	return c.view.Hosts[c.view.VMs[v].Host].In(Datastore)
}

// out reports whether a machine's disks are not to be had.
func (c *Cluster) out(v int) bool {
	d := c.datastoreOf(v)
	return d >= 0 && c.domains[Datastore][d] > 0
}

// block stops a machine whose disks are not to be had. Its host keeps it: a
// platform that placed it elsewhere would gain nothing.
func (c *Cluster) block(v int) {
	c.crash(v)
	if !c.hosts[c.view.VMs[v].Host].alive() {
		return // it is lost anyway
	}
	c.view.VMs[v].State = Starting
	c.view.Changes++
	c.vms[v].stage = blocked
	c.touch(v)
}
