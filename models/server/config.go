package server

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Config describes one server, or several that are alike.
type Config struct {
	Name  string `yaml:"name,omitempty" doc:"name of the server"`
	Names string `yaml:"names,omitempty" doc:"names of several servers that are alike, as in ex[1-4]"`
	// VM is the virtual machine of the cluster that it is, "" for a machine of its
	// own.
	VM string `yaml:"vm,omitempty" doc:"virtual machine of the cluster that it is; same: the one of its own name; for several servers as many machines, as in vm[1-4]; left out: a machine of its own"`
	// Cores is the number of processor cores, 1 to 4096.
	Cores int `yaml:"cores" doc:"processor cores"`
	// Slots is how many requests are in service at a time (threads, or
	// connections that are worked on); 0 means as many as there are cores under
	// fifo, and no limit under ps. Under ps the cores are shared by all that hold a
	// slot; under fifo those beyond the cores wait for a core, in order.
	Slots int `yaml:"slots" doc:"requests in service at a time; 0: one per core under fifo, no limit under ps"`
	// Queue is how many requests may wait for a slot; Unlimited for no limit. A
	// server has room for slots and queue together (K of M/M/c/K) and rejects what
	// comes beyond.
	Queue int `yaml:"queue" doc:"requests that may wait for a slot; -1: no limit"`
	// QueueTimeout is how long a request may wait for a slot; 0 is for ever. The
	// server looks when the request's turn comes, and rejects it then.
	QueueTimeout time.Duration `yaml:"queue_timeout,omitempty" doc:"how long a request may have waited when its turn comes; beyond that it is rejected; 0s: any time"`
	// Abandon is what the server does with waiting requests whose clients have
	// given up; "" is ignore.
	Abandon Abandon `yaml:"abandon,omitempty" doc:"what becomes of waiting requests whose clients have gone; ignore: they are worked on for nobody; notice: they are left out when their turn comes"`
	// Discipline is fifo or ps.
	Discipline Discipline `yaml:"discipline" doc:"fifo or ps (processor sharing)"`
	// Memory limits the connections; nil: it does not.
	Memory *Memory `yaml:"memory,omitempty" doc:"memory that connections take; left out: any number of connections fits"`
	// Cold is what a start leaves cold; nil: nothing.
	Cold *Cold `yaml:"cold,omitempty" doc:"more CPU time after each start, while caches are empty; left out: none"`
	// Depends names what the server's services need: servers, services, or
	// services of servers, all of them. Where one does not work, the services
	// of this server hang.
	Depends []string `yaml:"depends,omitempty" doc:"servers (dc1), services (sql) or services of servers (db1/sql) without which the services of this one hang, although their ports are open"`
	// PerSource limits the connections from one source address; nil: it does
	// not.
	PerSource *PerSource `yaml:"per_source,omitempty" doc:"limit of connections by source address; left out: none"`
}

// Unlimited is the Queue of a server that never turns a request away.
const Unlimited = -1

// Discipline is the order in which a server works.
type Discipline string

// The disciplines.
const (
	FIFO Discipline = "fifo"
	PS   Discipline = "ps"
)

// Disciplines lists them with their documentation.
var Disciplines = flow.Table[Discipline]{
	{Name: "fifo", Doc: "first come first served: a request has a core to itself, the others wait", New: func() Discipline { return FIFO }},
	{Name: "ps", Doc: "processor sharing: all requests in service share the cores evenly", New: func() Discipline { return PS }},
}

// Abandon is what a server does with requests whose clients have given up.
type Abandon string

// The ways.
const (
	IgnoreAbandoned Abandon = "ignore"
	NoticeAbandoned Abandon = "notice"
)

// SetDefaults makes it a server of one core, first come first served, that
// never turns a request away.
func (c *Config) SetDefaults() { c.Cores, c.Queue, c.Discipline = 1, Unlimited, FIFO }

// Validate checks the configuration's own fields.
func (c *Config) Validate() []flow.Problem {
	var ps []flow.Problem
	if (c.Name == "") == (c.Names == "") {
		ps = append(ps, flow.Problem{Text: "a server needs either name or names"})
	}
	if c.Cores < 1 || c.Cores > 4096 {
		ps = append(ps, flow.Problem{Path: "cores", Text: fmt.Sprintf("%d is not between 1 and 4096", c.Cores)})
	}
	if c.Slots < 0 {
		ps = append(ps, flow.Problem{Path: "slots", Text: fmt.Sprintf("%d is negative", c.Slots),
			Hint: "0 means one per core under fifo and no limit under ps"})
	}
	if c.Queue < Unlimited {
		ps = append(ps, flow.Problem{Path: "queue", Text: fmt.Sprintf("%d is negative", c.Queue),
			Hint: "-1 means no limit"})
	}
	if c.QueueTimeout < 0 {
		ps = append(ps, flow.Problem{Path: "queue_timeout", Text: fmt.Sprintf("%v is negative", c.QueueTimeout), Hint: "0 means any time"})
	}
	ps = append(ps, flow.OneOfOrNone("abandon", c.Abandon, string(IgnoreAbandoned), string(NoticeAbandoned))...)
	return append(ps, flow.OneOf("discipline", c.Discipline, Disciplines.Names()...)...)
}
