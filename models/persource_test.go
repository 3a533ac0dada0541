package models_test

import (
	"slices"
	"testing"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
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

// The cases are those of a fact sheet on Exchange, under its names.
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
