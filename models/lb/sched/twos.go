package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// twos is Linux IPVS's twos (net/netfilter/ipvs/ip_vs_twos.c): two weighted
// draws that may be the same destination, the second is picked only if it has
// fewer connections per weight, by the count of lc. The draws range from 0 to the sum of the
// weights inclusive, which favours the first destination a little: at weights
// of 1 its chance in a draw is 2/(n+1).
type twos struct {
	usable
	rand *sim.Stream
	sums sums // of the weights in the list, in the units of IPVS
}

func newTwos(env lb.Env) lb.Scheduler { return &twos{usable: newUsable(env.View), rand: env.Rand} }

// Changed implements lb.Membership. Configured weights count, too.
func (t *twos) Changed(int) { t.stale = true }

func (t *twos) Pick(*lb.Query) int {
	if t.fresh() {
		t.sum()
	}
	if len(t.list) == 0 {
		return -1
	}
	a, b := t.draw(), t.draw()
	va, vb := &t.view.Members[a], &t.view.Members[b]
	if ipvsOverhead(vb)*va.Weight < ipvsOverhead(va)*vb.Weight {
		return b
	}
	return a
}

// sum adds up the weights, in whole numbers as configured, or in sixteenths
// while a slow start is on.
func (t *twos) sum() {
	whole := true
	for _, m := range t.list {
		v := &t.view.Members[m]
		whole = whole && v.Weight == v.Base*lb.FullWeight
	}
	t.sums.clear()
	for _, m := range t.list {
		if v := &t.view.Members[m]; whole {
			t.sums.add(v.Base)
		} else {
			t.sums.add(sixteenths(v))
		}
	}
	t.sums.ready()
}

func (t *twos) draw() int {
	x := t.rand.IntN(int(t.sums.total()) + 1)
	return int(t.list[t.sums.find(int64(max(0, x-1)))])
}
