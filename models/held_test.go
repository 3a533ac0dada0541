package models_test

import (
	"math"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
)

// Clients send as many requests as they should however short their connections
// are, though most waits for a request outlast the connection.
func TestRequestsOutlastConnections(t *testing.T) {
	demand := &dist.Constant{Mean: 100 * time.Millisecond}
	for _, c := range []struct {
		name     string
		requests traffic.Requests
		lifetime time.Duration
		want     float64 // requests per second of one client
	}{
		{"rate", traffic.Requests{Rate: 0.5, Demand: demand}, 3 * second, 0.5},
		{"rate, long connections", traffic.Requests{Rate: 0.5, Demand: demand}, time.Hour, 0.5},
		{"think", traffic.Requests{Think: &dist.Exponential{Mean: 5 * second}, Demand: demand}, 2 * second, 2 / 5.1},
		{"think, long connections", traffic.Requests{Think: &dist.Exponential{Mean: 5 * second}, Demand: demand}, time.Hour, 2 / 5.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			const clients, length = 100, 2000 * second
			config := models.Config{
				Sites: []snat.Site{{Name: "clients", Clients: clients}},
				Traffic: []traffic.Stream{{
					Name: "held", From: []string{"clients"}, Requests: &c.requests, Retry: traffic.Retry{Attempts: 1},
					Connections: &traffic.Connections{PerClient: 2, Lifetime: &dist.Exponential{Mean: c.lifetime}},
				}},
			}
			addServers(&config, 3, server.Config{Cores: 100, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.Random{})
			m := observe(t, config, t.Name(), 0, 100*second, length)
			if got := float64(m.arrived) / clients / length.Seconds(); math.Abs(got/c.want-1) > 0.015 {
				t.Errorf("%.4f requests per second and client, want %.4f", got, c.want)
			}
			if n := m.ended[flow.Completed]; n < m.arrived*99/100 {
				t.Errorf("only %d of %d requests are answered", n, m.arrived)
			}
		})
	}
}
