package place

import (
	"testing"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// pair is two machines of a class on the first of two hosts.
func pair(p cluster.Policy) (*rig, cluster.Repairer) {
	r := rig{view: *hosts(2, 2)}
	for vm := range r.view.VMs {
		r.from = append(r.from, -1)
		r.view.SetClasses(vm, []string{"P"})
		r.put(vm, 0)
	}
	r.placer = p.NewPlacer(cluster.Env{View: &r.view, Rand: sim.NewStream(1, 0, "cluster/place")})
	return &r, r.placer.(cluster.Repairer)
}

// A machine that moves or starts is not moved, and one that shares its host with
// nobody but one that is moving away has no reason to.
func TestMachinesThatMove(t *testing.T) {
	for _, kind := range []string{"wsfc", "vsphere"} {
		cause := map[string]cluster.Cause{"wsfc": cluster.HostJoined, "vsphere": cluster.Periodic}[kind]
		p, _ := Table.Lookup(kind)
		r, repairer := pair(p)
		for _, c := range []struct {
			first, second cluster.State
			moves         []int
		}{
			{cluster.Online, cluster.Online, []int{0}},
			{cluster.Starting, cluster.Online, []int{1}},
			{cluster.Starting, cluster.Starting, nil},
			{cluster.Migrating, cluster.Online, nil},
			{cluster.Online, cluster.Migrating, nil},
		} {
			r.view.VMs[0].State, r.view.VMs[1].State = c.first, c.second
			moves := repairer.Repair(cause, 0)
			if len(moves) != len(c.moves) || len(moves) > 0 && moves[0].VM != c.moves[0] {
				t.Errorf("%s: %v and %v: %v", kind, c.first, c.second, moves)
			}
		}
	}
}

// DRS looks again only where something has changed, if somebody counts.
func TestPassWithoutChanges(t *testing.T) {
	r, repairer := pair(newVSphere())
	look := func(changes uint64) int {
		r.view.Changes = changes
		return len(repairer.Repair(cluster.Periodic, 0))
	}
	for _, changes := range []uint64{0, 0, 7, 7} {
		if look(changes) != 1 {
			t.Error("moves that have not been done are not repeated")
		}
	}
	r.view.Hosts[1].Up = false
	if look(8) != 0 {
		t.Error("a move to a host that is down")
	}
	r.view.Hosts[1].Up = true
	if look(8) != 0 || look(9) != 1 {
		t.Error("a look too many, or one too few")
	}
}
