package dag

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// mounting is why a copy is mounted.
type mounting uint8

const (
	failover   mounting = iota // another copy than the one that was lost
	remount                    // the same copy again
	switchover                 // another copy in a planned move
	failback                   // the copy of preference 1, automatically
)

// planned reports whether the database stays mounted until its turn comes.
func (m mounting) planned() bool { return m >= switchover }

// enqueue has a copy mounted when its member has a hand free.
func (d *DAG) enqueue(i, copy int, how mounting) {
	b := &d.databases[i]
	b.target, b.how, b.began = copy, how, false
	at := d.memberOf(i, copy)
	m := &d.members[at]
	m.waiting = append(m.waiting, i)
	d.serve(at)
}

// serve begins mounts that wait on a member.
func (d *DAG) serve(member int) {
	m := &d.members[member]
	for len(m.waiting) > 0 && (d.config.Parallel == 0 || m.starting < d.config.Parallel) {
		i := m.waiting[0]
		m.waiting = m.waiting[1:]
		m.starting++
		b := &d.databases[i]
		b.began = true
		if b.how.planned() {
			d.dismount(i)
		}
		b.pending = d.mounted.Set(d.mountTime(i), uint32(i))
	}
}

// mountTime is how long the mount of a database takes. A lagged copy has to replay
// what it has held back; what others have to replay is part of their mount.
func (d *DAG) mountTime(i int) time.Duration {
	b := &d.databases[i]
	t := d.config.Mount
	switch b.how {
	case remount:
		return d.config.Remount
	case switchover, failback:
		t = d.config.Switchover
	}
	if d.config.Databases[i].Copies[b.target].Lag > 0 {
		t += logTime(float64(d.replayQueue(i, b.target)), d.config.ReplayRate)
	}
	return t
}

// onMounted ends the mount of a database.
func (d *DAG) onMounted(arg uint32) {
	i := int(arg)
	b := &d.databases[i]
	to, from := b.target, b.active
	at := d.memberOf(i, to)
	if m := &d.members[at]; m.still && m.until > d.e.Now() {
		b.pending = d.mounted.SetAt(m.until, arg)
		return
	}
	d.settle(i)
	kind, text := flow.Recovered, "is mounted on "+d.config.Members[at].Name
	if b.how.planned() {
		kind = flow.Adjusted
	}
	switch b.how {
	case failover:
		b.meter.Failovers++
		if b.stunned {
			b.meter.FalseFailovers++
		}
		if b.lost > 0 {
			b.meter.lossyMounts++
			b.meter.LostLogs += b.lost
			b.logs = max(0, b.logs-float64(b.lost))
			text += ": " + logFiles(b.lost) + " lost"
		}
	case switchover:
		b.meter.Switchovers++
	case failback:
		b.meter.Returns++
		text += ", which it prefers"
	}
	if to != from {
		d.swap(i, from, to)
	}
	b.mounted, b.clean, b.stuck, b.target, b.failed, b.lost = true, false, false, -1, -1, 0
	b.down.set(false, d.e.Now())
	d.note(kind, d.config.Databases[i].Name, text)
	d.listener.Mounted(i, at)
	d.members[at].starting--
	d.serve(at)
	d.ask()
}

// swap makes another copy the active one. The one that was goes on as one of the
// others, if it has lost nothing, or gets what it has missed.
func (d *DAG) swap(i, from, to int) {
	b := &d.databases[i]
	old, c := &b.copies[from], &b.copies[to]
	d.e.Cancel(c.finish)
	c.state = Active
	switch {
	case old.state == Failed:
	case b.how.planned() && d.joined(d.memberOf(i, from)):
		old.state = Healthy
	default:
		old.state, old.has = Resynchronizing, min(old.has, b.logs)
	}
	b.active = to
}

// dismount takes a database down.
func (d *DAG) dismount(i int) {
	b := &d.databases[i]
	if !b.mounted {
		return
	}
	if b.target >= 0 && !b.began {
		d.cancel(i) // a planned move whose turn has not come
	}
	d.settle(i)
	m := &d.members[d.memberOf(i, b.active)]
	b.stunned = m.state == evicted && m.still
	b.copies[b.active].has = b.logs
	b.mounted = false
	b.down.set(true, d.e.Now())
	for j := range b.copies {
		if c := &b.copies[j]; d.e.IsPending(c.finish) {
			d.pause(c)
		}
	}
	kind := flow.Failed
	if b.target >= 0 { // it is being moved
		kind = flow.Adjusted
	}
	d.note(kind, d.config.Databases[i].Name, "is dismounted on "+d.nameOf(i, b.active))
	d.listener.Dismounted(i)
}

// cancel gives up a decision or a mount that has not ended.
func (d *DAG) cancel(i int) {
	b := &d.databases[i]
	d.e.Cancel(b.pending)
	b.due = sim.Never
	if b.target < 0 {
		return
	}
	at := d.memberOf(i, b.target)
	m := &d.members[at]
	if b.began {
		m.starting--
	} else {
		m.waiting = slices.DeleteFunc(m.waiting, func(other int) bool { return other == i })
	}
	b.target, b.lost = -1, 0
	if d.joined(at) {
		d.serve(at)
	}
}
