package sched

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"lbsim/models/lb"
)

// shares picks n times and returns how often each member was picked, with the
// given connections held throughout.
func shares(p *pool, n int) []float64 {
	s := make([]float64, len(p.view.Members))
	for range n {
		s[p.pick()] += 1 / float64(n)
	}
	return s
}

// The chance of the least and of the most loaded of three, and of each when all
// are equal, in closed form: (2n-1)/n^2 and 1/n^2 with replacement, 2/n and 0
// without.
func TestChancesOfTheLeastAndMostLoaded(t *testing.T) {
	const n = 100_000
	for _, c := range []struct {
		name        string
		policy      lb.SchedulerPolicy
		least, most float64
	}{
		{"with replacement", &Random{Choices: 2, Replace: true}, 5.0 / 9, 1.0 / 9},
		{"envoy", &Random{Choices: 2, Like: "envoy"}, 5.0 / 9, 1.0 / 9},
		{"two-choices, envoy", &TwoChoices{Like: "envoy"}, 5.0 / 9, 1.0 / 9},
		{"distinct", &Random{Choices: 2}, 2.0 / 3, 0},
		{"two-choices", &TwoChoices{}, 2.0 / 3, 0},
		{"nginx", &Random{Choices: 2, Like: "nginx"}, 2.0 / 3, 0},
		{"three distinct", &Random{Choices: 3}, 1, 0},
		// Draws of 0 to 3 give a, the least loaded, 2/4 and the others 1/4.
		{"ipvs", &TwoChoices{Like: "ipvs"}, 1 - 1.0/4, 1.0 / 16},
	} {
		s := shares(at(c.policy, []int32{1, 2, 3}, 1, 1, 1), n)
		if math.Abs(s[0]-c.least) > 0.01 || math.Abs(s[2]-c.most) > 0.01 {
			t.Errorf("%s: picked %.4f and %.4f, expected %.4f and %.4f", c.name, s[0], s[2], c.least, c.most)
		}
	}
}

func TestRandomFollowsWeights(t *testing.T) {
	for name, c := range map[string]struct {
		policy lb.SchedulerPolicy
		want   [3]float64
	}{
		"one choice":         {&Random{Choices: 1}, [3]float64{.5, .3, .2}},
		"nginx":              {&Random{Choices: 1, Like: "nginx"}, [3]float64{.5, .3, .2}},
		"envoy has none":     {&Random{Choices: 1, Like: "envoy"}, [3]float64{1. / 3, 1. / 3, 1. / 3}},
		"ipvs first draw":    {&Random{Choices: 2, Like: "ipvs"}, [3]float64{6. / 11, 3. / 11, 2. / 11}},
		"zero value":         {&Random{}, [3]float64{.5, .3, .2}},
		"distinct, 1st wins": {&Random{Choices: 2}, [3]float64{.5, .3, .2}},
		// The second of two distinct draws: P(i) = sum over j of w_j w_i/(1-w_j).
		"nginx, 2nd wins": {&Random{Choices: 2, Like: "nginx"}, [3]float64{
			.5 * (.3/(1-.3) + .2/(1-.2)), .3 * (.5/(1-.5) + .2/(1-.2)), .2 * (.5/(1-.5) + .3/(1-.3)),
		}},
	} {
		s := shares(newPool(c.policy, 5, 3, 2), 100_000)
		for m, want := range c.want {
			if math.Abs(s[m]-want) > 0.01 {
				t.Errorf("%s: member %d was picked %.4f, expected %.4f", name, m, s[m], want)
			}
		}
	}
}

// A server's chance under HAProxy is its share of the ring.
func TestHAProxyDrawsPointsOfItsRing(t *testing.T) {
	p := newPool(&Random{Choices: 1, Like: "haproxy"}, 1, 2, 1)
	got := shares(p, 200_000)
	r := p.Scheduler.(*ringDraws).ring
	want := make([]float64, 3)
	const grid = 1 << 16
	for i := range uint64(grid) {
		want[r.points[r.nearest(i<<48)].member] += 1.0 / grid
	}
	for m := range want {
		if math.Abs(got[m]-want[m]) > 0.01 {
			t.Errorf("member %d was picked %.4f, it has %.4f of the ring", m, got[m], want[m])
		}
	}
	// The busy one is picked only if both points are its own.
	busy := shares(at(&Random{Choices: 2, Like: "haproxy"}, []int32{0, 0, 9}, 1, 2, 1), 200_000)
	if math.Abs(busy[2]-want[2]*want[2]) > 0.01 {
		t.Errorf("the busy one was picked %.4f, expected %.4f", busy[2], want[2]*want[2])
	}
}

