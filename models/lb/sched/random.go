package sched

import (
	"slices"

	"lbsim/models/lb"
	"lbsim/sim"
)

// Random picks each usable member with a probability in proportion to its
// weight, independently of the past.
type Random struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*Random) NewScheduler(env lb.Env) lb.Scheduler {
	return &random{usable: newUsable(env.View), rand: env.Rand}
}

type random struct {
	usable
	rand *sim.Stream
	upTo []int64 // sums of the weights in the list
}

func (r *random) Pick(*lb.Query) int {
	if r.fresh() && !r.equal {
		r.upTo = r.upTo[:0]
		var sum int64
		for _, m := range r.list {
			sum += r.view.Members[m].Weight
			r.upTo = append(r.upTo, sum)
		}
	}
	switch {
	case len(r.list) == 0:
		return -1
	case r.equal:
		return int(r.list[r.rand.IntN(len(r.list))])
	}
	x := int64(r.rand.IntN(int(r.upTo[len(r.upTo)-1])))
	i, _ := slices.BinarySearch(r.upTo, x+1)
	return int(r.list[i])
}
