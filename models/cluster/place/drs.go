package place

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// VSphereDRS moves machines by live migration (vMotion) in passes, so that rules
// hold that HA has violated. It violates none itself. Its balancing of load is
// left out: a platform's View knows no load.
type VSphereDRS struct {
	Enabled    bool          `yaml:"enabled" doc:"machines are moved without being asked for"`
	Every      time.Duration `yaml:"every" doc:"time between two passes; 60s from 7.0 on, 300s before; recalled, not verified"`
	Migrations int           `yaml:"migrations" doc:"live migrations of a host at a time: 8 with 10 Gbit/s, 4 with 1 Gbit/s; 0: any number"`
}

// Validate implements flow.Validator.
func (p *VSphereDRS) Validate() []flow.Problem {
	var c flow.Checks
	c.Duration("every", p.Every, time.Second, 30*24*time.Hour)
	c.Number("migrations", p.Migrations, 0, 1000)
	return c
}

// Repair implements cluster.Repairer. A pass sees to the rules that must hold,
// those that separate machines, and those that should hold, in this order, and
// clears the hosts that are kept for failures (a choice: the documents do not say
// who does).
func (v *vsphere) Repair(cause cluster.Cause, _ sim.Time) []cluster.Move {
	if !v.DRS.Enabled || cause != cluster.Periodic || v.view.Changes != 0 && v.view.Changes == v.settled {
		return nil
	}
	for vm := range v.view.VMs {
		if h := v.view.VMs[vm].Host; h >= 0 && (!v.view.May(h, vm) || v.dedicated[h]) {
			v.migrate(vm, false)
		}
	}
	for _, vm := range v.plan.together() {
		if v.plan.conflict(v.view.VMs[vm].Host, vm) && v.plan.to[vm] < 0 {
			v.migrate(vm, false)
		}
	}
	for vm := range v.view.VMs {
		if h := v.view.VMs[vm].Host; h >= 0 && !v.should(h, vm) {
			v.migrate(vm, true)
		}
	}
	moves := v.plan.take()
	if len(moves) == 0 {
		v.settled = v.view.Changes
	}
	return moves
}

// migrate moves a machine that runs to the best host that violates no rule, if
// there is one; if only a host will do where it should be, to such a one.
func (v *vsphere) migrate(vm int, should bool) {
	from, best := v.view.VMs[vm].Host, -1
	if !v.plan.settled(vm, from) {
		return
	}
	for h := range v.view.Hosts {
		if h == from || v.dedicated[h] || should && !v.should(h, vm) || !v.hasRoom(h, vm) || !v.plan.takes(h, vm) {
			continue
		}
		if best < 0 || v.before(h, best, vm) {
			best = h
		}
	}
	if best >= 0 {
		v.plan.move(vm, best, cluster.Repaired, cluster.Live)
	}
}
