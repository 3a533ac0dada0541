package sched

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// TwoChoices draws two usable members at random and picks the one with fewer
// connections per weight, the first drawn on a tie (Mitzenmacher 2001). Two
// are enough to take most of the longest queues away.
type TwoChoices struct {
	// Replace allows the two draws to be the same member, as Envoy's do; then
	// a share of the picks is blind.
	Replace       bool `yaml:"replace" doc:"draw with replacement: both draws may be the same server"`
	EnvoySchedule `yaml:",inline"`
	Like          string `yaml:"like" doc:"none, or as a product does it: haproxy, haproxy-2.6, nginx, envoy, ipvs; the same as random with two choices"`
}

// Validate checks the parameters.
func (p *TwoChoices) Validate() []flow.Problem {
	return append(checkProduct(p.Like, randomProducts), p.EnvoySchedule.check()...)
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *TwoChoices) NewScheduler(env lb.Env) lb.Scheduler {
	if p.Like != "" && p.Like != noProduct {
		return (&Random{Choices: 2, Like: p.Like, EnvoySchedule: p.EnvoySchedule}).NewScheduler(env)
	}
	return &twoChoices{usable: newUsable(env.View), rand: env.Rand, replace: p.Replace}
}

type twoChoices struct {
	usable
	rand    *sim.Stream
	replace bool
}

func (t *twoChoices) Pick(*lb.Query) int {
	t.fresh()
	n := len(t.list)
	switch n {
	case 0:
		return -1
	case 1:
		return int(t.list[0])
	}
	i := t.rand.IntN(n)
	var j int
	if t.replace {
		j = t.rand.IntN(n)
	} else if j = t.rand.IntN(n - 1); j >= i {
		j++
	}
	return lessLoaded(t.view, t.list[i], t.list[j])
}

// lessLoaded returns the member with fewer connections per weight, a if they
// have as many.
func lessLoaded(v *lb.View, a, b int32) int {
	va, vb := &v.Members[a], &v.Members[b]
	if int64(vb.Active)*va.Weight < int64(va.Active)*vb.Weight {
		return int(b)
	}
	return int(a)
}

// Basis implements lb.SchedulerPolicy.
func (*TwoChoices) Basis() lb.Basis { return lb.ByChance }
