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
	count []uint64  // by machine: how often it has been placed
	drawn []float64 // by host: what shuffle has drawn
}

func newDraws(env cluster.Env) *draws {
	return &draws{rand: env.Rand, count: make([]uint64, len(env.View.VMs)), drawn: make([]float64, len(env.View.Hosts))}
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
	for _, h := range hosts {
		d.drawn[h] = d.of(vm, h)
	}
	slices.SortFunc(hosts, func(a, b int) int {
		switch {
		case d.drawn[a] < d.drawn[b]:
			return -1
		case d.drawn[a] > d.drawn[b]:
			return 1
		}
		return a - b
	})
}

// first puts the hosts to the front that a shuffle would put there, so many of
// them: one look at each host is nearly all that it takes if these are few.
func (d *draws) first(vm int, hosts []int, many int) {
	d.next(vm)
	many = min(many, len(hosts))
	for i, h := range hosts {
		d.drawn[h] = d.of(vm, h)
		at := i
		if i >= many {
			if d.drawn[h] >= d.drawn[hosts[many-1]] {
				continue
			}
			at = many - 1
			hosts[i], hosts[at] = hosts[at], h
		}
		for ; at > 0 && d.drawn[hosts[at]] < d.drawn[hosts[at-1]]; at-- {
			hosts[at], hosts[at-1] = hosts[at-1], hosts[at]
		}
	}
}
