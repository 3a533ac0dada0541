package models

import (
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
