package cluster

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// vmMeter is what has been counted for a machine up to the last change.
type vmMeter struct {
	flow.VMMeter
	since sim.Time // of the last change, if it answers
	ready float64  // nanoseconds
}

// class is what is counted for a class name.
type class struct {
	members  []int
	up       int
	pairs    int // of members on one host
	since    sim.Time
	upFor    []time.Duration
	together time.Duration
}

// advance counts the time up to now.
func (k *class) advance(now sim.Time) {
	d := now.Sub(k.since)
	k.since = now
	k.upFor[k.up] += d
	if k.pairs > 0 {
		k.together += d
	}
}

// countClasses goes on to count for the classes as they are. What has been counted
// of their members so far, who may have been others, stays.
func (c *Cluster) countClasses() {
	old := c.classes
	now := c.e.Now()
	c.classes = make([]class, len(c.view.Classes))
	for v := range c.view.VMs {
		for _, k := range c.view.VMs[v].Classes {
			c.classes[k].members = append(c.classes[k].members, v)
		}
	}
	for k := range c.classes {
		x := &c.classes[k]
		x.since = now
		if k < len(old) {
			old[k].advance(now)
			x.upFor, x.together = old[k].upFor, old[k].together
		}
		for len(x.upFor) <= len(x.members) {
			x.upFor = append(x.upFor, 0)
		}
		for i, v := range x.members {
			if c.vms[v].serving {
				x.up++
			}
			for _, w := range x.members[:i] {
				if h := c.view.VMs[v].Host; h >= 0 && h == c.view.VMs[w].Host {
					x.pairs++
				}
			}
		}
	}
}

// count notes that a machine answers, or does so no more.
func (c *Cluster) count(v int, up bool) {
	now, m := c.e.Now(), &c.vms[v].meter
	change := 1
	if !up {
		m.Up += now.Sub(m.since)
		change = -1
	}
	m.since = now
	for _, k := range c.view.VMs[v].Classes {
		c.classes[k].advance(now)
		c.classes[k].up += change
	}
}

// seat notes which host has a machine.
func (c *Cluster) seat(v, h int) {
	x := &c.view.VMs[v]
	c.pair(v, x.Host, -1)
	x.Host = h
	c.pair(v, x.Host, 1)
	c.touch(v)
}

// countHost notes that one host more works, or one less.
func (c *Cluster) countHost(change float64) {
	now := c.e.Now()
	c.up.Set(c.up.Level()+change, now)
}

// pair changes how many of the others on a host have a class in common with a
// machine that comes or goes.
func (c *Cluster) pair(v, h, change int) {
	if h < 0 || len(c.view.VMs[v].Classes) == 0 {
		return
	}
	for _, other := range c.view.Hosts[h].VMs {
		if other == v || c.view.VMs[other].Host != h {
			continue
		}
		for _, k := range c.view.VMs[v].Classes {
			if slices.Contains(c.view.VMs[other].Classes, k) {
				c.classes[k].advance(c.e.Now())
				c.classes[k].pairs += change
			}
		}
	}
}

// Serving reports whether a machine answers.
func (c *Cluster) Serving(v int) bool { return c.vms[v].serving }

// Meter reads what has happened to all hosts and machines.
func (c *Cluster) Meter(now sim.Time) flow.ClusterMeter {
	m := c.counts
	m.Hosts, m.HostsUp = len(c.hosts), c.up.Value(now)
	return m
}

// VMMeter reads the counters of a machine.
func (c *Cluster) VMMeter(v int, now sim.Time) flow.VMMeter {
	x := &c.vms[v]
	m := x.meter.VMMeter
	m.Name = c.view.VMs[v].Name
	if x.serving {
		m.Up += now.Sub(x.meter.since)
	}
	m.Ready = time.Duration(x.meter.ready + c.waited(v, now))
	return m
}

// ClassMeter reads the counters of a class, by its number in View.Classes.
func (c *Cluster) ClassMeter(k int, now sim.Time) flow.ClassMeter {
	x := &c.classes[k]
	x.advance(now)
	m := flow.ClassMeter{Name: c.view.Classes[k], Members: len(x.members), Up: slices.Clone(x.upFor), Together: x.together}
	for _, v := range x.members {
		m.Failovers += c.vms[v].meter.Failovers
	}
	return m
}
