package place

import (
	"cmp"
	"slices"
	"strings"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// Repair implements cluster.Repairer: machines that are to be kept apart are, if
// a node has joined or a move has ended; those that may go back to a node they
// prefer do, if one has joined or the window has opened; then those that have
// little room on their node get more.
func (w *wsfc) Repair(cause cluster.Cause, now sim.Time) []cluster.Move {
	if w.Failback.Apart && (cause == cluster.HostJoined || cause == cluster.Moved) {
		w.separate()
	}
	if w.Failback.Allow && w.open(now) && (cause == cluster.HostJoined || cause == cluster.Periodic) {
		w.failback()
	}
	if w.Balance.When == "always" && (cause == cluster.HostJoined || cause == cluster.Periodic) ||
		w.Balance.When == "join" && cause == cluster.HostJoined {
		w.balance()
	}
	return w.plan.take()
}

// by is how machines go back.
func (w *wsfc) by() cluster.Migration {
	if w.Failback.By == "quick" {
		return cluster.Quick
	}
	return cluster.Live
}

// open reports whether machines may go back at this hour.
func (w *wsfc) open(now sim.Time) bool {
	f, h := &w.Failback, hour(now)
	switch {
	case f.Start < 0:
		return true
	case f.Start < f.End:
		return f.Start <= h && h < f.End
	}
	return f.Start <= h || h < f.End
}

// separate moves machines off nodes that they share with one of their class, as
// a log in "Configuring Anti-Affinity in Failover Clusters" shows it ("should
// fail back … now due anti-affinity"). When it does and whom it takes first is
// concluded, not documented.
func (w *wsfc) separate() {
	clear(w.stuck)
	for _, vm := range w.plan.together() {
		from := w.view.VMs[vm].Host
		if w.hopeless(vm, 0) || !w.plan.conflict(from, vm) {
			continue // there is no node for it, or the other one goes
		}
		w.nodes(vm)
		to := slices.IndexFunc(w.list, func(h int) bool { return h != from && w.plan.takes(h, vm) })
		switch v := &w.view.VMs[vm]; {
		case to >= 0:
			w.plan.move(vm, w.list[to], cluster.Repaired, w.by())
		case v.Possible == nil && len(w.list) == len(w.view.Hosts):
			w.stuck[v.Classes[0]] = attempt{vm, 0}
		}
	}
}

// attempt is a machine for which no node was found, among all, that would have had
// less than so much of its memory in use; 0: whatever it has.
type attempt struct {
	vm  int
	now float64
}

// hopeless reports whether there is no node for a machine, as there was none for one
// that asks for no more: that is as large at most, and has only names that this one
// has. Of a class with more machines than there are nodes nearly all are asked for,
// each time.
func (w *wsfc) hopeless(vm int, now float64) bool {
	v := &w.view.VMs[vm]
	for _, c := range v.Classes {
		other, ok := w.stuck[c]
		if !ok || w.view.VMs[other.vm].Memory > v.Memory || other.now < now {
			continue
		}
		if !slices.ContainsFunc(w.view.VMs[other.vm].Classes, func(c int32) bool { return !slices.Contains(v.Classes, c) }) {
			return true
		}
	}
	return false
}

// failback moves machines that a failure has driven away to a node that they
// prefer to theirs. It does not bring machines of a class together, as they would
// be moved apart again.
func (w *wsfc) failback() {
	for vm := range w.view.VMs {
		v := &w.view.VMs[vm]
		if len(v.Preferred) == 0 || v.Host < 0 || v.Host == v.Home || !w.plan.settled(vm, v.Host) {
			continue
		}
		for _, h := range v.Preferred {
			if h == v.Host {
				break
			}
			if w.plan.takes(h, vm) {
				w.plan.move(vm, h, cluster.Failback, w.by())
				break
			}
		}
	}
}

// balance moves machines from nodes with little memory left, the smallest ones
// first, as long as the node that gets them is no worse off than the one that
// they leave. Machines that would go back to a node they prefer stay.
func (w *wsfc) balance() {
	clear(w.stuck)
	for from := range w.view.Hosts {
		h := &w.view.Hosts[from]
		used := h.Memory - h.Free
		if !h.Usable() || shareOf(float64(used), float64(h.Memory)) <= float64(w.Balance.Above) {
			continue
		}
		vms := slices.Clone(h.VMs)
		slices.SortFunc(vms, func(a, b int) int {
			va, vb := &w.view.VMs[a], &w.view.VMs[b]
			return cmp.Or(cmp.Compare(va.Memory, vb.Memory), strings.Compare(va.Name, vb.Name), cmp.Compare(a, b))
		})
		for _, vm := range vms {
			now := shareOf(float64(used), float64(h.Memory))
			if now <= float64(w.Balance.Above) {
				break
			}
			if to := w.lighter(vm, from, now); to >= 0 {
				w.plan.move(vm, to, cluster.Balanced, cluster.Live)
				used -= w.view.VMs[vm].Memory
			}
		}
	}
}

// lighter returns the node that would have the smallest share of its memory in
// use with the machine, if that is less than so much and no reason to leave it
// again, else -1.
func (w *wsfc) lighter(vm, from int, now float64) int {
	v := &w.view.VMs[vm]
	if !w.plan.settled(vm, from) || w.Failback.Allow && len(v.Preferred) > 0 {
		return -1
	}
	if w.hopeless(vm, now) {
		return -1
	}
	best, first := -1, now
	for h := range w.view.Hosts {
		if h == from {
			continue
		}
		memory := w.view.Hosts[h].Memory
		used := shareOf(float64(memory-w.plan.free(h)+v.Memory), float64(memory))
		if used < now && used <= float64(w.Balance.Above) && w.plan.takes(h, vm) {
			best, now = h, used
		}
	}
	if best < 0 && v.Possible == nil && len(v.Classes) > 0 {
		w.stuck[v.Classes[0]] = attempt{vm, first}
	}
	return best
}
