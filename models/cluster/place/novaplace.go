package place

import (
	"cmp"
	"math"
	"slices"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// NewPlacer implements cluster.Policy.
func (p *Nova) NewPlacer(env cluster.Env) cluster.Placer {
	hosts := len(env.View.Hosts)
	return &nova{
		Nova: p, view: env.View, draws: newDraws(env),
		value: make([]float64, hosts), total: make([]float64, hosts), failed: make([]request, len(env.View.VMs)),
	}
}

type nova struct {
	*Nova
	view   *cluster.View
	draws  *draws
	hosts  []int     // those that the filters leave
	value  []float64 // by host: what the weigher at hand gives it
	total  []float64 // by host: its weight
	failed []request // by machine
}

// request is one that has failed.
type request struct {
	why   cluster.Reason // Normal: none has
	again sim.Time       // when it is made again; 0: never
}

// Place implements cluster.Placer.
func (n *nova) Place(q cluster.Query) cluster.Decision {
	if inPlace(n.view, q) {
		return cluster.Decision{Host: q.From}
	}
	failed := &n.failed[q.VM]
	switch q.Cause {
	case cluster.HostFailed, cluster.MachineFailed:
		*failed = request{why: cluster.NoHost}
		if n.Evacuate {
			return n.schedule(q)
		}
	case cluster.Started:
		if q.From < 0 {
			return n.schedule(q)
		}
		if failed.why == cluster.Normal {
			failed.why = cluster.NoHost // a server that was stopped belongs to its host
		}
	case cluster.Again:
		if failed.why == cluster.Normal || failed.again > 0 && q.Now >= failed.again {
			return n.schedule(q)
		}
	default:
		return n.schedule(q)
	}
	if q.From >= 0 && n.view.Hosts[q.From].Usable() && n.view.May(q.From, q.VM) && n.view.Fits(q.From, q.VM) {
		return cluster.Decision{Host: q.From} // its own, which is back
	}
	d := nowhere(failed.why)
	if failed.again > 0 {
		d.Retry = failed.again.Sub(q.Now)
	}
	return d
}

// schedule makes a request to the scheduler.
func (n *nova) schedule(q cluster.Query) cluster.Decision {
	failed := &n.failed[q.VM]
	n.hosts, failed.why = filter(n.hosts[:0], n.view, q, func(h int) bool {
		return n.view.Fits(h, q.VM) && n.processors(h) >= float64(n.view.VMs[q.VM].Cores)
	}, n.rule(q.VM))
	if len(n.hosts) == 0 {
		d := nowhere(failed.why)
		if n.Retry > 0 && q.Cause != cluster.Planned {
			d.Retry = n.Retry
			failed.again = q.Now.Add(n.Retry)
		}
		return d
	}
	*failed = request{}
	n.sort(q.VM)
	if n.Policy == "affinity" || n.Policy == "soft-affinity" {
		return cluster.Decision{Host: n.hosts[0]}
	}
	return chosen(n.view, n.hosts[0], q.VM, n.hosts)
}

// processors is how many virtual processors a host has left.
func (n *nova) processors(host int) float64 {
	h := &n.view.Hosts[host]
	return float64(float64(h.Cores)*n.CPURatio) - float64(h.Claimed)
}

// rule is the filter of the machine's server group.
func (n *nova) rule(vm int) func(host int) bool {
	switch n.Policy {
	case "anti-affinity":
		return func(h int) bool { return members(n.view, h, vm) < n.MaxPerHost }
	case "affinity":
		for h := range n.view.Hosts {
			if members(n.view, h, vm) > 0 {
				return func(h int) bool { return members(n.view, h, vm) > 0 }
			}
		}
	}
	return func(int) bool { return true }
}

// sort puts the host that is taken first.
func (n *nova) sort(vm int) {
	clear(n.total)
	n.weigh(n.Weights.RAM, func(h int) float64 { return float64(n.view.Hosts[h].Free) })
	n.weigh(n.Weights.CPU, n.processors)
	switch n.Policy {
	case "soft-anti-affinity":
		n.weigh(n.Weights.Apart, func(h int) float64 { return -float64(members(n.view, h, vm)) })
	case "soft-affinity":
		n.weigh(n.Weights.Together, func(h int) float64 { return float64(members(n.view, h, vm)) })
	}
	slices.SortFunc(n.hosts, func(a, b int) int { // of equals, the first in the list of hosts
		return cmp.Or(cmp.Compare(n.total[b], n.total[a]), a-b)
	})
	if n.Shuffle {
		best := 1
		for best < len(n.hosts) && n.total[n.hosts[best]] == n.total[n.hosts[0]] {
			best++
		}
		n.draws.shuffle(vm, n.hosts[:best])
	}
	if n.Subset > 1 {
		n.draws.shuffle(vm, n.hosts[:min(n.Subset, len(n.hosts))])
	}
}

// weigh adds a weigher's values to the totals, from 0 for the least to the
// multiplier for the greatest; 0 if all are equal.
func (n *nova) weigh(multiplier float64, value func(host int) float64) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, h := range n.hosts {
		n.value[h] = value(h)
		least, most = min(least, n.value[h]), max(most, n.value[h])
	}
	if least == most {
		return
	}
	for _, h := range n.hosts {
		n.total[h] += float64(multiplier * ((n.value[h] - least) / (most - least)))
	}
}
