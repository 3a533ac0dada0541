package sched

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lbsim/models/lb"
)

func TestRoundRobinSequences(t *testing.T) {
	for _, c := range []struct {
		like    string
		weights []int64
		want    string
	}{
		{"none", []int64{1, 1, 1}, "abcabc"},
		{"none", []int64{5, 1, 1}, "aabacaaaabacaa"},
		{"nginx", []int64{1, 1, 1}, "abcabc"},
		{"nginx", []int64{5, 1, 1}, "aabacaaaabacaa"},
		{"nginx", []int64{4, 3, 2}, "abcabacbaabcabacba"},
		{"nginx", []int64{2, 1}, "abaabaaba"},
		{"haproxy", []int64{1, 1, 1}, "abcabcabc"},
		{"haproxy", []int64{5, 1, 1}, "aaabaacaaabaac"},
		{"haproxy", []int64{2, 1}, "aabaabaab"},
		{"haproxy", []int64{4, 3, 2}, "abacbaabcabacbaabc"},
		{"envoy", []int64{1, 1, 1}, "abcabc"},
		{"envoy", []int64{5, 1, 1}, "aaaabcaaaaaabcaaaabca"},
		{"envoy", []int64{4, 3, 2}, "abcabacbaabcababcaabc"},
		{"envoy", []int64{2, 1}, "abaabaaba"},
		{"ipvs", []int64{1, 1, 1}, "abcabc"},
		{"ipvs", []int64{4, 3, 2}, "aababcabcaababcabc"},
		{"ipvs", []int64{5, 1, 1}, "aaaaabcaaaaabc"},
		{"kemp", []int64{100, 50}, "aabaab"},
	} {
		expect(t, fmt.Sprint(c.like, " ", c.weights), newPool(&RoundRobin{Like: c.like}, c.weights...).turns(len(c.want)), c.want)
	}
}

// Envoy's schedule after some turns, which are skipped in a time that does not
// grow with their number, is what it would be had they been taken: with weights
// and deadlines that binary fractions hold exactly, and no two equal deadlines
// that a whole number of rounds could put in another order.
func TestEnvoySkipsTurns(t *testing.T) {
	for _, weights := range [][]int64{{5, 1, 1}, {4, 3, 2}, {8, 4, 1}, {3, 1}} {
		for start := range 60 {
			want := newPool(&RoundRobin{Like: "envoy"}, weights...)
			want.turns(start)
			got := newPool(&RoundRobin{Like: "envoy", Start: start}, weights...)
			var cycle int64
			for _, w := range weights {
				cycle += w
			}
			a, b := want.turns(int(20*cycle)), got.turns(int(20*cycle))
			for m := range weights {
				letter := string(rune('a' + m))
				if d := strings.Count(a, letter) - strings.Count(b, letter); d < -1 || d > 1 {
					t.Errorf("weights %v, %d turns on: %s has %d turns more than it should", weights, start, letter, d)
				}
			}
		}
	}
	expect(t, "8,4 after 6 turns", newPool(&RoundRobin{Like: "envoy", Start: 6}, 8, 4).turns(6), newPool(&RoundRobin{Like: "envoy"}, 8, 4).turns(12)[6:])
	expect(t, "equal weights, start 4", newPool(&RoundRobin{Like: "envoy", Start: 4}, 1, 1, 1).turns(6), "bcabca")
	drawn := newPool(&RoundRobin{Like: "envoy", Start: -1}, 5, 1, 1)
	if n := drawn.Scheduler.(*envoy).start; n == 0 || n >= 429496729 {
		t.Errorf("%d turns are skipped", n)
	}
	turns := drawn.turns(70)
	if n := strings.Count(turns, "a"); n < 49 || n > 51 {
		t.Errorf("a has %d of 70 turns after a random start", n)
	}
}

// credits are the credits of nginx's smooth round robin, also when its picks are
// a repetition.
func credits(p *pool) []int64 {
	s := &p.Scheduler.(*nginxSmooth).smooth
	s.changed()
	return s.credit
}

// A repetition that is replayed is what a look at all members would give,
// whatever happens in between.
func TestSmoothTurnsRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(1, 6), 1, 6).Draw(t, "weights")
		replays, looks := newPool(&RoundRobin{Like: "nginx"}, weights...), newPool(&RoundRobin{Like: "nginx"}, weights...)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			for range rapid.IntRange(0, 60).Draw(t, "picks") {
				a := replays.pick()
				if b := looks.pick(); a != b {
					t.Fatalf("replays %d, a look gives %d", a, b)
				}
				looks.Scheduler.(*nginxSmooth).smooth.changed()
			}
			m := rapid.IntRange(0, len(weights)-1).Draw(t, "member")
			change := rapid.SampledFrom([]string{"down", "up", "weight", "fail"}).Draw(t, "change")
			w := rapid.Int64Range(1, 6).Draw(t, "weight") * lb.FullWeight
			for _, p := range []*pool{replays, looks} {
				switch change {
				case "weight":
					p.reweigh(m, w)
				case "fail":
					p.Scheduler.(*nginxSmooth).maxFails = 2
					p.Scheduler.(lb.FailureCounter).Failed(m)
				default:
					p.set(m, change == "up")
				}
			}
		}
	})
	p := newPool(&RoundRobin{Like: "nginx"}, 5, 1, 1)
	p.turns(8)
	expect(t, "repeats after a cycle", p.Scheduler.(*nginxSmooth).smooth.repeats, true)
}

