package cluster

import (
	"slices"
	"time"

	"lbsim/models/flow"
)

// shortest is the least that a migration takes, however little it copies.
const shortest = time.Millisecond

// Migrate moves a machine that runs; to -1, the platform chooses where. What cannot be
// is noted.
func (c *Cluster) Migrate(v, to int, kind Migration) {
	switch x, m := &c.view.VMs[v], &c.vms[v]; {
	case to < 0 && x.State == Migrating:
		c.noteVM(flow.Adjusted, v, "cannot move: it is moving")
	case to < 0 && (x.State != Online || !m.running):
		c.noteVM(flow.Adjusted, v, "cannot move: it does not run")
	case to < 0:
		m.wanted = true
		c.ask(v, Planned)
	case c.view.Fits(to, v) && c.move(v, to, kind, Normal):
		c.view.VMs[v].Home = to
	case c.view.VMs[v].Host != to:
		c.noteVM(flow.Adjusted, v, "cannot move to ", c.view.Hosts[to].Name)
	}
}

// unmoved notes why a machine stays that an operator wanted elsewhere, wherever its
// platform puts it.
func (c *Cluster) unmoved(v int, d Decision) {
	switch x := &c.view.VMs[v]; {
	case x.Host < 0:
		c.noteVM(flow.Adjusted, v, "cannot move: it does not run")
	case d.Host < 0:
		c.noteVM(flow.Adjusted, v, "cannot move: no other host takes it (", d.Reason.String(), ")")
	case len(d.Evicted) > 0:
		c.noteVM(flow.Adjusted, v, "cannot move: no other host takes it (", WaitRetry.String(), ")")
	case d.Host != x.Host:
		c.noteVM(flow.Adjusted, v, "cannot move to ", c.view.Hosts[d.Host].Name)
	default:
		c.noteVM(flow.Adjusted, v, "stays on ", c.view.Hosts[x.Host].Name, " (", d.Reason.String(), ")")
	}
}

// move begins a migration, in its turn, and reports whether it does: the machine
// must run and the host be there. Whether that has room is for who wants the move:
// some platforms give more memory than there is. The room is taken at once.
func (c *Cluster) move(v, to int, kind Migration, why Reason) bool {
	m, x := &c.vms[v], &c.view.VMs[v]
	if x.State != Online || m.stage != still || !m.running || to == x.Host ||
		!c.reachable(x.Host) || !c.reachable(to) || !c.view.Hosts[to].Usable() {
		return false
	}
	c.log(Move{VM: v, To: to, Reason: why, Kind: kind})
	c.noteVM(flow.Adjusted, v, "moves from ", c.view.Hosts[x.Host].Name, " to ", c.view.Hosts[to].Name, " (", why.String(), ")")
	x.State, m.stage, m.to, m.kind = Migrating, inLine, to, kind
	x.Displaced = false
	c.reserve(v, to)
	c.moves = append(c.moves, v)
	c.nextMoves()
	return true
}

// reachable reports whether a host takes part in migrations.
func (c *Cluster) reachable(h int) bool { return c.hosts[h].alive() && !c.hosts[h].isolated }

// nextMoves begins the migrations whose hosts are there and not too busy with others.
func (c *Cluster) nextMoves() {
	most := c.timing.Migrations
	free := func(h int) bool { return c.reachable(h) && (most == 0 || c.hosts[h].migrating < most) }
	c.moves = slices.DeleteFunc(c.moves, func(v int) bool {
		from, to := c.view.VMs[v].Host, c.vms[v].to
		if !free(from) || !free(to) {
			return false
		}
		c.hosts[from].migrating++
		c.hosts[to].migrating++
		c.copy(v)
		return true
	})
}

// copy begins what a migration copies. All but a live one end the machine before.
func (c *Cluster) copy(v int) {
	m, t := &c.vms[v], &c.config.Migration
	m.stage = copying
	c.touch(v)
	memory := c.view.VMs[v].Memory
	var d time.Duration
	switch m.kind {
	case Live:
		d = at(memory, int64(t.Live))
	case Quick:
		m.ending = Saved
		d = 2 * at(memory, int64(t.Disk)) // saved, and read again
	case Cold:
		m.ending = ShutDown
		d, m.cold = c.config.VMs[v].Boot+c.config.VMs[v].Service, true
	}
	if m.kind != Live {
		m.running = false
		c.settle(v)
	}
	m.step = c.stepped.Set(max(d, shortest), uint32(v))
}

