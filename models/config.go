package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// Action is something that happens at a given time. Exactly one of its verbs
// is set.
type Action struct {
	// At is when, from the start of the run.
	At time.Duration `yaml:"at" doc:"when, from the start of the run"`
	// Fail kills a server: its connections are reset and its port is closed.
	Fail string `yaml:"fail,omitempty" doc:"server that dies, or several as in ex[1-4]: its connections are reset and its port is closed"`
	// Recover brings a server back, empty.
	Recover string `yaml:"recover,omitempty" doc:"server that comes back, empty, or several as in ex[1-4]"`
	// Drain, Disable and Enable are what an operator tells the balancer.
	Drain   string `yaml:"drain,omitempty" doc:"server that gets no new clients, or several as in ex[1-4]; those that belong to it stay"`
	Disable string `yaml:"disable,omitempty" doc:"server that is taken out for maintenance, or several as in ex[1-4]: it gets no connections"`
	Enable  string `yaml:"enable,omitempty" doc:"server that ends draining or maintenance, or several as in ex[1-4]"`
	// Set changes values of the server table.
	Set map[string]int `yaml:"set,omitempty" doc:"new weight or max_connections of a server, as {balancer.services.rpc.servers.ex1.weight: 2}"`
	// Servers are the names that the verb's server stands for if it is a pattern
	// such as ex[1-4].
	Servers []string `yaml:"-"`
}

// verb is what an action does.
type verb uint8

const (
	failing verb = iota
	recovering
	draining
	disabling
	enabling
	weighing
	limiting
)

// Verb returns the key of what the action does to which server; both are ""
// for Set.
func (a *Action) Verb() (key, server string) {
	v, server := a.verb()
	if server == "" {
		return "", ""
	}
	return [...]string{"fail", "recover", "drain", "disable", "enable"}[v], server
}

// Targets returns the names of the servers to which the action does what its verb
// says.
func (a *Action) Targets() []string {
	_, server := a.verb()
	switch {
	case a.Servers != nil:
		return a.Servers
	case server == "":
		return nil
	}
	return []string{server}
}

func (a *Action) verb() (v verb, server string) {
	for v, name := range []string{a.Fail, a.Recover, a.Drain, a.Disable, a.Enable} {
		if name != "" {
			return verb(v), name
		}
	}
	return 0, ""
}

// Validate checks the action's own fields.
func (a *Action) Validate() []flow.Problem {
	n := 0
	for _, given := range []bool{a.Fail != "", a.Recover != "", a.Drain != "", a.Disable != "", a.Enable != "", len(a.Set) > 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return []flow.Problem{{Text: "an event of the timeline does one thing: fail, recover, drain, disable, enable or set"}}
	}
	return nil
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
		if _, ok := s.Scheduler.(*sched.Priority); !ok && slices.ContainsFunc(s.Servers, hasRank) {
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
	}
	c.Traffic = slices.Clone(c.Traffic)
	for i := range c.Traffic {
		if r := &c.Traffic[i].Retry; r.Backoff == nil {
			r.Backoff = traffic.DefaultBackoff()
		}
	}
}

// hasRank reports whether a server is to be used before or after others.
func hasRank(m lb.MemberConfig) bool { return m.Priority != 0 || m.Backup }

// resolved is a Config whose names have become numbers.
type resolved struct {
	Config
	actions []action
}

type action struct {
	at      time.Duration
	verb    verb
	server  int32
	service int
	value   int
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
		t.Service = int32(n) // the first, where none is named
		t.PerRequest = n < len(c.Balancer.Services) && c.Balancer.Services[n].Mode == lb.HTTP
	}
	for i := range c.Timeline {
		a, at := &c.Timeline[i], fmt.Sprintf("timeline[%d]", i)
		key, _ := a.Verb()
		v, _ := a.verb()
		for _, name := range a.Targets() {
			n, ok := servers[name]
			if !ok {
				bad(at+"."+key, "server %q does not exist", name)
			}
			r.actions = append(r.actions, action{at: a.At, verb: v, server: int32(n)})
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
	return r, problems
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

func numbers(n int, name func(int) string) map[string]int {
	m := make(map[string]int, n)
	for i := range n {
		m[name(i)] = i
	}
	return m
}
