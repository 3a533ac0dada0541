package dag

// selection describes the copies of a database other than its active one.
func (d *DAG) selection(i int) Selection {
	b, config := &d.databases[i], &d.config.Databases[i]
	source := d.memberOf(i, b.active)
	s := Selection{
		Reachable:  b.clean || d.joined(source),
		SourceDial: d.config.Members[source].Dial,
	}
	for j := range b.copies {
		if j == b.active {
			continue
		}
		at := d.memberOf(i, j)
		m, c := &d.config.Members[at], &config.Copies[j]
		s.Candidates = append(s.Candidates, Candidate{
			Copy: j, Preference: config.preference(j), Status: b.status(j, s.Reachable),
			CopyQueue: d.queue(i, j), ReplayQueue: d.replayQueue(i, j), Index: c.Index, Dial: m.Dial,
			Barred: m.Blocked || c.Blocked || d.full(at) || !d.mayMount(at),
		})
	}
	return s
}

// status is what the active manager sees of a copy.
func (b *database) status(copy int, reachable bool) Status {
	switch s := b.copies[copy].state; {
	case s == Failed:
		return StatusFailed
	case s == Healthy && reachable:
		return StatusHealthy
	case s == Healthy:
		return DisconnectedAndHealthy
	case reachable:
		return StatusResynchronizing
	}
	return DisconnectedAndResynchronizing
}

// full reports whether a member has as many databases as it may have.
func (d *DAG) full(member int) bool {
	most := d.config.Members[member].MaxActive
	return most > 0 && d.claimed(member) >= most
}

// claimed counts the databases that a member has mounted or is to mount.
func (d *DAG) claimed(member int) int {
	n := 0
	for i := range d.databases {
		b := &d.databases[i]
		on := b.target
		if on < 0 && b.mounted {
			on = b.active
		}
		if on >= 0 && d.memberOf(i, on) == member {
			n++
		}
	}
	return n
}
