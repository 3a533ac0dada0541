package models_test

import (
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// tally counts connection attempts by what became of them.
type tally struct {
	silent
	taken, refused int
	why            [flow.Refusals]int
}

func (c *tally) Assigned(_ flow.ConnID, x *flow.Conn, o flow.Outcome, _ sim.Time) {
	if o == flow.Accepted {
		c.taken++
		return
	}
	c.refused++
	c.why[x.Why]++
}

// office is a site behind one address of so many ports whose clients open
// connections at the given rate, each as long as the law says.
func office(nat *snat.NAT, rate flow.Rate, life dist.Spec) models.Config {
	if nat.Sizes == nil {
		nat.Sizes = &snat.Equal{}
	}
	if nat.Pooling == "" {
		nat.Pooling = snat.Paired
	}
	c := models.Config{
		Sites: []snat.Site{{Name: "office", Clients: 1000, NAT: nat}},
		Traffic: []traffic.Stream{{
			Name: "web", From: []string{"office"}, Arrivals: &traffic.Deterministic{Rate: rate}, Retry: traffic.Retry{Attempts: 1},
			Connections: &traffic.Connections{PerClient: 1, Lifetime: life},
		}},
	}
	addServers(&c, 2, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.LeastConnections{})
	return c
}

// Clients that want more than the ports of an address can carry get as many
// connections per second as there are ports, divided by the time for which each
// is taken (Little's law).
func TestPortsBoundTheRateOfConnections(t *testing.T) {
	for _, id := range known.WithPrefix("ports-") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := params[struct {
				Ports int
				Rest  float64 `json:"time_wait_s"`
				Hold  float64 `json:"mean_hold_s"`
			}](t, id)
			rest := dist.Seconds(p.Rest)
			life := dist.Spec(&dist.Constant{})
			if p.Hold > 0 {
				life = &dist.Exponential{Mean: dist.Seconds(p.Hold)}
			}
			nat := &snat.NAT{Addresses: 1, Ports: p.Ports, Rest: rest}
			want := known.Row(t, id).Number()
			var rates []float64
			for i := range 3 {
				var n tally
				one := rest + dist.Seconds(p.Hold)
				// They come evenly at first, and five times as many as soon as all ports
				// are taken. With so many from the beginning all would be taken in a
				// fifth of a cycle, and free ports would wait for clients in each.
				c := office(nat, flow.Rate(want), life)
				c.Traffic[0].Peak = &traffic.Peak{Factor: 5, At: one, For: 100 * one}
				w := build(t, c, id, i, &n)
				cycles := 10
				if testing.Short() {
					cycles = 3
				}
				cycle := time.Duration(cycles) * one
				run(t, w, cycle/2)
				before := n.taken
				run(t, w, cycle+cycle/2)
				rates = append(rates, float64(n.taken-before)/cycle.Seconds())
				if m := w.SourceMeter(); !m.Ports || m.MostPorts != p.Ports {
					t.Errorf("%d ports were taken, want all of %d", m.MostPorts, p.Ports)
				}
				if n.refused == 0 || n.why[flow.NoPort] != n.refused {
					t.Errorf("%d attempts failed, %d of them for lack of ports", n.refused, n.why[flow.NoPort])
				}
			}
			known.Check(t, id, rates)
		})
	}
}

// A port that does not rest is taken again at the instant it is given back, and
// without a limit nobody lacks one.
func TestPortsWithoutRest(t *testing.T) {
	life := &dist.Constant{Mean: 10 * second}
	for _, c := range []struct {
		name  string
		nat   snat.NAT
		taken int // of 100 attempts, one a second, that last 10 s
		most  int
	}{
		{"as many as are open", snat.NAT{Addresses: 1, Ports: 10}, 100, 10},
		{"one less", snat.NAT{Addresses: 1, Ports: 9}, 90, 9}, // the 10th, 20th ... find none
		{"two addresses", snat.NAT{Addresses: 2, Pooling: snat.Arbitrary, Ports: 9}, 100, 9},
		{"no limit", snat.NAT{Addresses: 1}, 100, 0},
		{"a rest of two lives", snat.NAT{Addresses: 1, Ports: 10, Rest: 20 * second}, 40, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n tally
			w := build(t, office(&c.nat, 1, life), c.name, 0, &n)
			run(t, w, 100*second)
			if most := w.SourceMeter().MostPorts; n.taken != c.taken || n.taken+n.refused != 100 || most > c.most {
				t.Errorf("%d of %d attempts were taken, want %d of 100; %d ports, want at most %d", n.taken, n.taken+n.refused, c.taken, most, c.most)
			}
		})
	}
}

// connected is how many of the connections that a world's clients want are open at
// the given time.
func connected(t *testing.T, c models.Config, at time.Duration) int {
	t.Helper()
	var n tally
	run(t, build(t, c, t.Name(), 0, &n), at)
	if n.why[flow.NoPort] != n.refused {
		t.Errorf("%d attempts failed, %d of them for lack of ports", n.refused, n.why[flow.NoPort])
	}
	return n.taken
}

