package dag

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/sim"
)

// reconsider sees to the databases that are not mounted: where they were last, if
// that is possible; elsewhere, once it is known that it is not.
func (d *DAG) reconsider() {
	for i := range d.databases {
		b := &d.databases[i]
		if b.mounted || b.target >= 0 || d.e.IsPending(b.pending) { // what has begun is not withdrawn
			continue
		}
		at := d.memberOf(i, b.active)
		switch {
		case d.canRemount(i):
			d.enqueue(i, b.active, remount)
		case d.unnoticed(at) || b.failed >= 0 && d.unnoticed(b.failed):
		case d.config.DAC && d.joined(at) && b.copies[b.active].state == Active:
			d.remark(i, "stays dismounted: "+d.config.Members[at].Name+" may not mount databases yet")
		default:
			wait := max(0, d.pamReady.Sub(d.e.Now()))
			b.due = d.e.Now().Add(wait + d.config.Decide)
			b.pending = d.decided.SetAt(b.due, 0)
		}
	}
}

// unnoticed reports whether a member is gone and the others do not know.
func (d *DAG) unnoticed(member int) bool {
	m := &d.members[member]
	return m.state == frozen || m.state == down && !m.lost
}

// canRemount reports whether a database can be mounted where it was.
func (d *DAG) canRemount(i int) bool {
	b := &d.databases[i]
	return b.copies[b.active].state == Active && d.mayMount(d.memberOf(i, b.active))
}

// onDecided chooses for the databases whose time has come, in their order: what
// one takes may leave no room for the next.
func (d *DAG) onDecided() {
	for i := range d.databases {
		if b := &d.databases[i]; b.due == d.e.Now() && !b.mounted && b.target < 0 {
			d.e.Cancel(b.pending)
			b.due = sim.Never
			d.decide(i)
		}
	}
}

// decide chooses the copy of a database that takes over.
func (d *DAG) decide(i int) {
	b := &d.databases[i]
	choice := SelectCopy(d.selection(i))
	for _, tried := range choice.Tried {
		if b.stuck {
			break
		}
		d.note(flow.Adjusted, d.config.Databases[i].Name, fmt.Sprintf("is not mounted on %s: %s would be lost",
			d.nameOf(i, tried), logFiles(d.queue(i, tried))))
	}
	if choice.Copy < 0 && d.canRemount(i) { // it has come back meanwhile
		d.enqueue(i, b.active, remount)
		return
	}
	if choice.Copy < 0 {
		d.remark(i, "stays dismounted: no copy can be mounted")
		return
	}
	b.lost = choice.Lost
	d.enqueue(i, choice.Copy, failover)
}

// remark notes once why a database is not mounted.
func (d *DAG) remark(i int, text string) {
	if b := &d.databases[i]; !b.stuck {
		b.stuck = true
		d.note(flow.Adjusted, d.config.Databases[i].Name, text)
	}
}

// nameOf returns the name of the member that has a copy.
func (d *DAG) nameOf(i, copy int) string { return d.config.Databases[i].Copies[copy].On }

func logFiles(n int) string {
	if n == 1 {
		return "1 log file"
	}
	return fmt.Sprintf("%d log files", n)
}
