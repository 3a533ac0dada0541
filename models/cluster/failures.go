package cluster

import (
	"slices"
	"time"

	"lbsim/sim"
)

// failures breaks and repairs what the configuration says.
type failures struct {
	c       *Cluster
	config  *Failures
	renewal *Renewal
	parts   []part // by component of renewal
	hosts   []int  // by host: its component, -1: it does not fail by itself

	swept sim.Port[uint32]
}

// part is what a component is.
type part struct {
	target target
	number int // of the host, machine, label or common cause
}

// target is what a part is.
type target uint8

const (
	aHost target = iota
	aHostSystem
	aVM
	aRack
	aSite
	aDatastore
	aCommon
)

// newFailures draws the first failures.
func newFailures(c *Cluster, config *Failures) *failures {
	f := &failures{c: c, config: config, hosts: slices.Repeat([]int{-1}, len(c.hosts))}
	f.renewal = NewRenewal(c.e, "cluster/failures", f.apply)
	f.swept = sim.Bind(c.e, "cluster/burst", sim.Fault, f.onSwept)
	if config.Burst != nil {
		f.renewal.after = f.burst
	}
	for h := range c.config.Hosts {
		if config.Host != nil {
			f.hosts[h] = h
		}
	}
	f.add(config.Host, aHost, "host", len(c.hosts), func(i int) string { return c.view.Hosts[i].Name })
	f.add(config.HostSoftware, aHostSystem, "host-software", len(c.hosts), func(i int) string { return c.view.Hosts[i].Name })
	f.add(config.VM, aVM, "vm", len(c.vms), func(i int) string { return c.view.VMs[i].Name })
	for kind, p := range []*Process{config.Rack, config.Site, config.Datastore} {
		word := [...]string{"rack", "site", "datastore"}[kind]
		f.add(p, aRack+target(kind), word, len(c.view.Labels[kind]), func(i int) string { return c.view.Labels[kind][i] })
	}
	for i := range config.Common {
		f.add(&config.Common[i].Process, aCommon, "common", 1, func(int) string { return config.Common[i].Name })
		f.parts[len(f.parts)-1].number = i
	}
	return f
}

// add lets n components of a kind fail.
func (f *failures) add(p *Process, what target, word string, n int, name func(i int) string) {
	if p == nil {
		return
	}
	for i := range n {
		f.parts = append(f.parts, part{what, i})
	}
	f.renewal.Add(p, n, func(i int) string { return word + "/" + name(i) })
}

// burst lets a host's failure take others along, or not.
func (f *failures) burst(i int, u float64) {
	if f.parts[i].target == aHost && u < float64(f.config.Burst.Probability) {
		f.spread(i)
	}
}

// spread takes the other hosts of a rack, or of a site, along with one, each after
// a time of its own.
func (f *failures) spread(i int) {
	view, p, x := &f.c.view, f.parts[i], &f.renewal.components[i]
	kind := Rack
	if view.Hosts[p.number].In(Rack) < 0 {
		kind = Site
	}
	label := view.Hosts[p.number].In(kind)
	if label < 0 {
		return
	}
	for _, h := range f.c.hostsIn(kind, int(label)) {
		if h == p.number {
			continue
		}
		u := x.stream.Nth(x.count<<32 | 1<<63 | uint64(h))
		f.swept.After(time.Duration(u*float64(f.config.Burst.Within)), uint32(h))
	}
}

// onSwept is when a burst reaches a host.
func (f *failures) onSwept(h uint32) { f.renewal.strike(f.hosts[h]) }

// apply fails a part, or repairs it, and reports whether that changes anything.
func (f *failures) apply(i int, fail bool) bool {
	c, p := f.c, f.parts[i]
	switch p.target {
	case aHost, aHostSystem:
		if fail {
			if !c.hosts[p.number].alive() {
				return false
			}
			c.FailHost(p.number)
		} else {
			c.RecoverHost(p.number)
		}
	case aVM:
		if fail {
			if !c.vms[p.number].serving {
				return false
			}
			c.FailVM(p.number)
		} else {
			c.RecoverVM(p.number)
		}
	case aRack, aSite, aDatastore:
		if fail {
			c.FailDomain(int(p.target-aRack), p.number)
		} else {
			c.RecoverDomain(int(p.target-aRack), p.number)
		}
	case aCommon:
		f.applyCommon(p.number, fail)
	}
	return true
}

// applyCommon fails what a cause takes, or ends the cause.
func (f *failures) applyCommon(n int, fail bool) {
	c, x := f.c, &f.config.Common[n]
	for h := range c.view.Hosts {
		if !slices.Contains(x.Hosts, c.view.Hosts[h].Name) {
			continue
		}
		if fail {
			c.takeHost(h, x.Name)
		} else {
			c.giveHost(h)
		}
	}
	for v := range c.view.VMs {
		if !slices.Contains(x.VMs, c.view.VMs[v].Name) {
			continue
		}
		if fail {
			c.takeVM(v)
		} else {
			c.giveVM(v)
		}
	}
}
