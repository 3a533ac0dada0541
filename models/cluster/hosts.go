package cluster

import (
	"slices"

	"lbsim/models/flow"
)

// FailHost breaks a host: its machines are down at once, and the platform notices
// after a while.
func (c *Cluster) FailHost(h int) {
	if c.hosts[h].own {
		return
	}
	was := c.hosts[h].alive()
	c.hosts[h].own = true
	if was {
		c.lose(h, "fails")
	}
}

// RecoverHost repairs a host, which has booted and joins at once unless something
// else keeps it down.
func (c *Cluster) RecoverHost(h int) {
	if !c.hosts[h].own {
		return
	}
	c.hosts[h].own = false
	if c.hosts[h].alive() {
		c.regain(h)
	}
}

// takeHost and giveHost are a cause outside the host that takes it down, and the
// end of one.
func (c *Cluster) takeHost(h int, why string) {
	was := c.hosts[h].alive()
	c.hosts[h].outages++
	if was {
		c.lose(h, "fails: "+why)
	}
}

func (c *Cluster) giveHost(h int) {
	if c.hosts[h].outages--; c.hosts[h].alive() {
		c.regain(h)
	}
}

// lose takes a host down with all that it has.
func (c *Cluster) lose(h int, text string) {
	c.noteHost(flow.Failed, h, text)
	c.counts.HostFailures++
	detect, _ := c.silence(h)
	c.drop(h)
	c.hosts[h].notice = c.noticed.Set(detect, uint32(h))
	c.quarantine(h)
	c.tellHost(h)
}

// drop ends all that goes on at a host.
func (c *Cluster) drop(h int) {
	c.countHost(-1)
	c.endAll(h)
	x := &c.hosts[h]
	x.starting, x.starts = 0, nil
	x.isolated, x.cut, x.ended = false, false, false
	c.e.Cancel(x.isolation)
	c.e.Cancel(x.notice)
}

// endAll ends what runs, starts or moves at a host.
func (c *Cluster) endAll(h int) {
	vms := slices.Clone(c.view.Hosts[h].VMs)
	for _, v := range vms { // who is in line does not take the place of one whose migration ends here
		if c.vms[v].stage == inLine {
			c.stay(v)
		}
	}
	for _, v := range vms {
		switch {
		case c.view.VMs[v].Host == h:
			c.crash(v)
		case c.vms[v].stage >= inLine:
			c.stay(v)
		}
	}
}

// Answers reports whether clients hear a host.
func (c *Cluster) Answers(h int) bool { return c.hosts[h].alive() && !c.hosts[h].cut }

// tellHost tells whoever follows hosts that one may have changed.
func (c *Cluster) tellHost(h int) {
	if c.watcher != nil {
		c.watcher.HostChanged(h)
	}
}

// manager is the host that manages the others: the first of those that are up.
func (c *Cluster) manager() int {
	return slices.IndexFunc(c.view.Hosts, func(h HostView) bool { return h.Up })
}

// onNoticed is when the platform knows that a host is silent. If it is down, its
// machines are placed; those of one that is isolated may go on for some time.
func (c *Cluster) onNoticed(h uint32) {
	if c.view.Hosts[h].Up {
		c.view.Hosts[h].Up = false
		c.view.Changes++
	}
	if !c.hosts[h].alive() {
		c.noteHost(flow.Adjusted, int(h), "is known to be down")
		c.evacuate(int(h))
	} else {
		c.noteHost(flow.Adjusted, int(h), "is isolated")
		if c.hosts[h].ended {
			c.endAll(int(h))
			c.evacuate(int(h))
		}
	}
}

// evacuate has the machines of a host placed that it has lost.
func (c *Cluster) evacuate(h int) {
	c.hosts[h].ended = false
	for _, v := range slices.Clone(c.view.Hosts[h].VMs) {
		if c.view.VMs[v].Host == h {
			c.take(v)
			c.vms[v].attempt = 0
			c.ask(v, HostFailed)
		}
	}
}

// regain lets a host join that works again. If nobody had noticed its failure, that
// is known now.
func (c *Cluster) regain(h int) {
	if c.e.Cancel(c.hosts[h].notice) {
		c.view.Hosts[h].Up = false
		c.evacuate(h)
	}
	c.noteHost(flow.Recovered, h, "is up")
	c.countHost(+1)
	c.tellHost(h)
	c.join(h)
}

// join lets a host take machines again.
func (c *Cluster) join(h int) {
	v := &c.view.Hosts[h]
	v.Up = true
	c.view.Changes++
	if !v.Usable() {
		return
	}
	c.joined, c.room = true, true
	c.ask(-1, HostJoined)
}
