package cluster

import (
	"slices"
	"time"

	"lbsim/models/dist"
	"lbsim/sim"
)

// failures breaks and repairs what the configuration says. Each component has a
// stream of its own, named for it, and draws by how often it has failed: what one
// draws does not depend on the others, nor on what is in the scenario beside it.
type failures struct {
	c      *Cluster
	config *Failures
	parts  []part
	kinds  []process
	hosts  []int // by host: its part, -1: it does not fail by itself

	failed, repaired, swept sim.Port[uint32]
}

// process is what the parts of a kind have in common.
type process struct {
	up, repair dist.Dist
	crews      int
	busy       int   // crews at work
	waiting    []int // parts that wait for one, the first to fail first
}

// part is a component that fails and is repaired in turn.
type part struct {
	kind   int
	target target
	number int // of the host, machine, label or common cause
	stream *sim.Stream
	count  uint64      // how often it has failed
	next   sim.Pending // its next failure
	down   bool
}

// target is what a part is.
type target uint8

const (
	aHost target = iota
	aVM
	aRack
	aSite
	aDatastore
	aCommon
)

// newFailures draws the first failures.
func newFailures(c *Cluster, config *Failures) *failures {
	f := &failures{c: c, config: config, hosts: slices.Repeat([]int{-1}, len(c.hosts))}
	f.failed = sim.Bind(c.e, "cluster/failed", sim.Fault, f.onFailed)
	f.repaired = sim.Bind(c.e, "cluster/repaired", sim.Fault, f.onRepaired)
	f.swept = sim.Bind(c.e, "cluster/burst", sim.Fault, f.onSwept)
	for h := range c.config.Hosts {
		if config.Host != nil {
			f.hosts[h] = h
		}
	}
	f.add(config.Host, aHost, "host", len(c.hosts), func(i int) string { return c.view.Hosts[i].Name })
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
	up, repair := p.laws()
	f.kinds = append(f.kinds, process{up: up, repair: repair, crews: p.Crews})
	for i := range n {
		f.parts = append(f.parts, part{
			kind: len(f.kinds) - 1, target: what, number: i,
			stream: f.c.e.Stream("cluster/failures/" + word + "/" + name(i)),
		})
		f.schedule(len(f.parts) - 1)
	}
}

// The occasions for which a part draws, by their place in its sequence.
const (
	drawUp = iota
	drawRepair
	drawBurst
	draws
)

func (p *part) draw(what uint64) float64 { return p.stream.Nth(p.count*draws + what) }

// schedule draws when a part fails that works.
func (f *failures) schedule(i int) {
	p := &f.parts[i]
	p.next = f.failed.Set(dist.Seconds(f.kinds[p.kind].up.Quantile(p.draw(drawUp))), uint32(i))
}

// onFailed is when a part fails. One that is down already, by the timeline, does
// not fail again: its next failure is drawn.
func (f *failures) onFailed(i uint32) {
	p := &f.parts[i]
	burst := p.draw(drawBurst) // before the count changes
	if f.apply(p, true) {
		f.mend(int(i))
		if p.target == aHost && f.config.Burst != nil && burst < float64(f.config.Burst.Probability) {
			f.spread(p)
		}
		return
	}
	p.count++
	f.schedule(int(i))
}

// mend has a part repaired that has failed, once a crew is free.
func (f *failures) mend(i int) {
	p := &f.parts[i]
	k := &f.kinds[p.kind]
	p.down = true
	if k.crews > 0 && k.busy == k.crews {
		k.waiting = append(k.waiting, i)
		return
	}
	k.busy++
	f.repaired.After(dist.Seconds(k.repair.Quantile(p.draw(drawRepair))), uint32(i))
}

// onRepaired is when a part works again.
func (f *failures) onRepaired(i uint32) {
	p := &f.parts[i]
	k := &f.kinds[p.kind]
	p.down = false
	p.count++
	f.apply(p, false)
	f.schedule(int(i))
	k.busy--
	if len(k.waiting) > 0 {
		next := k.waiting[0]
		k.waiting = k.waiting[1:]
		f.mend(next)
	}
}

// spread takes the other hosts of a rack, or of a site, along with one, each after
// a time of its own.
func (f *failures) spread(p *part) {
	view := &f.c.view
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
		u := p.stream.Nth(p.count<<32 | 1<<63 | uint64(h))
		f.swept.After(time.Duration(u*float64(f.config.Burst.Within)), uint32(h))
	}
}

// onSwept is when a burst reaches a host. What would have been its next failure is
// this one.
func (f *failures) onSwept(h uint32) {
	i := f.hosts[h]
	p := &f.parts[i]
	if p.down || !f.apply(p, true) {
		return
	}
	f.c.e.Cancel(p.next)
	f.mend(i)
}

// apply fails a part, or repairs it, and reports whether that changes anything.
func (f *failures) apply(p *part, fail bool) bool {
	c := f.c
	switch p.target {
	case aHost:
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
