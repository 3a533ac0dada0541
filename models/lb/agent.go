package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Agent is what the balancer makes of a server's answer about its load, as
// HAProxy's agent-check: the server says which part of its weight it wants, that
// it drains, or that it is down. HAProxy's agents are programs of the operator;
// here one asks for the part of its weight that its cores were idle since the
// last answer. A balancer that gets no answer counts a failed probe, which
// HAProxy leaves to its ordinary check.
//
// HAProxy rounds the part of a weight down to a whole number, so that 99 % of a
// weight of 1 is 0; here it stays a fraction.
type Agent struct {
	// Least is the smallest part of its weight that a server asks for.
	Least flow.Share `yaml:"least" doc:"smallest part of its weight that a server asks for, however busy it is"`
	// Drain and Down are the utilisations from which on it asks for no new
	// clients, or says that it is down; 0: never.
	Drain flow.Share `yaml:"drain" doc:"utilisation from which on a server asks for no new clients; 0%: never"`
	Down  flow.Share `yaml:"down" doc:"utilisation from which on a server says that it is down; 0%: never"`
}

// SetDefaults lets a busy server keep a hundredth of its weight.
func (a *Agent) SetDefaults() { a.Least = 0.01 }

// Validate checks the parameters.
func (a *Agent) Validate() []flow.Problem {
	ps := append(flow.CheckShare("least", a.Least), flow.CheckShare("drain", a.Drain)...)
	return append(ps, flow.CheckShare("down", a.Down)...)
}

// report is what a server's agent has said last.
type report struct {
	busy time.Duration // of each core, so far
	at   sim.Time
	down bool
	out  bool // it drains
}

// askAgent asks the agent of member m and gives the member the weight that the
// agent asks for.
func (b *Balancer) askAgent(in *instance, m int) {
	told, config := &in.probes[m].told, in.config.Health.Agent
	if config == nil {
		config = &Agent{}
		config.SetDefaults()
	}
	now, load := b.e.Now(), b.backend.Load(in.members[m].server)
	if !load.Alive || now == told.at {
		return
	}
	used := float64(load.Busy-told.busy) / float64(now-told.at)
	if load.Busy < told.busy {
		used = 0 // it has started anew
	}
	told.busy, told.at = load.Busy, now
	told.down = config.Down > 0 && used >= float64(config.Down)
	part, out := max(float64(config.Least), 1-used), config.Drain > 0 && used >= float64(config.Drain)
	if out {
		part = 0
	}
	v, ms := &in.view.Members[m], &in.members[m]
	weight := int64(float64(v.Base*FullWeight) * part)
	if v.Base > 0 && !out {
		weight = max(1, weight)
	}
	if weight == ms.weight {
		return
	}
	in.reweigh(m, weight, ms.weight == 0)
	if out != told.out {
		told.out = out
		kind, text := flow.PutBack, "takes new clients again"
		if out {
			kind, text = flow.TakenOut, "asks for no new clients"
		}
		b.note(kind, in, m, fmt.Sprintf("%s: it is %.0f %% busy", text, 100*used))
	}
	in.judgePanic()
	b.settle(in)
}
