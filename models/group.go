package models

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dag"
	"lbsim/models/flow"
	"lbsim/sim"
)

// What befalls a database group follows from what befalls the machines that its
// members and its witness are. A member is there as long as its virtual machine
// answers and its server works. Where the documents do not say, the following is
// chosen:
//
//   - A server that crashes, falls silent or has no memory left is gone for the
//     group with its vote, whether or not its operating system is.
//   - One that hangs is there: heartbeats go on, and its databases stay mounted,
//     until Exchange restarts it as one whose disk hangs (dag.Config.HungIO).
//     What managed availability does earlier, which counts a component as unhealthy
//     after a minute, depends on the component: it is for the timeline to say, as a
//     switchover or as a server that falls silent.
//   - A witness that is a host's share is to be had as long as clients hear the
//     host. While its virtual machine stands still it waits, and is not missed.

// group is what the world knows of the database group.
type group struct {
	*dag.DAG
	up      []bool // by member: it is there
	witness bool   // it is there
	hangs
}

// newGroup makes the database group, if there is one, of a world whose servers and
// virtual machines are there. A member whose machine does not run is missing
// from the start.
func (w *World) newGroup() {
	config := w.config.DAG
	if config == nil {
		return
	}
	w.stores = w.newStores()
	w.group = &group{up: make([]bool, len(config.Members)), witness: true}
	for m := range w.group.up {
		w.group.up[m] = true
	}
	w.newHangs()
	w.group.DAG = dag.New(w.engine, *config, dag.Options{Listener: (*mailboxes)(w), Observer: w.obs})
	w.reviewGroup(cluster.Lost)
	for i := range config.Databases {
		if at, mounted := w.group.Active(i); mounted {
			(*mailboxes)(w).Mounted(i, at)
		}
	}
}

// reviewGroup tells the database group which of its members have come or gone since
// it was told last, and how. Whoever fails or repairs something calls it: each
// machine is told by itself, and the group draws its conclusions at the end of the
// instant.
func (w *World) reviewGroup(how cluster.Ending) {
	g := w.group
	if g == nil {
		return
	}
	for m, at := range w.config.members {
		switch up := w.runs(at); {
		case up == g.up[m]:
			continue
		case up:
			g.MemberUp(m)
		case how == cluster.ShutDown:
			g.MemberShutdown(m)
		default:
			if how == cluster.Saved {
				w.obs.Noted(flow.Note{
					At: w.engine.Now(), Kind: flow.Adjusted, Service: -1, Server: -1, Actor: w.config.DAG.Members[m].Name,
					Text: "goes into saved state, which is not supported for a member of a database group: it counts as down until it is resumed",
				})
			}
			g.MemberDown(m)
		}
		if g.up[m] = !g.up[m]; !g.up[m] && at.server >= 0 {
			w.setHang(int32(at.server), false)
		}
	}
	if up := w.runs(w.config.witness); up != g.witness {
		if g.witness = up; up {
			g.WitnessUp()
		} else {
			g.WitnessDown()
		}
	}
}

// stunMember tells the database group that a virtual machine stands still.
func (w *World) stunMember(vm int, d time.Duration) {
	if w.group == nil {
		return
	}
	for m, at := range w.config.members {
		if at.vm == vm && w.group.up[m] {
			w.group.MemberStunned(m, d)
		}
	}
}

// HostChanged implements cluster.HostWatcher.
func (w *machines) HostChanged(int) { (*World)(w).reviewGroup(cluster.Lost) }

// operateGroup carries out an event of the timeline on the database group.
func (w *World) operateGroup(a *action) {
	d := w.group
	switch {
	case a.of == theWitness && a.verb == failing:
		d.WitnessDown()
	case a.of == theWitness:
		d.WitnessUp()
	case a.verb == splitting:
		d.NetworkSplit(a.sides)
	case a.of == theNetwork:
		d.NetworkHealed()
	case a.of == theGroup:
		d.AllowMounting()
	case a.of == aCopy:
		d.CopyMended(a.number, a.to)
	case a.verb == switching:
		w.switchOver(a.number, a.to)
	default:
		d.DatabaseFailed(a.number)
	}
}

// switchOver moves a database in order, and says so if that cannot be: an operator
// would be told.
func (w *World) switchOver(database, member int) {
	if w.group.Switchover(database, member) {
		return
	}
	config, where := w.config.DAG, "any other member"
	if member >= 0 {
		where = config.Members[member].Name
	}
	w.obs.Noted(flow.Note{
		At: w.engine.Now(), Kind: flow.Adjusted, Service: -1, Server: -1, Actor: config.Databases[database].Name,
		Text: "cannot be moved to " + where,
	})
}

// Databases implements flow.PlacementMetering.
func (w *World) Databases() int {
	if w.group == nil {
		return 0
	}
	return len(w.config.DAG.Databases)
}

// GroupMeter implements flow.PlacementMetering.
func (w *World) GroupMeter(now sim.Time) flow.GroupMeter {
	if w.group == nil {
		return flow.GroupMeter{}
	}
	m := w.group.Meter(now)
	m.Mailboxes = w.stores != nil
	return m
}

// DatabaseMeter implements flow.PlacementMetering.
func (w *World) DatabaseMeter(database int, now sim.Time) flow.DatabaseMeter {
	return w.group.DatabaseMeter(database, now)
}