// HAProxy counts connections of the second under way and, of the second before,
// the part that has not run out.
func TestFrequency(t *testing.T) {
	var f frequency
	f.add(5000, 1) // a new second begins where the first is counted
	f.add(5400, 99)
	for now, want := range map[int64]int64{5400: 100, 6000: 100, 6250: 75, 6900: 10, 7001: 0, 9000: 0} {
		expect(t, "rate at "+strconv.Itoa(int(now)), f.read(now), want)
	}
	f.add(6500, 10)
	for now, want := range map[int64]int64{6500: 10 + 50, 6999: 10, 7000: 10, 7500: 5} {
		expect(t, "rate, after 10 more, at "+strconv.Itoa(int(now)), f.read(now), want)
	}
	var one frequency
	one.add(0, 1)
	expect(t, "a single one", one.read(1500), 1)
}

// Of two with equally many connections per weight, HAProxy prefers the one that
// got fewer in the last second, and the later draw if that is the same, too.
func TestHAProxyTiesByRate(t *testing.T) {
	p := newPool(&Random{Choices: 2, Like: "haproxy"}, 1, 1)
	share := shares(p, 50_000)[0] // of the ring, or near it: ties are the later draw
	for range 20 {
		p.count(0, 1)
		p.count(0, -1)
	}
	got := shares(p, 50_000)[0]
	if math.Abs(got-share*share) > 0.01 {
		t.Errorf("a, which got 20 connections just now, is picked %.3f, expected both draws, %.3f", got, share*share)
	}
	p.query.Now = 3e9
	if got := shares(p, 50_000)[0]; math.Abs(got-share) > 0.01 {
		t.Errorf("three seconds later a is picked %.3f, expected %.3f", got, share)
	}
}

// HAProxy 2.6 takes the later draw, whatever the rates.
func TestHAProxyTiesToTheLaterDraw(t *testing.T) {
	p := newPool(&TwoChoices{Like: "haproxy-2.6"}, 1, 1)
	share := shares(newPool(&Random{Choices: 1, Like: "haproxy"}, 1, 1), 50_000)[0]
	for range 20 {
		p.count(0, 1)
		p.count(0, -1)
	}
	if got := shares(p, 50_000)[0]; math.Abs(got-share) > 0.01 {
		t.Errorf("a, which got 20 connections just now, is picked %.3f, expected its share of the ring, %.3f", got, share)
	}
}

// Where the service lets the scheduler pick full servers, so that a connection
// waits when it meets one, draws and tables of HAProxy do not walk on.
func TestFullServersThatMayBePicked(t *testing.T) {
	addr := manyAddrs(200)
	for _, policy := range []lb.SchedulerPolicy{
		&Random{Choices: 1, Like: "haproxy"}, &StaticRoundRobin{}, hashLike("haproxy", "map", ""), hashLike("haproxy", "ring", ""),
	} {
		p, empty := newPoolOf(policy, addr, 1, 1, 1), newPoolOf(policy, addr, 1, 1, 1)
		p.view.Members[1].Limit, p.view.Members[1].Active = 1, 1
		p.set(1, true)
		for a := range addr {
			expect(t, "pick", p.from(a), empty.from(a))
		}
	}
}

func TestStaticTables(t *testing.T) {
	for _, c := range []struct {
		weights []int64
		want    string
	}{
		{[]int64{5, 1, 1}, "aaabaac"}, {[]int64{4, 3, 2}, "ababcaabc"}, {[]int64{3, 2, 1}, "aababc"},
		{[]int64{1, 5, 1}, "abbbbbc"}, {[]int64{2, 2, 2}, "abc"},
	} {
		p := newPool(&StaticRoundRobin{}, c.weights...)
		expect(t, fmt.Sprint(c.weights, ", first pass"), p.turns(len(c.want)), c.want)
		p.reweigh(0, lb.FullWeight/2)
		p.view.Members[0].Base++ // refused at run time
		p.changed(0)
		expect(t, fmt.Sprint(c.weights, ", second pass, in a slow start"), p.turns(len(c.want)), c.want)
	}
}
