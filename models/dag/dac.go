package dag

// mayMount reports whether a member can mount a database.
func (d *DAG) mayMount(member int) bool {
	return d.joined(member) && (!d.config.DAC || d.members[member].bit)
}

// setBits lets members mount that have heard from another one that it may, or see
// all members. In a group of two, one that is alone may if it was allowed to
// after the witness has started last (datacenter activation coordination mode,
// Exchange documentation; that seeing all members is enough is recalled).
func (d *DAG) setBits() {
	if !d.config.DAC {
		return
	}
	heard, all := false, true
	for i := range d.members {
		here := d.joined(i)
		all = all && here
		heard = heard || here && d.members[i].bit
	}
	for i := range d.members {
		m := &d.members[i]
		if !d.joined(i) || m.bit {
			continue
		}
		alone := len(d.members) == 2 && d.config.Witness != None && d.witness && m.bitAt >= d.witnessBoot
		if heard || all || alone {
			m.bit, m.bitAt = true, d.e.Now()
		}
	}
}

// AllowMounting lets all members that are there mount, in DAC mode: an operator
// restores the group.
func (d *DAG) AllowMounting() {
	for i := range d.members {
		if m := &d.members[i]; d.joined(i) && !m.bit {
			m.bit, m.bitAt = true, d.e.Now()
		}
	}
	d.ask()
}
