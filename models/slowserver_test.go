package models_test

import (
	"reflect"
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

// policy is an algorithm of the table with its defaults, as a product runs it.
func policy(t *testing.T, name, like string) lb.SchedulerPolicy {
	t.Helper()
	for _, kind := range sched.Table {
		if kind.Name == name {
			p := kind.New()
			if like != "" {
				reflect.ValueOf(p).Elem().FieldByName("Like").SetString(like)
			}
			return p
		}
	}
	t.Fatalf("no algorithm %s", name)
	return nil
}

// answers counts what servers have answered after a time.
type answers struct {
	silent
	from     sim.Time
	by       []int
	response []float64 // seconds
	rejected int
}

func (a *answers) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	switch {
	case r.Asked < a.from:
	case o != flow.Completed:
		a.rejected++
	default:
		a.by[r.Server]++
		a.response = append(a.response, now.Sub(r.Asked).Seconds())
	}
}

func (a *answers) share(s int) float64 { return float64(a.by[s]) / float64(len(a.response)) }

func (a *answers) quantile(p float64) float64 {
	slices.Sort(a.response)
	return a.response[int(p*float64(len(a.response)))]
}

// serve sends requests of 10 ms mean to servers of so many cores each, at a
// rate that is a part of what they can do, for a minute and a hundred seconds of
// which the latter count.
func serve(t *testing.T, p lb.SchedulerPolicy, load float64, cores ...int) *answers {
	t.Helper()
	demand, all := 10*time.Millisecond, 0
	for _, n := range cores {
		all += n
	}
	c := models.Config{
		Sites: []snat.Site{{Name: "clients", Clients: 1000}},
		Traffic: []traffic.Stream{{
			Name: "requests", From: []string{"clients"}, Retry: traffic.Retry{Attempts: 1},
			Arrivals: &traffic.Poisson{Rate: flow.Rate(load * float64(all) / demand.Seconds())}, Demand: &dist.Exponential{Mean: demand},
		}},
	}
	addServers(&c, len(cores), server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, p)
	for i, n := range cores {
		c.Servers[i].Cores = n
	}
	a := &answers{from: sim.Time(60 * second), by: make([]int, len(cores))}
	w := build(t, c, "serve", 0, a) // all algorithms serve the same requests
	run(t, w, 160*second)
	if a.rejected > 0 {
		t.Errorf("%d requests were not answered", a.rejected)
	}
	return a
}

// A server with a quarter of the others' cores gets fewer requests from
// algorithms that look at response times or loads than from round robin, and
// that is good for the requests.
func TestSlowServer(t *testing.T) {
	slow := []int{4, 4, 4, 1}
	turns := serve(t, policy(t, "round-robin", ""), 0.29, slow...)
	before := mean(turns.response)
	t.Logf("round-robin: share %.3f, mean %.1f ms, p99 %.1f ms", turns.share(3), before*1e3, turns.quantile(0.99)*1e3)
	for _, a := range []struct{ name, like string }{
		{"least-response-time", "none"}, {"least-response-time", "nginx"}, {"least-response-time", "netscaler"},
		{"peak-ewma", "none"}, {"peak-ewma", "finagle"}, {"peak-ewma", "linkerd"}, {"peak-ewma", "envoy"},
		{"weighted-response-time", ""}, {"adaptive", ""}, {"prequal", ""},
	} {
		t.Run(a.name+" "+a.like, func(t *testing.T) {
			got := serve(t, policy(t, a.name, a.like), 0.29, slow...)
			t.Logf("share %.3f, mean %.1f ms, p99 %.1f ms", got.share(3), mean(got.response)*1e3, got.quantile(0.99)*1e3)
			if got.share(3) > 0.22 {
				t.Errorf("the slow server has %.3f of the requests", got.share(3))
			}
			if mean(got.response) > 0.7*before {
				t.Errorf("mean response time %.1f ms, with round robin %.1f ms", mean(got.response)*1e3, before*1e3)
			}
		})
	}
}

// Under high load Prequal's requests wait less than those of two random choices,
// though what it knows of the servers is older.
func TestPrequalUnderHighLoad(t *testing.T) {
	servers := slices.Repeat([]int{1}, 40)
	random := serve(t, policy(t, "random", ""), 0.95, servers...)
	two := serve(t, policy(t, "two-choices", ""), 0.95, servers...)
	prequal := serve(t, policy(t, "prequal", ""), 0.95, servers...)
	for _, p := range []float64{0.5, 0.99, 0.999} {
		a, b, c := random.quantile(p)*1e3, two.quantile(p)*1e3, prequal.quantile(p)*1e3
		t.Logf("quantile %v: random %.1f ms, two choices %.1f ms, prequal %.1f ms", p, a, b, c)
		if c > b || c > a {
			t.Errorf("quantile %v: prequal %.1f ms, two choices %.1f ms, random %.1f ms", p, c, b, a)
		}
	}
}

// Shares follow from what agents say, unless all say that they are idle.
func TestAdaptiveFollowsAgents(t *testing.T) {
	p := &sched.Adaptive{Every: 7 * second, Minimum: 5, Floor: 30, Silent: 101}
	got := serve(t, p, 0.29, 4, 4, 4, 1)
	// Shares in proportion to 1-u, where u is the share times the load of all
	// 13 cores over a server's own: of the last it solves
	// s/(1-3.77s) = (1-s)/3/(1-3.77(1-s)/12), which is 0.16.
	if s := got.share(3); s < 0.15 || s > 0.18 {
		t.Errorf("the slow server has %.3f of the requests, want 0.16", s)
	}
	all := serve(t, p, 0.01, 4, 4, 4, 1)
	if s := all.share(3); s < 0.245 || s > 0.255 {
		t.Errorf("with idle agents the slow server has %.3f of the requests, want a quarter", s)
	}
}
