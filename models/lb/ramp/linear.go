package ramp

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Linear lets the weight grow from nothing to full in proportion to the time
// since the server came back: after half of it the server carries half of what
// a full one does. With least connections it acts by comparing connections per
// weight.
//
// Like says whose rules hold for when the ramp acts. That it is linear is
// documented for F5 ("About Pools", AS3 slowRampTime), ALB (target group
// attributes) and Open Telekom's ELB; the curves of KEMP (RESTful API 3.22.2)
// and of nginx's commercial slow_start (ngx_http_upstream_module) are not
// published, and neither is how F5 and KEMP bias least connections.
type Linear struct {
	// Time is how long the ramp lasts. The products' defaults are 10 s (F5) and
	// 30 s (Open Telekom); with the others the ramp is off unless it is asked for.
	Time time.Duration `yaml:"time" doc:"how long the ramp lasts; 0s with a product: it is off"`
	// Floor is the least part of the weight. What F5 gives a server at the very
	// start is not known.
	Floor flow.Share `yaml:"floor" doc:"least part of its weight that the server has; 0%: the smallest weight there is"`
	Like  string     `yaml:"like" doc:"none, or when it acts as with a product: f5 (all algorithms), kemp (least connections), alb and open-telekom (round robin), nginx (both)"`
}

// noProduct is the value of Like that stands for a ramp that acts always.
const noProduct = "none"

// linearProducts tells which times each product accepts besides 0, and with
// which algorithms its ramp acts; nil is all.
var linearProducts = []struct {
	name        string
	least, most time.Duration
	with        []lb.Basis
	begins      func(lb.Return) bool
}{
	{noProduct, 1, longest, nil, func(lb.Return) bool { return true }},
	// A member that is disabled, F5's word for drained, ramps when it is enabled.
	{"f5", 0, 900 * time.Second, nil, func(r lb.Return) bool { return back(r.Cause) }},
	{"kemp", 0, 600 * time.Second, []lb.Basis{lb.ByLoad}, func(r lb.Return) bool { return back(r.Cause) }},
	// A target meets a group that has no healthy target outside slow start: it
	// gets its full share at once. The restriction to round robin is documented
	// for older versions and was not checked again.
	{"alb", 30 * time.Second, 900 * time.Second, []lb.Basis{lb.ByTurn}, func(r lb.Return) bool { return back(r.Cause) && r.Settled > 0 }},
	// nginx has no slow start for a group of one server. Here that is a server
	// that meets no other, since a share of everything is everything.
	{"nginx", 0, longest, []lb.Basis{lb.ByTurn, lb.ByLoad}, func(r lb.Return) bool { return arrives(r.Cause) && r.Others > 0 }},
	// By the guide of Huawei, who make it: weighted round robin, and not for the
	// first server of a group. It says, too, that a server does not enter slow
	// start a second time; here it does, as others have it.
	{"open-telekom", 30 * time.Second, 1200 * time.Second, []lb.Basis{lb.ByTurn}, func(r lb.Return) bool { return back(r.Cause) && r.Others > 0 }},
}

// product is the number of Like in linearProducts, -1 if it is unknown.
func (p *Linear) product() int {
	for i := range linearProducts {
		if name := linearProducts[i].name; name == p.Like || name == noProduct && p.Like == "" {
			return i
		}
	}
	return -1
}

// Validate checks the parameters.
func (p *Linear) Validate() []flow.Problem {
	var ps []flow.Problem
	if !(p.Floor >= 0 && p.Floor <= 1) {
		ps = append(ps, flow.Problem{Path: "floor", Text: fmt.Sprintf("%v is not between 0%% and 100%%", float64(p.Floor))})
	}
	i := p.product()
	if i < 0 {
		var names []string
		for _, product := range linearProducts {
			names = append(names, product.name)
		}
		return append(ps, flow.OneOf("like", p.Like, names...)...)
	}
	product := &linearProducts[i]
	switch inside := p.Time >= product.least && p.Time <= product.most; {
	case inside || p.Time == 0 && i > 0:
	case i == 0:
		ps = append(ps, flow.Problem{Path: "time", Text: fmt.Sprintf("%v is not between 1ns and 24h", p.Time), Hint: "slow_start: none switches the ramp off"})
	default:
		ps = append(ps, flow.Problem{Path: "time", Text: fmt.Sprintf("%v is not a time that %s accepts", p.Time, product.name),
			Hint: fmt.Sprintf("it accepts %v to %v, and 0s for no ramp; like: none has no such limits", product.least, product.most)})
	}
	return ps
}

// NewRamp implements lb.RampPolicy.
func (p *Linear) NewRamp(with lb.Basis) lb.Ramp {
	product := &linearProducts[p.product()]
	if p.Time == 0 || product.with != nil && !slices.Contains(product.with, with) {
		return nil
	}
	return &linear{float64(p.Time), float64(p.Floor), product.begins}
}

type linear struct {
	time, floor float64
	begins      func(lb.Return) bool
}

// Begins implements lb.Ramp.
func (r *linear) Begins(back lb.Return) bool { return r.begins(back) }

// At implements lb.Ramp.
func (r *linear) At(up sim.Time, _ int32) lb.Stage {
	f := float64(up) / r.time
	return lb.Stage{Weight: max(f, r.floor), Over: f >= 1}
}
