package place

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Naive is what the plain ways to place machines have in common, with which the
// platforms are compared: they look at memory, and move nothing that runs.
type Naive struct {
	Detect time.Duration `yaml:"detect" doc:"time from a host's failure until its machines are placed; a choice: as long as a Windows cluster takes"`
	Apart  string        `yaml:"anti_affinity" doc:"machines of one class: none (share a host), soft (only if there is no other) or hard (never)"`
}

func newNaive() Naive { return Naive{Detect: 10 * time.Second, Apart: "soft"} }

// Validate implements flow.Validator.
func (p *Naive) Validate() []flow.Problem {
	var c flow.Checks
	c.Duration("detect", p.Detect, 0, 30*24*time.Hour)
	c.Word("anti_affinity", p.Apart, "none", "soft", "hard")
	return c
}

// Timing implements cluster.Policy.
func (p *Naive) Timing() cluster.Timing {
	return cluster.Timing{Detect: p.Detect}
}

// Random draws one of the hosts that have room, each with the same probability.
type Random struct {
	Naive `yaml:",inline"`
}

// MostFree takes the host with the most memory left, the first of equals.
type MostFree struct {
	Naive `yaml:",inline"`
}

// FirstFit takes the first host that has room, so that the last ones stay empty.
type FirstFit struct {
	Naive `yaml:",inline"`
}

// NewPlacer implements cluster.Policy.
func (p *Random) NewPlacer(env cluster.Env) cluster.Placer {
	d := newDraws(env)
	return &naive{view: env.View, apart: p.Apart, begin: d.next, before: d.before}
}

// NewPlacer implements cluster.Policy.
func (p *MostFree) NewPlacer(env cluster.Env) cluster.Placer {
	return &naive{view: env.View, apart: p.Apart, before: func(_, a, b int) bool {
		return env.View.Hosts[a].Free > env.View.Hosts[b].Free
	}}
}

// NewPlacer implements cluster.Policy.
func (p *FirstFit) NewPlacer(env cluster.Env) cluster.Placer {
	return &naive{view: env.View, apart: p.Apart, before: func(_, a, b int) bool { return false }}
}

// naive takes the best host by an order, of those without a machine of the same
// class if there are any.
type naive struct {
	view   *cluster.View
	apart  string
	begin  func(vm int)            // a machine is about to be placed; may be nil
	before func(vm, a, b int) bool // host a, which is after b in the list, is better
}

// Place implements cluster.Placer.
func (n *naive) Place(q cluster.Query) cluster.Decision {
	if n.begin != nil {
		n.begin(q.VM)
	}
	legal, alone, best := false, false, -1
	for h := range n.view.Hosts {
		if !n.view.Hosts[h].Usable() || !n.view.May(h, q.VM) || q.Cause == cluster.Planned && h == q.From {
			continue
		}
		legal = true
		if !n.view.Fits(h, q.VM) {
			continue
		}
		clean := n.apart == "none" || n.view.Clean(h, q.VM)
		if best < 0 || clean && !alone || clean == alone && n.before(q.VM, h, best) {
			best, alone = h, clean
		}
	}
	switch {
	case !legal:
		return nowhere(cluster.NoHost)
	case best < 0:
		return nowhere(cluster.WaitRetry)
	case alone:
		return cluster.Decision{Host: best}
	case n.apart == "hard":
		return nowhere(cluster.Conflict)
	}
	return cluster.Decision{Host: best, Reason: cluster.LastResort}
}
