package models

import (
	"fmt"
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
	Fail string `yaml:"fail,omitempty" doc:"what breaks: a server (ex2, or several as in ex[1-4]), one service of a server (ex2/rpc), a service on all its servers (rpc), balancer, a site (hq), which is cut off, a host, vm:NAME, a rack, a datastore, a database or witness"`
	// How is the way in which it breaks; "" is crash for a server and hang for a
	// service.
	How Failure `yaml:"how,omitempty" doc:"crash: connections are reset, the port is closed; silent: nothing answers any more; hang: the port is open, but no request is answered; of a host, isolated or unreachable: others do not hear it. Left out: crash for a server, hang for a service"`
	// Recover repairs what Fail broke.
	Recover string `yaml:"recover,omitempty" doc:"what works again, named as for fail; a server comes back empty"`
	// Cold is how cold what recovers is; nil: as its server's configuration says.
	Cold *server.Cold `yaml:"cold,omitempty" doc:"with recover: more CPU time while caches are empty, instead of the server's own cold"`
	// Drain, Disable and Enable are what an operator tells the balancer.
	Drain   string `yaml:"drain,omitempty" doc:"server that gets no new clients, or several as in ex[1-4]; those that belong to it stay; or a host, whose virtual machines move away for maintenance"`
	Disable string `yaml:"disable,omitempty" doc:"server that is taken out for maintenance, or several as in ex[1-4]: it gets no connections; or balancer: it hands over in good order"`
	Enable  string `yaml:"enable,omitempty" doc:"server that ends draining or maintenance, or several as in ex[1-4]; or balancer; or a host whose maintenance is over; or dag, whose members may mount again in DAC mode"`
	// Add and Remove change the servers' table. A server that is added before it
	// is removed is not in the table at first.
	Add    string `yaml:"add,omitempty" doc:"server that is put into the balancer's tables, where it is not at first, or several as in ex[1-4]"`
	Remove string `yaml:"remove,omitempty" doc:"server that is taken out of the balancer's tables at once, or several as in ex[1-4]"`
	// Set changes values of the server table.
	Set map[string]int `yaml:"set,omitempty" doc:"new weight or max_connections of a server, as {balancer.services.rpc.servers.ex1.weight: 2}"`
	// Migrate moves a virtual machine that runs; To is the host, and without it
	// the platform chooses.
	Migrate string `yaml:"migrate,omitempty" doc:"virtual machine that moves to another host, or several as in ex[1-4]"`
	// Migration is how; "" is live.
	Migration Moving `yaml:"migration,omitempty" doc:"with migrate: live (it runs on, but for a stun), quick (saved and resumed) or cold (shut down and booted); left out: live"`
	// Start and Stop are what an operator does to virtual machines.
	Start string `yaml:"start,omitempty" doc:"virtual machine that is off and is started, where its platform puts it"`
	Stop  string `yaml:"stop,omitempty" doc:"virtual machine that is shut down, and stays off until it is started"`
	// Switchover moves a database in order; without To the copy is chosen.
	Switchover string `yaml:"switchover,omitempty" doc:"database that is moved in order to another copy"`
	// To is a host for Migrate, a member for Switchover.
	To string `yaml:"to,omitempty" doc:"with migrate: the host; with switchover: the member; left out: the platform or the group chooses"`
	// Split divides the network of the database group. Who is in no set reaches
	// nobody.
	Split [][]string `yaml:"split,omitempty" doc:"sets of members, and witness, that still reach each other while others do not; recover: network ends it"`
	// Classes edits the names by which virtual machines are kept apart.
	Classes *ClassEdit `yaml:"classes,omitempty" doc:"edits the names by which virtual machines are kept apart; nothing moves for that at once"`
	// Names are what the verb's target stands for if it is a pattern such as
	// ex[1-4].
	Names []string `yaml:"-"`
}

// ClassEdit changes the class names of virtual machines, as one edits
// AntiAffinityClassNames. Exactly one of Add, Overwrite and Clear is set.
type ClassEdit struct {
	Of        string `yaml:"of" doc:"virtual machine, or several as in ex[1-4]"`
	Add       string `yaml:"add,omitempty" doc:"name that is added to those that there are"`
	Overwrite string `yaml:"overwrite,omitempty" doc:"name that replaces all that there are"`
	Clear     bool   `yaml:"clear,omitempty" doc:"true: no name is left"`
}