// As many users have a block of their own as there are blocks.
func TestBlocksOfPortsBoundTheUsersOfAnAddress(t *testing.T) {
	for _, id := range known.WithPrefix("cgn-") {
		t.Run(id, func(t *testing.T) {
			p := params[struct {
				Ports int `json:"usable_ports"`
				Block int
			}](t, id)
			for _, policy := range []snat.AllocationPolicy{&snat.Block{Size: p.Block, Blocks: 1}, &snat.Fixed{Ratio: p.Ports / p.Block}} {
				// Sizes that are listed may put more users behind an address than have ports.
				nat := &snat.NAT{Addresses: 1, Pooling: snat.Paired, Sizes: &snat.Listed{Of: []float64{1}}, Ports: p.Ports, Allocation: policy}
				got := connected(t, held(snat.Site{Clients: 300, NAT: nat}, 2, &sched.LeastConnections{}), 0)
				known.CheckEqual(t, id, float64(got))
			}
		})
	}
}

// The ports of a user who wants more, by how many share an address.
func TestPortsOfAUser(t *testing.T) {
	for _, c := range []struct {
		policy snat.AllocationPolicy
		want   int
	}{
		{&snat.Fixed{Ratio: 16}, 4032}, {&snat.Fixed{Ratio: 32}, 2016}, {&snat.Fixed{Ratio: 64}, 1008}, {&snat.Fixed{Ratio: 128}, 504},
		{&snat.Fixed{Ratio: 256}, 252}, {&snat.Fixed{Ratio: 512}, 126}, {&snat.Fixed{Ratio: 1024}, 63},
		{&snat.Block{Size: 128, Blocks: 8}, 1024}, {&snat.Block{Size: 100, Blocks: 3}, 300},
	} {
		nat := &snat.NAT{Addresses: 1, Ports: snat.DefaultPorts, Rest: snat.DefaultRest, Allocation: c.policy}
		config := office(nat, 5000, &dist.Constant{Mean: time.Hour})
		config.Sites[0].Clients = 1
		if got := connected(t, config, second); got != c.want {
			t.Errorf("%T %+v: %d ports for a user, want %d", c.policy, c.policy, got, c.want)
		}
	}
}

// Blocks are given back: a user who needs one block at a time leaves the others
// to the next.
func TestBlocksAreGivenBack(t *testing.T) {
	nat := &snat.NAT{Addresses: 1, Ports: 40, Rest: 5 * second, Allocation: &snat.Block{Size: 10, Blocks: 2}}
	config := office(nat, 2, &dist.Constant{Mean: 5 * second}) // 20 ports in use or at rest
	config.Sites[0].Clients = 1
	if got := connected(t, config, 100*second); got != 200 {
		t.Errorf("%d of 200 connections found a port", got)
	}
	config.Traffic[0].Arrivals = &traffic.Deterministic{Rate: 4} // twice as many as it may have
	if got := connected(t, config, 100*second); got != 200 {
		t.Errorf("%d connections found a port, want 20 in each of ten times 10 s", got)
	}
}

// Per destination, the same ports serve every service once more.
func TestPortsPerDestination(t *testing.T) {
	for _, c := range []struct {
		mapping snat.Mapping
		policy  snat.AllocationPolicy
		want    int
	}{
		{snat.EndpointIndependent, nil, 50}, {snat.PerDestination, nil, 150},
		{snat.EndpointIndependent, &snat.Block{Size: 10, Blocks: 2}, 20}, {snat.PerDestination, &snat.Block{Size: 10, Blocks: 2}, 60},
	} {
		nat := &snat.NAT{Addresses: 1, Ports: 50, Rest: 120 * second, Mapping: c.mapping, Allocation: c.policy}
		config := office(nat, 500, &dist.Constant{Mean: time.Hour})
		config.Sites[0].Clients = 1
		config.Traffic[0].To = "all"
		for _, name := range []string{"second", "third"} {
			service, stream := config.Balancer.Services[0], config.Traffic[0]
			service.Name, stream.Name, stream.To = name, name, name
			config.Balancer.Services, config.Traffic = append(config.Balancer.Services, service), append(config.Traffic, stream)
		}
		if got := connected(t, config, second); got != c.want {
			t.Errorf("%s, %T: %d connections, want %d", c.mapping, c.policy, got, c.want)
		}
	}
}

// Behind carrier NAT as many clients share an address as it says, but for the
// rest.
func TestSharing(t *testing.T) {
	w := build(t, held(snat.Site{Clients: 200, NAT: &snat.NAT{Sharing: 64, Pooling: snat.Paired, Sizes: &snat.Equal{}}}, 2, &sched.Random{}), t.Name(), 0, nil)
	if got := w.Population().GroupSizes([]int{0}); len(got) != 4 || got[0] != 50 || got[3] != 50 {
		t.Errorf("groups of %v, want 4 of 50", got)
	}
}

