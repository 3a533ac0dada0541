package sched

import "lbsim/models/lb"

// First picks the first listed member that has a free place, so that the pool
// is filled from its head and the tail may sleep. It ignores weights and makes
// sense only with max_connections. HAProxy calls it first (src/lb_fas.c).
type First struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*First) NewScheduler(env lb.Env) lb.Scheduler { return newCheapest(env, byPosition, false) }

// Fixed gives everything to the member of the highest configured weight that
// is up, the first listed of equals; the others stand by. KEMP LoadMaster
// calls it fixed weighting ("Scheduling Methods").
type Fixed struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*Fixed) NewScheduler(env lb.Env) lb.Scheduler { return newCheapest(env, heaviest, false) }

// Basis implements lb.SchedulerPolicy.
func (*First) Basis() lb.Basis { return lb.ByOrder }

// Basis implements lb.SchedulerPolicy.
func (*Fixed) Basis() lb.Basis { return lb.ByOrder }
