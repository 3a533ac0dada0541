package snat

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// sizesOf are the groups of so many clients.
func sizesOf(t *testing.T, clients, addresses int, sizes SizesPolicy) []int {
	t.Helper()
	nat := &NAT{Addresses: addresses, Pooling: Paired, Sizes: sizes}
	p := NewPopulation(sim.New(1, 0), []Site{{Name: "site", Clients: clients, NAT: nat}}, 1)
	groups := p.GroupSizes([]int{0})
	slices.SortFunc(groups, func(a, b int) int { return b - a })
	return groups
}

func TestPresets(t *testing.T) {
	share := func(groups []int, size func(int) bool) float64 {
		n := 0
		for _, g := range groups {
			if size(g) {
				n++
			}
		}
		return float64(n) / float64(len(groups))
	}
	near := func(what string, got, want, by float64) {
		t.Helper()
		if math.Abs(got-want) > by {
			t.Errorf("%s: %.4g, want %.4g", what, got, want)
		}
	}
	homes := sizesOf(t, 20_000, 1, &Residential{})
	near("households", float64(len(homes)), 20_000/1.96, 1)
	near("one host", share(homes, func(n int) bool { return n == 1 }), 0.48, 0.02)
	near("two hosts", share(homes, func(n int) bool { return n == 2 }), 0.30, 0.02)
	near("more than five", share(homes, func(n int) bool { return n > 6 }), 0, 0)

	if got := sizesOf(t, 585, 1, &Branch{Of: []float64{5, 10, 20, 50, 100, 400}}); !slices.Equal(got, []int{400, 100, 50, 20, 10, 5}) {
		t.Errorf("branches of %v", got)
	}
	proxy := sizesOf(t, 10_000, 1, &SingleProxy{Share: 0.6})
	near("behind the proxy", float64(proxy[0]), 6000, 60)
	near("the largest other", float64(proxy[1]), 5, 1)

	if got := sizesOf(t, 5000, 1, &ActiveSync{Operators: 5}); !slices.Equal(got, []int{1000, 1000, 1000, 1000, 1000}) {
		t.Errorf("operators carry %v", got)
	}
	tail := sizesOf(t, 4000, 1000, &HeavyTail{Alpha: 1.1, Max: 2000})
	if tail[0] < 100 || tail[len(tail)/2] > 2 {
		t.Errorf("a heavy tail has the largest group %d and the median %d", tail[0], tail[len(tail)/2])
	}
}

// A heavy tail ends at min(G/2, 2000) for G clients.
func TestHeavyTailIsBounded(t *testing.T) {
	h := &HeavyTail{Alpha: 1.1, Max: 2000}
	for clients, want := range map[int]int{3: 2, 100: 50, 4000: 2000, 100_000: 2000} {
		b := h.within(clients).(*HeavyTail)
		largest := slices.Max(b.Weights(100_000, sim.NewStream(1, 0, "tail")))
		if b.Max != want || largest > float64(want) || largest < float64(want)*0.5 {
			t.Errorf("%d clients: at most %d, largest drawn %.0f; want %d", clients, b.Max, largest, want)
		}
	}
	// The sizes add up to all clients, of whom the largest group has less than it
	// would without a bound.
	free, bound := sizesOf(t, 60, 20, &Pareto{Alpha: 0.3}), sizesOf(t, 60, 20, &HeavyTail{Alpha: 0.3, Max: 2000})
	if sum := func(x []int) (n int) {
		for _, k := range x {
			n += k
		}
		return n
	}; sum(bound) != 60 || bound[0] >= free[0] {
		t.Errorf("largest group %d of %d, without a bound %d", bound[0], sum(bound), free[0])
	}
}

// A client that moves every ten minutes has another address after that time, and
// the same one in between; over all moves it meets each as often.
func TestMoving(t *testing.T) {
	e := sim.New(1, 0)
	nat := &NAT{Addresses: 5, Pooling: Paired, Sizes: &Equal{}}
	p := NewPopulation(e, []Site{{Name: "stays", Clients: 10}, {Name: "mobile", Clients: 200, NAT: nat, Moves: 10 * time.Minute}}, 1)
	met := map[flow.AddrID]int{}
	same, moved := 0, 0
	const minutes = 5000
	last := make([]flow.AddrID, p.Clients())
	changed := make([]int, p.Clients())
	for m := range minutes {
		e.Run(sim.Time(m) * sim.Time(time.Minute))
		for c := flow.ClientID(0); c < flow.ClientID(p.Clients()); c++ {
			a := p.Address(c)
			if m == 0 && a != p.addr[c] {
				t.Fatalf("client %d begins at address %d, its own is %d", c, a, p.addr[c])
			}
			if m > 0 && a != last[c] {
				changed[c]++
			}
			if last[c] = a; c >= 10 {
				met[a]++
			}
		}
	}
	for c, n := range changed {
		switch {
		case c < 10 && n > 0:
			t.Errorf("client %d moved", c)
		case c < 10:
		case n < minutes/10-25 || n > minutes/10:
			t.Errorf("client %d moved %d times in %d minutes", c, n, minutes)
		default:
			moved += n
			same += minutes/10 - n
		}
	}
	if part := float64(same) / float64(same+moved); part > 0.03 { // 1 of 16 goes anywhere, one of 5 of them nowhere
		t.Errorf("%.3f of the moves lead nowhere", part)
	}
	for a, n := range met {
		if got := float64(n) / minutes / 200; math.Abs(got-0.2) > 0.01 {
			t.Errorf("address %d has %.3f of the clients", a, got)
		}
	}
}

// Every kind is a type of its own, and its defaults are valid.
func TestSizesTable(t *testing.T) {
	for _, k := range SizesTable {
		p := k.New()
		if problems := flow.Check(p); len(problems) > 0 && k.Name != "listed" && k.Name != "log" { // these need to be told
			t.Errorf("%s: %v", k.Name, problems)
		}
		for _, other := range SizesTable {
			if k.Name < other.Name && reflect.TypeOf(p) == reflect.TypeOf(other.New()) {
				t.Errorf("%s and %s are one type", k.Name, other.Name)
			}
		}
	}
}
