package main

import (
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/results"
)

// BenchmarkWorkload runs the workloads of the table, whose checks fail it if a
// run gives wrong results.
func BenchmarkWorkload(b *testing.B) {
	for _, w := range workloads() {
		b.Run(w.name, func(b *testing.B) {
			var o outcome
			for b.Loop() {
				var err error
				if o, err = w.run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(o.Rate, w.unit+"/s")
			b.ReportMetric(o.Allocs, "allocs/"+strings.TrimSuffix(w.unit, "s"))
		})
	}
}

// Once everything has grown to its size, a request allocates nothing on its way
// through balancer, server and statistics.
func TestRequestsAllocateNothing(t *testing.T) {
	for name, policy := range map[string]lb.SchedulerPolicy{
		"random": &sched.Random{}, "round robin": &sched.RoundRobin{},
		"least connections": &sched.LeastConnections{}, "two choices": &sched.TwoChoices{},
	} {
		t.Run(name, func(t *testing.T) {
			f := requests(policy, 10, 0.8, 10_000_000, 1)
			w := observed(t, f.Variants[0].Config, f.Scenario.Duration)
			now := 20_000 * time.Second
			if err := w.Run(now); err != nil {
				t.Fatal(err)
			}
			before := w.Engine().Stats().Fired
			allocs := testing.AllocsPerRun(10, func() {
				now += 1000 * time.Second
				if err := w.Run(now); err != nil {
					t.Fatal(err)
				}
			})
			if n := w.Engine().Stats().Fired - before; n < 11*2*7000 {
				t.Errorf("only %d events in 11 runs of about 8000 requests", n)
			}
			if allocs != 0 {
				t.Errorf("%v allocations in about 8000 requests", allocs)
			}
		})
	}
}

// observed is a world with a recorder, as package experiment builds it.
func observed(t *testing.T, c models.Config, duration time.Duration) *models.World {
	s := results.Setting{Duration: duration, Requests: true, Services: []results.ServiceSetting{{Name: "web"}}}
	for i := range c.Servers {
		s.Servers = append(s.Servers, c.Servers[i].Name)
		s.Services[0].Servers = append(s.Services[0].Servers, i)
	}
	rec := results.NewRecorder(s)
	w, err := models.New(c, 1, 0, rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Attach(w.Engine(), w)
	return w
}
