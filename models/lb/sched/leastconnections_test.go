package sched

import (
	"math"
	"strings"
	"testing"

	"lbsim/models/lb"
)

func TestLeastConnectionsSequences(t *testing.T) {
	for _, c := range []struct {
		name    string
		policy  lb.SchedulerPolicy
		weights []int64
		want    string
	}{
		{"nginx 1,1,1", &LeastConnections{Like: "nginx"}, []int64{1, 1, 1}, "abccbaabccba"},
		{"nginx 2,1", &LeastConnections{Like: "nginx"}, []int64{2, 1}, "ababaaaba"},
		{"haproxy 1,1,1", &LeastConnections{Like: "haproxy"}, []int64{1, 1, 1}, "abcabcabc"},
		{"haproxy 2,1", &LeastConnections{Like: "haproxy"}, []int64{2, 1}, "abaabaaba"},
		{"haproxy 3,1", &LeastConnections{Like: "haproxy"}, []int64{3, 1}, "abaaaaba"},
		{"ipvs wlc 1,2,3", &LeastConnections{Like: "ipvs"}, []int64{1, 2, 3}, "abccbcabccbc"},
		{"ipvs sed 1,2,3", &ShortestExpectedDelay{}, []int64{1, 2, 3}, "cbcabccbcabc"},
		{"ipvs nq 1,2,3", &NeverQueue{}, []int64{1, 2, 3}, "abccbccbcabc"},
		{"first", &First{}, []int64{1, 2, 3}, "aaa"},
		{"fixed", &Fixed{}, []int64{1, 3, 3}, "bbb"},
	} {
		expect(t, c.name, newPool(c.policy, c.weights...).held(len(c.want)), c.want)
	}
}

// at returns a pool whose members have connections already.
func at(policy lb.SchedulerPolicy, active []int32, weights ...int64) *pool {
	p := newPool(policy, weights...)
	for m, a := range active {
		p.count(m, a)
	}
	return p
}

func TestLeastConnectionsFromGivenCounts(t *testing.T) {
	expect(t, "nginx from 5, 5, 0", at(&LeastConnections{Like: "nginx"}, []int32{5, 5, 0}, 1, 1, 1).held(8), "cccccabc")
	expect(t, "ipvs wlc at 2, 4, 5", at(&LeastConnections{Like: "ipvs"}, []int32{2, 4, 5}, 1, 2, 3).held(1), "c")
}

// "IPVS wlc with (w,act,inact) = (1,2,0),(2,4,0),(3,5,10): costs 512, 512, 430".
func TestIPVSCountsInactiveConnections(t *testing.T) {
	p := at(&LeastConnections{Like: "ipvs"}, []int32{2, 4, 5}, 1, 2, 3)
	p.view.Members[2].Inactive = 10
	p.count(2, 0)
	for m, want := range []int{512, 512, 430} {
		expect(t, "cost", int(overhead(&p.view.Members[m])*lb.FullWeight), want)
	}
	expect(t, "wlc", p.held(1), "c")
	// lc: 256 connections that linger are as much as one that does not.
	p = at(&LeastConnections{Like: "ipvs", Per: "server"}, []int32{2, 1, 1}, 9, 2, 1)
	expect(t, "lc", p.turns(1), "b")
	p.view.Members[1].Inactive = 1
	p.count(1, 0)
	expect(t, "lc, b has a connection that lingers", p.turns(1), "c")
	p.view.Members[1].Inactive, p.view.Members[2].Inactive = 256, 257
	p.count(1, 0)
	p.count(2, 0)
	expect(t, "lc, 257 linger at c and 256 at b", p.turns(1), "a")
	p = at(&TwoChoices{Like: "ipvs"}, []int32{1, 1}, 1, 1)
	p.view.Members[0].Inactive = 1
	if s := shares(p, 30_000); math.Abs(s[0]-4./9) > 0.01 {
		t.Errorf("twos: a, which has a connection more that lingers, is picked %.3f, expected both draws, 4/9", s[0])
	}
}

// KEMP lc and wlc at low load: always the first server.
func TestKEMPAtLowLoad(t *testing.T) {
	for _, per := range []string{"server", "weight"} {
		p := newPool(&LeastConnections{Like: "kemp", Per: per}, 1000, 2000, 1000)
		expect(t, per, p.turns(3), "aaa")
	}
	expect(t, "lc", newPool(&LeastConnections{Like: "kemp", Per: "server"}, 1000, 2000, 1000).held(6), "abcabc")
	expect(t, "wlc", newPool(&LeastConnections{Like: "kemp"}, 1000, 2000, 1000).held(8), "abcbabcb")
}

// F5: ratio-LC connections/ratio, weighted-LC connections/connection limit.
func TestF5LeastConnections(t *testing.T) {
	pools := map[string]*pool{}
	for _, per := range []string{"server", "weight", "limit"} {
		p := newPool(&LeastConnections{Like: "f5", Per: per}, 2, 1, 1)
		for m, limit := range []int32{10, 10, 20} {
			p.view.Members[m].Limit = limit
		}
		pools[per] = p
	}
	expect(t, "least connections", pools["server"].held(6), "abcabc")
	expect(t, "ratio least connections", pools["weight"].held(8), "abcaabca")
	expect(t, "weighted least connections", pools["limit"].held(8), "abccabcc")
}

