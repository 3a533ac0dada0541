package models_test

import (
	"math"
	"slices"
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

// senders are clients with a connection each to one server that limits them by
// their source address as a receive connector does.
func senders(clients, addresses int, source lb.Source) models.Config {
	site := snat.Site{Clients: clients}
	if addresses > 0 {
		site.NAT = &snat.NAT{Addresses: addresses, Pooling: snat.Paired, Sizes: &snat.Equal{}}
	}
	c := held(site, 1, &sched.RoundRobin{Like: "none"})
	c.Balancer.Source = source
	c.Servers[0].PerSource = &server.PerSource{}
	c.Servers[0].PerSource.SetDefaults()
	return c
}

// busy adds so many connections, each from an address of its own, that are there
// before the others.
func busy(c models.Config, others int) models.Config {
	c.Sites = slices.Insert(c.Sites, 0, snat.Site{Name: "others", Clients: others})
	stream := c.Traffic[0]
	stream.Name, stream.From = "others", []string{"others"}
	c.Traffic = slices.Insert(c.Traffic, 0, stream)
	return c
}

// Clients of a receive connector of Exchange, behind addresses of their own and
// behind one.
func TestLimitsBySourceAddress(t *testing.T) {
	oneArm := func(n int) lb.Source { return lb.Source{Kind: lb.SNAT, Addresses: n, Ports: 64_512} }
	for _, c := range []struct {
		name            string
		config          models.Config
		taken, refused  int
		clientsRefused  int
		spreadOfSources []int // connections of each source, if it matters
	}{
		{"S1 transparent", senders(50, 0, lb.Source{}), 50, 0, 0, nil},
		{"S2 one SNAT address", senders(50, 0, oneArm(1)), 20, 30, 30, []int{20}},
		{"S3 three SNAT addresses", senders(50, 0, oneArm(3)), 50, 0, 0, []int{16, 17, 17}},
		{"S4 4100 others", busy(senders(30, 1, lb.Source{}), 4100), 4100 + 18, 12, 12, nil},
		{"S5 4960 others", busy(senders(1, 0, lb.Source{}), 4960), 4951, 10, 10, nil}, // beside 4951 others, a source may have 2 % of 49: none
		{"S6 a site behind NAT", senders(60, 1, lb.Source{}), 20, 40, 40, []int{20}},
		{"S6 behind NAT and SNAT", senders(60, 1, oneArm(1)), 20, 40, 40, []int{20}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n tally
			w := build(t, c.config, c.name, 0, &n)
			run(t, w, 0)
			if n.taken != c.taken || n.refused != c.refused || n.why[flow.SourceLimit] != c.refused {
				t.Errorf("%d connections are open, %d refused, %d of them by the limit; want %d and %d", n.taken, n.refused, n.why[flow.SourceLimit], c.taken, c.refused)
			}
			from := map[uint32]int{}
			w.Conns(func(_ flow.ConnID, c *flow.Conn) {
				if c.Face > 0 {
					from[uint32(c.Face)]++
				} else {
					from[1000+uint32(c.Addr)]++
				}
			})
			var sizes []int
			for _, k := range from {
				sizes = append(sizes, k)
			}
			slices.Sort(sizes)
			if c.spreadOfSources != nil && !slices.Equal(sizes, c.spreadOfSources) {
				t.Errorf("connections by source are %v, want %v", sizes, c.spreadOfSources)
			}
		})
	}
}

// Connections that end make room for others, at the server that they were at,
// also when that has died.
func TestPlacesOfASourceAreGivenBack(t *testing.T) {
	config := senders(100, 1, lb.Source{})
	config.Traffic[0] = traffic.Stream{
		Name: "mail", From: []string{"clients"}, Arrivals: &traffic.Deterministic{Rate: 10}, Retry: traffic.Retry{Attempts: 1},
		Connections: &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: 4 * second}},
	}
	config.Timeline = []models.Action{{At: 50*second + 1, Fail: "s1"}, {At: 60*second + 1, Recover: "s1"}}
	var n tally
	w := build(t, config, t.Name(), 0, &n)
	run(t, w, 50*second)
	// 20 in the first 2 s of every 4 s, of which 12 are over and one has begun.
	if want := 260; n.taken < want-5 || n.taken > want+5 {
		t.Errorf("%d connections in 50 s, want %d", n.taken, want)
	}
	before := n.taken
	run(t, w, 100*second)
	if got, want := n.taken-before, 200; got < want-5 || got > want+5 {
		t.Errorf("%d connections in the last 40 s, want %d", got, want)
	}
	if n.why[flow.NoPort]+n.why[flow.NoFacePort] > 0 {
		t.Errorf("ports ran out: %v", n.why)
	}
}

