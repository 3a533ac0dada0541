package models_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// idleSystems are servers that report when they are idle, to a single balancer
// and to many.
func idleSystems() (list []system) {
	for _, rho := range []float64{0.5, 0.7, 0.8, 0.9, 0.95} {
		list = append(list, system{rows: fmt.Sprintf("jiq-2-r%g", rho), servers: 2, rate: 2 * rho, jobs: 1 + 4*math.Pow(rho, 3)})
	}
	list = append(list,
		system{rows: "mc-jiq-10-1-l0.7", servers: 10, rate: 7, jobs: 2},
		system{rows: "mc-jiq-10-1-l0.9", servers: 10, rate: 9, jobs: 4},
		system{rows: "mc-jiq-100-1-l0.9", servers: 100, rate: 90, jobs: 4},
		system{rows: "mc-jiq-1000-100-l0.5", servers: 1000, balancers: 100, rate: 500, jobs: 1.5},
		system{rows: "mc-jiq-1000-100-l0.9", servers: 1000, balancers: 100, rate: 900, jobs: 2})
	for i := range list {
		list[i].scheduler = &sched.JoinIdleQueue{}
	}
	// Reports that are kept come from a program that uses the last one first.
	kept := sched.JoinIdleQueue{Keep: true, Newest: true}
	return append(list,
		system{rows: "mc-jiqkeep-1000-100-l0.5", servers: 1000, balancers: 100, rate: 500, jobs: 1.5, scheduler: &kept},
		system{rows: "mc-jiqkeep-1000-100-l0.9", servers: 1000, balancers: 100, rate: 900, jobs: 2, scheduler: &kept})
}

// asked is a scheduler of idle queues that counts how often it had a report
// when it was asked. Connections arrive at random, so that this is the share of
// time for which it had one.
type asked struct {
	idleQueue
	askedPolicy
	now func() sim.Time
}

// idleQueue is what a scheduler of idle queues implements.
type idleQueue interface {
	lb.Scheduler
	lb.Membership
	lb.IdleQueue
}

func (a asked) Pick(q *lb.Query) int {
	if a.now() >= a.from {
		*a.times++
		if a.Idles() > 0 {
			*a.had++
		}
	}
	return a.idleQueue.Pick(q)
}

type askedPolicy struct {
	*sched.JoinIdleQueue
	from       sim.Time
	times, had *float64
}

func (p askedPolicy) NewScheduler(env lb.Env) lb.Scheduler {
	return asked{p.JoinIdleQueue.NewScheduler(env).(idleQueue), p, env.Now}
}

// With many balancers the share of them that has a report and the mean
// response time follow from simple formulas (Lu et al. 2011), which hold to
// within a few percent only: they take an idle server for one that stays idle
// until its report is used.
func TestManyIdleQueues(t *testing.T) {
	for _, id := range known.WithPrefix("jiq-inf-") {
		if strings.HasSuffix(id, "-q") {
			continue // measured along with the response time
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := params[struct {
				Load float64 `json:"lambda_per_server"`
				Each int     `json:"servers_per_dispatcher"`
			}](t, id)
			policy := askedPolicy{&sched.JoinIdleQueue{Choices: 1}, 0, new(float64), new(float64)}
			if strings.Contains(id, "sq2") {
				policy.Choices = 2
			}
			s := system{rows: id, servers: 1000, rate: 1000 * p.Load, jobs: 2}
			warmup := 100 * second
			if p.Load > 0.95 {
				// Fewer servers need as many requests for the same precision, but fewer
				// to forget that they were empty.
				s.servers, s.jobs, s.slow, s.more = 200, 0.1, "*", 50
				if theory.Brief() {
					s.servers = 40
				}
				s.rate, warmup = float64(s.servers)*p.Load, 4000*second
			}
			s.balancers, policy.from = s.servers/p.Each, sim.Time(warmup)
			s.scheduler = policy
			var response, share []float64
			length := max(s.length(), 200*second) // a thousand servers are slow to forget that they were empty
			for i := range few(8) {
				*policy.times, *policy.had = 0, 0
				m := observe(t, s.config(), id, i, warmup, length)
				response = append(response, mean(m.response))
				share = append(share, *policy.had / *policy.times)
			}
			check := known.Check
			if s.slow != "" {
				check = known.CheckBriefly
			}
			check(t, id, response)
			if q := id + "-q"; known.Has(q) {
				t.Run(q, func(t *testing.T) { check(t, q, share) })
			}
		})
	}
}
