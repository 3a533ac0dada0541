package sched

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Adaptive gives members turns by what an agent on each server answers when it
// is asked: a load from 0, idle, to 100; 101 means down and 102 switched off.
// Between two questions the answer stays as it is, however old. A member's
// share is in proportion to
//
//	weight * max(floor, 100 - load) / (1 + connections' part * connections / weight)
//
// and a member that is down or off has none unless all are. While all loads are
// below a minimum, the configured weights alone count.
//
// It stands for "resource based (adaptive)" of KEMP LoadMaster (adaptive;
// documentation, "Adaptive Parameters": asked every 7 s, minimum 5 %) and, for
// want of anything better, for its sdn-adaptive, which asks an SDN controller
// instead. KEMP says that weights follow from load and connections, but not how:
// floor and connections are lbsim's, as is the order of the turns.
//
// The agent's load is the utilisation of the server's cores since the last
// answer. Only a server that is dead does not answer.
type Adaptive struct {
	Every       time.Duration `yaml:"every" doc:"time between two questions to a server's agent"`
	Minimum     int           `yaml:"minimum" doc:"while all loads are below this, in percent, the configured weights alone count; 0 to 50"`
	Floor       int           `yaml:"floor" doc:"what a server under full load has left to give, in percent; 1 to 100"`
	Connections float64       `yaml:"connections" doc:"how much open connections count against a server: 0 not at all, 1 as much as in Envoy's least request"`
	Silent      int           `yaml:"silent" doc:"load of a server whose agent does not answer: 0 to 100, 101: down"`
}

// The loads of agents that mean something else.
const (
	agentDown = 101
	agentOff  = 102
)

func newAdaptive() lb.SchedulerPolicy {
	return &Adaptive{Every: 7 * time.Second, Minimum: 5, Floor: 30, Connections: 1, Silent: agentDown}
}

// Validate checks the parameters.
func (p *Adaptive) Validate() []flow.Problem {
	ps := checkEvery(p.Every)
	for _, r := range []struct {
		path            string
		value, from, to int
	}{{"minimum", p.Minimum, 0, 50}, {"floor", p.Floor, 1, 100}, {"silent", p.Silent, 0, agentOff}} {
		if r.value < r.from || r.value > r.to {
			ps = append(ps, flow.Problem{Path: r.path, Text: fmt.Sprintf("%d is not between %d and %d", r.value, r.from, r.to)})
		}
	}
	if !(p.Connections >= 0 && p.Connections <= 1000) {
		ps = append(ps, flow.Problem{Path: "connections", Text: fmt.Sprintf("%v is not between 0 and 1000", p.Connections)})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *Adaptive) NewScheduler(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	a := &adaptive{policy: *p, view: env.View, agents: make([]agent, n)}
	a.static = newStrides(env.View, func(m int) float64 { return plainWeight(&a.view.Members[m]) })
	a.byLoad = newStrides(env.View, a.weight)
	for m := range n {
		a.agents[m].at = env.Now()
		a.loaded += a.counts(0)
		a.Changed(m)
	}
	return a
}

// Basis implements lb.SchedulerPolicy.
func (*Adaptive) Basis() lb.Basis { return lb.ByLoad }

// agent is what a server's agent has answered last.
type agent struct {
	load int // 0 before the first answer
	busy time.Duration
	at   sim.Time
}

type adaptive struct {
	policy Adaptive
	view   *lb.View
	agents []agent
	loaded int      // members with a load of the minimum or more
	static *strides // while all loads are low
	byLoad *strides
}

// Every implements lb.Poller.
func (a *adaptive) Every() time.Duration { return a.policy.Every }

// Polled implements lb.Poller.
func (a *adaptive) Polled(m int, l lb.Load, now sim.Time) {
	g := &a.agents[m]
	if !l.Alive {
		a.set(m, a.policy.Silent)
		return
	}
	load := utilisation(l.Busy-g.busy, now.Sub(g.at))
	g.busy, g.at = l.Busy, now
	a.set(m, load)
}

// utilisation is in percent of the time, rounded.
func utilisation(busy, of time.Duration) int {
	if of <= 0 {
		return 0
	}
	return int(min(100, max(0, math.Round(100*float64(busy)/float64(of)))))
}

// set notes what the agent of member m has answered.
func (a *adaptive) set(m, load int) {
	g := &a.agents[m]
	a.loaded += a.counts(load) - a.counts(g.load)
	g.load = load
	a.byLoad.Changed(m)
}

// counts returns 1 for a load that is enough to look at loads.
func (a *adaptive) counts(load int) int {
	if load >= a.policy.Minimum {
		return 1
	}
	return 0
}

// weight is 0 for a server that is down or off.
func (a *adaptive) weight(m int) float64 {
	load, v := a.agents[m].load, &a.view.Members[m]
	if load >= agentDown || v.Weight == 0 {
		return 0
	}
	w := plainWeight(v)
	return w * float64(max(a.policy.Floor, 100-load)) / (1 + a.policy.Connections*float64(v.Active)/w)
}

func (a *adaptive) Pick(*lb.Query) int {
	if a.loaded > 0 {
		if m := a.byLoad.turn(); m >= 0 {
			return m
		}
	}
	return a.static.turn()
}

// Counted implements lb.Tracker.
func (a *adaptive) Counted(m int) {
	if a.policy.Connections > 0 {
		a.byLoad.Changed(m)
	}
}

// Changed implements lb.Membership.
func (a *adaptive) Changed(m int) {
	a.static.Changed(m)
	a.byLoad.Changed(m)
}
