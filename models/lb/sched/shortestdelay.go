package sched

import "lbsim/models/lb"

// ShortestExpectedDelay picks the member with the fewest connections per
// weight as it would be with the new one: (connections+1)/weight, the first
// listed among equals. Linux IPVS calls it sed (ip_vs_sed.c). Under low load a
// heavy server takes several connections before a light one gets its first.
type ShortestExpectedDelay struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*ShortestExpectedDelay) NewScheduler(env lb.Env) lb.Scheduler {
	return newCheapest(env, expectedDelay, false)
}

// NeverQueue picks the first listed member that is idle, and the one of the
// shortest expected delay if none is. Linux IPVS calls it nq (ip_vs_nq.c).
type NeverQueue struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*NeverQueue) NewScheduler(env lb.Env) lb.Scheduler { return newCheapest(env, idleFirst, false) }

// Basis implements lb.SchedulerPolicy.
func (*ShortestExpectedDelay) Basis() lb.Basis { return lb.ByLoad }

// Basis implements lb.SchedulerPolicy.
func (*NeverQueue) Basis() lb.Basis { return lb.ByLoad }
