package models_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// curious is a scheduler that checks servers and reads the URLs of requests. It
// picks the server whose number is the URL's.
type curious struct {
	every  time.Duration
	env    lb.Env
	url    int
	checks []string
	values []uint32
}

// NewScheduler implements lb.SchedulerPolicy. There is one.
func (p *curious) NewScheduler(env lb.Env) lb.Scheduler {
	p.env, p.url = env, env.Keys.Key("url")
	return p
}

func (*curious) Basis() lb.Basis        { return lb.ByHash }
func (p *curious) Every() time.Duration { return p.every }

func (p *curious) Pick(q *lb.Query) int {
	v, ok := p.env.Keys.Value(q.Conn, p.url)
	if !ok {
		return 0
	}
	p.values = append(p.values, v)
	return int(v) % len(p.env.View.Members)
}

func (p *curious) Timed(_ int, took time.Duration, ok bool, now sim.Time) {
	p.checks = append(p.checks, fmt.Sprintf("%v: %v %v", now, took, ok))
}

// counting counts requests.
type counting struct {
	silent
	arrived, finished int
}

func (c *counting) Arrived(*flow.Request, sim.Time)                { c.arrived++ }
func (c *counting) Finished(*flow.Request, flow.Outcome, sim.Time) { c.finished++ }

// A check waits in the server's queue behind the requests, is lost when the
// server dies, and is no request of a client.
func TestChecksWaitLikeRequests(t *testing.T) {
	p := &curious{every: 2 * second}
	c := models.Config{
		Sites: []snat.Site{{Name: "office", Clients: 1}},
		Traffic: []traffic.Stream{{Name: "slow", From: []string{"office"}, Retry: traffic.Retry{Attempts: 1}, Requests: &traffic.Requests{
			Think: &dist.Constant{Mean: 1500 * time.Millisecond}, Demand: &dist.Constant{Mean: 10 * second},
		}}},
		Timeline: []models.Action{{At: 20 * second, Fail: "s1"}},
	}
	addServers(&c, 1, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, p)
	for _, discipline := range []server.Discipline{server.FIFO, server.PS} {
		c.Servers[0].Discipline, c.Servers[0].Slots = discipline, 1
		p.checks = nil
		o := &counting{}
		w := build(t, c, t.Name(), 0, o)
		run(t, w, 21*second)
		want := []string{ // requests are served from 1.5 s to 11.5 s, and from 13 s
			"11.5s: 9.5s true", "11.5s: 7.5s true", "11.5s: 5.5s true", "11.5s: 3.5s true", "11.5s: 1.5s true", "12s: 0s true",
			"20s: 2s false", "20s: 4s false", "20s: 6s false", "20s: 0s false",
		}
		if !slices.Equal(p.checks, want) {
			t.Errorf("%s: got %q, want %q", discipline, p.checks, want)
		}
		if n, _ := w.Present(); o.arrived != 2 || o.finished != 2 || n != 0 {
			t.Errorf("%s: %d requests arrived, %d finished, %d are present", discipline, o.arrived, o.finished, n)
		}
	}
}

// A scheduler reads what requests carry, and knows its number when it is made.
func TestSchedulersReadKeys(t *testing.T) {
	for _, mode := range []lb.Mode{lb.TCP, lb.HTTP} {
		p := &curious{every: time.Hour}
		c := models.Config{
			Sites: []snat.Site{{Name: "office", Clients: 10}},
			Traffic: []traffic.Stream{{
				Name: "web", From: []string{"office"}, Retry: traffic.Retry{Attempts: 1},
				Requests: &traffic.Requests{Rate: 1, Demand: &dist.Constant{Mean: time.Millisecond}},
				Keys:     []traffic.Key{{Name: "cookie", Values: 2, Per: traffic.PerClient}, {Name: "url", Values: 100, Per: traffic.PerRequest}},
			}},
		}
		addServers(&c, 4, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, p)
		c.Balancer.Services[0].Mode = mode
		o := &counting{}
		run(t, build(t, c, t.Name(), 0, o), 100*second)
		want := 10 // connections
		if mode == lb.HTTP {
			want = o.arrived
		}
		if len(p.values) != want || p.url != 1 || o.arrived < 800 || slices.Max(p.values) > 99 {
			t.Errorf("%s: key %d was read %d times, want %d", mode, p.url, len(p.values), want)
		}
	}
}
