package place

import (
	"slices"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// draws are a platform's random numbers: one for each host each time that a
// machine is placed, whoever else is, so that two variants of a scenario see the
// same. The host of the lowest number goes first, which is as good as a shuffle
// and holds for any part of the hosts.
type draws struct {
	rand  *sim.Stream
	count []uint64 // by machine: how often it has been placed
}

func newDraws(env cluster.Env) *draws {
	return &draws{rand: env.Rand, count: make([]uint64, len(env.View.VMs))}
}

// next is called before a machine is placed.
func (d *draws) next(vm int) { d.count[vm]++ }

// of is a host's number in the placement at hand.
func (d *draws) of(vm, host int) float64 {
	return d.rand.Nth(uint64(vm)<<44 | d.count[vm]<<20 | uint64(host))
}

func (d *draws) before(vm, a, b int) bool { return d.of(vm, a) < d.of(vm, b) }

func (d *draws) shuffle(vm int, hosts []int) {
	d.next(vm)
	slices.SortFunc(hosts, func(a, b int) int {
		switch {
		case d.before(vm, a, b):
			return -1
		case d.before(vm, b, a):
			return 1
		}
		return a - b
	})
}
