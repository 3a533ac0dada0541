package dag

import "lbsim/models/flow"

// Switchover moves a mounted database in order: to a member, or with -1 to the
// copy that is to be preferred among those that can be mounted. Nothing is lost.
// It reports false, and does nothing, where the database is not mounted or that
// copy cannot be mounted. A member that is blocked takes databases that it is
// given on purpose.
func (d *DAG) Switchover(database, member int) bool {
	b := &d.databases[database]
	if !d.holds || !b.mounted || b.target >= 0 {
		return false
	}
	to := -1
	if member < 0 {
		s := d.selection(database)
		s.ByPreference = true
		to = SelectCopy(s).Copy
	} else {
		for j := range b.copies {
			healthy := b.copies[j].state == Healthy && j != b.active
			if d.memberOf(database, j) == member && healthy && d.mayMount(member) && !d.full(member) {
				to = j
			}
		}
	}
	if to < 0 {
		return false
	}
	d.enqueue(database, to, switchover)
	d.ask()
	return true
}

// DatabaseFailed tells that the active copy of a database is broken, while its
// member runs: its log files can still be copied.
func (d *DAG) DatabaseFailed(database int) {
	b := &d.databases[database]
	if !b.mounted {
		return
	}
	d.cancel(database)
	d.dismount(database)
	b.copies[b.active].state = Failed
	d.ask()
}

// CopyMended tells that a copy that was broken can be used again, but for the log
// files that it has missed.
func (d *DAG) CopyMended(database, member int) {
	b := &d.databases[database]
	for j := range b.copies {
		if c := &b.copies[j]; c.state == Failed && d.memberOf(database, j) == member {
			if c.state = Resynchronizing; j == b.active {
				c.state = Active
			}
		}
	}
	d.ask()
}

// onReturn moves databases back to their copies of preference 1.
func (d *DAG) onReturn() {
	d.returned.After(d.config.PreferenceMove, 0)
	if !d.holds {
		return
	}
	for i := range d.databases {
		b, config := &d.databases[i], &d.config.Databases[i]
		best := 0
		for j := range config.Copies {
			if config.preference(j) < config.preference(best) {
				best = j
			}
		}
		at := d.memberOf(i, best)
		blocked := d.config.Members[at].Blocked || config.Copies[best].Blocked
		if best != b.active && b.mounted && b.target < 0 && b.copies[best].state == Healthy &&
			!blocked && d.mayMount(at) && !d.full(at) {
			d.note(flow.Adjusted, config.Name, "moves back to "+config.Copies[best].On)
			d.enqueue(i, best, failback)
		}
	}
	d.ask()
}
