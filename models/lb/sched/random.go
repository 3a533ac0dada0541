package sched

import (
	"fmt"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Random draws usable members with probabilities in proportion to their
// weights, independently of the past, and picks the one with the fewest
// connections per weight, the first drawn of equals. With one choice that is
// plain random, as without any, with two the power of two choices (Mitzenmacher
// 2001).
type Random struct {
	Choices       int  `yaml:"choices" doc:"how many servers are drawn; the least loaded of them is picked"`
	Replace       bool `yaml:"replace" doc:"draw with replacement: several draws may be the same server"`
	EnvoySchedule `yaml:",inline"`
	Like          string `yaml:"like" doc:"none, or as a product does it: haproxy (points of its ring; of equals the lower rate), haproxy-2.6 (of equals the later draw), nginx, envoy, ipvs (twos)"`
}

var randomProducts = []string{"haproxy", "haproxy-2.6", "nginx", "envoy", "ipvs"}

// Validate checks the parameters.
func (p *Random) Validate() []flow.Problem {
	ps := append(checkProduct(p.Like, randomProducts), p.EnvoySchedule.check()...)
	if p.Choices < 0 {
		ps = append(ps, flow.Problem{Path: "choices", Text: fmt.Sprintf("%d is negative", p.Choices)})
	}
	if p.Like == "nginx" && p.Choices > 2 || p.Like == "ipvs" && p.Choices != 2 {
		ps = append(ps, flow.Problem{Path: "choices", Text: fmt.Sprintf("%s has no random method of %d choices", p.Like, p.Choices)})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *Random) NewScheduler(env lb.Env) lb.Scheduler {
	switch p.Like {
	case "haproxy", "haproxy-2.6":
		return newRingDraws(env, p.Choices, p.Like == "haproxy")
	case "envoy":
		return newEnvoyDraws(env, p.Choices, p.EnvoySchedule)
	case "ipvs":
		return newTwos(env)
	}
	return &random{
		usable: newUsable(env.View), rand: env.Rand, choices: max(1, p.Choices), replace: p.Replace,
		// nginx keeps its second draw unless the first has fewer connections
		// (ngx_http_upstream_random_module.c). It draws again when it meets a
		// peer twice or one that is out, which comes to the same as leaving it
		// out, but that after 20 draws it lets round robin decide; here it goes
		// on, which makes a difference only when most peers are out.
		lastOfEqual: p.Like == "nginx",
	}
}

type random struct {
	usable
	rand        *sim.Stream
	sums        sums  // of the weights in the list; equal ones count as 1
	drawn       []int // places in the list, in order, unless replaced
	choices     int
	replace     bool
	lastOfEqual bool
}

func (r *random) Pick(*lb.Query) int {
	if r.fresh() {
		r.sum()
	}
	if len(r.list) == 0 {
		return -1
	}
	best := -1
	r.drawn = r.drawn[:0]
	for range r.choices {
		if !r.replace && len(r.drawn) == len(r.list) {
			break
		}
		if m := int(r.list[r.draw()]); best < 0 || r.better(m, best) {
			best = m
		}
	}
	return best
}

func (r *random) sum() {
	r.sums.clear()
	for _, m := range r.list {
		if r.equal {
			r.sums.add(1)
		} else {
			r.sums.add(r.view.Members[m].Weight)
		}
	}
	r.sums.ready()
}

// draw draws a place in the list. Without replacement, what was drawn before
// is cut out of the sums of the weights.
func (r *random) draw() int {
	total := r.sums.total()
	for _, i := range r.drawn {
		total -= r.sums.upTo[i] - r.sums.before(i)
	}
	x := int64(r.rand.IntN(int(total)))
	for _, i := range r.drawn {
		if before := r.sums.before(i); x >= before {
			x += r.sums.upTo[i] - before
		}
	}
	place := int(x)
	if !r.equal {
		place = r.sums.find(x)
	}
	if !r.replace && r.choices > 1 {
		at, _ := slices.BinarySearch(r.drawn, place)
		r.drawn = slices.Insert(r.drawn, at, place)
	}
	return place
}

// better reports whether member m, drawn later, is picked rather than best.
func (r *random) better(m, best int) bool {
	vm, vb := &r.view.Members[m], &r.view.Members[best]
	less := int64(vm.Active)*vb.Weight - int64(vb.Active)*vm.Weight
	return less < 0 || less == 0 && r.lastOfEqual
}

// Basis implements lb.SchedulerPolicy.
func (*Random) Basis() lb.Basis { return lb.ByChance }
