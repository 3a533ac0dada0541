package place

import (
	"math"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// spread is topologySpreadConstraints for one pod at a time: a constraint for
// each of its labels (podtopologyspread/filtering.go and scoring.go).
type spread struct {
	*KubernetesSpread
	view  *cluster.View
	over  topology
	pods  [][]int // by label of the pod, by zone: how many pods have the label
	least []int   // by label: in the zone that has the fewest of those that count
	// counts is by zone: it has a node that counts. scored is the same for the
	// nodes that are scored.
	counts, scored []bool
	weight         float64 // of a pod in a score
	low, high      int     // the least and the greatest penalty
}

func newSpread(p *KubernetesSpread, view *cluster.View) spread {
	return spread{KubernetesSpread: p, view: view, over: topologyOf(p.Topology)}
}

// count counts the pods in each zone that have labels of this one.
func (s *spread) count(vm int) {
	s.pods, s.least = s.pods[:0], s.least[:0]
	if s.When == "none" || len(s.view.VMs[vm].Classes) == 0 {
		return
	}
	zones := s.over.zones(s.view)
	s.counts = append(s.counts[:0], make([]bool, zones)...)
	for range s.view.VMs[vm].Classes {
		s.pods = append(s.pods, make([]int, zones))
	}
	domains := 0
	for h := range s.view.Hosts {
		zone := s.over.zone(s.view, h)
		if zone < 0 || !s.view.May(h, vm) || s.Taints == "honor" && !s.view.Hosts[h].Usable() {
			continue
		}
		if !s.counts[zone] {
			s.counts[zone] = true
			domains++
		}
		s.countHost(h, zone, vm)
	}
	for i := range s.pods {
		least := math.MaxInt
		for zone, n := range s.pods[i] {
			if s.counts[zone] {
				least = min(least, n)
			}
		}
		if domains < s.MinDomains {
			least = 0
		}
		s.least = append(s.least, least)
	}
}

func (s *spread) countHost(h, zone, vm int) {
	for _, other := range s.view.Hosts[h].VMs {
		if other == vm {
			continue
		}
		for i, class := range s.view.VMs[vm].Classes {
			for _, c := range s.view.VMs[other].Classes {
				if c == class {
					s.pods[i][zone]++
				}
			}
		}
	}
}

// allows is the filter of do-not-schedule: with the pod, a zone has at most
// max_skew pods more than the emptiest one. Nodes that are in no zone are refused.
func (s *spread) allows(host int) bool {
	if s.When != "do-not-schedule" {
		return true
	}
	zone := s.over.zone(s.view, host)
	for i := range s.pods {
		if zone < 0 || s.pods[i][zone]+1-s.least[i] > s.MaxSkew {
			return false
		}
	}
	return true
}

// prepare looks at the nodes that are scored.
func (s *spread) prepare(hosts []int) {
	s.scored = append(s.scored[:0], make([]bool, s.over.zones(s.view))...)
	zones := 0
	for _, h := range hosts {
		if zone := s.over.zone(s.view, h); zone >= 0 && !s.scored[zone] {
			s.scored[zone] = true
			zones++
		}
	}
	s.weight = sim.Log(float64(zones + 2))
	s.low, s.high = math.MaxInt, 0
	for _, h := range hosts {
		if s.over.zone(s.view, h) >= 0 {
			s.low, s.high = min(s.low, s.penalty(h)), max(s.high, s.penalty(h))
		}
	}
}

// penalty is the raw score of schedule-anyway for a node in a zone, the lower the
// better.
func (s *spread) penalty(host int) int {
	sum := 0.0
	for i := range s.pods {
		sum += float64(float64(s.pods[i][s.over.zone(s.view, host)])*s.weight) + float64(s.MaxSkew-1)
	}
	return int(math.Round(sum))
}

// points turns penalties into points. Nodes that are in no zone get none.
func (s *spread) points(host int) int {
	switch {
	case s.over.zone(s.view, host) < 0:
		return 0
	case s.high == 0:
		return 100
	}
	return 100 * (s.high + s.low - s.penalty(host)) / s.high
}
