package place

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// NewPlacer implements cluster.Policy.
func (p *WSFC) NewPlacer(env cluster.Env) cluster.Placer {
	n := len(env.View.VMs)
	return &wsfc{
		WSFC: p, view: env.View, draws: newDraws(env), plan: newPlan(env.View),
		listed: make([]bool, len(env.View.Hosts)), stuck: map[int32]attempt{}, failovers: make([][]sim.Time, n), stopped: make([]bool, n), retry: make([]sim.Time, n),
		restarts: make([]restarts, n),
	}
}

type wsfc struct {
	*WSFC
	view  *cluster.View
	draws *draws
	plan  plan

	listed []bool            // by node: is in list
	list   []int             // the nodes of the machine that is asked for
	stuck  map[int32]attempt // by class: one in vain

	failovers [][]sim.Time // by machine: the latest ones
	stopped   []bool       // by machine: it has failed over too often
	retry     []sim.Time   // by machine: when starts are tried again
	restarts  []restarts   // by machine
}

// Place implements cluster.Placer.
func (w *wsfc) Place(q cluster.Query) cluster.Decision {
	failed := q.Cause == cluster.HostFailed || q.Cause == cluster.MachineFailed
	restart, first := failed || q.Cause == cluster.Again, failed && q.Attempt <= 1
	counts := q.Cause == cluster.MachineFailed || w.Counts == "failovers"
	switch {
	case restart && w.view.VMs[q.VM].Priority == cluster.NoAutoStart:
		return nowhere(cluster.NotStarted) // its group is moved, its machine stays off
	case w.Restarts > 0 && inPlace(w.view, q) && w.restarts[q.VM].another(q.Now, w.Restarts, w.Interval):
		return w.stay(q)
	case restart && !first && q.Now < w.retry[q.VM]:
		return cluster.Decision{Host: -1, Reason: cluster.WaitRetry, Retry: w.retry[q.VM].Sub(q.Now)}
	case first && counts || restart && w.stopped[q.VM]:
		if w.stopped[q.VM] = !w.count(q.VM, q.Now); w.stopped[q.VM] {
			return nowhere(cluster.Threshold)
		}
	case !restart:
		w.stopped[q.VM] = false
	}
	w.retry[q.VM], w.restarts[q.VM] = 0, restarts{}
	w.order(q)
	d := w.choose(q.VM)
	if d.Reason == cluster.WaitRetry && w.Memory == "start-and-see" {
		d.Retry = w.Retry
		w.retry[q.VM] = q.Now.Add(w.Retry)
	}
	return d
}

// stay starts a machine again on its node. If it is there as a last resort, it still
// is.
func (w *wsfc) stay(q cluster.Query) cluster.Decision {
	d := cluster.Decision{Host: q.From, Reason: cluster.Normal}
	if w.view.VMs[q.VM].Displaced {
		d.Reason = cluster.LastResort
	}
	return d
}

// count counts a failover and reports whether there may be one.
func (w *wsfc) count(vm int, now sim.Time) bool {
	recent := slices.DeleteFunc(w.failovers[vm], func(t sim.Time) bool { return now.Sub(t) > w.Period })
	most := w.Threshold
	if most < 0 {
		most = len(w.view.Hosts) - 1
	}
	if len(recent) < most {
		w.failovers[vm] = append(recent, now)
		return true
	}
	w.failovers[vm] = recent
	return false
}

// nodes lists a machine's nodes: those it prefers, then the others by number.
func (w *wsfc) nodes(vm int) {
	clear(w.listed)
	w.list = w.list[:0]
	for _, h := range w.view.VMs[vm].Preferred {
		if !w.listed[h] {
			w.listed[h] = true
			w.list = append(w.list, h)
		}
	}
	if len(w.list) > 0 && !w.AppendOthers {
		return
	}
	for h := range w.view.Hosts {
		if !w.listed[h] {
			w.list = append(w.list, h)
		}
	}
}

