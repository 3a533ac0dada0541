package dag

// What tests read of a group, and nobody else.

// HasQuorum reports whether the group has quorum.
func (d *DAG) HasQuorum() bool { return d.holds }

// Votes returns whose votes are in force.
func (d *DAG) Votes() Voters { return d.quorum.Votes() }

// MountedOn returns how many databases a member has mounted.
func (d *DAG) MountedOn(member int) int {
	n := 0
	for i := range d.databases {
		if on, mounted := d.Active(i); mounted && on == member {
			n++
		}
	}
	return n
}
