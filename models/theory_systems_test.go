package models_test

import (
	"fmt"
	"math"
	"strings"
	"time"

	"lbsim/models/dist"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// second is the mean of every service time.
const second = time.Second

// laws are service times with a mean of one second, under the names that rows
// give them.
var laws = []struct {
	name string
	spec dist.Spec
}{
	{"det", &dist.Constant{Mean: second}},
	{"erl2", &dist.Erlang{Mean: second, Shape: 2}},
	{"erl4", &dist.Erlang{Mean: second, Shape: 4}},
	{"uni", &dist.Uniform{Max: 2 * second}},
	{"h2c4", &dist.Hyperexponential{Mean: second, CV: 2}},
	{"ln2", &dist.Lognormal{Mean: second, CV: math.Sqrt2}},
	{"par35", &dist.Pareto{Mean: second, Alpha: 3.5}},
	{"par25", &dist.Pareto{Mean: second, Alpha: 2.5}},
}

func lawOf(name string) dist.Spec {
	for _, l := range laws {
		if l.name == name {
			return l.spec
		}
	}
	panic(name)
}

// systems lists what is simulated. The heavier the load, the longer a queue
// remembers (theory: the variance of a time average grows with (1-rho)^-4), so
// the more requests it takes.
func systems() []system {
	list := []system{
		{rows: "mm1-r0.5 random-2-r0.5", rate: 0.5, jobs: 2},
		{rows: "mm1-r0.7", rate: 0.7, jobs: 2},
		{rows: "mm1-r0.8", rate: 0.8, jobs: 5},
		{rows: "mm1-r0.9", rate: 0.9, jobs: 5, slow: "varL varW busy_var", more: 6},
		{rows: "mm1-r0.95", rate: 0.95, jobs: 0.8, slow: "*", more: 30},
		{rows: "pool-fast-3.2", rate: 3.2, law: &dist.Exponential{Mean: second / 4}, jobs: 1},

		{rows: "mmc-2-r0.5 shared-2-r0.5", rate: 1, cores: 2, jobs: 1},
		{rows: "mmc-2-r0.8 shared-2-r0.8", rate: 1.6, cores: 2, jobs: 3},
		{rows: "shared-2-r0.7", rate: 1.4, cores: 2, jobs: 1},
		{rows: "mmc-2-r0.9 shared-2-r0.9", rate: 1.8, cores: 2, jobs: 5},
		{rows: "shared-2-r0.95", rate: 1.9, cores: 2, jobs: 0.4, slow: "*", more: 20},
		{rows: "mmc-4-r0.7", rate: 2.8, cores: 4, jobs: 2},
		{rows: "mmc-4-r0.9", rate: 3.6, cores: 4, jobs: 5},
		{rows: "mmc-10-r0.8", rate: 8, cores: 10, jobs: 2, slow: "Wq_p99", more: 3},
		{rows: "mmc-10-r0.9", rate: 9, cores: 10, jobs: 3, slow: "Wq_p99", more: 4},
		{rows: "mmc-100-r0.95", rate: 95, cores: 100, jobs: 4, slow: "Wq_p99", more: 2},
		{rows: "erlangC-5-3", rate: 3, cores: 5, jobs: 1},
		{rows: "erlangC-10-5", rate: 5, cores: 10, jobs: 1},
		{rows: "erlangC-20-15", rate: 15, cores: 20, jobs: 2},
		{rows: "pool-four-3.2", rate: 3.2, cores: 4, jobs: 1},

		{rows: "mmcK-1-5-0.8", rate: 0.8, places: 5, jobs: 1},
		{rows: "mmcK-1-10-1.2", rate: 1.2, places: 10, jobs: 1},
		{rows: "mmcK-2-10-1.8", rate: 1.8, cores: 2, places: 10, jobs: 1},
		{rows: "mmcK-4-20-3.6", rate: 3.6, cores: 4, places: 20, jobs: 3},
		{rows: "mmcK-4-20-4.8", rate: 4.8, cores: 4, places: 20, jobs: 1},

		{rows: "closed-10-1-9", clients: 10, think: 9 * second, jobs: 1},
		{rows: "closed-20-1-19", clients: 20, think: 19 * second, jobs: 1},
		{rows: "closed-50-4-10", clients: 50, think: 10 * second, cores: 4, jobs: 2},
		{rows: "closed-100-8-10", clients: 100, think: 10 * second, cores: 8, jobs: 2},
		{rows: "engset-20-10-0.5", clients: 20, think: 2 * second, cores: 10, places: 10, jobs: 2},
		{rows: "engset-50-20-0.3", clients: 50, think: 10 * second / 3, cores: 20, places: 20, jobs: 5},
		{rows: "engset-12-10-1.0", clients: 12, think: second, cores: 10, places: 10, jobs: 3},
	}
	list = append(list, lossSystems()...)
	list = append(list, generalSystems()...)
	list = append(list, idleSystems()...)
	return append(list, splitSystems()...)
}

// lossSystems have no waiting room: with c cores, the share of requests turned
// away depends on the law of the service time through its mean only.
func lossSystems() (list []system) {
	for _, s := range []struct {
		cores int
		load  float64
		jobs  float64
	}{{5, 3, 0.5}, {10, 5, 2}, {10, 10, 0.5}, {20, 15, 1.5}, {100, 90, 3}, {100, 100, 1}} {
		for _, name := range []string{"exponential", "det", "h2c4"} {
			one := system{
				rows: fmt.Sprintf("erlangB-%d-%g", s.cores, s.load), variant: name,
				rate: s.load, cores: s.cores, places: s.cores, jobs: s.jobs,
			}
			if name != "exponential" {
				one.law = lawOf(name)
			}
			list = append(list, one)
		}
	}
	return list
}

// generalSystems are one server under several laws of the service time, first
// come first served and with processor sharing.
func generalSystems() (list []system) {
	fifo := map[float64]float64{0.5: 1, 0.7: 1.5, 0.9: 4} // load and millions of requests
	shared := map[float64]float64{0.5: 1, 0.8: 2}
	for _, l := range laws {
		for rho, jobs := range fifo {
			one := system{rows: fmt.Sprintf("mg1-%s-r%g", l.name, rho), rate: rho, law: l.spec, jobs: jobs}
			switch {
			case l.name == "par25":
				one.jobs, one.slow, one.more = 0.4, "*", 25 // the mean wait has an infinite variance
			case rho > 0.8 && (l.name == "erl2" || l.name == "uni"):
				one.jobs, one.slow, one.more = 0.4, "*", 15 // erl4 and det are much the same
			case l.name == "h2c4":
				one.jobs *= 2
			case l.name == "ln2" && rho < 0.8:
				one.slow, one.more = "Wq2", 8
			}
			list = append(list, one)
		}
		for rho, jobs := range shared {
			if l.name == "h2c4" {
				jobs *= 2
			}
			one := system{
				rows: fmt.Sprintf("mg1ps-%s-r%g mg1ps-any-r%g", l.name, rho, rho),
				rate: rho, law: l.spec, sharing: true, jobs: jobs,
			}
			if rho < 0.8 {
				one.skip = "tail10"
			}
			list = append(list, one)
		}
		if rows := fmt.Sprintf("mg1ps-%s-r0.9", l.name); known.Has(rows + "-W") {
			list = append(list, system{rows: rows + " mg1ps-any-r0.9", rate: 0.9, law: l.spec, sharing: true, jobs: 0.3, slow: "*", more: 10})
		}
	}
	return append(list,
		system{rows: "mm1ps-r0.5 mg1ps-any-r0.5", rate: 0.5, sharing: true, jobs: 1, slow: "tail10", more: 8},
		system{rows: "mm1ps-r0.8 mg1ps-any-r0.8", rate: 0.8, sharing: true, jobs: 3},
		system{rows: "mm1ps-r0.9 mg1ps-any-r0.9", rate: 0.9, sharing: true, jobs: 0.3, slow: "*", more: 20})
}

// splitSystems are several servers with a queue each: what they do depends on
// who is sent where. Every request is a connection of its own, so that fewest
// connections are fewest requests.
func splitSystems() (list []system) {
	add := func(servers int, rho, jobs float64, rows string, s system) {
		s.rows = rows
		if strings.Contains(rows, "%") {
			s.rows = fmt.Sprintf(rows, servers, rho)
		}
		s.servers, s.rate, s.jobs = servers, float64(servers)*rho, jobs
		list = append(list, s)
	}
	slow := func(s system, more float64) system {
		s.slow, s.more = "*", more
		return s
	}
	roundRobin := system{scheduler: &sched.RoundRobin{}}
	random := system{scheduler: &sched.Random{}}
	three := system{scheduler: &sched.Random{Choices: 3}}
	five := system{scheduler: &sched.Random{Choices: 5}}
	shortest := system{scheduler: &sched.LeastConnections{}}
	distinct := system{scheduler: &sched.TwoChoices{}}
	replaced := system{scheduler: &sched.TwoChoices{Replace: true}}

	add(2, 0.5, 1, "rr-%d-r%g", roundRobin)
	add(2, 0.8, 3, "rr-%d-r%g", roundRobin)
	add(2, 0.9, 4, "rr-%d-r%g", roundRobin)
	add(4, 0.8, 3, "rr-%d-r%g", roundRobin)
	add(4, 0.9, 4, "rr-%d-r%g", roundRobin)
	add(10, 0.5, 1, "rr-%d-r%g", roundRobin)
	add(10, 0.8, 3, "rr-%d-r%g", roundRobin)
	add(10, 0.9, 4, "rr-%d-r%g", roundRobin)
	add(10, 0.95, 0.4, "rr-%d-r%g", slow(roundRobin, 25))

	add(2, 0.5, 1, "random-%d-r%g", random)
	add(2, 0.8, 2, "random-%d-r%g", random)
	add(4, 0.8, 2, "random-%d-r%g pool-split-3.2", random)
	add(2, 0.9, 0.3, "random-%d-r%g", slow(random, 12))
	add(4, 0.9, 0.3, "random-%d-r%g", slow(random, 12))
	add(10, 0.95, 0.4, "random-%d-r%g", slow(random, 25))
	add(10, 0.5, 1, "random-%d-r%g", random)
	add(10, 0.8, 2, "random-%d-r%g", random)
	add(10, 0.9, 3, "random-%d-r%g", random)

	add(2, 0.5, 1, "jsq-%d-r%g", shortest)
	add(2, 0.7, 1.5, "jsq-%d-r%g", shortest)
	add(2, 0.8, 2, "jsq-%d-r%g", shortest)
	add(2, 0.9, 5, "jsq-%d-r%g", shortest)
	heavy := shortest
	heavy.slow, heavy.more = "varN", 3
	add(2, 0.95, 5, "jsq-%d-r%g", heavy)
	add(3, 0.5, 1, "jsq-%d-r%g", shortest)
	add(3, 0.8, 2, "jsq-%d-r%g", shortest)
	add(3, 0.9, 4, "jsq-%d-r%g", shortest)
	add(4, 0.8, 2, "jsq-%d-r%g", shortest)
	add(10, 0.7, 1, "mc-jsq-%d-0-l%g", shortest)
	add(10, 0.9, 3, "mc-jsq-%d-0-l%g", shortest)

	// Two distinct of two servers are both: two choices join the shorter queue.
	distinct.variant = "two distinct choices"
	add(2, 0.7, 2, "jsq-%d-r%g", distinct)
	distinct.variant = ""
	add(2, 0.5, 1, "pod2wr-%d-r%g", replaced)
	add(2, 0.7, 2, "pod2wr-%d-r%g", replaced)
	add(2, 0.8, 3, "pod2wr-%d-r%g", replaced)
	add(2, 0.9, 3, "pod2wr-%d-r%g", replaced)
	add(2, 0.95, 4, "pod2wr-%d-r%g", replaced)
	add(8, 0.9, 3, "mc-podnr-%d-2-l%g", distinct)
	add(8, 0.9, 3, "mc-pod-%d-2-l%g", replaced)
	for _, rho := range []float64{0.5, 0.7, 0.8, 0.9, 0.95} {
		add(100, rho, 1.5, "mc-podnr-%[1]d-2-l%[2]g pod-paper-%[1]d-d2-l%[2]g", distinct)
		add(100, rho, 1.5, "mc-pod-%d-2-l%g", replaced)
	}
	add(100, 0.9, 1.5, "mc-pod-%d-3-l%g", system{scheduler: &sched.Random{Choices: 3, Replace: true}})
	add(100, 0.9, 1.5, "mc-pod-%d-5-l%g", system{scheduler: &sched.Random{Choices: 5, Replace: true}})
	// A thousand servers are close to the limit of infinitely many.
	for _, rho := range []float64{0.5, 0.7, 0.8, 0.9} {
		add(1000, rho, 4, "pod-inf-d2-l%[2]g", distinct)
	}
	for _, rho := range []float64{0.5, 0.9} {
		add(1000, rho, 1.5, "pod-inf-d3-l%[2]g", three)
		add(1000, rho, 1.5, "pod-inf-d5-l%[2]g", five)
	}
	for _, rho := range []float64{0.7, 0.8} { // much the same
		add(1000, rho, 0.1, "pod-inf-d3-l%[2]g", slow(three, 15))
		add(1000, rho, 0.1, "pod-inf-d5-l%[2]g", slow(five, 15))
	}
	// Close to 1 they take long to forget that they were empty.
	distinct.warmup, three.warmup, five.warmup = 100*second, 100*second, 100*second
	add(1000, 0.95, 0.4, "pod-inf-d2-l%[2]g", slow(distinct, 8))
	add(1000, 0.95, 0.4, "pod-inf-d3-l%[2]g", slow(three, 5))
	add(1000, 0.95, 0.4, "pod-inf-d5-l%[2]g", slow(five, 5))
	distinct.warmup, three.warmup, five.warmup = 500*second, 300*second, 300*second
	add(100, 0.99, 0.4, "mc-podnr-%[1]d-2-l%[2]g pod-paper-%[1]d-d2-l%[2]g", slow(distinct, 20))
	many := 1000
	if theory.Brief() {
		many = 100
	}
	add(many, 0.99, 0.4, "pod-inf-d2-l%[2]g", slow(distinct, 8))
	add(many, 0.99, 0.4, "pod-inf-d3-l%[2]g", slow(three, 4))
	add(many, 0.99, 0.4, "pod-inf-d5-l%[2]g", slow(five, 4))
	add(1000, 0.9, 0.4, "pod-mix-b0.2", slow(system{scheduler: mixed(0.2), warmup: 200 * second}, 10))
	add(1000, 0.9, 0.4, "pod-mix-b0.5", slow(system{scheduler: mixed(0.5), warmup: 200 * second}, 10))
	return append(list, speedSystems()...)
}

// mixed is two choices for a part of the connections, and a random server for others.
type mixed float64

// NewScheduler implements lb.SchedulerPolicy.
func (p mixed) NewScheduler(env lb.Env) lb.Scheduler {
	return &mixture{float64(p), env.Rand, (&sched.Random{}).NewScheduler(env), (&sched.TwoChoices{}).NewScheduler(env)}
}

// Basis implements lb.SchedulerPolicy.
func (mixed) Basis() lb.Basis { return lb.ByChance }

type mixture struct {
	part     float64
	rand     *sim.Stream
	one, two lb.Scheduler
}

// Pick implements lb.Scheduler.
func (m *mixture) Pick(q *lb.Query) int {
	if m.rand.Float64() < m.part {
		return m.two.Pick(q)
	}
	return m.one.Pick(q)
}

// speedSystems are servers of unequal speeds. Times are in units of the mean service
// time of a server of speed 1.
func speedSystems() []system {
	half := &dist.Exponential{Mean: second / 2}
	return []system{
		{rows: "hetero-prop-3", rate: 3, law: half, servers: 3, speeds: []float64{2, 1, 1}, weighted: true, scheduler: &sched.Random{}, jobs: 2},
		{rows: "het-sed-2-1-2.4", rate: 2.4, law: half, servers: 2, speeds: []float64{2, 1}, weighted: true, scheduler: &sched.ShortestExpectedDelay{}, jobs: 2},
		// Of two servers two distinct choices are all, and of equals the first drawn is
		// a random one.
		{rows: "het-jsq-2-1-2.4", rate: 2.4, law: half, servers: 2, speeds: []float64{2, 1}, scheduler: &sched.TwoChoices{}, jobs: 2},
	}
}
