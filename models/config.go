package models

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
)

// Config describes a world. Names are resolved by New: a traffic stream's From
// and To, a service's servers, an action's target.
type Config struct {
	Sites    []snat.Site
	Traffic  []traffic.Stream
	Balancer lb.Config
	Servers  []server.Config
	Timeline []Action
}

// Action is something that happens at a given time.
type Action struct {
	// At is when, from the start of the run.
	At time.Duration `yaml:"at" doc:"when, from the start of the run"`
	// Fail kills a server: its connections are reset and its port is closed.
	Fail string `yaml:"fail,omitempty" doc:"server that dies: its connections are reset and its port is closed"`
	// Recover brings a server back, empty.
	Recover string `yaml:"recover,omitempty" doc:"server that comes back, empty"`
}

// Validate checks the action's own fields.
func (a *Action) Validate() []flow.Problem {
	if (a.Fail == "") == (a.Recover == "") {
		return []flow.Problem{{Text: "an event of the timeline does one thing: fail or recover"}}
	}
	return nil
}

// Complete fills in the policies that were left out: round robin, no
// persistence, no ramp.
func (c *Config) Complete() {
	c.Balancer.Services = slices.Clone(c.Balancer.Services)
	for i := range c.Balancer.Services {
		s := &c.Balancer.Services[i]
		if s.Scheduler == nil {
			s.Scheduler = &sched.RoundRobin{Like: "none"}
		}
		if s.Persistence == nil {
			s.Persistence = persist.None{}
		}
		if s.SlowStart == nil {
			s.SlowStart = ramp.None{}
		}
	}
	c.Traffic = slices.Clone(c.Traffic)
	for i := range c.Traffic {
		if r := &c.Traffic[i].Retry; r.Backoff == nil {
			r.Backoff = traffic.DefaultBackoff()
		}
	}
}

// resolved is a Config whose names have become numbers.
type resolved struct {
	Config
	actions []action
}

type action struct {
	at     time.Duration
	fail   bool
	server int32
}

// resolve returns the configuration with the numbers that its names stand for,
// and what is wrong with them.
func (c Config) resolve() (r resolved, problems []flow.Problem) {
	bad := func(path, format string, args ...any) {
		problems = append(problems, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	servers := numbers(len(c.Servers), func(i int) string { return c.Servers[i].Name })
	sites := numbers(len(c.Sites), func(i int) string { return c.Sites[i].Name })
	services := numbers(len(c.Balancer.Services), func(i int) string { return c.Balancer.Services[i].Name })
	r.Config = c
	r.Traffic = append([]traffic.Stream(nil), c.Traffic...)
	r.Balancer.Services = append([]lb.Service(nil), c.Balancer.Services...)
	for i := range r.Balancer.Services {
		s := &r.Balancer.Services[i]
		s.Servers = append([]lb.MemberConfig(nil), s.Servers...)
		for m := range s.Servers {
			n, ok := servers[s.Servers[m].Name]
			if !ok {
				bad(fmt.Sprintf("balancer.services[%d].servers[%d]", i, m), "server %q does not exist", s.Servers[m].Name)
			}
			s.Servers[m].Server = int32(n)
		}
	}
	for i := range r.Traffic {
		t := &r.Traffic[i]
		t.Sites = nil
		for k, name := range t.From {
			n, ok := sites[name]
			if !ok {
				bad(fmt.Sprintf("traffic[%d].from[%d]", i, k), "site %q does not exist", name)
			}
			t.Sites = append(t.Sites, n)
		}
		n, ok := services[t.To]
		switch {
		case ok:
		case t.To == "" && len(services) == 1:
		case t.To == "":
			bad(fmt.Sprintf("traffic[%d].to", i), "which service is asked?")
		default:
			bad(fmt.Sprintf("traffic[%d].to", i), "service %q does not exist", t.To)
		}
		t.Service = int32(n)
	}
	for i, a := range c.Timeline {
		key, name := "fail", a.Fail
		if a.Recover != "" {
			key, name = "recover", a.Recover
		}
		n, ok := servers[name]
		if !ok {
			bad(fmt.Sprintf("timeline[%d].%s", i, key), "server %q does not exist", name)
		}
		r.actions = append(r.actions, action{a.At, key == "fail", int32(n)})
	}
	return r, problems
}

func numbers(n int, name func(int) string) map[string]int {
	m := make(map[string]int, n)
	for i := range n {
		m[name(i)] = i
	}
	return m
}
