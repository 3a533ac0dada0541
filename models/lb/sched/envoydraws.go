package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// envoyDraws is LEAST_REQUEST of Envoy with some choices, by default two
// (source/extensions/load_balancing_policies/least_request): members are drawn
// uniformly and with replacement, the first with the fewest requests stays.
// With unequal weights or in a slow start it is a schedule by deadlines
// instead. One choice is RANDOM, which knows no weights.
type envoyDraws struct {
	*envoy
	EnvoySchedule
	rand    *sim.Stream
	choices int
}

func newEnvoyDraws(env lb.Env, choices int, p EnvoySchedule) lb.Scheduler {
	if choices < 2 {
		return &envoyRandom{newUsable(env.View), env.Rand}
	}
	d := &envoyDraws{newEnvoy(env, p.Start), p, env.Rand, choices}
	d.rule = d
	return d
}

func (d *envoyDraws) alike(list []int32) int {
	best := list[d.rand.IntN(len(list))]
	for range d.choices - 1 {
		m := list[d.rand.IntN(len(list))]
		if d.view.Members[m].Active < d.view.Members[best].Active {
			best = m
		}
	}
	return int(best)
}

func (*envoyDraws) refreshed([]int32) {}

type envoyRandom struct {
	usable
	rand *sim.Stream
}

func (r *envoyRandom) Pick(*lb.Query) int {
	r.fresh()
	if len(r.list) == 0 {
		return -1
	}
	return int(r.list[r.rand.IntN(len(r.list))])
}