// order lists the nodes that may take the machine, in the order in which they
// are tried. The node that it was on is the last one after a failure of the
// node, if that is up again, and none if the machine has failed there itself or
// is to leave. It is the first one for a machine that was stopped and is started
// again, as a node owns its groups that are offline, too; one that was down when
// its node failed has gone on to the next.
func (w *wsfc) order(q cluster.Query) {
	w.nodes(q.VM)
	again := q.Cause == cluster.Started && q.Attempt <= 1
	if at := slices.Index(w.list, q.From); at >= 0 {
		switch {
		case again:
			rotate(w.list, at)
		case q.Cause != cluster.Planned:
			rotate(w.list, at+1)
		}
	}
	leaves := q.Cause == cluster.Planned || q.Cause == cluster.MachineFailed
	w.list = slices.DeleteFunc(w.list, func(h int) bool {
		return !w.view.Hosts[h].Usable() || !w.view.May(h, q.VM) || leaves && h == q.From
	})
	if len(w.view.VMs[q.VM].Preferred) > 0 || q.Cause == cluster.MachineFailed || q.Cause == cluster.Planned || again && q.From >= 0 {
		return
	}
	switch w.PreferredEmpty {
	case "random":
		w.draws.shuffle(q.VM, w.list)
	case "fewest-groups":
		slices.SortStableFunc(w.list, func(a, b int) int {
			return cmp.Compare(len(w.view.Hosts[a].VMs), len(w.view.Hosts[b].VMs))
		})
	case "free-memory":
		slices.SortFunc(w.list, func(a, b int) int {
			return cmp.Or(cmp.Compare(w.view.Hosts[b].Free, w.view.Hosts[a].Free), cmp.Compare(a, b))
		})
	}
}

// rotate makes the element at i the first.
func rotate(list []int, i int) {
	slices.Reverse(list[:i])
	slices.Reverse(list[i:])
	slices.Reverse(list)
}

// choose picks among the nodes of the list: the clean ones, then those where
// another machine of a class is.
func (w *wsfc) choose(vm int) cluster.Decision {
	d := cluster.Decision{Host: -1, Reason: cluster.Normal}
	if len(w.list) == 0 {
		return nowhere(cluster.NoHost)
	}
	unclean := 0 // those are moved to the front of the list
	for i, h := range w.list {
		if w.view.Clean(h, vm) {
			if w.starts(h, vm, &d) {
				return d
			}
			continue
		}
		copy(w.list[unclean+1:i+1], w.list[unclean:i])
		w.list[unclean] = h
		unclean++
	}
	if !w.Enforced {
		d.Reason = cluster.LastResort
		for _, h := range w.list[:unclean] {
			if w.starts(h, vm, &d) {
				return d
			}
		}
	}
	if w.Preemption && w.Memory == "check-first" {
		for _, h := range w.list[unclean:] {
			if w.preempt(h, vm, &d) {
				d.Reason = cluster.Normal
				return d
			}
		}
		for _, h := range w.list[:unclean] {
			if !w.Enforced && w.preempt(h, vm, &d) {
				return d
			}
		}
	}
	d.Reason = cluster.WaitRetry
	if w.Enforced && unclean > 0 {
		d.Reason = cluster.Conflict
	}
	return d
}

// starts reports whether the machine starts on the node, which is noted.
func (w *wsfc) starts(node, vm int, d *cluster.Decision) bool {
	if w.view.Fits(node, vm) {
		d.Host = node
		return true
	}
	if w.Memory == "start-and-see" {
		d.Tried = append(d.Tried, node)
	}
	return false
}

// preempt reports whether the machine has room on the node if machines of lower
// priority go, which are noted: those of the lowest priority first, of equals the
// larger ones, so that they are few. Those stay that need not go because of larger
// ones of higher priority.
func (w *wsfc) preempt(node, vm int, d *cluster.Decision) bool {
	v := &w.view.VMs[vm]
	var lower []int
	for _, other := range w.view.Hosts[node].VMs {
		if o := &w.view.VMs[other]; o.Priority < v.Priority && o.State != cluster.Migrating {
			lower = append(lower, other)
		}
	}
	slices.SortFunc(lower, func(a, b int) int {
		va, vb := &w.view.VMs[a], &w.view.VMs[b]
		return cmp.Or(cmp.Compare(va.Priority, vb.Priority), cmp.Compare(vb.Memory, va.Memory),
			strings.Compare(va.Name, vb.Name), cmp.Compare(a, b))
	})
	free := w.view.Hosts[node].Free
	for i, other := range lower {
		if free += w.view.VMs[other].Memory; free >= v.Memory {
			d.Host, d.Evicted = node, w.needed(lower[:i+1], free-v.Memory)
			return true
		}
	}
	return false
}

// needed returns the machines without those that fit in what is left over, of which
// those of the highest priority stay first.
func (w *wsfc) needed(machines []int, over int64) []int {
	for i := len(machines) - 1; i >= 0; i-- {
		if memory := w.view.VMs[machines[i]].Memory; memory <= over {
			over -= memory
			machines = slices.Delete(machines, i, i+1)
		}
	}
	return machines
}

// hour is the hour of the day.
func hour(now sim.Time) int { return int(time.Duration(now) / time.Hour % 24) }