func TestNginxCreditsAfterEachPick(t *testing.T) {
	p := newPool(&RoundRobin{Like: "nginx"}, 5, 1, 1)
	for i, want := range [][3]int64{{-2, 1, 1}, {-4, 2, 2}, {1, -4, 3}, {-1, -3, 4}, {4, -2, -2}, {2, -1, -1}, {0, 0, 0}} {
		p.pick()
		for m, c := range credits(p) {
			expect(t, "credit after pick "+string(rune('1'+i)), c, want[m]*lb.FullWeight)
		}
	}
}

// Peers that are skipped keep their current weight.
func TestNginxSkippedPeersKeepTheirWeight(t *testing.T) {
	p := newPool(&RoundRobin{Like: "nginx"}, 5, 1, 1)
	p.turns(1) // (-2,1,1)
	p.set(1, false)
	expect(t, "b is skipped", p.turns(1), "a") // (-3,1,2) after the pick
	p.set(1, true)
	for m, want := range []int64{-3, 1, 2} {
		expect(t, "current weight", credits(p)[m], want*lb.FullWeight)
	}
	expect(t, "b is back", p.turns(4), "caab")
}

// failing is round robin of nginx at weights 5, 1, 1 after a has been picked and
// has failed, and the effective weight of a.
func failing(maxFails int) (p *pool, effective func() int64) {
	p = newPool(&RoundRobin{Like: "nginx"}, 5, 1, 1)
	p.Scheduler = (&RoundRobin{Like: "nginx"}).NewScheduler(lb.Env{View: &p.view, MaxFails: maxFails})
	p.pick()
	p.Scheduler.(lb.FailureCounter).Failed(0)
	lost := p.Scheduler.(*nginxSmooth).lost
	return p, func() int64 { return (p.view.Members[0].Weight - lost[0]) / lb.FullWeight }
}

// "5,1,1, max_fails=2, a picked then fails at t=0 (eff 3)".
func TestNginxWeightAfterAFailure(t *testing.T) {
	p, effective := failing(2)
	expect(t, "effective weight", effective(), 3)
	expect(t, "5,1,1, max_fails=2, next 12 picks", p.turns(12), "baacaaabaaca")
	expect(t, "effective weight", effective(), 5)
}

// "5,1,1, max_fails=1, fail_timeout=10, a fails at t=0": the balancer leaves a
// out up to t=10.
func TestNginxWeightAfterBeingLeftOut(t *testing.T) {
	p, effective := failing(1)
	expect(t, "effective weight", effective(), 0)
	p.set(0, false)
	expect(t, "t=1", p.turns(4), "bcbc")
	p.set(0, true)
	for i, want := range "bcbaacaaba" {
		expect(t, "effective weight before pick "+strconv.Itoa(i), effective(), min(int64(i), 5))
		expect(t, "from t=11, pick "+strconv.Itoa(i), p.turns(1), string(want))
	}
}

// Among peers that tie, least_conn takes turns by the same weights.
func TestNginxLeastConnectionsAfterAFailure(t *testing.T) {
	p := newPool(&LeastConnections{Like: "nginx"}, 5, 1, 1)
	p.Scheduler = (&LeastConnections{Like: "nginx"}).NewScheduler(lb.Env{View: &p.view, MaxFails: 2})
	p.pick()
	p.Scheduler.(lb.FailureCounter).Failed(0)
	expect(t, "next 12 picks, no connections", p.turns(12), "baacaaabaaca")
}

// rejoin takes c out after six picks and back after k more.
func rejoin(k int, weight int64) *pool {
	p := newPool(&RoundRobin{Like: "haproxy"}, 1, 1, 1)
	p.turns(6)
	p.set(2, false)
	p.turns(k)
	p.view.Members[2].Weight = weight
	p.set(2, true)
	return p
}

func TestHAProxyServerReturnsOnTheThirdPick(t *testing.T) {
	for _, k := range []int{2, 10, 31, 97} {
		p := rejoin(k, lb.FullWeight)
		turns := p.turns(30)
		expect(t, "first turn", strings.IndexByte(turns, 'c'), 2)
		for i := 2; i+3 < len(turns); i++ {
			expect(t, "rotation", turns[i+3], turns[i])
		}
	}
}

