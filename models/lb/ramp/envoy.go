package ramp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Envoy is Envoy's slow start (source/extensions/load_balancing_policies/
// common/load_balancer_impl.cc): a host's weight is multiplied by
// (t/window)^(1/aggression), but at least by the least weight, t in whole
// milliseconds since active checks found it healthy or since it joined. The
// manual's formula takes t to be a second at least; the code, a millisecond.
//
// It acts with round robin and least request, be it over all servers or two
// choices, not with hashes. A server that is put back after a drain is no new
// host to Envoy. Where all hosts are new, at the start, there is no ramp.
type Envoy struct {
	Window     time.Duration `yaml:"window" doc:"how long the ramp lasts (slow_start_window)"`
	Aggression float64       `yaml:"aggression" doc:"the weight is the elapsed part of the window to the power of 1/aggression: above 1 it grows faster at first"`
	MinWeight  flow.Share    `yaml:"min_weight" doc:"least part of its weight that the server has (min_weight_percent)"`
}

// Validate checks the parameters.
func (p *Envoy) Validate() []flow.Problem {
	var ps []flow.Problem
	if p.Window < time.Millisecond || p.Window > longest {
		ps = append(ps, flow.Problem{Path: "window", Text: fmt.Sprintf("%v is not between 1ms and 24h", p.Window), Hint: "slow_start: none switches the ramp off"})
	}
	if !(p.Aggression > 0 && p.Aggression <= 1000) {
		ps = append(ps, flow.Problem{Path: "aggression", Text: fmt.Sprintf("%v is not above 0 and at most 1000", p.Aggression)})
	}
	if !(p.MinWeight >= 0 && p.MinWeight <= 1) {
		ps = append(ps, flow.Problem{Path: "min_weight", Text: fmt.Sprintf("%v is not between 0%% and 100%%", float64(p.MinWeight))})
	}
	return ps
}

// NewRamp implements lb.RampPolicy.
func (p *Envoy) NewRamp(with lb.Basis) lb.Ramp {
	if with == lb.ByHash || with == lb.ByOrder {
		return nil
	}
	return &envoy{int64(p.Window / time.Millisecond), 1 / p.Aggression, float64(p.MinWeight)}
}

type envoy struct {
	window       int64 // in milliseconds
	power, least float64
}

// Begins implements lb.Ramp.
func (*envoy) Begins(r lb.Return) bool { return arrives(r.Cause) }

// At implements lb.Ramp.
func (r *envoy) At(up sim.Time, _ int32) lb.Stage {
	t := int64(up / sim.Time(time.Millisecond))
	if t >= r.window {
		return lb.Stage{Over: true}
	}
	f := float64(max(1, t)) / float64(r.window)
	if r.power != 1 {
		f = sim.Pow(f, r.power)
	}
	return lb.Stage{Weight: max(f, r.least)}
}
