package traffic_test

import (
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// visitors is a rig of clients that arrive with a behaviour, and their habits.
func visitors(t *testing.T, b *traffic.Behaviour) (*rig, *traffic.Habits) {
	r := newRig(t, 1000, traffic.Stream{
		Arrivals: &traffic.Poisson{Rate: 100}, Connections: &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: time.Hour}}, Behaviour: b,
	})
	return r, r.g.Habits()
}

// As many clients as the share says return cookies, and the same ones every time.
func TestCookies(t *testing.T) {
	for _, c := range []struct {
		b           *traffic.Behaviour
		least, most int
	}{
		{nil, 1000, 1000},
		{&traffic.Behaviour{Cookies: 1, Renegotiating: 1}, 1000, 1000},
		{&traffic.Behaviour{Cookies: 0.8}, 760, 840},
		{&traffic.Behaviour{}, 0, 0},
	} {
		r, h := visitors(t, c.b)
		r.run(100)
		returns, met := map[flow.ClientID]bool{}, 0
		r.flows.Conns.All(func(i uint32, conn *flow.Conn) {
			got := h.Cookies(flow.ConnID(i))
			if before, known := returns[conn.Client]; known && before != got {
				t.Errorf("%+v: client %d returns cookies at times", c.b, conn.Client)
			}
			returns[conn.Client] = got
		})
		for _, yes := range returns {
			if yes {
				met++
			}
		}
		if len(returns) < 990 || met < c.least*len(returns)/1000 || met > c.most {
			t.Errorf("%+v: %d of %d clients return cookies", c.b, met, len(returns))
		}
	}
}

// A client that renegotiates does so at its interval, from a time of its own.
func TestRenegotiation(t *testing.T) {
	r, h := visitors(t, &traffic.Behaviour{Cookies: 1, Renegotiates: 2 * time.Minute, Renegotiating: 0.5})
	r.run(10)
	renewed, clients, early := 0, 0, 0
	r.flows.Conns.All(func(i uint32, conn *flow.Conn) {
		id := flow.ConnID(i)
		clients++
		first, last := h.Session(id, 0), h.Session(id, sim.Time(time.Hour))
		switch n := last - first; n {
		case 0:
		case 30:
			renewed++
			if h.Session(id, sim.Time(time.Minute)) != first {
				early++
			}
		default:
			t.Errorf("client %d has %d sessions in an hour", conn.Client, n)
		}
	})
	if share := float64(renewed) / float64(clients); clients < 900 || share < 0.45 || share > 0.55 {
		t.Errorf("%d of %d clients renegotiate", renewed, clients)
	}
	if share := float64(early) / float64(renewed); share < 0.4 || share > 0.6 {
		t.Errorf("%d of %d do so in the first half of the interval", early, renewed)
	}
}

// A behaviour that cannot be.
func TestBehaviourMistakes(t *testing.T) {
	b := &traffic.Behaviour{}
	if b.SetDefaults(); len(flow.Check(b)) > 0 {
		t.Error("the defaults are refused")
	}
	for _, b := range []*traffic.Behaviour{{Cookies: 1.1}, {Renegotiating: -1}, {Renegotiates: time.Millisecond}, {Renegotiates: -time.Hour}} {
		if len(flow.Check(b)) != 1 {
			t.Errorf("%+v: %v", b, flow.Check(b))
		}
	}
}
