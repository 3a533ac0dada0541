package server

import (
	"fmt"

	"lbsim/models/flow"
)

// Config describes one server, or several that are alike.
type Config struct {
	Name  string `yaml:"name,omitempty" doc:"name of the server"`
	Names string `yaml:"names,omitempty" doc:"names of several servers that are alike, as in ex[1-4]"`
	// Cores is the number of processor cores, 1 to 4096.
	Cores int `yaml:"cores" doc:"processor cores"`
	// Slots is how many requests are in service at a time (threads); 0 means
	// as many as there are cores under fifo, and no limit under ps.
	Slots int `yaml:"slots" doc:"requests in service at a time; 0: one per core under fifo, no limit under ps"`
	// Queue is how many requests may wait for a slot; Unlimited for no limit.
	Queue int `yaml:"queue" doc:"requests that may wait for a slot; -1: no limit"`
	// Discipline is fifo or ps.
	Discipline Discipline `yaml:"discipline" doc:"fifo or ps (processor sharing)"`
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
	if c.Discipline != FIFO && c.Discipline != PS {
		ps = append(ps, flow.Problem{Path: "discipline", Text: fmt.Sprintf("%q is not one of fifo, ps", c.Discipline)})
	}
	return ps
}