// What cannot be together.
func TestAllocationProblems(t *testing.T) {
	for _, c := range []struct {
		change func(*snat.NAT)
		want   string
	}{
		{func(*snat.NAT) {}, ""},
		{func(n *snat.NAT) { n.Ports = 70000 }, "nat.ports"},
		{func(n *snat.NAT) { n.Rest = -1 }, "nat.rest"},
		{func(n *snat.NAT) { n.Mapping = "cone" }, "nat.mapping"},
		{func(n *snat.NAT) { n.Sharing, n.Addresses = 64, 2 }, "nat.sharing"},
		{func(n *snat.NAT) { n.Sharing, n.Sizes = 64, &snat.Zipf{Exponent: 1} }, "nat.sharing"},
		{func(n *snat.NAT) { n.Allocation = &snat.Block{Size: 0, Blocks: 8} }, "nat.allocation.size"},
		{func(n *snat.NAT) { n.Allocation, n.Ports = &snat.Block{Size: 128, Blocks: 8}, 100 }, "nat.allocation.size"},
		{func(n *snat.NAT) { n.Allocation, n.Pooling = &snat.Block{Size: 128, Blocks: 8}, snat.Arbitrary }, "nat.allocation"},
		{func(n *snat.NAT) { n.Allocation = &snat.Fixed{Ratio: 64} }, "nat.allocation.ratio"}, // 1000 clients behind one address
		{func(n *snat.NAT) { n.Allocation, n.Sharing = &snat.Fixed{Ratio: 64}, 64 }, ""},
	} {
		nat := &snat.NAT{}
		nat.SetDefaults()
		c.change(nat)
		got := ""
		if ps := flow.Check(&snat.Site{Name: "office", Clients: 1000, NAT: nat}); len(ps) > 0 {
			got = ps[0].Path
		}
		if got != c.want && !(c.want == "" && got == "") {
			t.Errorf("%+v: a problem at %q, want one at %q", nat, got, c.want)
		}
	}
}

// A balancer that connects from addresses of its own has so many ports for each
// server and address. Whom the scheduler sends to a server without any is
// refused, be there others with some.
func TestPortsOfTheBalancer(t *testing.T) {
	for _, c := range []struct {
		name    string
		source  lb.Source
		weights [2]int
		want    int // of 140,000
	}{
		{"S7, balanced", lb.Source{Kind: lb.SNAT, Addresses: 1, Ports: 64_512}, [2]int{1, 1}, 129_024},
		{"S7, 60 to 40", lb.Source{Kind: lb.SNAT, Addresses: 1, Ports: 64_512}, [2]int{3, 2}, 120_512},
		{"two addresses", lb.Source{Kind: lb.SNAT, Addresses: 2, Ports: 64_512}, [2]int{3, 2}, 140_000},
		{"transparent", lb.Source{Kind: lb.Transparent}, [2]int{3, 2}, 140_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := held(snat.Site{Clients: 140_000}, 2, &sched.RoundRobin{Like: "none"})
			config.Balancer.Source = c.source
			for m, w := range c.weights {
				config.Balancer.Services[0].Servers[m].Weight = w
			}
			var n tally
			w := build(t, config, c.name, 0, &n)
			run(t, w, 0)
			if n.taken != c.want || n.why[flow.NoFacePort] != 140_000-c.want {
				t.Errorf("%d connections are open and %d lack a port, want %d open", n.taken, n.why[flow.NoFacePort], c.want)
			}
			if m := w.SourceMeter(); c.source.Kind == lb.SNAT && (!m.Ports || m.MostPorts > 64_512 || m.MostPorts < 42_000) {
				t.Errorf("ports: %+v", m)
			}
		})
	}
}

// The balancer's ports rest, unless it keeps its connections; and another server
// helps out only where connections are redispatched.
func TestRestOfTheBalancersPorts(t *testing.T) {
	for _, c := range []struct {
		name       string
		mode       lb.Mode
		rest       time.Duration
		redispatch int
		want       int // of 200 attempts, two a second, of 10 s each: 10 at a time on either server
	}{
		{"no rest", lb.TCP, 0, 0, 100},
		{"no rest, redispatch", lb.TCP, 0, lb.Unlimited, 100},
		{"rest", lb.TCP, 10 * second, 0, 50},
		{"kept", lb.HTTP, 10 * second, 0, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := office(&snat.NAT{Addresses: 1}, 2, &dist.Constant{Mean: 10 * second})
			config.Balancer.Source = lb.Source{Kind: lb.SNAT, Addresses: 1, Ports: 5, Rest: c.rest}
			config.Balancer.Services[0].Mode, config.Balancer.Services[0].Redispatch = c.mode, c.redispatch
			config.Balancer.Services[0].Scheduler = &sched.RoundRobin{Like: "none"}
			var n tally
			run(t, build(t, config, c.name, 0, &n), 100*second)
			if n.taken != c.want || n.why[flow.NoFacePort] != 200-c.want {
				t.Errorf("%d connections are taken, %d lack a port; want %d", n.taken, n.why[flow.NoFacePort], c.want)
			}
		})
	}
}
