package dag

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// MemberDown implements Events.
func (d *DAG) MemberDown(member int) {
	m := &d.members[member]
	if m.state == down {
		return
	}
	was := m.state
	m.state, m.bit, m.still = down, false, false
	d.drop(member)
	if was == evicted {
		return
	}
	d.e.Cancel(m.notice)
	m.lost = false
	m.notice = d.noticed.Set(d.config.Detect(), uint32(member))
	d.ask()
}

// MemberShutdown implements Events. The member hands over its vote first, and what
// its databases have logged: nothing is lost and there is nothing to detect.
func (d *DAG) MemberShutdown(member int) {
	m := &d.members[member]
	if m.state != present {
		d.MemberDown(member)
		return
	}
	for i := range d.databases {
		if b := &d.databases[i]; b.mounted && d.memberOf(i, b.active) == member {
			b.clean = true
		}
	}
	if d.joined(member) && d.quorum.Holds(d.present(d.side)) {
		d.quorum.Leave(member, d.present(d.side))
	}
	m.state, m.bit, m.lost = down, false, true
	d.drop(member)
	d.recount = true
	d.ask()
}

// MemberUp implements Events.
func (d *DAG) MemberUp(member int) {
	m := &d.members[member]
	if m.state != down {
		return
	}
	d.e.Cancel(m.notice)
	d.join(member)
}

// join lets a member take part that runs, if it reaches those that have quorum.
func (d *DAG) join(member int) {
	m := &d.members[member]
	m.state = evicted
	m.lost = true
	if d.holds && m.side != d.side {
		return
	}
	m.state, m.lost = present, false
	d.recount = true
	d.ask()
}

// MemberStunned implements Events. If the others miss enough heartbeats meanwhile,
// they leave it out although nothing is wrong with it, that is if it stands still
// for at least as long as the heartbeats take.
func (d *DAG) MemberStunned(member int, pause time.Duration) {
	m := &d.members[member]
	if m.state != present || pause <= 0 {
		return
	}
	m.state, m.still, m.until = frozen, true, d.e.Now().Add(pause)
	d.resumed.At(m.until, 0)
	if pause >= d.config.Detect() {
		m.notice = d.noticed.Set(d.config.Detect(), uint32(member))
	}
}

// onResumed ends the stuns whose time has come.
func (d *DAG) onResumed() {
	if d.e.IsPending(d.review) { // the others have yet to conclude that somebody is gone
		d.resumed.After(0, 0)
		return
	}
	for i := range d.members {
		m := &d.members[i]
		if !m.still || m.until > d.e.Now() {
			continue
		}
		if m.still = false; m.state == evicted {
			d.join(i)
			continue
		}
		m.state = present
		d.e.Cancel(m.notice)
		d.ask()
	}
}

// onNoticed is when the others have missed a member for long enough, or, with a
// number beyond the members, the witness.
func (d *DAG) onNoticed(i uint32) {
	if int(i) < len(d.members) {
		m := &d.members[i]
		if m.state == frozen {
			d.evict(int(i))
		}
		m.lost = true
	}
	d.recount = true
	d.ask()
}

// evict leaves out a member that runs. It is judged by the others: it may stand
// still, or be on the wrong side of a divided network.
func (d *DAG) evict(member int) {
	m := &d.members[member]
	d.evictions++
	d.e.Cancel(m.notice)
	m.state, m.lost = evicted, true
	d.note(flow.Adjusted, d.config.Members[member].Name,
		fmt.Sprintf("is left out of the cluster: it was not heard for %v", d.config.Detect()))
	d.drop(member)
}

// drop takes a member's databases down, and what it was about to mount.
func (d *DAG) drop(member int) {
	for i := range d.databases {
		b := &d.databases[i]
		if b.target >= 0 && d.memberOf(i, b.target) == member {
			d.cancel(i)
			b.failed = member
		}
		if b.mounted && d.memberOf(i, b.active) == member {
			d.dismount(i)
		}
		for c := range b.copies {
			if d.memberOf(i, c) == member {
				d.leave(i, c)
			}
		}
	}
	d.ask()
}
