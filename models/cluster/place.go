package cluster

import (
	"slices"
	"time"

	"lbsim/models/flow"
)

// ask has a machine placed at the end of the instant; -1: none, but the platform is
// to look.
func (c *Cluster) ask(v int, cause Cause) {
	if v >= 0 && !c.vms[v].asked {
		c.vms[v].asked = true
		c.queue = append(c.queue, ask{v, cause})
	}
	if !c.reviewing && !c.e.IsPending(c.review) {
		c.review = c.reviewed.Set(0, 0)
	}
}

// onPass is when the platform looks for improvements.
func (c *Cluster) onPass(uint32) {
	c.periodic = true
	c.ask(-1, Periodic)
	c.passed.After(c.timing.Pass, 0)
}

// onReview lets the platform decide: first who needs a host, with those who have
// waited if there may be room now, then who is to move.
func (c *Cluster) onReview() {
	c.reviewing = true
	if c.room {
		c.room = false
		for _, v := range c.waiting {
			c.ask(v, Again)
		}
		for h := 0; c.leaving > 0 && h < len(c.view.Hosts); h++ {
			if c.view.Hosts[h].Leaving {
				c.empty(h)
			}
		}
	}
	c.askQueue(c.start)
	joined, moved, periodic := c.joined, c.moved, c.periodic
	c.joined, c.moved, c.periodic = false, false, false
	for _, x := range [...]struct {
		happened bool
		cause    Cause
	}{{joined, HostJoined}, {moved, Moved}, {periodic, Periodic}} {
		if c.repairer == nil || !x.happened {
			continue
		}
		for _, m := range c.repairer.Repair(x.cause, c.e.Now()) {
			c.move(m.VM, m.To, m.Kind, m.Reason)
		}
	}
	c.reviewing = false
	if c.maintenance != nil {
		c.maintenance.look()
	}
	if len(c.queue) > 0 || c.room || c.joined || c.moved {
		c.ask(-1, Again)
	}
}

// askQueue asks the platform for all who are to be placed, by their rank, and then
// for those whom they have driven out. What becomes of those that get a host is
// begin's.
func (c *Cluster) askQueue(begin func(v int)) {
	for len(c.queue) > 0 {
		list := c.queue
		c.queue = nil
		slices.SortFunc(list, func(a, b ask) int { return c.vms[a.vm].rank - c.vms[b.vm].rank })
		for _, a := range list {
			c.vms[a.vm].asked = false
			c.place(a.vm, a.cause, begin)
		}
	}
}

// place asks the platform for one machine and does what it decides.
func (c *Cluster) place(v int, cause Cause, begin func(v int)) {
	m, x := &c.vms[v], &c.view.VMs[v]
	if cause == MachineFailed && x.Host >= 0 && !m.running {
		c.take(v)
		c.room = c.room || len(c.waiting) > 0
	}
	wanted := m.wanted
	m.wanted = false
	if cause == Planned != (x.Host >= 0) {
		if wanted && x.Host < 0 {
			c.unmoved(v, Decision{})
		}
		return // it has got a host meanwhile, or lost it
	}
	c.e.Cancel(m.retry)
	if cause == Started && c.admitter != nil {
		if ok, why := c.admitter.Admit(v); !ok {
			c.counts.Refused++
			x.State = Offline
			c.noteVM(flow.Adjusted, v, "is not started: ", why)
			return
		}
	}
	from := m.from
	if x.Host >= 0 {
		from = x.Host
	}
	m.attempt++
	d := c.placer.Place(Query{VM: v, Cause: cause, From: from, Attempt: m.attempt, Now: c.e.Now()})
	if x.Host >= 0 {
		m.attempt = 0
		// A machine that runs drives nobody out: it stays.
		if d.Host >= 0 && d.Host != x.Host && len(d.Evicted) == 0 && c.move(v, d.Host, c.timing.Leave, d.Reason) {
			x.Home, x.Displaced = d.Host, d.Reason == LastResort
		} else if wanted {
			c.unmoved(v, d)
		}
		return
	}
	if cause == HostFailed || cause == MachineFailed {
		m.recovers = true
	}
	for _, e := range d.Evicted {
		c.evict(e)
	}
	if d.Host < 0 {
		c.wait(v, d)
		return
	}
	c.waitNoMore(v)
	m.attempt, m.tried = 0, len(d.Tried)
	x.Displaced = d.Reason == LastResort
	if cause == Started {
		x.Home = d.Host
	}
	if m.recovers {
		m.recovers = false
		m.meter.Restarts++
		c.counts.Restarts++
		if from != d.Host {
			m.meter.Failovers++
			c.counts.Failovers++
		}
	}
	c.put(v, d.Host)
	c.noteVM(flow.Adjusted, v, "starts on ", c.view.Hosts[d.Host].Name, " (", d.Reason.String(), ")")
	begin(v)
}

