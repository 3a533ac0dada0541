package cluster

import "lbsim/sim"

// SetBusy tells how many of its processors a machine has work for; at first that
// is all of them. It matters where a host has promised more processors than it has:
// the machines that have work share its cores.
func (c *Cluster) SetBusy(v, cores int) {
	m, x := &c.vms[v], &c.view.VMs[v]
	if cores = min(max(cores, 0), x.Cores); m.busy == cores {
		return
	}
	if m.speed < 1 {
		m.meter.ready += c.waited(v, c.e.Now())
		m.speedSince = c.e.Now()
	}
	m.busy = cores
	if x.Host >= 0 && m.serving && c.view.Hosts[x.Host].Claimed > c.view.Hosts[x.Host].Cores {
		c.share(x.Host)
	}
}

// share divides the cores of a host among the machines that run on it. Each
// processor with work gets the same part, at most all its time, and a machine at
// least what is promised to it, if it has work for that. What others take by such a
// promise lacks for the rest (max-min fairness with lower bounds).
func (c *Cluster) share(h int) {
	x, y := &c.hosts[h], &c.view.Hosts[h]
	busy := 0
	for _, v := range y.VMs {
		if c.runsOn(v, h) {
			busy += c.vms[v].busy
		}
	}
	was := x.contended
	if x.contended = busy > y.Cores; !x.contended {
		for _, v := range y.VMs {
			if was && c.runsOn(v, h) {
				c.setSpeed(v, 1)
			}
		}
		return
	}
	// Whoever is promised more than an equal part gets that. Then the equal part
	// is less, and others may be promised more than it: the loop ends as each
	// round takes one of them, or none.
	cores, rest := float64(y.Cores), busy
	equal := cores / float64(rest)
	for again := true; again && rest > 0; {
		again = false
		fixed, others := 0.0, 0
		for _, v := range y.VMs {
			if !c.runsOn(v, h) || c.vms[v].busy == 0 {
				continue
			}
			if p := c.promised(v); p > equal {
				fixed += float64(p * float64(c.vms[v].busy))
			} else {
				others += c.vms[v].busy
			}
		}
		if others < rest {
			rest, again = others, true
			if rest > 0 {
				equal = max(0, cores-fixed) / float64(rest)
			}
		}
	}
	for _, v := range y.VMs {
		switch {
		case !c.runsOn(v, h):
		case c.vms[v].busy == 0:
			c.setSpeed(v, 1)
		default:
			c.setSpeed(v, min(1, max(equal, c.promised(v))))
		}
	}
}

// promised is the part of its processors with work that a machine is promised.
func (c *Cluster) promised(v int) float64 {
	return min(1, c.view.VMs[v].Reserved/float64(c.vms[v].busy))
}

// runsOn reports whether a machine needs cores of a host.
func (c *Cluster) runsOn(v, h int) bool { return c.view.VMs[v].Host == h && c.vms[v].serving }

func (c *Cluster) setSpeed(v int, speed float64) {
	m := &c.vms[v]
	if m.speed == speed {
		return
	}
	m.meter.ready += c.waited(v, c.e.Now())
	m.speedSince = c.e.Now()
	m.speed = speed
	c.machines.Speed(v, speed)
}

// waited is for how long a machine's processors, on average, have had work that did
// not get a core since its speed changed last, in nanoseconds.
func (c *Cluster) waited(v int, now sim.Time) float64 {
	m := &c.vms[v]
	part := float64(m.busy) / float64(c.view.VMs[v].Cores)
	return float64(float64((1-m.speed)*part) * float64(now-m.speedSince))
}
