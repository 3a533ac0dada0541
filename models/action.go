package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dag"
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
	migrating
	starting
	stopping
	switching
	editing
	splitting
	weighing
	limiting
)

var verbNames = [...]string{"fail", "recover", "drain", "disable", "enable", "add", "remove", "migrate", "start", "stop", "switchover", "classes"}

// action is an Action whose names have become numbers.
type action struct {
	at      time.Duration
	verb    verb
	how     Failure
	of      targetKind // what it is done to
	server  int32      // flow.NoServer where a service is meant
	service int        // -1 where a whole server is meant
	number  int        // of what is neither a server nor a service
	value   int
	cold    *server.Cold

	to        int // the host or member to go to, -1: whoever is chosen
	migration cluster.Migration
	classes   *ClassEdit
	sides     []dag.Side
}

// resolveTimeline turns the timeline's names into numbers.
func (r *resolved) resolveTimeline(names *directory) (problems []flow.Problem) {
	for i := range r.Timeline {
		a, at := &r.Timeline[i], fmt.Sprintf("timeline[%d]", i)
		actions, wrong := names.resolve(a)
		r.actions = append(r.actions, actions...)
		problems = append(problems, flow.Within(at, wrong)...)
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

// resolve returns what an event does, one by one of what it names, but for what it
// sets.
func (d *directory) resolve(a *Action) (actions []action, problems []flow.Problem) {
	v, _ := a.verb()
	for _, name := range a.Targets() {
		x, problem := d.find(name, v)
		if problem.Text != "" {
			problem.Path = a.TargetPath()
			problems = append(problems, problem)
		}
		x.at, x.verb, x.how, x.cold, x.classes = a.At, v, a.How, a.Cold, a.Classes
		if problem := x.checkHow(); problem.Text != "" {
			problem.Path = "how"
			problems = append(problems, problem)
		}
		if a.Cold != nil && x.of > aService && problem.Text == "" {
			problems = append(problems, flow.Problem{Path: "cold", Text: fmt.Sprintf("belongs to the recovery of a server, and %s is a %s", name, words[x.of]), Hint: "write cold at the servers: it holds whenever they come back"})
		}
		if problem := d.destination(&x, a); problem.Text != "" {
			problem.Path = "to"
			problems = append(problems, problem)
		}
		actions = append(actions, x)
	}
	if len(a.Split) > 0 {
		x, wrong := d.division(a)
		actions, problems = append(actions, x), append(problems, wrong...)
	}
	return actions, problems
}

// checkHow returns what is wrong with the way in which something is to break.
func (x *action) checkHow() flow.Problem {
	network := x.how == Isolated || x.how == Unreachable
	switch {
	case x.how == "":
	case x.of == aHost && !network:
		return flow.Problem{Text: "a host fails with all that it has, or is isolated or unreachable", Hint: "leave how out, or write isolated or unreachable"}
	case x.of == aSite:
		return flow.Problem{Text: "a site is cut off in one way only", Hint: "leave how out"}
	case x.of == theBalancer:
		return flow.Problem{Text: "a balancer fails in one way only: nobody answers at its addresses", Hint: "leave how out; disable hands over in good order"}
	case x.of > theBalancer && x.of != aHost:
		return flow.Problem{Text: fmt.Sprintf("a %s fails in one way only", words[x.of]), Hint: "leave how out"}
	case x.of != aHost && network:
		return flow.Problem{Text: fmt.Sprintf("only a host is %s", x.how), Hint: "write crash, silent or hang"}
	case x.service >= 0 && x.how == Silent:
		return flow.Problem{Text: "a service cannot be silent while its server answers", Hint: "write hang or crash"}
	}
	return flow.Problem{}
}

// destination finds where an action is to move something.
func (d *directory) destination(x *action, a *Action) flow.Problem {
	switch x.verb {
	case migrating:
		x.migration = cluster.Migration(max(0, slices.Index(Movings.Names(), string(a.Migration))))
		x.to = -1
		for _, e := range d.hosted[a.To] {
			if e.of == aHost {
				x.to = e.number
			}
		}
		if a.To != "" && x.to < 0 {
			return flow.Problem{Text: fmt.Sprintf("host %q does not exist", a.To)}
		}
		if a.To == "" && x.migration != cluster.Live {
			return flow.Problem{Text: "where does it move? The platform chooses for live migrations only", Hint: "name a host"}
		}
	case switching:
		x.to = -1
		if m, ok := d.members[a.To]; ok {
			x.to = m
		} else if a.To != "" {
			return flow.Problem{Text: fmt.Sprintf("member %q does not exist", a.To)}
		}
	}
	return flow.Problem{}
}

// division finds the members that reach each other in a divided network.
func (d *directory) division(a *Action) (x action, problems []flow.Problem) {
	x = action{at: a.At, verb: splitting, of: theNetwork, server: flow.NoServer, service: -1}
	placed := map[string]bool{}
	for i, set := range a.Split {
		var side dag.Side
		for k, name := range set {
			m, ok := d.members[name]
			path := fmt.Sprintf("split[%d][%d]", i, k)
			switch {
			case placed[name]:
				problems = append(problems, flow.Problem{Path: path, Text: name + " is in a set already", Hint: "each is on one side of a divided network"})
			case ok:
				side.Members = append(side.Members, m)
			case name == witnessName:
				side.Witness = true
			default:
				problems = append(problems, flow.Problem{Path: path, Text: fmt.Sprintf("member %q does not exist", name), Hint: "name members, and witness"})
			}
			placed[name] = name != witnessName // which both sides may reach
		}
		x.sides = append(x.sides, side)
	}
	return x, problems
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
		return action{of: aService, server: flow.NoServer, service: v}, true
	}
	before, after, _ := strings.Cut(name, "/")
	s, known := servers[before]
	service, ok := services[after]
	return action{of: aService, server: int32(s), service: service}, known && ok
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
