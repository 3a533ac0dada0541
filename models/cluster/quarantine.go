package cluster

import "lbsim/models/flow"

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
