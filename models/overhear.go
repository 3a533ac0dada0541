package models

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// overhearing is an observer that lets the balancer know, too, how requests end:
// for checks that watch what becomes of them. It is there only if some do.
type overhearing struct {
	flow.Observer
	w *World
}

// overheard returns the observer for the clients.
func (w *World) overheard() flow.Observer {
	if w.config.NLB != nil {
		return w.obs
	}
	for i := range w.config.Balancer.Services {
		if s := &w.config.Balancer.Services[i]; s.Health.Watches(s.Mode) {
			return overhearing{w.obs, w}
		}
	}
	return w.obs
}

// Finished implements flow.Observer.
func (o overhearing) Finished(r *flow.Request, outcome flow.Outcome, now sim.Time) {
	o.Observer.Finished(r, outcome, now)
	if r.Why != flow.CircuitOpen { // which was not sent
		o.w.lb.Ended(r, outcome)
	}
}
