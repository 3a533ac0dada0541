package models

import (
	"fmt"
	"slices"

	"lbsim/models/cluster"
	"lbsim/models/dag"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
)

// Config describes a world. Names are resolved by New: a traffic stream's From
// and To, a service's servers, an action's target.
type Config struct {
	Sites    []snat.Site
	Traffic  []traffic.Stream
	Balancer lb.Config
	NLB      *nlb.Config // not nil: there is no balancer, and of Balancer only services and their servers count
	Servers  []server.Config
	Cluster  *cluster.Config // nil: no server is a virtual machine
	DAG      *dag.Config     // nil: there is no database group
	Network  *tcp.Config     // nil: nothing is far from anything
	Failures *Breakdowns     // nil: nothing fails by chance, but for what Cluster says
	Timeline []Action
}

// Complete fills in the policies that were left out: round robin, no
// persistence, no ramp. Where servers have priorities or stand by and the
// scheduler does not know of that, it picks within priority groups as the
// service's product has them.
func (c *Config) Complete() {
	c.Balancer.Services = slices.Clone(c.Balancer.Services)
	for i := range c.Balancer.Services {
		s := &c.Balancer.Services[i]
		if s.Scheduler == nil {
			s.Scheduler = &sched.RoundRobin{Like: "none"}
		}
		if _, ok := s.Scheduler.(*sched.Priority); !ok && c.NLB == nil && slices.ContainsFunc(s.Servers, hasRank) {
			product := s.Product
			if product == "" {
				product = c.Balancer.Product
			}
			s.Scheduler = sched.WithPriorities(s.Scheduler, string(product))
		}
		if s.Persistence == nil {
			s.Persistence = persist.None{}
		}
		if s.SlowStart == nil {
			s.SlowStart = ramp.None{}
		}
		if s.Sorry != "" && !slices.ContainsFunc(s.Servers, func(m lb.MemberConfig) bool { return m.Sorry }) {
			s.Servers = append(slices.Clip(s.Servers), lb.MemberConfig{Name: s.Sorry, Sorry: true})
		}
	}
	c.Traffic = slices.Clone(c.Traffic)
	for i := range c.Traffic {
		c.Traffic[i].Complete()
	}
}

// hasRank reports whether a server is to be used before or after others.
func hasRank(m lb.MemberConfig) bool { return m.Priority != 0 || m.Backup }

// resolved is a Config whose names have become numbers.
type resolved struct {
	Config
	hosts   []int32 // of NLB, by rising host identifier
	actions []action
	// vm is the virtual machine that each server is, -1: none; nil without a cluster.
	// guest is the server that each virtual machine is, flow.NoServer: none.
	vm    []int
	guest []int32
	// members and witness are what those of the database group run on.
	members []groupNode
	witness groupNode
	// needs are what servers depend on, nil if none does; settling is the order in
	// which to look at the servers.
	needs    [][]need
	settling []int32
	circle   []string // names that depend on each other; there is no order then
}

// resolve returns the configuration with the numbers that its names stand for,
// and what is wrong with them.
func (c Config) resolve() (r resolved, problems []flow.Problem) {
	servers := numbers(len(c.Servers), func(i int) string { return c.Servers[i].Name })
	sites := numbers(len(c.Sites), func(i int) string { return c.Sites[i].Name })
	services := numbers(len(c.Balancer.Services), func(i int) string { return c.Balancer.Services[i].Name })
	r.Config = c
	problems = append(problems, r.resolveServices(servers)...)
	problems = append(problems, r.resolveTraffic(services, sites)...)
	problems = append(problems, r.resolveHosts()...)
	problems = append(problems, r.resolveVMs()...)
	problems = append(problems, r.resolveGroup(servers)...)
	problems = append(problems, r.resolveMailboxes()...)
	problems = append(problems, r.checkNetwork()...)
	problems = append(problems, r.resolveTimeline(newDirectory(&r, servers, services, sites))...)
	problems = append(problems, r.resolveDepends(servers, services)...)
	problems = append(problems, r.checkBreakdowns()...)
	return r, problems
}

// resolveServices finds the services' servers.
func (r *resolved) resolveServices(servers map[string]int) (problems []flow.Problem) {
	bad := func(path, format string, args ...any) {
		problems = append(problems, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	r.Balancer.Services = slices.Clone(r.Balancer.Services)
	joins := Joining(r.Timeline)
	for i := range r.Balancer.Services {
		s, at := &r.Balancer.Services[i], fmt.Sprintf("balancer.services[%d]", i)
		s.Servers = slices.Clone(s.Servers)
		if r.NLB != nil {
			s.Mode = lb.TCP
		}
		for m := range s.Servers {
			n, ok := servers[s.Servers[m].Name]
			if !ok {
				bad(fmt.Sprintf("%s.servers[%d]", at, m), "server %q does not exist", s.Servers[m].Name)
			}
			s.Servers[m].Server = int32(n)
			s.Servers[m].Absent = joins[s.Servers[m].Name]
		}
		if _, ok := servers[s.Sorry]; s.Sorry != "" && !ok {
			bad(at+".sorry", "server %q does not exist", s.Sorry)
		}
		if slices.ContainsFunc(s.Servers, func(m lb.MemberConfig) bool { return m.Name == s.Sorry && !m.Sorry }) {
			bad(at+".sorry", "%s is one of the service's servers: nobody is left to say sorry when it is down", s.Sorry)
		}
	}
	return problems
}

// resolveTraffic finds the sites that streams come from and the services that
// they go to, and tells them what these do with them.
func (r *resolved) resolveTraffic(services, sites map[string]int) (problems []flow.Problem) {
	bad := func(path, format string, args ...any) {
		problems = append(problems, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	r.Traffic = slices.Clone(r.Traffic)
	for i := range r.Traffic {
		t, at := &r.Traffic[i], fmt.Sprintf("traffic[%d]", i)
		t.Sites = nil
		for k, name := range t.From {
			n, ok := sites[name]
			if !ok {
				bad(fmt.Sprintf("%s.from[%d]", at, k), "site %q does not exist", name)
			}
			t.Sites = append(t.Sites, n)
		}
		n, ok := services[t.To]
		switch {
		case ok:
		case t.To == "" && len(services) == 1:
		case t.To == "":
			bad(at+".to", "which service is asked?")
		default:
			bad(at+".to", "service %q does not exist", t.To)
		}
		t.Service = int32(n) // the first, where none is named
		if n < len(r.Balancer.Services) {
			t.PerRequest, t.Offload = r.Balancer.Services[n].Mode == lb.HTTP, r.Balancer.Services[n].Offload
		}
	}
	return problems
}

func numbers(n int, name func(int) string) map[string]int {
	m := make(map[string]int, n)
	for i := range n {
		m[name(i)] = i
	}
	return m
}
