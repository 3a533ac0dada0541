package cluster

import (
	"time"

	"lbsim/models/flow"
)

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
	c.nextMoves()
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

// settleHost looks which machines of a host answer.
func (c *Cluster) settleHost(h int) {
	for _, v := range c.view.Hosts[h].VMs {
		c.settle(v)
	}
}
