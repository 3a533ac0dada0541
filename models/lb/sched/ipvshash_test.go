package sched

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"lbsim/models/lb"
)

func ipvs(table string, fallback bool) *SourceHash {
	p := hashLike("ipvs", table, "")
	p.Fallback = fallback
	return p
}

// IPVS sh: a server of weight 0 keeps a slot, and its clients have no service.
func TestIPVSSourceHashOfWeight0(t *testing.T) {
	all := manyAddrs(1000)
	p := newPoolOf(ipvs("map", false), all, 2, 0, 1)
	with := newPoolOf(ipvs("map", true), all, 2, 0, 1)
	unserved := 0
	for a := range all {
		// Slots a a b c, 64 times.
		want := []int{0, 0, -1, 2}[hashIPVS(all[a])%4]
		expect(t, "sh", p.from(a), want)
		if want < 0 {
			unserved++
		}
		if m := with.from(a); m == 1 || want >= 0 && m != want || m < 0 {
			t.Errorf("sh-fallback: %d where sh has %d", m, want)
		}
	}
	if unserved < 200 || unserved > 300 {
		t.Errorf("%d of 1000 clients have no service", unserved)
	}
	p.view.Members[0].Limit = 1
	p.count(0, 1)
	expect(t, "full", p.from(slices.IndexFunc(all, func(a netip.Addr) bool { return hashIPVS(a)%4 == 0 })), -1)
}

// IPVS mh: a weight of 0 moves nobody else's clients, and nobody when it ends.
func TestIPVSMaglevRemembersWeights(t *testing.T) {
	all := manyAddrs(2000)
	p, with := newPoolOf(ipvs("maglev", false), all, 3, 1, 2), newPoolOf(ipvs("maglev", true), all, 3, 1, 2)
	was := make([]int, len(all))
	var share [3]int
	for a := range all {
		was[a] = p.from(a)
		share[was[a]]++
		expect(t, "with fallback", with.from(a), was[a])
	}
	expect(t, "slots", len(p.Scheduler.(*hasher).table.(*ipvsTable).slots), 4093)
	for m, want := range [3]float64{1000, 333, 667} {
		if math.Abs(float64(share[m])-want) > 70 {
			t.Errorf("member %d has %d of 2000 addresses, expected about %.0f", m, share[m], want)
		}
	}
	for _, p := range []*pool{p, with} {
		p.view.Members[2].Base, p.view.Members[2].Weight = 0, 0
		p.set(2, false)
	}
	for a := range all {
		m, other := p.from(a), with.from(a)
		switch {
		case was[a] != 2:
			expect(t, "others' clients", m, was[a])
			expect(t, "others' clients with fallback", other, was[a])
		case m != -1 || other != 0 && other != 1:
			t.Errorf("clients of weight 0 are with %d and, with fallback, %d", m, other)
		}
	}
	p.view.Members[2].Base, p.view.Members[2].Weight = 2, 2*lb.FullWeight
	p.set(2, true)
	for a := range all {
		expect(t, "after the weight is back", p.from(a), was[a])
	}
}

// How many slots in a row a server claims: 100/50/50 is 2/1/1 in lowest terms;
// 1000 and 1 need 10 bits, of which a table of 4093 leaves 6.
func TestIPVSMaglevTurns(t *testing.T) {
	for _, c := range []struct{ weights, want []int64 }{
		{[]int64{100, 50, 50}, []int64{2, 1, 1}}, {[]int64{1000, 1}, []int64{1000 >> 4, 1}}, {[]int64{5}, []int64{1}},
	} {
		turns, list := make([]int64, len(c.weights)), []int32{}
		for m := range c.weights {
			list = append(list, int32(m))
		}
		ipvsTurns(turns, c.weights, list, 4093)
		if !slices.Equal(turns, c.want) {
			t.Errorf("weights %v claim %v, expected %v", c.weights, turns, c.want)
		}
	}
}
