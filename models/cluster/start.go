package cluster

import (
	"slices"
	"time"

	"lbsim/models/flow"
)

// start boots a machine on its host, when it is its turn.
func (c *Cluster) start(v int) {
	h := c.view.VMs[v].Host
	x, m := &c.hosts[h], &c.vms[v]
	if !x.alive() {
		return // the platform does not know that the host is down: it will
	}
	c.touch(v)
	switch {
	case c.out(v):
		m.stage = blocked
	case c.timing.Starts > 0 && x.starting >= c.timing.Starts:
		m.stage = queued
		x.starts = append(x.starts, v)
	default:
		x.starting++
		m.stage = booting
		m.step = c.stepped.Set(time.Duration(m.tried)*c.timing.StartFail+c.config.VMs[v].Boot, uint32(v))
		m.tried = 0
	}
}

// onStep is the end of what a machine was doing.
func (c *Cluster) onStep(n uint32) {
	v := int(n)
	m := &c.vms[v]
	c.touch(v)
	switch m.stage {
	case booting:
		c.leaveStart(v)
		m.stage = services
		m.step = c.stepped.Set(c.config.VMs[v].Service, n)
	case services:
		m.stage = still
		m.running, m.cold = true, true
		c.view.VMs[v].State = Online
		c.view.Changes++
		c.settle(v)
		if h := c.view.VMs[v].Host; c.view.Hosts[h].Leaving {
			c.ask(v, Planned)
		}
	case copying:
		c.copied(v)
	case stunned:
		c.arrive(v)
	}
}

// leaveStart gives the place of a machine that boots to the next one.
func (c *Cluster) leaveStart(v int) {
	x := &c.hosts[c.view.VMs[v].Host]
	x.starting--
	if len(x.starts) > 0 {
		next := x.starts[0]
		x.starts = x.starts[1:]
		c.start(next)
	}
}

// crash stops a machine whatever it is doing. Its host keeps it.
func (c *Cluster) crash(v int) {
	m := &c.vms[v]
	if m.stage >= inLine {
		c.stay(v)
	}
	c.e.Cancel(m.step)
	switch h := &c.hosts[c.view.VMs[v].Host]; m.stage {
	case queued:
		h.starts = slices.DeleteFunc(h.starts, func(w int) bool { return w == v })
	case booting:
		c.leaveStart(v)
	}
	m.stage, m.running = still, false
	c.touch(v)
	c.settle(v)
}

// settle looks whether a machine answers, and tells if that has changed.
func (c *Cluster) settle(v int) {
	m, x := &c.vms[v], &c.view.VMs[v]
	how := m.ending
	m.ending = Lost
	serving := m.running && !m.own && m.outages == 0 && !c.hosts[x.Host].cut
	if serving == m.serving {
		return
	}
	m.serving = serving
	c.touch(v)
	c.count(v, serving)
	if !serving {
		c.setSpeed(v, 1) // whoever does not run does not wait
	}
	c.share(x.Host)
	if serving {
		c.noteVM(flow.Recovered, v, "is online on ", c.view.Hosts[x.Host].Name)
		c.machines.Up(v, m.cold)
		m.cold = false
		return
	}
	m.meter.Outages++
	c.noteVM(flow.Failed, v, "is down")
	c.machines.Down(v, how)
}

// FailVM breaks a machine's system. It is down until RecoverVM or until it boots
// elsewhere, as its host is lost.
func (c *Cluster) FailVM(v int) {
	m := &c.vms[v]
	if c.view.VMs[v].Host >= 0 && !m.own {
		m.own, m.cold = true, true
		c.settle(v)
	}
}

// RecoverVM repairs a machine's system, which answers at once unless something else
// keeps it down.
func (c *Cluster) RecoverVM(v int) {
	if m := &c.vms[v]; m.own {
		m.own = false
		c.settle(v)
	}
}

// CrashVM ends a machine, and the platform starts it again where it wants. What the
// host has given it stays its own until then.
func (c *Cluster) CrashVM(v int) {
	if c.view.VMs[v].Host < 0 || !c.hosts[c.view.VMs[v].Host].alive() || c.vms[v].asked {
		return
	}
	c.crash(v)
	c.vms[v].attempt = 0
	c.ask(v, MachineFailed)
}

// StartVM starts a machine that is off, if the platform lets it.
func (c *Cluster) StartVM(v int) {
	if c.view.VMs[v].Host < 0 {
		c.ask(v, Started)
		return
	}
	c.noteVM(flow.Adjusted, v, "has been started already")
}

// StopVM shuts a machine down, which stays off.
func (c *Cluster) StopVM(v int) {
	if m := &c.vms[v]; c.view.VMs[v].Host < 0 && !m.waits && !m.asked {
		c.noteVM(flow.Adjusted, v, "is off already")
	}
	c.waitNoMore(v)
	c.queue = slices.DeleteFunc(c.queue, func(a ask) bool { return a.vm == v })
	c.vms[v].asked, c.vms[v].wanted = false, false
	if c.view.VMs[v].Host < 0 {
		return
	}
	c.vms[v].ending = ShutDown
	c.crash(v)
	c.take(v)
	c.room = true
	c.ask(-1, Again)
}

// takeVM and giveVM are a cause outside a machine that takes it down, and the end
// of one.
func (c *Cluster) takeVM(v int) {
	c.vms[v].outages++
	c.vms[v].cold = true
	if c.view.VMs[v].Host >= 0 {
		c.settle(v)
	}
}

func (c *Cluster) giveVM(v int) {
	c.vms[v].outages--
	if c.view.VMs[v].Host >= 0 {
		c.settle(v)
	}
}
