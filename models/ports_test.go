package models_test

import (
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
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
				w := build(t, office(nat, flow.Rate(1.5*want), life), id, i, &n)
				cycles := 10
				if testing.Short() {
					cycles = 3
				}
				cycle := time.Duration(cycles) * (rest + dist.Seconds(p.Hold))
				run(t, w, cycle/2)
				before := n.taken
				run(t, w, cycle+cycle/2)
				rates = append(rates, float64(n.taken-before)/cycle.Seconds())
				if most, ok := w.MostPorts(); !ok || most != p.Ports {
					t.Errorf("%d ports were taken, want all of %d", most, p.Ports)
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
			if most, _ := w.MostPorts(); n.taken != c.taken || n.taken+n.refused != 100 || most > c.most {
				t.Errorf("%d of %d attempts were taken, want %d of 100; %d ports, want at most %d", n.taken, n.taken+n.refused, c.taken, most, c.most)
			}
		})
	}
}
