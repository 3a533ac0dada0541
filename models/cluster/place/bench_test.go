package place

import (
	"testing"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// BenchmarkPlace places a machine among 1,000 hosts with 10 machines each, of a
// hundred classes; BenchmarkRepair looks at all of them when there is nothing to
// do.
func BenchmarkPlace(b *testing.B) {
	for _, kind := range Table {
		b.Run(kind.Name, func(b *testing.B) {
			_, p := large(kind.New())
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Place(cluster.Query{VM: i % 10000, Cause: cluster.Started, From: i % 1000, Attempt: 1})
			}
		})
	}
}

func BenchmarkRepair(b *testing.B) {
	for _, kind := range Table {
		_, p := large(kind.New())
		repairer, ok := p.(cluster.Repairer)
		if !ok {
			continue
		}
		for _, cause := range []cluster.Cause{cluster.HostJoined, cluster.Periodic} {
			b.Run(kind.Name+[...]string{cluster.HostJoined: "/joined", cluster.Periodic: "/pass"}[cause], func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if moves := repairer.Repair(cause, 0); len(moves) > 0 {
						b.Fatal(len(moves), " moves")
					}
				}
			})
		}
	}
}

func large(policy cluster.Policy) (*cluster.View, cluster.Placer) {
	v := hosts(1000, 10000)
	r := rig{view: *v}
	for vm := range r.view.VMs {
		r.from = append(r.from, -1)
		r.view.SetClasses(vm, []string{string(rune('A' + vm/100))})
		r.put(vm, vm%1000)
	}
	return &r.view, policy.NewPlacer(cluster.Env{View: &r.view, Rand: sim.NewStream(1, 0, "cluster/place")})
}
