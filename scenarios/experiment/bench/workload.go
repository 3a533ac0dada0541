package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// workload is one line of the table.
type workload struct {
	name  string
	unit  string   // what is counted per second
	limit []string // arguments of the limit program; nil: it has nothing to compare with
	than  string   // the workload to compare with instead, "" if none
	run   func() (outcome, error)
}

// outcome is one run of a workload.
type outcome struct {
	Units  int     // of work done
	Rate   float64 // units per second: of processor time against the limit program, else on the wall
	Allocs float64 // allocations per unit, the construction of the world included
	Bytes  float64 // memory per open connection at its peak, 0 if that is not the question
	Order  string  // hash of the order of events that the limit program prints too
}

// workloads are those of design.md, section 7.
func workloads() []workload {
	list := []workload{
		holdWorkload(1_000, 5_000_000),
		holdWorkload(100_000, 5_000_000),
		{
			name: "mm1", unit: "customers", limit: []string{"mm1", "-n", "1000000"},
			run: func() (outcome, error) { return poolOutcome(&sched.RoundRobin{}, 1, 0.9, 1_000_000, 10) },
		},
	}
	policies := []struct {
		name, limit string
		policy      lb.SchedulerPolicy
		mean        float64 // response time with 10 servers: M/M/1, and long runs of the limit program
	}{
		{"random", "random", &sched.Random{}, 5},
		{"round-robin", "rr", &sched.RoundRobin{}, 2.9223},
		{"least-connections", "lc", &sched.LeastConnections{}, 1.3567},
		{"two-choices", "p2c", &sched.TwoChoices{}, 2.0752},
	}
	for _, p := range policies {
		list = append(list, workload{
			name: "lb/" + p.name + "/10", unit: "requests", limit: []string{"lb", "-policy", p.limit, "-n", "1000000"},
			run: func() (outcome, error) { return poolOutcome(p.policy, 10, 0.8, 1_000_000, p.mean) },
		})
	}
	for _, p := range policies {
		n := 1_000_000
		if p.limit == "lc" {
			n = 100_000 // the limit program looks at every server for each request
		}
		list = append(list, workload{
			name: "lb/" + p.name + "/10000", unit: "requests",
			limit: []string{"lb", "-policy", p.limit, "-servers", "10000", "-n", fmt.Sprint(n)},
			// A pool of this size is far from its steady state after n requests.
			run: func() (outcome, error) { return poolOutcome(p.policy, 10_000, 0.8, n, math.NaN()) },
		})
	}
	return append(list,
		workload{name: "network/10", unit: "requests", than: "lb/least-connections/10", run: distant},
		workload{name: "held/1000", unit: "requests", run: func() (outcome, error) { return overHeld(false) }},
		workload{name: "network/held/1000", unit: "requests", than: "held/1000", run: func() (outcome, error) { return overHeld(true) }},
		workload{name: "connections/1000000", unit: "events", run: holdConnections},
		workload{name: "reconnect-storm/100000", unit: "events", run: reconnect},
		workload{name: "replications/1", unit: "requests", run: func() (outcome, error) { return replications(1) }},
		workload{name: "replications/all-cores", unit: "requests", run: func() (outcome, error) { return replications(runtime.NumCPU()) }},
	)
}

// holdWorkload is the hold model (Jones 1986): as many events as size are
// pending, and each schedules its successor. The random numbers and the order
// hash are those of the limit program.
func holdWorkload(size, n int) workload {
	return workload{
		name: fmt.Sprintf("hold/%d", size), unit: "events",
		limit: []string{"hold", "-queue", "heap4", "-size", fmt.Sprint(size), "-n", fmt.Sprint(n)},
		run: func() (outcome, error) {
			var order uint64
			m := start()
			order = hold(size, n)
			o := m.outcome(n)
			o.Order = fmt.Sprintf("%016x", order)
			return o, nil
		},
	}
}

func hold(size, n int) (order uint64) {
	e := sim.New(1, 0)
	r := rand.New(rand.NewPCG(1, 0))
	var p sim.Port[uint32]
	p = sim.Bind(e, "hold", sim.Arrive, func(i uint32) {
		order = order*31 + uint64(i)
		p.After(time.Duration(r.ExpFloat64()*1e9), i)
		if n--; n == 0 {
			e.Stop()
		}
	})
	for i := range size {
		p.After(time.Duration(r.ExpFloat64()*1e9), uint32(i))
	}
	e.Run(sim.Never)
	return order
}

