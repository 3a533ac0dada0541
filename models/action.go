package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/models/server"
)

// verb is what an action does.
type verb uint8

const (
	failing verb = iota
	recovering
	draining
	disabling
	enabling
	adding
	removing
	weighing
	limiting
)

var verbNames = [...]string{"fail", "recover", "drain", "disable", "enable", "add", "remove"}

// action is an Action whose names have become numbers.
type action struct {
	at      time.Duration
	verb    verb
	how     Failure
	server  int32 // flow.NoServer where a service is meant
	service int   // -1 where a whole server is meant
	value   int
	cold    *server.Cold
	site    int // plus 1; 0 where no site is meant
	// balancer is whether it is done to the balancer.
	balancer bool
}

// resolveTimeline turns the timeline's names into numbers.
func (r *resolved) resolveTimeline(servers, services, sites map[string]int) (problems []flow.Problem) {
	for i := range r.Timeline {
		a, at := &r.Timeline[i], fmt.Sprintf("timeline[%d]", i)
		key, _ := a.Verb()
		v, _ := a.verb()
		for _, name := range a.Targets() {
			x, ok := target(name, v, servers, services)
			if n, known := sites[name]; known && !ok && v <= recovering {
				x, ok = action{server: flow.NoServer, service: -1, site: n + 1}, true
			}
			if !ok {
				problems = append(problems, unknownTarget(at+"."+key, name))
			}
			x.at, x.verb, x.how, x.cold = a.At, v, a.How, a.Cold
			if x.site > 0 && x.how != "" {
				problems = append(problems, flow.Problem{Path: at + ".how", Text: "a site is cut off in one way only", Hint: "leave how out"})
			}
			if x.balancer && x.how != "" {
				problems = append(problems, flow.Problem{Path: at + ".how", Text: "a balancer fails in one way only: nobody answers at its addresses", Hint: "leave how out; disable hands over in good order"})
			}
			if x.service >= 0 && x.how == Silent {
				problems = append(problems, flow.Problem{Path: at + ".how", Text: "a service cannot be silent while its server answers", Hint: "write hang or crash"})
			}
			r.actions = append(r.actions, x)
		}
		for _, path := range slices.Sorted(maps.Keys(a.Set)) {
			x, problem := r.setting(path, a.Set[path])
			if problem.Text != "" {
				problem.Path = at + ".set"
				problems = append(problems, problem)
				continue
			}
			x.at = a.At
			r.actions = append(r.actions, x)
		}
	}
	return problems
}

// unknownTarget is the problem of a name to which its verb cannot happen.
func unknownTarget(path, name string) flow.Problem {
	if name == balancerName {
		return flow.Problem{Path: path, Text: "a balancer fails, recovers, is disabled or enabled", Hint: "name a server"}
	}
	return flow.Problem{Path: path, Text: fmt.Sprintf("server %q does not exist", name)}
}

// target finds what a name of the timeline means: a server, and for what breaks
// also a server's service or a service.
func target(name string, v verb, servers, services map[string]int) (x action, ok bool) {
	if s, ok := servers[name]; ok {
		return action{server: int32(s), service: -1}, true
	}
	if name == balancerName {
		return ofBalancer(v)
	}
	if v > recovering {
		return action{service: -1}, false
	}
	if v, ok := services[name]; ok {
		return action{server: flow.NoServer, service: v}, true
	}
	before, after, _ := strings.Cut(name, "/")
	s, known := servers[before]
	service, ok := services[after]
	return action{server: int32(s), service: service}, known && ok
}

// maxLimit bounds limits of connections, which are counted in 32 bits.
const maxLimit = 1_000_000_000

// setting returns the action that sets the value of a path, as in
// balancer.services.rpc.servers.ex1.weight, or what is wrong with it.
func (r *resolved) setting(path string, value int) (action, flow.Problem) {
	const before, between = "balancer.services.", ".servers."
	keys := []string{"weight", "max_connections"}
	problem := flow.Problem{Text: path + " cannot be set in the middle of a run"}
	service, rest, _ := strings.Cut(strings.TrimPrefix(path, before), between)
	dot := strings.LastIndexByte(rest, '.')
	i := flow.Closest(service, len(r.Balancer.Services), func(i int) string { return r.Balancer.Services[i].Name })
	if i < 0 {
		return action{}, problem
	}
	s := &r.Balancer.Services[i]
	m := flow.Closest(rest[:max(0, dot)], len(s.Servers), func(i int) string { return s.Servers[i].Name })
	if m < 0 {
		return action{}, problem
	}
	k := flow.Closest(rest[dot+1:], len(keys), func(i int) string { return keys[i] })
	if k < 0 {
		return action{}, problem
	}
	if valid := before + s.Name + between + s.Servers[m].Name + "." + keys[k]; path != valid {
		problem.Hint = "the nearest that can is " + valid
		return action{}, problem
	}
	member := s.Servers[m]
	x := action{verb: weighing, service: i, server: member.Server, value: value}
	if member.Weight = value; keys[k] != "weight" {
		x.verb, member.Weight, member.MaxConnections = limiting, 1, value
	}
	if value > maxLimit && x.verb == limiting {
		return x, flow.Problem{Text: fmt.Sprintf("%s: %d is more than %d", path, value, maxLimit)}
	}
	for _, p := range member.Validate() {
		return x, flow.Problem{Text: path + ": " + p.Text, Hint: p.Hint}
	}
	return x, flow.Problem{}
}
