package place

import (
	"cmp"
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
	count []uint64 // by machine
	of    []float64
}

func newDraws(env cluster.Env) draws {
	return draws{rand: env.Rand, count: make([]uint64, len(env.View.VMs)), of: make([]float64, len(env.View.Hosts))}
}

func (d *draws) shuffle(vm int, hosts []int) {
	for _, h := range hosts {
		d.of[h] = d.rand.Nth(uint64(vm)<<44 | d.count[vm]<<20 | uint64(h))
	}
	d.count[vm]++
	slices.SortFunc(hosts, func(a, b int) int { return cmp.Or(cmp.Compare(d.of[a], d.of[b]), cmp.Compare(a, b)) })
}