func TestHAProxyServerReturnsInSlowStart(t *testing.T) {
	turns := rejoin(10, lb.FullWeight/16).turns(400)
	expect(t, "first turn", strings.IndexByte(turns, 'c')+1, 50)
	expect(t, "turns", strings.Count(turns, "c"), 11)
}

// A ramp changes weights at every pick; shares follow in the end.
func TestHAProxyWeightsChange(t *testing.T) {
	p := newPool(&RoundRobin{Like: "haproxy"}, 1, 1, 1)
	for w := int64(1); w <= 16; w++ {
		p.reweigh(1, w*lb.FullWeight/16)
		p.turns(7)
	}
	turns := p.turns(300)
	for _, s := range "abc" {
		if n := strings.Count(turns, string(s)); n < 99 || n > 101 {
			t.Errorf("%c has %d of 300 turns", s, n)
		}
	}
}

func TestFullServersLoseTheirTurn(t *testing.T) {
	for _, like := range []string{"haproxy", "ipvs"} {
		p := newPool(&RoundRobin{Like: like}, 1, 1, 1)
		p.view.Members[1].Limit = 2
		expect(t, like, p.held(9), "abcabcaca"[:9])
		p.count(1, -1)
		if !strings.Contains(p.turns(3), "b") {
			t.Errorf("%s: b has a free place and no turn", like)
		}
		for m := range 3 {
			p.set(m, false)
		}
		expect(t, like+" with all down", p.pick(), -1)
	}
}

// Of two servers that were full at the end of a period, the one that was passed over
// last is the first in the next (HAProxy 2.6, src/lb_fwrr.c, whose rule was carried
// out by an independent program).
func TestFullServersComeBackInReverse(t *testing.T) {
	for _, c := range []struct {
		before int
		want   string
	}{{0, "cabcabc"}, {45, "ccbacba"}, {46, "cacbacb"}, {48, "cbacbac"}} {
		p := newPool(&RoundRobin{Like: "haproxy"}, 1, 1, 1)
		p.turns(c.before)
		for m := range 2 {
			p.view.Members[m].Limit = 1
			p.count(m, +1)
		}
		got := p.turns(1)
		for m := range 2 {
			p.count(m, -1)
		}
		expect(t, fmt.Sprintf("after %d picks", c.before), got+p.turns(6), c.want)
	}
}

func TestIPVSRestartsAtTheHead(t *testing.T) {
	p := newPool(&RoundRobin{Like: "ipvs"}, 1, 1, 1, 1)
	p.turns(2)
	p.set(3, false)
	expect(t, "after d left", p.turns(4), "abca")
	p.set(3, true)
	expect(t, "after d came", p.turns(5), "abcda")
}

// nginx counts a connection that persistence sends to a server among the picks,
// but only one in a row: below -(the weights of the others) nothing is paid. The
// credits after each were computed by hand from the rule in
// src/http/ngx_http_upstream_round_robin.c.
func TestNginxCountsBoundConnections(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []int64
		before  int    // picks
		bound   string // then these are bound
		credits []int64
		want    string
	}{
		{"none", []int64{1, 1, 1}, 0, "", []int64{0, 0, 0}, "abcabc"},
		{"one", []int64{1, 1, 1}, 0, "a", []int64{-2, 1, 1}, "bcabca"},
		{"two are as one", []int64{1, 1, 1}, 0, "aa", []int64{-2, 1, 1}, "bcabca"},
		{"nine are as one", []int64{1, 1, 1}, 0, "aaaaaaaaa", []int64{-2, 1, 1}, "bcabca"},
		{"as many as there are", []int64{1, 1, 1}, 0, "abc", []int64{0, 0, 0}, "abcabc"},
		{"after a pick", []int64{1, 1, 1}, 1, "a", []int64{-2, 1, 1}, "bcabca"}, // a has paid for the pick
		{"in a repetition", []int64{1, 1, 1}, 10, "b", []int64{-1, -1, 2}, "cabcab"},
		{"a heavy one", []int64{5, 1, 1}, 0, "a", []int64{-2, 1, 1}, "abacaaa"},
		{"a light one", []int64{5, 1, 1}, 0, "ab", []int64{3, -5, 2}, "aacaaaa"},
		{"a light one twice", []int64{5, 1, 1}, 0, "abb", []int64{8, -11, 3}, "aaaacaaacaaaabacaa"},
		{"a light one thrice", []int64{5, 1, 1}, 0, "abbb", []int64{8, -11, 3}, "aaaacaaacaaaabacaa"},
	} {
		p := newPool(&RoundRobin{Like: "nginx"}, c.weights...)
		for range c.before {
			p.pick()
		}
		for _, m := range c.bound {
			p.Scheduler.(lb.BoundCounter).Bound(int(m - 'a'))
		}
		for m, got := range credits(p) {
			expect(t, c.name+", credit", got, c.credits[m]*lb.FullWeight)
		}
		expect(t, c.name, p.turns(len(c.want)), c.want)
	}
}
