package dag

import "lbsim/models/flow"

// WitnessDown implements Events.
func (d *DAG) WitnessDown() {
	if d.config.Witness == None || !d.witness {
		return
	}
	d.witness = false
	d.e.Cancel(d.witnessOut)
	d.witnessOut = d.noticed.Set(d.config.Detect(), uint32(len(d.members)))
	d.note(flow.Failed, "witness", "fails")
	d.ask()
}

// WitnessUp implements Events.
func (d *DAG) WitnessUp() {
	if d.config.Witness == None || d.witness {
		return
	}
	d.witness, d.witnessBoot, d.recount = true, d.e.Now(), true
	d.e.Cancel(d.witnessOut)
	d.note(flow.Recovered, "witness", "is back")
	d.ask()
}

// NetworkSplit implements Events.
func (d *DAG) NetworkSplit(sets []Side) {
	d.cut = sets
	d.note(flow.Failed, "network", "is divided")
	d.e.Cancel(d.splitting)
	d.splitting = d.split.Set(d.config.Detect(), 0)
}

// onSplit is when members miss those on the other sides: the side with the
// majority goes on, and the others stop.
func (d *DAG) onSplit() {
	d.sides = d.cut
	for i := range d.members {
		d.members[i].side = len(d.sides) + i // alone
	}
	for s := range d.sides {
		for _, m := range d.sides[s].Members {
			d.members[m].side = s
		}
	}
	if d.holds {
		if side, ok := d.majority(); ok {
			d.side = side
			for i := range d.members {
				if m := &d.members[i]; m.takesPart() && m.side != side {
					d.evict(i)
				}
			}
		}
	}
	d.recount = true
	d.ask()
}

// NetworkHealed implements Events.
func (d *DAG) NetworkHealed() {
	if d.cut != nil {
		d.note(flow.Recovered, "network", "is whole again")
	}
	d.cut = nil
	d.e.Cancel(d.splitting)
	d.sides, d.side = nil, 0
	for i := range d.members {
		d.members[i].side = 0
	}
	for i := range d.members {
		if m := &d.members[i]; m.state == evicted && !m.still {
			d.join(i)
		}
	}
	d.ask()
}