// HAProxy's leastconn: inflight is what a server has and what waits for it.
func TestQueuedConnectionsCount(t *testing.T) {
	p := at(&LeastConnections{Like: "haproxy"}, []int32{2, 2, 3}, 1, 1, 1)
	p.view.Members[0].Queued = 2
	p.count(0, 0)
	expect(t, "two wait for a", p.held(3), "bcb")
}

func TestRejoinStorm(t *testing.T) {
	for _, like := range []string{"none", "haproxy", "nginx", "envoy", "ipvs", "kemp", "f5"} {
		p := at(&LeastConnections{Like: like}, []int32{100, 100, 0}, 1, 1, 1)
		expect(t, like, p.held(100), strings.Repeat("c", 100))
	}
}

func TestHAProxyCosts(t *testing.T) {
	for _, c := range []struct {
		weight int64
		want   [4]float64
	}{{1, [4]float64{0, 512, 768, 1024}}, {5, [4]float64{0, 102, 153, 204}}} {
		for active, want := range c.want {
			expect(t, "cost", haproxyCost(&lb.Member{Weight: c.weight * lb.FullWeight, Active: int32(active)}), want)
		}
	}
}

// "An idle server always precedes any busy one, whatever its weight; saturated
// servers are skipped. Weight 0 is never chosen."
func TestHAProxyPrefersIdleServers(t *testing.T) {
	p := at(&LeastConnections{Like: "haproxy"}, []int32{1, 0, 0}, 200, 1, 0)
	expect(t, "b is idle", p.held(1), "b")
	expect(t, "then by weight", p.held(3), "aaa")
	p.view.Members[0].Limit = 4
	p.count(0, 0)
	expect(t, "a is saturated", p.held(2), "bb")
}

func TestFirstFillsThePoolFromItsHead(t *testing.T) {
	p := newPool(&First{}, 1, 1, 1)
	for m := range p.view.Members {
		p.view.Members[m].Limit = 2
	}
	expect(t, "filling", p.held(5), "aabbc")
	p.count(0, -1)
	expect(t, "a free place ahead", p.held(1), "a")
}

func TestFixedFailsOver(t *testing.T) {
	p := newPool(&Fixed{}, 100, 300, 200)
	expect(t, "all up", p.turns(2), "bb")
	p.set(1, false)
	expect(t, "b down", p.turns(2), "cc")
	p.set(2, false)
	expect(t, "b and c down", p.turns(2), "aa")
	p.set(1, true)
	expect(t, "b up", p.turns(2), "bb")
}

// Ties of Envoy's full scan are drawn uniformly, whatever came before.
func TestEnvoyDrawsAmongTheFewest(t *testing.T) {
	p := at(&LeastConnections{Like: "envoy"}, []int32{3, 1, 1, 2, 1}, 1, 1, 1, 1, 1)
	var got [5]int
	for range 30_000 {
		m := p.pick()
		got[m]++
		p.count(m, 1)
		p.count(m, -1)
	}
	for m, want := range []float64{0, 10_000, 10_000, 0, 10_000} {
		if math.Abs(float64(got[m])-want) > 400 {
			t.Errorf("member %d was picked %d times, expected about %.0f", m, got[m], want)
		}
	}
}

// Unequal weights of Envoy, by its load weight w/(active+1), worked by hand:
// deadlines a 1/2, b 1, c 1 at first.
func TestEnvoyLeastRequestOfUnequalWeights(t *testing.T) {
	// a at 1/2 is queued again for 1 with no request counted, after b and c;
	// then b for 2, c for 2, a (one active) for 1+1 behind both.
	expect(t, "2,1,1", newPool(envoyBias(1), 2, 1, 1).held(6), "abcabc")
	// Without a bias, requests do not count: the order of weights.
	expect(t, "2,1,1, bias 0", newPool(envoyBias(0), 2, 1, 1).held(8), "abcaabca")
	// bias 2: a is queued again at 1/2+(1/2)*1, then behind both for 1+4/2;
	// b and c for 1+1, then for 2+4.
	expect(t, "2,1,1, bias 2", newPool(envoyBias(2), 2, 1, 1).held(7), "abcabca")
}

func envoyBias(bias float64) *LeastConnections {
	return &LeastConnections{Like: "envoy", EnvoySchedule: EnvoySchedule{Bias: bias}}
}

// What the order of counts says must be what the view says, after any changes.
func TestEnvoyCountsStaySorted(t *testing.T) {
	p := newPool(&LeastConnections{Like: "envoy"}, same(20)...)
	l := p.Scheduler.(*envoyLeast)
	for i := range 5000 {
		m := i * 7 % 20
		if i%3 == 0 && p.view.Members[m].Active > 0 {
			p.count(m, -1)
		} else {
			p.count(m, int32(1+i%4))
		}
		if i%97 == 0 {
			p.set(i%20, !p.view.Members[i%20].Usable)
		}
		least := int32(math.MaxInt32)
		for _, v := range p.view.Members {
			if v.Usable {
				least = min(least, v.Active)
			}
		}
		if m := p.pick(); p.view.Members[m].Active != least || !p.view.Members[m].Usable {
			t.Fatalf("after %d changes: picked %d, which has %d and not %d", i, m, p.view.Members[m].Active, least)
		}
	}
	for i, m := range l.sorted {
		expect(t, "place", l.place[m], int32(i))
	}
}
