package place

import (
	"slices"

	"lbsim/models/cluster"
)

// NewPlacer implements cluster.Policy.
func (p *Kubernetes) NewPlacer(env cluster.Env) cluster.Placer {
	n := len(env.View.Hosts)
	return &kubernetes{
		Kubernetes: p, view: env.View, draws: newDraws(env), apart: topologyOf(p.AntiAffinity.Topology),
		spread: newSpread(&p.Spread, env.View), points: make([]int, n), raw: make([]int, n),
	}
}

type kubernetes struct {
	*Kubernetes
	view  *cluster.View
	draws *draws

	hosts  []int // those that the filters leave
	points []int // by host: of all plugins
	raw    []int // by host: of the plugin at hand, before it is normalised

	roster   roster
	apart    topology
	together []int // by zone of apart: labels that its pods have in common with the one at hand
	spread   spread
}

// Place implements cluster.Placer.
func (k *kubernetes) Place(q cluster.Query) cluster.Decision {
	if inPlace(k.view, q) {
		return cluster.Decision{Host: q.From}
	}
	k.count(q.VM)
	k.spread.count(q.VM)
	var why cluster.Reason
	k.hosts, why = filter(k.hosts[:0], k.view, q,
		func(h int) bool { return hasRoom(k.view, h, q.VM) },
		func(h int) bool {
			zone := k.apart.zone(k.view, h)
			return !(k.AntiAffinity.Rule == "required" && zone >= 0 && k.together[zone] > 0) && k.spread.allows(h)
		})
	if len(k.hosts) == 0 {
		return nowhere(why)
	}
	k.score(q.VM)
	return chosen(k.view, k.best(q.VM), q.VM, k.hosts)
}

// count counts the labels that pods in each zone have in common with this one.
func (k *kubernetes) count(vm int) {
	k.together = append(k.together[:0], make([]int, k.apart.zones(k.view))...)
	if len(k.view.VMs[vm].Classes) == 0 {
		return
	}
	for _, class := range k.view.VMs[vm].Classes {
		k.roster.each(k.view, class, func(other, host int) {
			if zone := k.apart.zone(k.view, host); zone >= 0 && other != vm {
				k.together[zone]++
			}
		})
	}
}

// score adds up the points of each node.
func (k *kubernetes) score(vm int) {
	clear(k.points)
	as := func(raw, _, _ int) int { return raw }
	if preferred := k.view.VMs[vm].Preferred; len(preferred) > 0 {
		k.plugin(k.Weights.NodeAffinity, func(h int) int {
			if at := slices.Index(preferred, h); at >= 0 {
				return len(preferred) - at
			}
			return 0
		}, func(raw, _, most int) int { return 100 * raw / max(most, 1) })
	}
	if k.Spread.When == "schedule-anyway" {
		k.spread.prepare(k.hosts)
		k.plugin(k.Weights.Spread, k.spread.points, as)
	}
	if k.AntiAffinity.Rule == "preferred" && len(k.view.VMs[vm].Classes) > 0 {
		k.plugin(k.Weights.PodAffinity, func(h int) int {
			if zone := k.apart.zone(k.view, h); zone >= 0 {
				return -2 * k.AntiAffinity.Weight * k.together[zone]
			}
			return 0
		}, affinityPoints)
	}
	for _, h := range k.hosts {
		cpu, memory := k.requested(h, vm)
		k.points[h] += k.Weights.Resources*unrequested(cpu, memory) + k.Weights.Balance*balance(cpu, memory)
	}
}

// plugin adds a plugin's points: raw ones, then as they are normalised between
// the least and the most of them.
func (k *kubernetes) plugin(weight int, raw func(host int) int, points func(raw, least, most int) int) {
	least, most := 0, 0
	for i, h := range k.hosts {
		k.raw[h] = raw(h)
		if least, most = min(least, k.raw[h]), max(most, k.raw[h]); i == 0 {
			least, most = k.raw[h], k.raw[h]
		}
	}
	for _, h := range k.hosts {
		k.points[h] += weight * points(k.raw[h], least, most)
	}
}

// affinityPoints normalises as interpodaffinity/scoring.go does, where 0 is among
// the values of which the least and the most are taken.
func affinityPoints(raw, least, most int) int {
	if least, most = min(least, 0), max(most, 0); least == most {
		return 0
	}
	return int(float64(100*(raw-least)) / float64(most-least))
}

// unrequested is LeastAllocated: the mean over memory and processors of the part
// that nobody has requested, with the new pod.
func unrequested(cpu, memory float64) int {
	return (int(100*(1-cpu)) + int(100*(1-memory))) / 2
}

// balance is BalancedAllocation: how little the two parts differ.
func balance(cpu, memory float64) int {
	return int(100 * (1 - max(cpu-memory, memory-cpu)/2))
}

// requested is which parts of a host's processors and memory are requested with
// one more pod.
func (k *kubernetes) requested(host, vm int) (cpu, memory float64) {
	h, v := &k.view.Hosts[host], &k.view.VMs[vm]
	cpu = shareOf(h.Reserved+v.Reserved, float64(h.Cores))
	memory = shareOf(float64(h.Memory-h.Free+v.Memory), float64(h.Memory))
	return min(cpu, 1), min(memory, 1)
}

// best is the host with the most points.
func (k *kubernetes) best(vm int) int {
	k.draws.next(vm)
	best := k.hosts[0]
	for _, h := range k.hosts[1:] {
		if k.points[h] > k.points[best] || k.points[h] == k.points[best] && k.Ties == "random" && k.draws.before(vm, h, best) {
			best = h
		}
	}
	return best
}
