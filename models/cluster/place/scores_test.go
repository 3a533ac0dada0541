package place

import (
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// stand is a cluster of equal hosts on which the machines of one class are: as
// many on each host as counts says. One more of the class is without a host.
func stand(counts ...int) (env cluster.Env, last int) {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	r := rig{view: *hosts(len(counts), sum+1), from: make([]int, sum+1)}
	vm := 0
	for h, n := range counts {
		for range n {
			r.put(vm, h)
			vm++
		}
	}
	for vm := range r.view.VMs {
		r.view.SetClasses(vm, []string{"P"})
	}
	return cluster.Env{View: &r.view, Rand: sim.NewStream(1, 0, "cluster/place")}, sum
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// O2, O3: what the weighers give, added up.
func TestNovaTotals(t *testing.T) {
	for _, c := range []struct {
		counts []int
		free   []int64
		want   []float64
	}{
		{[]int{1, 1, 0}, []int64{20, 20, 20}, []float64{0, 0, 1}},
		{[]int{1, 1, 2}, []int64{10, 20, 30}, []float64{1, 1.5, 1}},
		{[]int{1, 0}, []int64{30, 10}, []float64{1, 1}},
		{[]int{1}, []int64{30}, []float64{0}},
	} {
		env, vm := stand(c.counts...)
		p := newNova()
		p.Policy, p.Weights.CPU = "soft-anti-affinity", 0
		n := p.NewPlacer(env).(*nova)
		for h := range c.free {
			env.View.Hosts[h].Free = c.free[h] << 30
			n.hosts = append(n.hosts, h)
		}
		n.sort(vm)
		for h, want := range c.want {
			if !near(n.total[h], want) {
				t.Errorf("members %v, free %v: host %d has %v, want %v", c.counts, c.free, h, n.total[h], want)
			}
		}
	}
}

// K3: raw scores 3, 2, 0 are 0, 33, 100 points; K4: -200, -200, 0 are 0, 0, 100.
// Where all nodes have a pod, preferred anti-affinity still takes 0 for the most.
func TestKubernetesPoints(t *testing.T) {
	for _, c := range []struct {
		counts         []int
		spread, apart  []int
		skew, penalty0 int
	}{
		{[]int{2, 1, 0}, []int{0, 33, 100}, []int{0, 50, 100}, 1, 3},
		{[]int{1, 1, 0}, []int{0, 0, 100}, []int{0, 0, 100}, 1, 2},
		{[]int{2, 1, 0}, []int{57, 71, 100}, []int{0, 50, 100}, 5, 7},
		{[]int{4, 2}, []int{50, 100}, []int{0, 50}, 1, 6},
		{[]int{0, 0, 0}, []int{100, 100, 100}, []int{0, 0, 0}, 1, 0},
	} {
		env, vm := stand(c.counts...)
		for _, only := range []string{"spread", "apart"} {
			p := newKubernetes()
			p.Weights = KubernetesWeights{Spread: 1, PodAffinity: 1}
			want := c.apart
			if p.Spread.MaxSkew = c.skew; only == "spread" {
				p.Spread.When, p.AntiAffinity.Rule, want = "schedule-anyway", "none", c.spread
			}
			k := p.NewPlacer(env).(*kubernetes)
			k.count(vm)
			k.spread.count(vm)
			for h := range c.counts {
				k.hosts = append(k.hosts, h)
			}
			k.score(vm)
			if !slices.Equal(k.points, want) {
				t.Errorf("%s, pods %v, skew %d: %v points, want %v", only, c.counts, c.skew, k.points, want)
			}
			if only == "spread" && k.spread.penalty(0) != c.penalty0 {
				t.Errorf("pods %v, skew %d: penalty %d, want %d", c.counts, c.skew, k.spread.penalty(0), c.penalty0)
			}
		}
	}
}

// N1, N2 and the scores of the fit: 20 - (10^free + 10^free), 0 to 18.
func TestNomadScores(t *testing.T) {
	env, vm := stand(1, 0, 0)
	env.View.SetClasses(vm, []string{"P"})
	env.View.VMs = append(env.View.VMs, env.View.VMs[vm]) // a group of three
	p := newNomad()
	n := p.NewPlacer(env).(*nomad)
	n.count(vm)
	for h, want := range []float64{-2.0 / 3, 0, 0} {
		if got := n.antiAffinity(h, vm); !near(got, want) {
			t.Errorf("anti-affinity of node %d is %v, want %v", h, got, want)
		}
	}
	for _, c := range []struct {
		algorithm string
		share     float64 // of the memory that is in use, with the allocation
		want      float64
	}{
		{"binpack", 0, 0}, {"binpack", 1, 9.0 / 18}, {"binpack", 0.5, (10 - math.Sqrt(10)) / 18},
		{"spread", 0, 1}, {"spread", 1, 9.0 / 18}, {"spread", 0.5, (8 + math.Sqrt(10)) / 18},
	} {
		p.Algorithm = c.algorithm
		h, v := &env.View.Hosts[1], &env.View.VMs[vm]
		h.Memory, h.Free, v.Memory = 1000, 1000, int64(1000*c.share)
		if got := n.fit(1, vm); !near(got, c.want) {
			t.Errorf("%s with %v in use: %v, want %v", c.algorithm, c.share, got, c.want)
		}
	}
}

// The score of a spread without targets (N2 is the second row), and with them.
func TestNomadSpread(t *testing.T) {
	share := func(percent ...float64) (targets []NomadTarget) {
		for i, x := range percent {
			targets = append(targets, NomadTarget{Value: string(rune('a' + i)), Percent: flow.Share(x / 100)})
		}
		return targets
	}
	for _, c := range []struct {
		counts  []int
		targets []NomadTarget
		want    []float64
	}{
		{[]int{0, 0, 0}, nil, []float64{0, 0, 0}},
		{[]int{1, 0, 0}, nil, []float64{-1, 1, 1}},
		{[]int{1, 1, 1}, nil, []float64{-1, -1, -1}},
		{[]int{3, 1, 1}, nil, []float64{-2, 2, 2}},
		{[]int{4, 2, 0}, nil, []float64{-1, 1, 1}},
		// Ten allocations: 5, 3 and the rest of 2 are wanted.
		{[]int{4, 3, 2}, share(50, 30), []float64{0, -1.0 / 3, -0.5}},
		{[]int{1, 1, 7}, share(50, 50), []float64{0.6, 0.6, -1}},
		{[]int{2, 2, 5}, share(50, 50, 0), []float64{0.4, 0.4, -1}},
	} {
		env, vm := stand(c.counts...)
		p := newNomad()
		p.Spread = NomadSpread{Attribute: "host", Targets: c.targets}
		n := p.NewPlacer(env).(*nomad)
		n.count(vm)
		for h, want := range c.want {
			if got := n.spreadScore(h); !near(got, want) {
				t.Errorf("allocations %v, targets %v: node %d has %v, want %v", c.counts, c.targets, h, got, want)
			}
		}
	}
}

// Targets for racks: 60 % of ten allocations in a, the rest elsewhere, and a node
// that has no rack.
func TestNomadSpreadOverRacks(t *testing.T) {
	env, vm := stand(2, 1, 3, 3)
	env.View.Labels[cluster.Rack] = []string{"a", "b"}
	for h, rack := range []int32{0, 0, 1, -1} {
		env.View.Hosts[h].Domain = []int32{rack}
	}
	p := newNomad()
	p.Spread = NomadSpread{Attribute: "rack", Targets: []NomadTarget{{"a", 0.6}}}
	n := p.NewPlacer(env).(*nomad)
	n.count(vm)
	for h, want := range []float64{1.0 / 3, 1.0 / 3, 0, -1} {
		if got := n.spreadScore(h); !near(got, want) {
			t.Errorf("node %d has %v, want %v", h, got, want)
		}
	}
}

// The logarithm of the nodes, rounded up, is scored, and more with a spread.
func TestNomadLimit(t *testing.T) {
	for n, want := range map[int]int{1: 2, 2: 2, 4: 2, 5: 3, 8: 3, 9: 4, 1000: 10} {
		env, vm := stand(make([]int, n)...)
		p := newNomad()
		if got := p.NewPlacer(env).(*nomad).limit(vm); got != want {
			t.Errorf("%d of %d nodes are scored, want %d", got, n, want)
		}
		p.Spread.Attribute = "rack"
		if got := p.NewPlacer(env).(*nomad).limit(vm); got != 100 {
			t.Errorf("%d of %d nodes are scored with a spread, want 100", got, n)
		}
	}
}

// Nodes with scores of 0 or less are put off, three at most: of eight nodes in a
// random order, seven of which have an allocation of the group, three are looked
// at after that. The eighth is among them if it is among the first six.
func TestNomadPutsOff(t *testing.T) {
	env, vm := stand(1, 1, 1, 1, 1, 1, 1, 0)
	env.View.VMs[vm].Classes = nil
	for other := range vm { // each shares a class with the last one
		env.View.VMs[other].Classes = []int32{int32(other)}
		env.View.VMs[vm].Classes = append(env.View.VMs[vm].Classes, int32(other))
	}
	n := newNomad().NewPlacer(env)
	clean := 0
	const times = 4000
	for range times {
		if n.Place(cluster.Query{VM: vm, Cause: cluster.Started, From: -1}).Host == 7 {
			clean++
		}
	}
	if want := 6.0 / 8 * times; math.Abs(float64(clean)-want) > 4*math.Sqrt(times*0.75*0.25) {
		t.Errorf("the clean node is taken %d times of %d, want about %v", clean, times, want)
	}
}

// Where several are the best, each is taken as often.
func TestTiesAtRandom(t *testing.T) {
	shuffle, subset := newNova(), newNova()
	shuffle.Shuffle, subset.Subset = true, 4
	for name, p := range map[string]cluster.Policy{
		"kubernetes": newKubernetes(), "nova with shuffle": shuffle, "nova with a subset": subset, "nomad": newNomad(),
	} {
		env, vm := stand(0, 0, 0, 0)
		placer, count := p.NewPlacer(env), make([]int, 4)
		for range 1000 {
			count[placer.Place(cluster.Query{VM: vm, Cause: cluster.Started, From: -1}).Host]++
		}
		for h, n := range count {
			if n < 195 || n > 305 { // 250 ± 4 standard deviations
				t.Errorf("%s: host %d is taken %d times of 1000", name, h, n)
			}
		}
	}
}

// A service that fails again and again is started once on its node, then once on
// another, then left alone; if there is no other of the highest priority, it is
// started where it was.
func TestProxmoxFailures(t *testing.T) {
	env, vm := stand(0, 0, 0)
	x := newProxmox().NewPlacer(env)
	for attempt, want := range []cluster.Decision{{Host: 0}, {Host: 1}, {Host: -1, Reason: cluster.Threshold}} {
		d := x.Place(cluster.Query{VM: vm, Cause: cluster.MachineFailed, From: 0, Attempt: attempt + 1})
		if d.Host != want.Host || d.Reason != want.Reason {
			t.Errorf("attempt %d: host %d, %s", attempt+1, d.Host, d.Reason)
		}
	}
	env.View.VMs[vm].Preferred = []int{0}
	if d := x.Place(cluster.Query{VM: vm, Cause: cluster.MachineFailed, From: 0, Attempt: 2}); d.Host != 0 {
		t.Errorf("with a node of its own: host %d", d.Host)
	}
}

// Proxmox VE looks at the services again when something has changed, and not
// before.
func TestProxmoxSettles(t *testing.T) {
	env, _ := stand(1, 1, 1)
	x := newProxmox().NewPlacer(env).(cluster.Repairer)
	env.View.Changes = 1
	if moves := x.Repair(cluster.HostJoined, 0); len(moves) > 0 {
		t.Fatal(moves)
	}
	env.View.VMs[0].Preferred = []int{0}
	env.View.VMs[1].Preferred = []int{0}
	env.View.SetClasses(0, nil)
	if moves := x.Repair(cluster.HostJoined, 0); len(moves) > 0 {
		t.Errorf("moves without a change: %v", moves)
	}
	env.View.Changes++
	if moves := x.Repair(cluster.HostJoined, 0); len(moves) != 1 || moves[0].VM != 1 || moves[0].To != 0 {
		t.Errorf("after a change: %v", moves)
	}
}

// Time from a failure until restarts begin.
func TestFailureToRestart(t *testing.T) {
	evacuate := newNova()
	evacuate.Evacuate = true
	grace := newKubernetes()
	grace.Grace = 40 * time.Second
	for _, c := range []struct {
		name             string
		policy           cluster.Policy
		detect, isolated time.Duration
	}{
		{"wsfc", newWSFC(), 10 * time.Second, 250 * time.Second},
		{"vsphere", newVSphere(), 18 * time.Second, 0},
		{"nova", newNova(), time.Minute, 0},
		{"nova, evacuated", evacuate, time.Minute, time.Minute},
		{"kubernetes", newKubernetes(), 350 * time.Second, 350 * time.Second},
		{"kubernetes, 40 s", grace, 340 * time.Second, 340 * time.Second},
		{"nomad", newNomad(), 25 * time.Second, 25 * time.Second},
		{"proxmox", newProxmox(), 120 * time.Second, 60 * time.Second},
	} {
		if got := c.policy.Timing(); got.Detect != c.detect || got.Isolated != c.isolated {
			t.Errorf("%s: %v, isolated %v; want %v, %v", c.name, got.Detect, got.Isolated, c.detect, c.isolated)
		}
	}
}