// Validate checks that it is one edit.
func (e *ClassEdit) Validate() []flow.Problem {
	var c flow.Checks
	if e.Of == "" {
		c.Add("of", "which machines?", "write classes: {of: ex1, add: MAIL}")
	}
	n := 0
	for _, given := range []bool{e.Add != "", e.Overwrite != "", e.Clear} {
		if given {
			n++
		}
	}
	if n != 1 {
		c.Add("", "an edit of classes needs one of add, overwrite and clear", "")
	}
	return c
}

// Moving is how a virtual machine moves.
type Moving string

// Movings lists the ways with their documentation.
var Movings = flow.Table[Moving]{
	{Name: "live", Doc: "it runs on, but for a stun at the end", New: func() Moving { return "live" }},
	{Name: "quick", Doc: "it is saved to disk and resumed: nobody answers meanwhile", New: func() Moving { return "quick" }},
	{Name: "cold", Doc: "it is shut down and booted", New: func() Moving { return "cold" }},
}

// Failure is a way in which something breaks.
type Failure string

// The ways.
const (
	Crash  Failure = "crash"
	Silent Failure = "silent"
	Hang   Failure = "hang"
	// Those of hosts.
	Isolated    Failure = "isolated"
	Unreachable Failure = "unreachable"
)

// Failures lists the ways with their documentation.
var Failures = flow.Table[Failure]{
	{Name: "crash", Doc: "connections are reset and the port is closed: a process that died on a machine that runs", New: func() Failure { return Crash }},
	{Name: "silent", Doc: "nothing answers any more, and nobody is told: a power cut, a pulled plug", New: func() Failure { return Silent }},
	{Name: "hang", Doc: "the port is open and requests are taken, but none is answered", New: func() Failure { return Hang }},
	{Name: "isolated", Doc: "a host that the other hosts do not hear; clients do", New: func() Failure { return Isolated }},
	{Name: "unreachable", Doc: "a host that neither the other hosts nor clients hear, and which runs on", New: func() Failure { return Unreachable }},
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

// TargetPath leads to the verb's target.
func (a *Action) TargetPath() string {
	key, _ := a.Verb()
	if a.Classes != nil {
		key += ".of"
	}
	return key
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
	for v, name := range a.targets() {
		if name != "" {
			return verb(v), name
		}
	}
	return 0, ""
}

// targets returns what each verb is done to, "" for those that are not meant, in
// the order of verbNames.
func (a *Action) targets() [len(verbNames)]string {
	names := [...]string{a.Fail, a.Recover, a.Drain, a.Disable, a.Enable, a.Add, a.Remove, a.Migrate, a.Start, a.Stop, a.Switchover, ""}
	if a.Classes != nil {
		names[editing] = a.Classes.Of
	}
	return names
}

// Validate checks the action's own fields.
func (a *Action) Validate() []flow.Problem {
	n := 0
	for v, name := range a.targets() {
		if name != "" && verb(v) != editing {
			n++
		}
	}
	for _, given := range []bool{a.Classes != nil, len(a.Split) > 0, len(a.Set) > 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return []flow.Problem{{Text: "an event of the timeline does one thing: " + strings.Join(verbNames[:], ", ") + ", split or set"}}
	}
	for i, set := range a.Split {
		if len(set) == 0 {
			return []flow.Problem{{Path: fmt.Sprintf("split[%d]", i), Text: "nobody is in this set", Hint: "name members, and witness"}}
		}
	}
	if a.To != "" && a.Migrate == "" && a.Switchover == "" {
		return []flow.Problem{{Path: "to", Text: "belongs to migrate or switchover"}}
	}
	if a.Migration != "" && a.Migrate == "" {
		return []flow.Problem{{Path: "migration", Text: "belongs to migrate"}}
	}
	if a.Migration != "" {
		if problems := flow.OneOf("migration", a.Migration, Movings.Names()...); problems != nil {
			return problems
		}
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
