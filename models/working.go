package models

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// working follows how many servers of a service work, as clients find them: they
// answer, and the balancer before them does. Whether the balancer uses a server
// that works does not matter, nor does one that only says sorry.
type working struct {
	up    int
	since sim.Time // of the last change
	upFor []time.Duration
}

// advance counts the time up to now.
func (k *working) advance(now sim.Time) {
	k.upFor[k.up] += now.Sub(k.since)
	k.since = now
}

// newWorking returns what is followed of each service, nil where there are neither
// hosts nor databases: nobody asks then.
func (w *World) newWorking() []working {
	if w.cluster == nil && w.group == nil {
		return nil
	}
	all := make([]working, len(w.config.Balancer.Services))
	for i := range all {
		all[i].upFor = make([]time.Duration, len(w.config.Balancer.Services[i].Servers)+1)
		all[i].up = w.workingOf(i)
	}
	return all
}

// workingOf returns how many servers of a service work.
func (w *World) workingOf(service int) (n int) {
	if w.outage != nil && w.outage.away {
		return 0
	}
	for _, m := range w.config.Balancer.Services[service].Servers {
		if !m.Sorry && w.works(m.Server, service) {
			n++
		}
	}
	return n
}

// recount looks how many servers work, after something has changed.
func (w *World) recount() {
	for i := range w.working {
		k := &w.working[i]
		if n := w.workingOf(i); n != k.up {
			k.advance(w.engine.Now())
			k.up = n
		}
	}
}

// ServiceMeter implements flow.PlacementMetering.
func (w *World) ServiceMeter(service int, now sim.Time) flow.ServiceMeter {
	if w.working == nil {
		return flow.ServiceMeter{}
	}
	k := &w.working[service]
	k.advance(now)
	return flow.ServiceMeter{Up: slices.Clone(k.upFor)}
}
