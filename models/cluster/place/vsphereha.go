package place

import (
	"slices"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// NewPlacer implements cluster.Policy.
func (p *VSphere) NewPlacer(env cluster.Env) cluster.Placer {
	v := &vsphere{VSphere: p, view: env.View, plan: newPlan(env.View), failed: make([]sim.Time, len(env.View.VMs))}
	v.dedicated = make([]bool, len(env.View.Hosts))
	for h := range env.View.Hosts {
		v.dedicated[h] = p.Admission.Policy == "dedicated" && slices.Contains(p.Admission.Hosts, env.View.Hosts[h].Name)
	}
	return v
}

type vsphere struct {
	*VSphere
	view      *cluster.View
	plan      plan
	dedicated []bool     // by host: is kept for failures
	failed    []sim.Time // by machine: when it was lost last, -1 if it has been started or moved by hand since
	settled   uint64     // the View's count of changes at which DRS found nothing to do
}

// Place implements cluster.Placer. An operator's moves and starts are DRS's, which
// violates no rule; restarts are HA's.
func (v *vsphere) Place(q cluster.Query) cluster.Decision {
	restart := q.Cause == cluster.HostFailed || q.Cause == cluster.MachineFailed || q.Cause == cluster.Again
	if restart && v.view.VMs[q.VM].Priority == cluster.NoAutoStart {
		return nowhere(cluster.NotStarted) // restart priority disabled
	}
	switch {
	case !restart:
		v.failed[q.VM] = -1
	case q.Cause != cluster.Again:
		v.failed[q.VM] = q.Now
	}
	separate := v.Respect || !restart
	legal, room, clean, beside, best := false, false, false, false, -1
	for h := range v.view.Hosts {
		if !v.view.Hosts[h].Usable() || !v.view.May(h, q.VM) || q.Cause == cluster.Planned && h == q.From {
			continue
		}
		legal = true
		if !v.hasRoom(h, q.VM) || v.dedicated[h] && !restart {
			continue
		}
		room = true
		alone := v.view.Clean(h, q.VM)
		clean = clean || alone
		if !alone && separate {
			continue
		}
		if best < 0 || v.before(h, best, q.VM) {
			best, beside = h, !alone
		}
	}
	switch {
	case beside && clean:
		return cluster.Decision{Host: best, Reason: cluster.Outweighed}
	case beside:
		return cluster.Decision{Host: best, Reason: cluster.LastResort}
	case best >= 0:
		return cluster.Decision{Host: best}
	case !legal:
		return nowhere(cluster.NoHost)
	case room:
		return nowhere(cluster.Conflict)
	}
	return cluster.Decision{Host: -1, Reason: cluster.WaitRetry, Retry: v.next(q)}
}

// next is the time until the next try of a restart, 0 after the last one.
func (v *vsphere) next(q cluster.Query) time.Duration {
	if v.failed[q.VM] < 0 {
		return 0
	}
	since := q.Now.Sub(v.failed[q.VM])
	for _, after := range v.Retries {
		if after > since {
			return after - since
		}
	}
	return 0
}

// hasRoom reports whether a host has unreserved capacity for the machine.
func (v *vsphere) hasRoom(host, vm int) bool {
	return v.plan.free(host) >= v.view.VMs[vm].Memory &&
		float64(v.view.Hosts[host].Cores)-v.plan.reserved(host) >= v.view.VMs[vm].Reserved
}

// before reports whether host a is chosen rather than b: one that is kept for
// failures, if it has come this far, then one where the machine should be, then
// the one with the most unreserved capacity.
func (v *vsphere) before(a, b, vm int) bool {
	if v.dedicated[a] != v.dedicated[b] {
		return v.dedicated[a]
	}
	if sa, sb := v.should(a, vm), v.should(b, vm); sa != sb {
		return sa
	}
	ha, hb := &v.view.Hosts[a], &v.view.Hosts[b]
	if x, y := shareOf(float64(v.plan.free(a)), float64(ha.Memory)), shareOf(float64(v.plan.free(b)), float64(hb.Memory)); x != y {
		return x > y
	}
	x := shareOf(float64(ha.Cores)-v.plan.reserved(a), float64(ha.Cores))
	if y := shareOf(float64(hb.Cores)-v.plan.reserved(b), float64(hb.Cores)); x != y {
		return x > y
	}
	return ha.Name < hb.Name
}

// should reports whether a machine is where its VM-Host rule wants it, if it has
// one.
func (v *vsphere) should(host, vm int) bool {
	preferred := v.view.VMs[vm].Preferred
	return len(preferred) == 0 || slices.Contains(preferred, host)
}

// shareOf is a part of a whole, of which there may be nothing.
func shareOf(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}
