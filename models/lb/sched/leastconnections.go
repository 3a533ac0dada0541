package sched

import (
	"fmt"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// LeastConnections picks the usable member with the fewest connections per
// weight. Among equals it takes the one whose count has been unchanged
// longest, as HAProxy's ordered tree with a single list per key does
// (src/lb_fwlc.c), so that an idle pool is used in turn.
//
// What is called weighted least connections divides by the weight, plain least
// connections (lc of IPVS and KEMP, least-connections of F5) by nothing, and
// F5's weighted-least-connections, as far as known, by the connection limit,
// which all servers must have.
type LeastConnections struct {
	Per           string `yaml:"per" doc:"weight: connections count in proportion to the weight; server: weights do not count; limit: in proportion to max_connections, as f5's weighted least connections"`
	EnvoySchedule `yaml:",inline"`
	Like          string `yaml:"like" doc:"none, or as a product does it: haproxy (idle servers first), nginx, envoy, ipvs (first listed of equals), kemp and f5 (as ipvs; how f5 breaks ties is not published)"`
}

func newLeastConnections() lb.SchedulerPolicy {
	return &LeastConnections{Per: "weight", EnvoySchedule: newEnvoySchedule(), Like: noProduct}
}

var (
	leastLike = []string{"haproxy", "nginx", "envoy", "ipvs", "kemp", "f5"}
	leastPer  = []string{"weight", "server", "limit"}
)

// Validate checks the parameters.
func (p *LeastConnections) Validate() []flow.Problem {
	ps := checkProduct(p.Like, leastLike)
	ps = append(ps, flow.OneOfOrNone("per", p.Per, leastPer...)...)
	ps = append(ps, p.EnvoySchedule.check()...)
	if len(ps) == 0 && !p.known() {
		ps = append(ps, flow.Problem{Path: "per", Text: fmt.Sprintf("%s has no least connections per %s", p.Like, p.Per)})
	}
	return ps
}

// known reports whether the product has the algorithm.
func (p *LeastConnections) known() bool {
	switch p.Per {
	case "server":
		return slices.Contains([]string{"", noProduct, "ipvs", "kemp", "f5"}, p.Like)
	case "limit":
		return slices.Contains([]string{"", noProduct, "f5"}, p.Like)
	}
	return true
}

// NewScheduler implements lb.SchedulerPolicy.
//
// HAProxy's current code spreads the servers of one key over four lists at
// random, to spare its locks; here they stand in one, first come, first served.
func (p *LeastConnections) NewScheduler(env lb.Env) lb.Scheduler {
	cost, patient := perWeight, false
	switch p.Like {
	case "haproxy":
		return newCheapest(env, haproxyCost, true)
	case "nginx":
		return newNginxLeast(env)
	case "envoy":
		return newEnvoyLeast(env, p.EnvoySchedule)
	case "ipvs":
		cost = overhead
	case "", noProduct:
		patient = true
	}
	switch {
	case p.Per == "limit":
		cost = perLimit
	case p.Per == "server" && p.Like == "ipvs":
		cost = plainOverhead
	case p.Per == "server":
		cost = plainCount
	}
	return newCheapest(env, cost, patient)
}

// Basis implements lb.SchedulerPolicy.
func (*LeastConnections) Basis() lb.Basis { return lb.ByLoad }