// poolOutcome runs about n requests and checks their number and, unless mean
// is NaN, their mean response time within 5 %.
func poolOutcome(policy lb.SchedulerPolicy, servers int, load float64, n int, mean float64) (outcome, error) {
	f := requests(policy, servers, load, n, 1)
	m := start()
	v, err := run(f, 1)
	if err != nil {
		return outcome{}, err
	}
	arrived := metric(v, "arrived")
	o := m.outcome(int(arrived))
	if math.Abs(arrived/float64(n)-1) > 0.01 {
		return o, fmt.Errorf("%v requests arrived, about %d were expected", arrived, n)
	}
	if got := metric(v, "response_time.mean"); math.Abs(got/mean-1) > 0.05 {
		return o, fmt.Errorf("the mean response time is %.4g s, %.4g s was expected", got, mean)
	}
	return o, nil
}

// distant is lb/least-connections/10 with clients that are 10 ms away and write each
// request in two parts, of which the second stalls.
func distant() (outcome, error) {
	f := requests(&sched.LeastConnections{}, 10, 0.8, 1_000_000, 1)
	network := tcp.NewConfig(10 * time.Millisecond)
	c := &f.Variants[0].Config
	c.Network = &network
	c.Traffic[0].Exchange = &flow.Exchange{ClientWrites: []int{100, 200}, ServerWrites: []int{500}, Count: 1}
	m := start()
	v, err := run(f, 1)
	if err != nil {
		return outcome{}, err
	}
	arrived := metric(v, "arrived")
	o := m.outcome(int(arrived))
	// The connection is opened in 10 ms, and the exchange takes 220.
	if got := metric(v, "network_time.mean"); math.Abs(got/0.230-1) > 1e-6 {
		return o, fmt.Errorf("requests are on the wire for %v s", got)
	}
	if got := metric(v, "stalls") / metric(v, "completed"); got != 1 {
		return o, fmt.Errorf("%v stalls in each request", got)
	}
	return o, nil
}

// overHeld lets 1000 clients send a request a second each over connections that they
// hold, from near or 10 ms away.
func overHeld(far bool) (outcome, error) {
	f := holding(1000)
	c := &f.Variants[0].Config
	c.Traffic[0].Connections.Lifetime = nil
	c.Traffic[0].Requests = &traffic.Requests{Rate: 1, Demand: &dist.Exponential{Mean: 5 * time.Millisecond}}
	f.Variants[0].Requests, f.Variants[0].Scenario.Duration = true, 1000*time.Second
	if far {
		network := tcp.NewConfig(10 * time.Millisecond)
		c.Network = &network
	}
	m := start()
	v, err := run(f, 1)
	if err != nil {
		return outcome{}, err
	}
	o := m.outcome(int(metric(v, "arrived")))
	if got := metric(v, "network_time.mean"); far && math.Abs(got/0.010-1) > 1e-6 {
		return o, fmt.Errorf("requests are on the wire for %v s", got)
	}
	return o, nil
}

// holdConnections keeps a million connections open, each with the event of its
// end pending.
func holdConnections() (outcome, error) {
	const connections = 1_000_000
	f := holding(connections)
	m := start()
	v, err := run(f, 1)
	if err != nil {
		return outcome{}, err
	}
	o := m.outcome(int(v.Events))
	o.Bytes = peakMemory() / connections
	if got := metric(v, "connections.mean"); math.Abs(got/connections-1) > 0.001 {
		return o, fmt.Errorf("%v connections were open on average", got)
	}
	return o, nil
}

// reconnect lets 100,000 clients reconnect within a minute, in five minutes of
// which each sends a request every half a minute.
func reconnect() (outcome, error) {
	const connections = 100_000
	f := reconnecting(connections)
	m := start()
	v, err := run(f, 1)
	if err != nil {
		return outcome{}, err
	}
	o := m.outcome(int(v.Events))
	if got := metric(v, "connections.reset"); math.Abs(got/connections-1) > 0.01 {
		return o, fmt.Errorf("%v connections were reset", got)
	}
	return o, nil
}

// replications runs eight short replications, several at a time.
func replications(parallel int) (outcome, error) {
	const count, n = 8, 250_000
	f := requests(&sched.LeastConnections{}, 10, 0.8, n, count)
	m := start()
	if _, err := run(f, parallel); err != nil {
		return outcome{}, err
	}
	return m.outcome(count * n), nil
}

// meter measures a run from its start.
type meter struct {
	at      time.Time
	mallocs uint64
}

func start() meter {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return meter{time.Now(), s.Mallocs}
}

func (m meter) outcome(n int) outcome {
	d := time.Since(m.at)
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return outcome{Units: n, Rate: float64(n) / d.Seconds(), Allocs: float64(s.Mallocs-m.mallocs) / float64(n)}
}
