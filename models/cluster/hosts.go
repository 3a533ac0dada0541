package cluster

import (
	"slices"
	"time"

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

// silence is how long a host is silent until the platform knows, and until the
// machines of one that runs end, 0: never.
func (c *Cluster) silence(h int) (detect, isolated time.Duration) {
	t := &c.timing
	detect, isolated = t.Detect, t.Isolated
	if c.manager() != h {
		return detect, isolated
	}
	if t.DetectManager > 0 {
		detect = t.DetectManager
	}
	if t.IsolatedManager > 0 && isolated > 0 {
		isolated = t.IsolatedManager
	}
	return detect, isolated
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

// Isolate cuts a host off from the others; if clients are, too, its machines do not
// answer. What becomes of the machines is for the platform.
func (c *Cluster) Isolate(h int, clients bool) {
	x := &c.hosts[h]
	if !x.alive() || x.isolated {
		return
	}
	x.isolated, x.cut = true, clients
	c.noteHost(flow.Failed, h, "is cut off from the others")
	detect, isolated := c.silence(h)
	x.notice = c.noticed.Set(detect, uint32(h))
	if isolated > 0 {
		x.isolation = c.cutOff.Set(isolated, uint32(h))
	}
	c.tellHost(h)
	c.settleHost(h)
}

// Rejoin ends the isolation of a host.
func (c *Cluster) Rejoin(h int) {
	x := &c.hosts[h]
	if !x.isolated {
		return
	}
	x.isolated, x.cut = false, false
	c.e.Cancel(x.notice)
	c.e.Cancel(x.isolation)
	c.noteHost(flow.Recovered, h, "is heard again")
	c.tellHost(h)
	c.settleHost(h)
	if x.ended { // and nobody knew
		c.endAll(h)
		c.evacuate(h)
		c.view.Hosts[h].Up = false
	}
	if !c.view.Hosts[h].Up {
		c.join(h)
	}
}

// onIsolated ends the machines of a host that has been silent for too long. They
// are placed elsewhere once the platform knows of it.
func (c *Cluster) onIsolated(h uint32) {
	c.noteHost(flow.Adjusted, int(h), "has been isolated for too long: its machines are taken from it")
	c.endAll(int(h))
	if c.hosts[h].ended = true; !c.view.Hosts[h].Up {
		c.evacuate(int(h))
	}
}

// endAll ends what runs, starts or moves at a host.
func (c *Cluster) endAll(h int) {
	for _, v := range slices.Clone(c.view.Hosts[h].VMs) {
		if c.view.VMs[v].Host == h {
			c.crash(v)
		} else {
			c.stay(v)
		}
	}
}

// settleHost looks which machines of a host answer.
func (c *Cluster) settleHost(h int) {
	for _, v := range c.view.Hosts[h].VMs {
		c.settle(v)
	}
}

// quarantine keeps a host out that has failed too often, unless too many are.
func (c *Cluster) quarantine(h int) {
	q := &c.timing.Quarantine
	if q.Failures == 0 {
		return
	}
	now, x := c.e.Now(), &c.hosts[h]
	i := 0
	for i < len(x.failed) && now.Sub(x.failed[i]) > q.Within {
		i++
	}
	x.failed = append(x.failed[:copy(x.failed, x.failed[i:])], now)
	if len(x.failed) < q.Failures || c.view.Hosts[h].Quarantined {
		return
	}
	out := 1
	for i := range c.view.Hosts {
		if c.view.Hosts[i].Quarantined {
			out++
		}
	}
	if float64(out) > q.AtMost*float64(len(c.hosts)) {
		return
	}
	c.view.Hosts[h].Quarantined = true
	c.view.Changes++
	c.counts.Quarantines++
	x.release = c.released.Set(q.For, uint32(h))
	c.noteHost(flow.Adjusted, h, "is in quarantine: it has failed too often")
}

// onReleased is the end of a quarantine.
func (c *Cluster) onReleased(h uint32) {
	c.view.Hosts[h].Quarantined = false
	c.view.Changes++
	c.noteHost(flow.Adjusted, int(h), "is out of quarantine")
	if c.hosts[h].alive() && c.view.Hosts[h].Up {
		c.join(int(h))
	}
}
