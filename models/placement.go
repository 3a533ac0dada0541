package models

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// VMs implements flow.PlacementMetering.
func (w *World) VMs() int {
	if w.cluster == nil {
		return 0
	}
	return len(w.config.Cluster.VMs)
}

// Classes implements flow.PlacementMetering.
func (w *World) Classes() int {
	if w.cluster == nil {
		return 0
	}
	return len(w.cluster.View().Classes)
}

// ClusterMeter implements flow.PlacementMetering.
func (w *World) ClusterMeter(now sim.Time) flow.ClusterMeter {
	if w.cluster == nil {
		return flow.ClusterMeter{}
	}
	return w.cluster.Meter(now)
}

// VMMeter implements flow.PlacementMetering.
func (w *World) VMMeter(vm int, now sim.Time) flow.VMMeter { return w.cluster.VMMeter(vm, now) }

// ClassMeter implements flow.PlacementMetering.
func (w *World) ClassMeter(class int, now sim.Time) flow.ClassMeter {
	return w.cluster.ClassMeter(class, now)
}

var _ flow.PlacementMetering = (*World)(nil)
