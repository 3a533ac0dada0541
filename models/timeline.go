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

// Action is something that happens at a given time. Exactly one of its verbs
// is set.
type Action struct {
	// At is when, from the start of the run.
	At time.Duration `yaml:"at" doc:"when, from the start of the run"`
	// Fail breaks a server (ex2), one service of a server (ex2/rpc) or a service
	// on all its servers (rpc), in the way that How says. A site (hq) is cut off.
	Fail string `yaml:"fail,omitempty" doc:"what breaks: a server (ex2, or several as in ex[1-4]), one service of a server (ex2/rpc), a service on all its servers (rpc), balancer, or a site (hq), which is cut off"`
	// How is the way in which it breaks; "" is crash for a server and hang for a
	// service.
	How Failure `yaml:"how,omitempty" doc:"crash: connections are reset, the port is closed; silent: nothing answers any more; hang: the port is open, but no request is answered. Left out: crash for a server, hang for a service"`
	// Recover repairs what Fail broke.
	Recover string `yaml:"recover,omitempty" doc:"what works again, named as for fail; a server comes back empty"`
	// Cold is how cold what recovers is; nil: as its server's configuration says.
	Cold *server.Cold `yaml:"cold,omitempty" doc:"with recover: more CPU time while caches are empty, instead of the server's own cold"`
	// Drain, Disable and Enable are what an operator tells the balancer.
	Drain   string `yaml:"drain,omitempty" doc:"server that gets no new clients, or several as in ex[1-4]; those that belong to it stay"`
	Disable string `yaml:"disable,omitempty" doc:"server that is taken out for maintenance, or several as in ex[1-4]: it gets no connections; or balancer: it hands over in good order"`
	Enable  string `yaml:"enable,omitempty" doc:"server that ends draining or maintenance, or several as in ex[1-4]; or balancer"`
	// Add and Remove change the servers' table. A server that is added before it
	// is removed is not in the table at first.
	Add    string `yaml:"add,omitempty" doc:"server that is put into the balancer's tables, where it is not at first, or several as in ex[1-4]"`
	Remove string `yaml:"remove,omitempty" doc:"server that is taken out of the balancer's tables at once, or several as in ex[1-4]"`
	// Set changes values of the server table.
	Set map[string]int `yaml:"set,omitempty" doc:"new weight or max_connections of a server, as {balancer.services.rpc.servers.ex1.weight: 2}"`
	// Names are what the verb's target stands for if it is a pattern such as
	// ex[1-4].
	Names []string `yaml:"-"`
}

// Failure is a way in which something breaks.
type Failure string

// The ways.
const (
	Crash  Failure = "crash"
	Silent Failure = "silent"
	Hang   Failure = "hang"
)

// Failures lists the ways with their documentation.
var Failures = flow.Table[Failure]{
	{Name: "crash", Doc: "connections are reset and the port is closed: a process that died on a machine that runs", New: func() Failure { return Crash }},
	{Name: "silent", Doc: "nothing answers any more, and nobody is told: a power cut, a pulled plug", New: func() Failure { return Silent }},
	{Name: "hang", Doc: "the port is open and requests are taken, but none is answered", New: func() Failure { return Hang }},
}

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

// Verb returns the key of what the action does and its target; both are ""
// for Set.
func (a *Action) Verb() (key, target string) {
	v, target := a.verb()
	if target == "" {
		return "", ""
	}
	return verbNames[v], target
}

// Targets returns the names of that to which the action does what its verb
// says.
func (a *Action) Targets() []string {
	_, target := a.verb()
	switch {
	case a.Names != nil:
		return a.Names
	case target == "":
		return nil
	}
	return []string{target}
}

func (a *Action) verb() (v verb, target string) {
	for v, name := range []string{a.Fail, a.Recover, a.Drain, a.Disable, a.Enable, a.Add, a.Remove} {
		if name != "" {
			return verb(v), name
		}
	}
	return 0, ""
}

// Validate checks the action's own fields.
func (a *Action) Validate() []flow.Problem {
	n := 0
	for _, given := range []bool{a.Fail != "", a.Recover != "", a.Drain != "", a.Disable != "", a.Enable != "", a.Add != "", a.Remove != "", len(a.Set) > 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return []flow.Problem{{Text: "an event of the timeline does one thing: fail, recover, drain, disable, enable, add, remove or set"}}
	}
	if a.Cold != nil && a.Recover == "" {
		return []flow.Problem{{Path: "cold", Text: "belongs to recover"}}
	}
	if a.Cold != nil && a.Cold.AtStart {
		return []flow.Problem{{Path: "cold.at_start", Text: "belongs to a server"}}
	}
	if a.How == "" {
		return nil
	}
	if _, known := Failures.Lookup(string(a.How)); !known {
		return flow.OneOf("how", a.How, Failures.Names()...)
	}
	if a.Fail == "" {
		return []flow.Problem{{Path: "how", Text: "belongs to fail"}}
	}
	return nil
}

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

// Joining returns the servers that are not in the table at first: the timeline
// adds them before it removes them.
func Joining(timeline []Action) map[string]bool {
	first := map[string]*Action{}
	for i := range timeline {
		a := &timeline[i]
		if a.Add == "" && a.Remove == "" {
			continue
		}
		for _, name := range a.Targets() {
			if b := first[name]; b == nil || a.At < b.At {
				first[name] = a
			}
		}
	}
	joins := make(map[string]bool, len(first))
	for name, a := range first {
		joins[name] = a.Add != ""
	}
	return joins
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
	i := nearest(service, len(r.Balancer.Services), func(i int) string { return r.Balancer.Services[i].Name })
	if i < 0 {
		return action{}, problem
	}
	s := &r.Balancer.Services[i]
	m := nearest(rest[:max(0, dot)], len(s.Servers), func(i int) string { return s.Servers[i].Name })
	if m < 0 {
		return action{}, problem
	}
	k := nearest(rest[dot+1:], len(keys), func(i int) string { return keys[i] })
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

// nearest returns the number of the name that a word can be turned into with the
// fewest letters inserted, deleted or replaced (Levenshtein 1965), the first of
// equals; -1 if there are no names.
func nearest(word string, n int, name func(int) string) int {
	best, least := -1, 0
	row := make([]int, len(word)+1)
	for i := range n {
		for k := range row {
			row[k] = k
		}
		for _, c := range []byte(name(i)) {
			diagonal := row[0]
			row[0]++
			for k := range len(word) {
				replaced := diagonal
				if word[k] != c {
					replaced++
				}
				diagonal = row[k+1]
				row[k+1] = min(replaced, row[k]+1, diagonal+1)
			}
		}
		if d := row[len(word)]; best < 0 || d < least {
			best, least = i, d
		}
	}
	return best
}
