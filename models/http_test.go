package models_test

import (
	"math"
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

// perRequest is a world of clients who hold connections to a balancer that
// chooses one of n servers for each of their requests, which take 1 s on
// average and come at a rate in all.
func perRequest(n, limit int, rate float64, policy lb.SchedulerPolicy) models.Config {
	const clients = 1000
	c := models.Config{
		Sites: []snat.Site{{Name: "clients", Clients: clients}},
		Traffic: []traffic.Stream{{
			Name: "requests", From: []string{"clients"}, Retry: traffic.Retry{Attempts: 1},
			Requests: &traffic.Requests{Rate: flow.Rate(rate / clients), Demand: &dist.Exponential{Mean: second}},
		}},
	}
	addServers(&c, n, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, policy)
	s := &c.Balancer.Services[0]
	s.Mode = lb.HTTP
	for m := range s.Servers {
		s.Servers[m].MaxConnections = limit
	}
	return c
}

// client measures requests as their clients see them: the wait in the
// balancer's queue counts.
type client struct {
	silent
	from             sim.Time
	response, waited float64
	n                int
	arrived          int
	ended            [5]int
}

func (m *client) Arrived(*flow.Request, sim.Time) { m.arrived++ }

func (m *client) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	m.ended[o]++
	if o == flow.Completed && r.Asked >= m.from {
		m.n++
		m.response += (now - r.Asked).Seconds()
		if r.Started > r.Asked {
			m.waited++
		}
	}
}

// Requests that are decided one by one make the queues of the textbook: before
// each of some servers when they are spread at random (M/M/1), in the balancer
// when servers hold one request each (M/M/c).
func TestRequestsInTheTextbook(t *testing.T) {
	for _, s := range []struct {
		name           string
		servers, limit int
		policy         lb.SchedulerPolicy
		load           float64
		response, wait float64 // of a request, and the share that waits
	}{
		{"M/M/1", 4, 0, &sched.Random{}, 0.7, 1 / (1 - 0.7), 0.7},
		{"M/M/5", 5, 1, &sched.Random{}, 0.8, 1 + erlangC(5, 4)/(5-4), erlangC(5, 4)},
		{"M/M/5, next to one another", 5, 1, &sched.LeastConnections{}, 0.8, 1 + erlangC(5, 4)/(5-4), erlangC(5, 4)},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var response, waits []float64
			for i := range few(16) {
				m := &client{from: sim.Time(1000 * second)}
				rate := s.load * float64(s.servers)
				w := build(t, perRequest(s.servers, s.limit, rate, s.policy), "http "+s.name, i, m)
				run(t, w, 1000*second+time.Duration(40_000/rate*1e9))
				response = append(response, m.response/float64(m.n))
				waits = append(waits, m.waited/float64(m.n))
				conserved(t, w, m)
			}
			for name, x := range map[string][]float64{"response": response, "wait": waits} {
				want := map[string]float64{"response": s.response, "wait": s.wait}[name]
				// 4 standard errors.
				if off := math.Abs(mean(x) - want); off > 4*math.Sqrt(variance(x)/float64(len(x)-1)) || off > 0.05*want {
					t.Errorf("%s: %.4f, want %.4f", name, mean(x), want)
				}
			}
		})
	}
}

// erlangC is the share that waits in M/M/c with a load of a (Erlang 1917).
func erlangC(c int, a float64) float64 {
	b := 1.0 // Erlang B, by its recursion
	for k := 1; k <= c; k++ {
		b = a * b / (float64(k) + a*b)
	}
	return b / (1 - a/float64(c)*(1-b))
}

func conserved(t *testing.T, w *models.World, m *client) {
	t.Helper()
	ended := 0
	for _, n := range m.ended {
		ended += n
	}
	if present, _ := w.Present(); m.arrived != ended+present {
		t.Errorf("%d arrived, %v ended, %d are present", m.arrived, m.ended, present)
	}
}