// evict takes a machine down to make room for another one.
func (c *Cluster) evict(v int) {
	c.noteVM(flow.Failed, v, "is taken down for one of higher priority")
	c.counts.Evicted++
	c.crash(v)
	c.take(v)
	c.vms[v].recovers = true
	c.ask(v, Again)
}

// wait notes that there is no host for a machine. Whoever only an operator starts
// does not wait.
func (c *Cluster) wait(v int, d Decision) {
	m, x := &c.vms[v], &c.view.VMs[v]
	before := x.State
	x.State = Offline
	switch d.Reason {
	case Conflict:
		x.State = OfflineConflict
	case WaitRetry:
		x.State = FailedWaitRetry
	case NoHost:
		x.State = PendingNoHost
	}
	c.view.Changes++
	if !m.waits || before != x.State {
		c.noteVM(flow.Adjusted, v, "has no host (", d.Reason.String(), ")")
	}
	if d.Reason == NotStarted || d.Reason == Refused {
		c.waitNoMore(v)
		return
	}
	if !m.waits {
		m.waits = true
		c.waiting = append(c.waiting, v)
		c.touch(v)
	}
	if d.Retry > 0 {
		m.retry = c.retried.Set(max(d.Retry, time.Millisecond), uint32(v))
	}
}

func (c *Cluster) waitNoMore(v int) {
	if c.vms[v].waits {
		c.vms[v].waits = false
		c.touch(v)
		c.waiting = slices.DeleteFunc(c.waiting, func(w int) bool { return w == v })
	}
	c.e.Cancel(c.vms[v].retry)
}

// put gives a machine to a host, as one that starts there.
func (c *Cluster) put(v, h int) {
	x := &c.view.VMs[v]
	c.reserve(v, h)
	x.State = Starting
	c.seat(v, h)
}

// take takes a machine, which is not moving, away from its host. A fault of its own
// ends with the machine: it will boot.
func (c *Cluster) take(v int) {
	m, x := &c.vms[v], &c.view.VMs[v]
	h := x.Host
	if h < 0 {
		return
	}
	c.free(v, h)
	m.from, m.own = h, false
	x.State = Offline
	c.seat(v, -1)
	c.share(h)
}

// reserve and free change what a host has.
func (c *Cluster) reserve(v, h int) {
	x, y := &c.view.VMs[v], &c.view.Hosts[h]
	y.VMs = append(y.VMs, v)
	y.Free -= x.Memory
	y.Claimed += x.Cores
	y.Reserved += x.Reserved
	c.view.Changes++
}

func (c *Cluster) free(v, h int) {
	x, y := &c.view.VMs[v], &c.view.Hosts[h]
	i := slices.Index(y.VMs, v)
	y.VMs = slices.Delete(y.VMs, i, i+1)
	y.Free += x.Memory
	y.Claimed -= x.Cores
	if y.Reserved -= x.Reserved; len(y.VMs) == 0 {
		y.Reserved = 0 // without what rounding has left
	}
	c.view.Changes++
}