// at is the time for so many bytes at so many per second.
func at(bytes, rate int64) time.Duration {
	return time.Duration(bytes/rate)*time.Second + time.Duration(float64(bytes%rate)/float64(rate)*1e9)
}

// copied is when all is copied.
func (c *Cluster) copied(v int) {
	m := &c.vms[v]
	if m.kind != Live {
		c.arrive(v)
		return
	}
	stun := c.config.Migration.Stun
	m.stage = stunned
	m.step = c.stepped.Set(stun, uint32(v))
	if stun > 0 && m.serving {
		m.meter.Stunned += stun
		c.machines.Stun(v, stun)
	}
}

// arrive is the end of a migration.
func (c *Cluster) arrive(v int) {
	m, x := &c.vms[v], &c.view.VMs[v]
	from, to := x.Host, m.to
	c.free(v, from)
	c.seat(v, to)
	c.setSpeed(v, 1) // until the new host says otherwise
	x.State, m.stage, m.to = Online, still, -1
	m.meter.Migrations++
	c.counts.Migrations++
	c.noteVM(flow.Adjusted, v, "is on ", c.view.Hosts[to].Name)
	if c.out(v) {
		c.block(v)
	} else {
		m.running = true
		c.settle(v)
	}
	c.share(from)
	c.share(to)
	c.room, c.moved = true, true
	c.endMove(from, to)
	c.ask(-1, Moved)
	if c.view.Hosts[from].Leaving && len(c.view.Hosts[from].VMs) == 0 {
		c.noteHost(flow.Emptied, from, "is empty")
	}
}

// stay ends a migration that cannot be: the machine stays where it is. One that has
// been saved or shut down starts there again, if the host is there.
func (c *Cluster) stay(v int) {
	m, x := &c.vms[v], &c.view.VMs[v]
	c.e.Cancel(m.step)
	to := m.to
	c.free(v, to)
	x.State, m.to = Online, -1
	was := m.stage
	m.stage = still
	c.touch(v)
	if was == inLine {
		c.moves = slices.DeleteFunc(c.moves, func(w int) bool { return w == v })
	} else {
		c.endMove(x.Host, to)
	}
	c.noteVM(flow.Adjusted, v, "does not move")
	c.room = true
	c.ask(-1, Moved)
	if !m.running && c.hosts[x.Host].alive() {
		x.State = Starting
		c.start(v)
	}
}

// endMove lets two hosts take part in the next migrations.
func (c *Cluster) endMove(from, to int) {
	c.hosts[from].migrating--
	c.hosts[to].migrating--
	c.nextMoves()
}

// Maintain empties a host: its machines move to where the platform wants, and those
// for which there is no host stay until there is.
func (c *Cluster) Maintain(h int) {
	if c.view.Hosts[h].Leaving {
		return
	}
	c.view.Hosts[h].Leaving = true
	c.view.Changes++
	c.leaving++
	c.noteHost(flow.TakenOut, h, "is being emptied for maintenance")
	c.empty(h)
}

// empty asks for a new host for each machine of a host that runs.
func (c *Cluster) empty(h int) {
	for _, v := range c.view.Hosts[h].VMs {
		if x := &c.view.VMs[v]; x.Host == h && x.State == Online {
			c.ask(v, Planned)
		}
	}
}

// Resume ends the maintenance of a host.
func (c *Cluster) Resume(h int) {
	if !c.view.Hosts[h].Leaving {
		return
	}
	c.view.Hosts[h].Leaving = false
	c.view.Changes++
	c.leaving--
	c.noteHost(flow.PutBack, h, "takes machines again")
	if c.view.Hosts[h].Up && c.hosts[h].alive() {
		c.join(h)
	}
}

// SetClasses gives a machine other names by which it is kept apart. Nothing moves
// for that now.
func (c *Cluster) SetClasses(v int, names []string) {
	c.view.SetClasses(v, names)
	c.view.Changes++
	c.countClasses()
}
