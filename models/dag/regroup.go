package dag

import "lbsim/models/flow"

// present returns who takes part on a side of the network: members, and the
// witness if they reach it.
func (d *DAG) present(side int) Voters {
	var v Voters
	for i := range d.members {
		if m := &d.members[i]; m.takesPart() && m.side == side {
			v |= VoterOf(i)
		}
	}
	if d.witness && d.reaches(side) {
		v |= Witness
	}
	return v
}

// reaches reports whether the witness votes with a side.
func (d *DAG) reaches(side int) bool {
	if d.sides == nil {
		return true
	}
	if d.pam >= 0 {
		if own := d.members[d.pam].side; own < len(d.sides) && d.sides[own].Witness {
			return own == side
		}
	}
	for i := range d.sides {
		if d.sides[i].Witness {
			return i == side
		}
	}
	return false
}

// majority returns the side that holds the quorum.
func (d *DAG) majority() (side int, ok bool) {
	for i := range d.members {
		if s := d.members[i].side; d.quorum.Holds(d.present(s)) {
			return s, true
		}
	}
	return 0, false
}

// loseQuorum takes everything down.
func (d *DAG) loseQuorum() {
	d.holds, d.pam = false, -1
	d.losses++
	d.without.set(true, d.e.Now())
	d.note(flow.Failed, "dag", "loses quorum: all databases are dismounted")
	for i := range d.databases {
		d.cancel(i)
		d.dismount(i)
	}
}

// regainQuorum forms the cluster with the members of a side. Whoever is missing
// is known to be.
func (d *DAG) regainQuorum(side int) {
	d.holds, d.side = true, side
	d.without.set(false, d.e.Now())
	d.note(flow.Recovered, "dag", "has quorum again")
	for i := range d.members {
		switch m := &d.members[i]; {
		case m.takesPart() && m.side != side:
			d.evict(i)
		case !m.takesPart():
			m.lost = true
		}
	}
	d.quorum.Settle(d.present(side))
	d.pamReady = d.e.Now()
}
