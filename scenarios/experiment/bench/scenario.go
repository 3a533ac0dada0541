package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// service is the mean time of a request: one simulated second, as in the limit
// program.
const service = time.Second

// requests is a run in which about n requests, each over a connection of its
// own, meet equal servers. load is that of each server.
func requests(policy lb.SchedulerPolicy, servers int, load float64, n, replications int) *scenarios.File {
	rate := load * float64(servers) / service.Seconds()
	c := base(servers, policy)
	c.Sites = []snat.Site{{Name: "clients", Clients: 1000}}
	c.Traffic = []traffic.Stream{{
		Name: "web", From: []string{"clients"}, To: "web",
		Arrivals: &traffic.Poisson{Rate: flow.Rate(rate)},
		Demand:   &dist.Exponential{Mean: service},
		Retry:    noRetry(),
	}}
	return file(c, time.Duration(float64(n)/rate*1e9), replications)
}

// holding is a population that keeps a connection per client open and renews
// each after an exponential lifetime of 1000 s on average.
func holding(connections int) *scenarios.File {
	c := base(10, &sched.LeastConnections{})
	c.Sites = []snat.Site{{Name: "clients", Clients: connections}}
	c.Traffic = []traffic.Stream{{
		Name: "mail", From: []string{"clients"}, To: "web",
		Connections: &traffic.Connections{PerClient: 1, Lifetime: &dist.Exponential{Mean: 1000 * time.Second}},
		Retry:       noRetry(),
	}}
	return file(c, 2000*time.Second, 1)
}

// reconnecting is a population that loses all its connections when a balancer
// fails whose successor knows nothing, and that reconnects and logs on within a
// minute of noticing it; meanwhile each client sends a request every half a minute.
func reconnecting(connections int) *scenarios.File {
	c := base(10, &sched.LeastConnections{})
	for i := range c.Servers {
		c.Servers[i].Cores = 8
	}
	c.Sites = []snat.Site{{Name: "staff", Clients: connections}}
	c.Traffic = []traffic.Stream{{
		Name: "mail", From: []string{"staff"}, To: "web",
		Connections: &traffic.Connections{PerClient: 1, Lifetime: &dist.Exponential{Mean: 8 * time.Hour}},
		Requests:    &traffic.Requests{Rate: 1. / 30, Demand: &dist.Exponential{Mean: 5 * time.Millisecond}},
		Setup:       &traffic.Setup{Demand: &dist.Exponential{Mean: 8 * time.Millisecond}},
		Retry:       noRetry(),
	}}
	c.Balancer.Pair = new(lb.Pair)
	c.Balancer.Pair.SetDefaults()
	c.Timeline = []models.Action{{At: 2 * time.Minute, Fail: "balancer"}}
	f := file(c, 5*time.Minute, 1)
	f.Variants[0].Requests = true
	return f
}

// base is a service of equal servers, without traffic.
func base(servers int, policy lb.SchedulerPolicy) models.Config {
	sv := lb.Service{Name: "web", Instances: 1, Queue: lb.Unlimited, Scheduler: policy, Health: lb.Health{Kind: lb.NoCheck}}
	var c models.Config
	for i := range servers {
		one := server.Config{}
		one.SetDefaults()
		one.Name = fmt.Sprintf("s%d", i+1)
		c.Servers = append(c.Servers, one)
		sv.Servers = append(sv.Servers, lb.MemberConfig{Name: one.Name, Weight: 1})
	}
	c.Balancer.Services = []lb.Service{sv}
	return c
}

func noRetry() (r traffic.Retry) {
	r.SetDefaults()
	return r
}

func file(c models.Config, duration time.Duration, replications int) *scenarios.File {
	s := &scenarios.Scenario{Name: "bench", Seed: 1, Duration: duration, Replications: scenarios.Replications{Count: replications}}
	p := scenarios.Plan{Name: scenarios.Base, Scenario: s, Config: c, Requests: c.Traffic[0].Demand != nil}
	return &scenarios.File{Scenario: s, Variants: []scenarios.Plan{p}}
}

// run makes the replications with all statistics, as `lbsim run` does.
func run(f *scenarios.File, parallel int) (results.Variant, error) {
	o, err := experiment.Run(context.Background(), f, experiment.Options{Parallel: parallel})
	if err != nil {
		return results.Variant{}, err
	}
	return o.Result.Variants[0], nil
}

// metric returns the mean of a metric over the replications, NaN without one.
func metric(v results.Variant, name string) float64 {
	if m, ok := v.Metrics.Get(name); ok {
		return m.Mean
	}
	return math.NaN()
}
