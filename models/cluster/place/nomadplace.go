package place

import (
	"math/bits"
	"slices"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// NewPlacer implements cluster.Policy.
func (p *Nomad) NewPlacer(env cluster.Env) cluster.Placer {
	return &nomad{
		Nomad: p, view: env.View, draws: newDraws(env), over: topologyOf(p.Spread.Attribute),
		restarts: make([]restarts, len(env.View.VMs)),
	}
}

type nomad struct {
	*Nomad
	view  *cluster.View
	draws *draws
	hosts []int // those that may have the allocation

	over  topology // of the spread
	group int      // allocations of the group, that at hand among them
	used  []int    // by zone of over: allocations of the group
	// lowest is the lowest score of a target so far, which values get that are
	// to have none.
	lowest float64

	restarts []restarts // by machine
}

// Place implements cluster.Placer.
func (n *nomad) Place(q cluster.Query) cluster.Decision {
	if inPlace(n.view, q) && n.restarts[q.VM].another(q.Now, n.Restarts, n.Interval) {
		return cluster.Decision{Host: q.From}
	}
	n.restarts[q.VM] = restarts{}
	var why cluster.Reason
	n.hosts, why = filter(n.hosts[:0], n.view, q,
		func(h int) bool { return hasRoom(n.view, h, q.VM) },
		func(h int) bool { return !n.DistinctHosts || n.view.Clean(h, q.VM) })
	if len(n.hosts) == 0 {
		return nowhere(why)
	}
	n.count(q.VM)
	return chosen(n.view, n.best(q), q.VM, n.hosts)
}

// count counts the group's allocations.
func (n *nomad) count(vm int) {
	n.group = 1
	for other := range n.view.VMs {
		if n.view.Apart(vm, other) {
			n.group++
		}
	}
	n.lowest = -1
	if n.Spread.Attribute == "none" {
		return
	}
	n.used = append(n.used[:0], make([]int, n.over.zones(n.view))...)
	for h := range n.view.Hosts {
		if zone := n.over.zone(n.view, h); zone >= 0 {
			n.used[zone] += members(n.view, h, vm)
		}
	}
}

// limit is how many nodes are scored.
func (n *nomad) limit(vm int) int {
	if n.Spread.Attribute != "none" || len(n.view.VMs[vm].Preferred) > 0 {
		return max(n.group, 100)
	}
	ready := 0
	for h := range n.view.Hosts {
		if n.view.Hosts[h].Usable() {
			ready++
		}
	}
	return max(2, bits.Len(uint(ready-1))) // the logarithm, rounded up
}

// putOff is how many nodes with a score of 0 or less are left for the end.
const putOff = 3

// best is the node with the highest score of those that are scored, the first of
// equals.
func (n *nomad) best(q cluster.Query) int {
	limit := n.limit(q.VM)
	n.draws.first(q.VM, n.hosts, limit+putOff)
	best, highest := -1, 0.0
	consider := func(h int, score float64) {
		if limit--; best < 0 || score > highest {
			best, highest = h, score
		}
	}
	var late []int
	var scores []float64
	for _, h := range n.hosts {
		if limit == 0 {
			return best
		}
		if score := n.score(h, q); score <= 0 && len(late) < putOff {
			late, scores = append(late, h), append(scores, score)
		} else {
			consider(h, score)
		}
	}
	for i := 0; i < len(late) && limit > 0; i++ {
		consider(late[i], scores[i])
	}
	return best
}

// score is the mean of the scores that a node has.
func (n *nomad) score(host int, q cluster.Query) float64 {
	sum, scores := n.fit(host, q.VM), 1
	add := func(score float64) {
		if score != 0 {
			sum += score
			scores++
		}
	}
	add(n.antiAffinity(host, q.VM))
	if q.Cause == cluster.MachineFailed && host == q.From {
		add(-1) // the reschedule penalty
	}
	if slices.Contains(n.view.VMs[q.VM].Preferred, host) {
		add(1)
	}
	if n.Spread.Attribute != "none" {
		add(n.spreadScore(host))
	}
	return sum / float64(scores)
}

// fit is the score, 0 to 1, for how full the node is with the allocation.
func (n *nomad) fit(host, vm int) float64 {
	h, v := &n.view.Hosts[host], &n.view.VMs[vm]
	cpu := shareOf(float64(h.Cores)-h.Reserved-v.Reserved, float64(h.Cores))
	memory := shareOf(float64(h.Free-v.Memory), float64(h.Memory))
	free := sim.Pow(10, cpu) + sim.Pow(10, memory)
	if n.Algorithm == "spread" {
		return max(0, min(free-2, 18)) / 18
	}
	return max(0, min(20-free, 18)) / 18
}

// antiAffinity is the score for allocations of the group that the node has.
func (n *nomad) antiAffinity(host, vm int) float64 {
	if others := members(n.view, host, vm); others > 0 {
		return -float64(others+1) / float64(n.group)
	}
	return 0
}

// spreadScore is the score for the spread.
func (n *nomad) spreadScore(host int) float64 {
	zone := n.over.zone(n.view, host)
	switch {
	case zone < 0:
		return -1
	case len(n.Spread.Targets) == 0:
		return n.even(zone)
	}
	desired, ok := n.desired(n.over.name(n.view, host))
	switch {
	case !ok:
		return -1
	case desired == 0:
		return n.lowest
	}
	score := (desired - float64(n.used[zone]+1)) / desired
	n.lowest = min(n.lowest, score)
	return score
}

// desired is how many allocations a value should have; ok is false if the targets
// leave none for it.
func (n *nomad) desired(value string) (count float64, ok bool) {
	rest := 1.0
	for _, target := range n.Spread.Targets {
		if target.Value == value {
			return float64(float64(target.Percent) * float64(n.group)), true
		}
		rest -= float64(target.Percent)
	}
	return float64(rest * float64(n.group)), rest > rounding && rest < 1
}

// even is the score where all values are to have the same. As in Nomad, values
// without an allocation are not among those of which the least is taken: two
// values are equally good if one has none and the other as few as any that has.
func (n *nomad) even(zone int) float64 {
	least, most := 0, 0
	for _, used := range n.used {
		if used > 0 && (least == 0 || used < least) {
			least = used
		}
		most = max(most, used)
	}
	used := n.used[zone]
	switch {
	case most == 0: // nothing is placed
		return 0
	case used != least:
		return float64(least-used) / float64(least)
	case least == most:
		return -1
	}
	return float64(most-least) / float64(least)
}
