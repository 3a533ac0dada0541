package sched

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// LeastConnections picks the usable member with the fewest connections per
// weight. Among equals it takes the one whose count has been unchanged
// longest, as HAProxy's ordered tree with a single list per key does
// (src/lb_fwlc.c), so that an idle pool is used in turn.
type LeastConnections struct {
	Like string `yaml:"like" doc:"none, or as a product does it: haproxy (idle servers first), nginx, envoy, ipvs (first listed of equals), kemp and f5 (as ipvs; how f5 breaks ties is not published)"`
}

// HAProxy's current code spreads the servers of one key over four lists at
// random, to spare its locks; here they stand in one, first come, first served.
var fewestConnections = variants{
	{"haproxy", func(env lb.Env) lb.Scheduler { return newCheapest(env, haproxyCost, true) }},
	{"nginx", newNginxLeast}, {"envoy", newEnvoyLeast},
	{"ipvs", listed(perWeight)}, {"kemp", listed(perWeight)}, {"f5", listed(perWeight)},
}

// Validate checks the parameters.
func (p *LeastConnections) Validate() []flow.Problem { return fewestConnections.check(p.Like) }

// NewScheduler implements lb.SchedulerPolicy.
func (p *LeastConnections) NewScheduler(env lb.Env) lb.Scheduler {
	if like := fewestConnections.named(p.Like); like != nil {
		return like(env)
	}
	return newCheapest(env, perWeight, true)
}

// Basis implements lb.SchedulerPolicy.
func (*LeastConnections) Basis() lb.Basis { return lb.ByLoad }
