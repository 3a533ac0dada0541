package ramp

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// StartupRoundRobin is NetScaler's startup round robin (parameter
// startupRRFactor of "set lb parameter"): after a service has come up or was
// enabled, and in a new virtual server, a number of requests goes to the
// services in turn before the configured method decides. It acts with methods
// by load, not with hashes; round robin is what it is already.
//
// The weights count, as Citrix wrote in 2010 ("Load balancing slow start"). How
// NetScaler counts when several services start together is not published: here
// the longest of the phases holds. It measures the rate over 7 seconds and on
// every packet engine; here it is the number of decisions in the last second.
type StartupRoundRobin struct {
	// Requests is how many requests go in turn, for each service. If it is 0
	// these are the first 100 of a new virtual server, later as many as come in
	// a second, for each service, be it up or down.
	Requests int `yaml:"requests" doc:"requests that go in turn for each server; 0: the first 100 in all, and after a return as many as come in a second, for each server"`
}

// Validate checks the parameters.
func (p *StartupRoundRobin) Validate() []flow.Problem {
	if p.Requests < 0 || p.Requests > 1_000_000 {
		return []flow.Problem{{Path: "requests", Text: fmt.Sprintf("%d is not between 0 and 1000000", p.Requests)}}
	}
	return nil
}

// NewRamp implements lb.RampPolicy.
func (p *StartupRoundRobin) NewRamp(with lb.Basis) lb.Ramp {
	if with != lb.ByLoad && with != lb.ByChance {
		return nil
	}
	return startup(p.Requests)
}

type startup int

// Turns implements lb.TurnTaker.
func (n startup) Turns(r lb.Return, servers int) int {
	switch {
	case r.Cause != lb.Started && !back(r.Cause):
		return 0
	case n > 0:
		return int(n) * servers
	case r.Cause == lb.Started:
		return 100
	}
	return int(math.Round(r.Rate * float64(servers)))
}

// Begins implements lb.Ramp: all servers have their full weight.
func (startup) Begins(lb.Return) bool { return false }

// At implements lb.Ramp.
func (startup) At(sim.Time, int32) lb.Stage { return lb.Stage{Over: true} }
