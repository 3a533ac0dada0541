package models

import (
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

type meanObs struct {
	nobody
	n   int
	sum float64
}

func (m *meanObs) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	m.n++
	m.sum += float64(now - r.Asked)
}

func bench(b *testing.B, s lb.SchedulerPolicy) {
	c := Config{
		Sites:   []snat.Site{{Name: "all", Clients: 1000}},
		Traffic: []traffic.Stream{{Retry: traffic.Retry{Attempts: 1}}},
	}
	c.Traffic[0].Name, c.Traffic[0].From = "t", []string{"all"}
	c.Traffic[0].Arrivals = &traffic.Poisson{Rate: 8}
	c.Traffic[0].Demand = &dist.Exponential{Mean: time.Second}
	svc := lb.Service{Name: "s", Scheduler: s, Persistence: persist.None{}, SlowStart: ramp.None{}, Health: lb.Health{Kind: lb.NoCheck}}
	for i := range 10 {
		var sc server.Config
		sc.SetDefaults()
		sc.Name = string(rune('a' + i))
		c.Servers = append(c.Servers, sc)
		svc.Servers = append(svc.Servers, lb.MemberConfig{Name: sc.Name, Weight: 1})
	}
	c.Balancer.Services = []lb.Service{svc}
	var o meanObs
	w, err := New(c, 1, 0, &o)
	if err != nil {
		b.Fatal(err)
	}
	w.Run(1000 * time.Second)
	b.ReportAllocs()
	b.ResetTimer()
	o.n, o.sum = 0, 0
	w.Run(1000*time.Second + time.Duration(float64(b.N)/8*1e9))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(o.sum/1e9/float64(o.n), "W")
}
func BenchmarkRandom(b *testing.B) { bench(b, &sched.Random{}) }
func BenchmarkRR(b *testing.B)     { bench(b, &sched.RoundRobin{}) }
func BenchmarkLC(b *testing.B)     { bench(b, &sched.LeastConnections{}) }
func BenchmarkP2C(b *testing.B)    { bench(b, &sched.TwoChoices{}) }