// mailers send a message every 2 s from each of some clients.
func mailers(clients, addresses int, mode lb.Mode, limit server.PerSource) models.Config {
	c := senders(clients, addresses, lb.Source{})
	limit.Connections, limit.PercentRemaining, limit.Total = 1000, 1, 5000
	c.Servers[0].PerSource = &limit
	c.Traffic = []traffic.Stream{{
		Name: "mail", From: []string{"clients"}, Retry: traffic.Retry{Attempts: 1},
		Requests: &traffic.Requests{Think: &dist.Constant{Mean: 2*second - time.Millisecond}, Demand: &dist.Constant{Mean: time.Millisecond}},
	}}
	c.Servers[0].Cores = 100
	c.Balancer.Services[0].Mode = mode
	return c
}

// messages counts requests by what became of them.
type messages struct {
	tally
	done, turned int
}

func (m *messages) Finished(r *flow.Request, o flow.Outcome, _ sim.Time) {
	switch {
	case o == flow.Completed:
		m.done++
	case o == flow.Rejected && r.Why == flow.MessageRate:
		m.turned++
	}
}

// A server takes so many messages a minute from each address, or from each user,
// and so many new connections a minute in all: MessageRateLimit and
// MessageRateSource of a receive connector, 5 and 600 a minute, and 1200
// connections a minute.
func TestMessageRates(t *testing.T) {
	for _, c := range []struct {
		name        string
		config      models.Config
		done, other int // of about 30 messages a minute from each client, in 3 minutes
	}{
		{"no limit", mailers(40, 1, lb.TCP, server.PerSource{}), 3600, 0},
		{"5 a minute from each user", mailers(40, 1, lb.TCP, server.PerSource{MessageRate: 5.0 / 60, MessageSource: "client"}), 600, 3000},
		{"5 a minute from each address", mailers(40, 0, lb.TCP, server.PerSource{MessageRate: 5.0 / 60}), 600, 3000},
		{"5 a minute from one address", mailers(40, 1, lb.TCP, server.PerSource{MessageRate: 5.0 / 60, MessageSource: "address"}), 15, 3585},
		{"600 a minute from one address", mailers(40, 1, lb.TCP, server.PerSource{MessageRate: 10}), 1800, 1800},
		{"600 a minute from two addresses", mailers(40, 2, lb.TCP, server.PerSource{MessageRate: 10}), 3600, 0},
		{"by request", mailers(40, 1, lb.HTTP, server.PerSource{MessageRate: 10}), 1800, 1800},
	} {
		var n messages
		w := build(t, c.config, c.name, 0, &n)
		run(t, w, 3*time.Minute)
		if math.Abs(float64(n.done-c.done)) > 45 || math.Abs(float64(n.turned-c.other)) > 45 {
			t.Errorf("%s: %d messages are done and %d turned away, want %d and %d", c.name, n.done, n.turned, c.done, c.other)
		}
		if c.config.Balancer.Services[0].Mode == lb.TCP && n.taken != 40 {
			t.Errorf("%s: %d connections, want 40 that stay", c.name, n.taken)
		}
	}
	config := office(&snat.NAT{Addresses: 1}, 100, &dist.Constant{Mean: 100 * time.Millisecond})
	for s := range config.Servers {
		config.Servers[s].PerSource = &server.PerSource{Connections: 1000, PercentRemaining: 1, Total: 5000, ConnectionRate: 20}
	}
	var n tally
	run(t, build(t, config, "connection rate", 0, &n), 5*time.Minute-second)
	if want := 2 * 5 * 1200; n.taken != want || n.why[flow.ConnectionRate] != n.refused {
		t.Errorf("%d connections in 5 minutes to 2 servers, want %d; %d of %d are refused for their rate", n.taken, want, n.why[flow.ConnectionRate], n.refused)
	}
}
