package place

import (
	"slices"
	"strings"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// NewPlacer implements cluster.Policy.
func (p *Proxmox) NewPlacer(env cluster.Env) cluster.Placer {
	x := &proxmox{Proxmox: p, view: env.View, plan: newPlan(env.View), pairs: make([]bool, len(env.View.Hosts))}
	for vm := range env.View.VMs {
		x.byName = append(x.byName, vm)
	}
	slices.SortStableFunc(x.byName, func(a, b int) int { return strings.Compare(env.View.VMs[a].Name, env.View.VMs[b].Name) })
	return x
}

type proxmox struct {
	*Proxmox
	view   *cluster.View
	plan   plan
	byName []int  // the machines
	pairs  []bool // by host: it has two machines of one class
	// settled is the View's count of changes at which no service had to move.
	settled uint64
}

// Place implements cluster.Placer.
func (x *proxmox) Place(q cluster.Query) cluster.Decision {
	out, relocate := -1, inPlace(x.view, q)
	switch {
	case q.Cause == cluster.MachineFailed && q.Attempt > x.MaxRestart+x.MaxRelocate:
		return nowhere(cluster.Threshold)
	case relocate && q.Attempt <= x.MaxRestart:
		return cluster.Decision{Host: q.From}
	case relocate || q.Cause == cluster.Planned:
		out = q.From
	}
	top := x.top(q.VM, out)
	if at := q.From; q.Cause == cluster.Started && at >= 0 && x.online(at, q.VM) && x.rank(at, q.VM) == top && x.plan.clean(at, q.VM) &&
		(!x.CheckMemory || x.plan.free(at) >= x.view.VMs[q.VM].Memory) {
		return cluster.Decision{Host: at} // a service that was stopped stays with its node
	}
	if relocate {
		top = x.top(q.VM, -1) // the node where it has failed is left out only after that
	}
	best, why := x.choose(q.VM, top, out)
	switch {
	case best >= 0:
		return cluster.Decision{Host: best}
	case relocate: // "retry start on current node"
		return cluster.Decision{Host: q.From}
	}
	return nowhere(why)
}

// choose picks a node for a service among those of a rank, but for the one that
// is out; if there is none, why says what is lacking.
func (x *proxmox) choose(vm, rank, out int) (best int, why cluster.Reason) {
	best, why = -1, cluster.NoHost
	for h := range x.view.Hosts {
		if !x.online(h, vm) || h == out || x.rank(h, vm) != rank {
			continue
		}
		if why == cluster.NoHost {
			why = cluster.WaitRetry
		}
		if x.CheckMemory && x.plan.free(h) < x.view.VMs[vm].Memory {
			continue
		}
		why = cluster.Conflict
		if x.plan.clean(h, vm) && (best < 0 || x.before(h, best)) {
			best = h
		}
	}
	return best, why
}

// top is the rank of the nodes of the highest priority, but for the one that is
// out.
func (x *proxmox) top(vm, out int) int {
	for rank, h := range x.view.VMs[vm].Preferred {
		if h != out && x.online(h, vm) {
			return rank
		}
	}
	return len(x.view.VMs[vm].Preferred)
}

// rank is 0 for the nodes of the highest priority.
func (x *proxmox) rank(host, vm int) int {
	preferred := x.view.VMs[vm].Preferred
	if at := slices.Index(preferred, host); at >= 0 {
		return at
	}
	return len(preferred)
}

// online reports whether a node may have the service.
func (x *proxmox) online(host, vm int) bool {
	preferred := x.view.VMs[vm].Preferred
	return x.view.Hosts[host].Usable() && x.view.May(host, vm) &&
		(!x.Strict || len(preferred) == 0 || slices.Contains(preferred, host))
}

// before reports whether node a is chosen rather than b.
func (x *proxmox) before(a, b int) bool {
	if na, nb := x.plan.machines(a), x.plan.machines(b); na != nb {
		return na < nb
	}
	return x.view.Hosts[a].Name < x.view.Hosts[b].Name
}

// Repair implements cluster.Repairer: each service that runs is asked, by name,
// whether it is where it would be put. It stays if its node is among those of the
// highest priority, or if it need not go back to one, and it shares it with nobody
// from whom it is to be kept apart.
func (x *proxmox) Repair(_ cluster.Cause, _ sim.Time) []cluster.Move {
	if x.view.Changes != 0 && x.view.Changes == x.settled {
		return nil
	}
	x.plan.look()
	for h := range x.pairs {
		x.pairs[h] = x.plan.classTwice(h)
	}
	for _, vm := range x.byName {
		from := x.view.VMs[vm].Host
		if from < 0 || !x.plan.settled(vm, from) {
			continue
		}
		may := x.online(from, vm)
		clean := !x.pairs[from] || !x.plan.conflict(from, vm)
		top := x.top(vm, -1)
		if may && clean && (!x.Failback || x.rank(from, vm) == top) {
			continue
		}
		to, _ := x.choose(vm, top, from)
		switch {
		case to < 0:
		case may && clean:
			x.plan.move(vm, to, cluster.Failback, cluster.Live)
		default:
			x.plan.move(vm, to, cluster.Repaired, cluster.Live)
		}
	}
	moves := x.plan.take()
	if len(moves) == 0 {
		x.settled = x.view.Changes
	}
	return moves
}
