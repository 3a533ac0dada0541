package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
)

// resolveHosts finds the hosts of a cluster without a balancer: the servers of all
// services, by rising host identifier.
func (r *resolved) resolveHosts() (problems []flow.Problem) {
	if r.NLB == nil || len(r.Servers) == 0 {
		return nil
	}
	number, problems := r.hostNumbers()
	for s, n := range number {
		if n > 0 {
			r.hosts = append(r.hosts, int32(s))
		}
	}
	slices.SortStableFunc(r.hosts, func(a, b int32) int { return number[a] - number[b] })
	if n := len(r.hosts); n > nlb.MaxHosts {
		problems = append(problems, flow.Problem{
			Path: "balancer.services", Text: fmt.Sprintf("%d hosts are more than the %d of a Windows NLB cluster", n, nlb.MaxHosts),
			Hint: "make several clusters, or use a balancer",
		})
	}
	problems = append(problems, r.unknownRules()...)
	for i := range r.Timeline {
		problems = append(problems, r.Timeline[i].unknownToHosts(fmt.Sprintf("timeline[%d]", i))...)
	}
	return problems
}

// hostNumbers returns the host identifier of each server, 0 if it is no host. A
// server's priority is its identifier; those that are given none have the numbers
// that are left, in the order of the file. In a rule of mode single it is the
// handling priority.
func (r *resolved) hostNumbers() (number []int, problems []flow.Problem) {
	number = make([]int, len(r.Servers))
	host := make([]bool, len(r.Servers))
	of := map[int]int32{} // by identifier
	for i := range r.Balancer.Services {
		s := &r.Balancer.Services[i]
		at := fmt.Sprintf("balancer.services[%d].servers", i)
		bad := func(hint, format string, args ...any) {
			problems = append(problems, flow.Problem{Path: at, Text: fmt.Sprintf(format, args...), Hint: hint})
		}
		single := r.NLB.RuleOf(s.Name).Mode == nlb.Single
		handled, given := map[int]bool{}, 0
		for k := range s.Servers {
			m := &s.Servers[k]
			host[m.Server] = true
			if m.Weight > nlb.MaxWeight {
				bad("0 to 100, and 50 if it is left out", "%s has weight %d, and Windows NLB's load weights end at %d", m.Name, m.Weight, nlb.MaxWeight)
			}
			if m.Priority > nlb.MaxHosts {
				bad("", "%s has priority %d, and Windows NLB's numbers end at %d", m.Name, m.Priority, nlb.MaxHosts)
			}
			switch p := m.Priority; {
			case p == 0:
			case single && handled[p]:
				bad("", "two hosts have handling priority %d", p)
			case single:
				handled[p], given = true, given+1
			case number[m.Server] != 0 && number[m.Server] != p:
				bad("", "%s has priority %d here and %d in another service: it is one host", m.Name, p, number[m.Server])
			default:
				if other, taken := of[p]; taken && other != m.Server {
					bad("", "%s and %s have the same number, %d: hosts like these never converge", r.Servers[other].Name, m.Name, p)
				}
				of[p], number[m.Server] = m.Server, p
			}
		}
		if given > 0 && given < len(s.Servers) {
			bad("", "give all hosts of %s a handling priority, or none", s.Name)
		}
	}
	next := 1
	for s, is := range host {
		for taken := true; is && number[s] == 0 && taken; next++ {
			if _, taken = of[next]; !taken {
				number[s] = next
			}
		}
	}
	return number, problems
}

// unknownRules returns the rules that are for no service.
func (r *resolved) unknownRules() (problems []flow.Problem) {
	for _, name := range slices.Sorted(maps.Keys(r.NLB.Rules)) {
		if slices.ContainsFunc(r.Balancer.Services, func(s lb.Service) bool { return s.Name == name }) {
			continue
		}
		hint := ""
		if i := flow.Closest(name, len(r.Balancer.Services), func(i int) string { return r.Balancer.Services[i].Name }); i >= 0 {
			hint = "the nearest is " + r.Balancer.Services[i].Name
		}
		problems = append(problems, flow.Problem{Path: "nlb.rules." + name, Text: fmt.Sprintf("service %q does not exist", name), Hint: hint})
	}
	return problems
}

// unknownToHosts returns what an event, which stands at a path, does that cannot
// be done to hosts without a balancer.
func (a *Action) unknownToHosts(at string) (problems []flow.Problem) {
	if key, target := a.Verb(); target == balancerName {
		problems = append(problems, flow.Problem{Path: at + "." + key, Text: "there is no balancer: Windows NLB's hosts do without one", Hint: "name a server"})
	}
	for _, path := range slices.Sorted(maps.Keys(a.Set)) {
		switch {
		case strings.HasSuffix(path, ".max_connections"):
			problems = append(problems, flow.Problem{Path: at + ".set", Text: path + ": Windows NLB has no limit of connections"})
		case a.Set[path] > nlb.MaxWeight:
			problems = append(problems, flow.Problem{Path: at + ".set", Text: fmt.Sprintf("%s: load weights of Windows NLB end at %d", path, nlb.MaxWeight)})
		}
	}
	return problems
}

// newCluster returns the director of a world without a balancer.
func (w *World) newCluster(names []string) *nlb.Cluster {
	o := nlb.Options{
		Names: names, Hosts: w.config.hosts, Clients: w.pop.Clients(),
		Backend: (*drivers)(w), Front: (*drivers)(w), Observer: w.obs,
	}
	for i := range w.config.Balancer.Services {
		s := &w.config.Balancer.Services[i]
		one := nlb.Service{Name: s.Name, Rule: w.config.NLB.RuleOf(s.Name)}
		for _, m := range s.Servers {
			one.Members = append(one.Members, nlb.Member{Server: m.Server, Weight: m.Weight, Priority: m.Priority, Absent: m.Absent})
		}
		o.Services = append(o.Services, one)
	}
	return nlb.New(w.engine, &w.flows, *w.config.NLB, o)
}

// drivers is the world to hosts without a balancer: their machines, services and
// connections.
type drivers World

func (w *drivers) Connect(s int32, service int) flow.Answer {
	return w.servers.State(s, service)
}

func (w *drivers) Alive(s int32) bool { return w.servers.State(s, 0) != flow.Silent }

func (w *drivers) Stands(s int32) bool { return w.servers.Suspended(s) && !(*World)(w).gone(s) }

// Reset ends connections. The servers go on with what they have of them.
func (w *drivers) Reset(concerns func(c *flow.Conn) bool) {
	concerned := func(c *flow.Conn) bool { return c.Taken() && concerns(c) }
	w.flows.Requests.All(func(i uint32, r *flow.Request) {
		if r.Work != flow.Probe && !r.Abandoned && concerned(w.flows.Conns.At(uint32(r.Conn))) {
			if r.Held == flow.Parked {
				w.clients.Lost(flow.RequestID(i))
				return
			}
			w.clients.Detach(flow.RequestID(i), flow.Reset)
		}
	})
	w.flows.Conns.All(func(i uint32, c *flow.Conn) {
		if concerned(c) {
			w.balancer.Close(flow.ConnID(i))
			w.clients.Reset(flow.ConnID(i))
		}
	})
}
