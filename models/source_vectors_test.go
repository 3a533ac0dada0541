package models_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// What is known of source addresses, of their ports and of persistence by them, a
// test for each rule and a case for each row.

// New connections per second through one address, limited by resting ports:
// ports / (L + W), here with L = 0.
func TestRateOfNewConnections(t *testing.T) {
	for _, c := range []struct {
		row   string
		ports int
		rest  time.Duration
		rate  float64
	}{
		{"64512, 60: 1075.2", 64_512, 60 * second, 1075.2},
		{"64512, 120: 537.6", 64_512, 120 * second, 537.6},
		{"64512, 240: 268.8", 64_512, 240 * second, 268.8},
		{"28232, 60: 470.5", 28_232, 60 * second, 470.5},
		{"16384, 120: 136.5", 16_384, 120 * second, 136.5},
	} {
		t.Run(c.row, func(t *testing.T) {
			var n tally
			nat := &snat.NAT{Addresses: 1, Ports: c.ports, Rest: c.rest}
			w := build(t, office(nat, flow.Rate(1.3*c.rate), &dist.Constant{}), c.row, 0, &n)
			run(t, w, c.rest)
			before := n.taken
			run(t, w, 4*c.rest)
			// The sheet has one decimal, and a port may lie idle for one arrival.
			if got := float64(n.taken-before) / (3 * c.rest.Seconds()); math.Abs(got/c.rate-1) > 0.001 {
				t.Errorf("%.2f connections per second, want %.1f", got, c.rate)
			}
		})
	}
}

// Rules for how many devices may share an address, and how many addresses a
// balancer needs.
func TestAddressRules(t *testing.T) {
	holding := func(devices, each, ports int) models.Config {
		c := held(snat.Site{Clients: devices, NAT: &snat.NAT{Addresses: 1, Pooling: snat.Paired, Sizes: &snat.Equal{}, Ports: ports}}, 2, &sched.Random{})
		c.Traffic[0].Connections.PerClient = each
		return c
	}
	facing := func(addresses int) models.Config {
		c := held(snat.Site{Clients: 250_000}, 1, &sched.Random{})
		c.Balancer.Source = lb.Source{Kind: lb.SNAT, Addresses: addresses, Ports: 64_000}
		return c
	}
	for _, c := range []struct {
		rule    string
		config  models.Config
		refused int
	}{
		{"Exchange: (64000 - 4000)/(6 + 4) = 6000 devices", holding(6000, 10, 60_000), 0},
		{"Exchange: a device more", holding(6001, 10, 60_000), 10},
		{"Outlook: 64000/8 = 8000 users", holding(8000, 8, 64_000), 0},
		{"Outlook: a user more", holding(8001, 8, 64_000), 8},
		{"F5: 250000 -> 4 SNAT addresses", facing(4), 0},
		{"F5: 3 are too few", facing(3), 250_000 - 3*64_000},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var n tally
			run(t, build(t, c.config, c.rule, 0, &n), 0)
			if n.refused != c.refused || n.why[flow.NoPort]+n.why[flow.NoFacePort] != c.refused {
				t.Errorf("%d connections are refused, want %d", n.refused, c.refused)
			}
		})
	}
}

// groupsOf are clients behind addresses of the given sizes, whose hash chooses
// one of some servers.
func groupsOf(servers int, sizes ...float64) models.Config {
	total := 0.0
	for _, s := range sizes {
		total += s
	}
	nat := &snat.NAT{Addresses: 1, Pooling: snat.Paired, Sizes: &snat.Listed{Of: sizes}}
	return held(snat.Site{Clients: int(total), NAT: nat}, servers, &sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}})
}

// The rows of the table of source-hash imbalance: H, 1/H, CV, the mean of the
// highest load over the mean, and its lower bound.
func TestSourceHashImbalance(t *testing.T) {
	tens := func(n int, first ...float64) []float64 {
		for range n {
			first = append(first, 10)
		}
		return first
	}
	for _, c := range []struct {
		row           string
		servers       int
		sizes         []float64
		h, cv, expect float64
		bound         float64
	}{
		{"60,20,10,10 on 2", 2, []float64{60, 20, 10, 10}, 0.42, 0.648, 1.6, 1.2},
		{"60,20,10,10 on 3", 3, []float64{60, 20, 10, 10}, 0.42, 0.917, 2.2, 1.8},
		{"25 x 4 on 2", 2, []float64{25, 25, 25, 25}, 0.25, 0.5, 1.375, 1},
		{"1 x 10 on 2", 2, tens(10), 0.1, 0.316, 1.24609375, 1},
		{"50 + 1 x 10 on 2", 2, tens(10, 500), 0.6972, 0.835, 1.8333, 1.667},
	} {
		t.Run(c.row, func(t *testing.T) {
			t.Parallel()
			h, total := 0.0, 0.0
			for _, s := range c.sizes {
				h, total = h+s*s, total+s
			}
			if h /= total * total; math.Abs(h-c.h) > 5e-5 || math.Abs(math.Sqrt(float64(c.servers-1)*h)-c.cv) > 1e-3 {
				t.Errorf("H %.4f, CV %.3f; want %.4f and %.3f", h, math.Sqrt(float64(c.servers-1)*h), c.h, c.cv)
			}
			all := spreads(t, groupsOf(c.servers, c.sizes...), 4000, one)
			highest, squares := each(all, spread.maxOverMean), each(all, spread.cov2)
			near := func(what string, x []float64, want float64) {
				t.Helper()
				if deviation := math.Sqrt(variance(x) / float64(len(x))); math.Abs(mean(x)-want) > 4*deviation {
					t.Errorf("%s %.4f ± %.4f, want %.4f", what, mean(x), deviation, want)
				}
			}
			near("E[max]/mean", highest, c.expect)
			near("E[CV²]", squares, float64(c.servers-1)*h)
			if least := slices.Min(highest); least < c.bound-1e-3 {
				t.Errorf("max/mean %.3f is below the bound %.3f", least, c.bound)
			}
		})
	}
}

