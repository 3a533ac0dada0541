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
	n := w.cluster.Counts()
	return flow.ClusterMeter{
		HostFailures: n.HostFailures, Restarts: n.Restarts, Failovers: n.Failovers, Migrations: n.Migrations,
		Evicted: n.Evicted, Refused: n.Refused, Quarantines: n.Quarantines,
		Hosts: len(w.config.Cluster.Hosts), HostsUp: w.cluster.HostsUp(now),
	}
}

// VMMeter implements flow.PlacementMetering.
func (w *World) VMMeter(vm int, now sim.Time) flow.VMMeter {
	m := w.cluster.VMMeter(vm, now)
	return flow.VMMeter{
		Name: w.config.Cluster.VMs[vm].Name, Up: m.Up, Stunned: m.Stunned, Ready: m.Ready,
		Outages: m.Outages, Restarts: m.Restarts, Failovers: m.Failovers, Migrations: m.Migrations,
	}
}

// ClassMeter implements flow.PlacementMetering.
func (w *World) ClassMeter(class int, now sim.Time) flow.ClassMeter {
	m := w.cluster.ClassMeter(class, now)
	return flow.ClassMeter{
		Name: w.cluster.View().Classes[class], Members: m.Members, Up: m.Up, Together: m.Together, Failovers: m.Failovers,
	}
}

var _ flow.PlacementMetering = (*World)(nil)