// The 16 assignments of 60, 20, 10 and 10 to two servers.
func TestDistributionOfSixteenAssignments(t *testing.T) {
	all := spreads(t, groupsOf(2, 60, 20, 10, 10), 8000, one)
	n := map[float64]int{}
	for _, s := range all {
		n[slices.Max(s)]++
	}
	ways := 0
	for highest, of16 := range map[float64]int{100: 2, 90: 4, 80: 4, 70: 4, 60: 2} {
		ways += of16
		p := float64(of16) / 16
		if want := p * float64(len(all)); math.Abs(float64(n[highest])-want) > 4*math.Sqrt(want*(1-p)) {
			t.Errorf("the highest load is %.0f %d times of %d, want %.0f", highest, n[highest], len(all), want)
		}
		delete(n, highest)
	}
	if ways != 16 || len(n) > 0 {
		t.Errorf("%d ways, and other loads %v", ways, n)
	}
}

// Without persistence, round robin gives 100 clients behind four addresses an
// even share each.
func TestRoundRobinOverGroups(t *testing.T) {
	c := groupsOf(2, 60, 20, 10, 10)
	c.Balancer.Services[0].Scheduler = &sched.RoundRobin{}
	if got := spreads(t, c, 10, one)[0].maxOverMean(); got != 1 {
		t.Errorf("max/mean %v", got)
	}
}

// behind are 400 clients of a few addresses, or with cookies, who connect again
// and again to four servers, of which one is away for a while.
func behind(addresses int, p lb.PersistencePolicy) models.Config {
	c := models.Config{
		Sites: []snat.Site{{Name: "sites", Clients: 400, NAT: &snat.NAT{Addresses: addresses, Pooling: snat.Paired, Sizes: &snat.Equal{}}}},
		Traffic: []traffic.Stream{{
			Name: "web", From: []string{"sites"}, Arrivals: &traffic.Poisson{Rate: 100}, Retry: traffic.Retry{Attempts: 1},
			Demand: &dist.Constant{Mean: time.Millisecond},
		}},
	}
	addServers(&c, 4, server.Config{Cores: 4, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{})
	s := &c.Balancer.Services[0]
	s.Persistence, s.Health = p, lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 1, Rise: 1}
	c.Timeline = []models.Action{{At: 60 * second, Fail: "s1"}, {At: 90 * second, Recover: "s1"}}
	return c
}

// stops are the servers of each address, in order.
type stops struct {
	silent
	of map[flow.AddrID][]int32
	n  [4]int // connections by server
}

func (s *stops) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, _ sim.Time) {
	if o != flow.Accepted {
		return
	}
	s.n[c.Server]++
	if list := s.of[c.Addr]; len(list) == 0 || list[len(list)-1] != c.Server {
		s.of[c.Addr] = append(list, c.Server)
	}
}

// Behind K translated addresses at most min(K, N) servers are loaded; each
// address moves as one block when its server fails, and does not come back, for
// its record is refreshed again and again.
func TestClientsBehindSNAT(t *testing.T) {
	for k := 1; k <= 6; k++ {
		config := behind(k, &persist.SourceIP{Timeout: 10 * second})
		s := stops{of: map[flow.AddrID][]int32{}}
		w := build(t, config, fmt.Sprint(k), 0, &s)
		run(t, w, 60*second)
		used := 4 - len(slices.DeleteFunc(slices.Clone(s.n[:]), func(n int) bool { return n > 0 }))
		if used != min(k, 4) {
			t.Errorf("%d addresses use %d of 4 servers", k, used)
		}
		run(t, w, 600*second)
		for a, list := range s.of {
			moves := 0
			if list[0] == 0 {
				moves = 1 // from s1, and not back
			}
			if len(list) != 1+moves {
				t.Errorf("%d addresses: address %d was at servers %v", k, a, list)
			}
		}
	}
	s := stops{of: map[flow.AddrID][]int32{}}
	run(t, build(t, behind(1, &persist.CookieInsert{Timeout: time.Hour}), "cookies", 0, &s), 60*second)
	if slices.Min(s.n[:]) < 5000/4 {
		t.Errorf("with cookies, servers get %v connections from one address", s.n)
	}
}

// nginx's ip_hash sends a whole /24 to one server; a hash of the address does not.
func TestHashesMergeNetworks(t *testing.T) {
	for _, c := range []struct {
		policy lb.SchedulerPolicy
		one    bool
	}{{&sched.IPHash{}, true}, {&sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}}, false}} {
		config := held(snat.Site{Clients: 5000}, 4, c.policy)
		w := build(t, config, t.Name(), 0, nil)
		run(t, w, 0)
		of := map[[3]byte]int32{}
		split := 0
		w.Conns(func(_ flow.ConnID, conn *flow.Conn) {
			a := w.Population().Addrs[conn.Addr].As4()
			net := [3]byte(a[:3])
			if s, ok := of[net]; ok && s != conn.Server {
				split++
			}
			of[net] = conn.Server
		})
		if (split == 0) != c.one {
			t.Errorf("%T: %d clients are elsewhere than others of their network", c.policy, split)
		}
	}
}
