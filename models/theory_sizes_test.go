package models_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// queued observes how many connections wait in the balancer's queue, because each
// server has one at most.
type queued struct {
	silent
	all, waited float64
}

func (q *queued) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	if o != flow.Accepted {
		return
	}
	if q.all++; now > c.Tried {
		q.waited++
	}
}

// pool is so many servers with one queue in front of them, of which some fail
// at the start.
func pool(load float64, servers, lost int) models.Config {
	c := arriving(load, nil)
	c.Traffic[0].Demand = &dist.Exponential{Mean: second}
	addServers(&c, servers, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.LeastConnections{})
	service := &c.Balancer.Services[0]
	for i := range service.Servers {
		service.Servers[i].MaxConnections = 1
	}
	service.Full = "queue"
	for i := range lost {
		c.Timeline = append(c.Timeline, models.Action{Disable: fmt.Sprintf("s%d", i+1)})
	}
	return c
}

// waits is the part of connections that wait.
func waits(t *testing.T, load float64, servers, lost, replication int, length time.Duration) float64 {
	t.Helper()
	q := &queued{}
	w := build(t, pool(load, servers, lost), t.Name(), replication, q)
	start := 50 * second
	if theory.Brief() {
		start = 10 * second
	}
	run(t, w, start)
	*q = queued{}
	run(t, w, start+length)
	return q.waited / q.all
}

// How many servers it takes so that few enough connections wait, and how many if one
// of them may fail. A search from below ends with the first number that is enough
// beyond doubt, and it takes at least the first of which that is not out of the
// question.
func TestSizes(t *testing.T) {
	for _, prefix := range []string{"size-", "size1-"} {
		for _, id := range known.WithPrefix(prefix) {
			t.Run(id, func(t *testing.T) {
				t.Parallel()
				p := params[struct {
					Load float64 `json:"offered_load"`
					Most float64 `json:"P_wait_at_most"`
				}](t, id)
				lost := len(prefix) - len("size-")
				jobs, runs := 3e5, 16 // of each number of servers
				if theory.Brief() {
					jobs, runs = 4e4, 4
				}
				length := dist.Seconds(jobs / p.Load / float64(runs))
				least, step := 0, max(1, int(math.Sqrt(p.Load)/8))
				for n := int(p.Load+math.Sqrt(p.Load)) + lost; ; n += step {
					var x []float64
					for i := range runs {
						x = append(x, waits(t, p.Load, n, lost, i, length))
					}
					m, half := theory.Interval(x, 0.99)
					if least == 0 && m-half <= p.Most {
						least = n - step + 1
					}
					if m+half <= p.Most {
						known.CheckBetween(t, id, float64(least), float64(n))
						return
					}
				}
			})
		}
	}
}

// One of n servers fails: what they could do before without more than all the rest
// can do is measured as how much busier these are then.
func TestBusierAfterAFailure(t *testing.T) {
	for _, id := range known.WithPrefix("nplus-") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			n := params[struct{ Nodes int }](t, id).Nodes
			c := arriving(0, nil)
			c.Traffic[0].Arrivals = &traffic.Poisson{Rate: flow.Rate(40 * n)}
			c.Traffic[0].Demand = &dist.Exponential{Mean: 10 * time.Millisecond}
			addServers(&c, n, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{})
			const half = 200 * second
			c.Timeline = []models.Action{{At: half, Disable: "s1"}}
			var most []float64
			for i := range few(16) {
				w := build(t, c, id, i, nil)
				busy := func() (sum float64) {
					for s := 1; s < n; s++ {
						sum += w.ServerMeter(s, w.Engine().Now()).BusyArea
					}
					return sum
				}
				run(t, w, half)
				before := busy()
				run(t, w, 2*half)
				most = append(most, before/(busy()-before))
			}
			known.Check(t, id, most)
		})
	}
}

// Halfin and Whitt: with many cores, b sqrt(load) more of them than the load, the
// share of requests that wait depends on b only.
func TestManyCores(t *testing.T) {
	for _, id := range known.WithPrefix("hw-") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			b := params[struct{ B float64 }](t, id).B
			const load = 2500
			s := system{rows: id, rate: load, cores: load + int(math.Sqrt(load)*b), jobs: 0.3, slow: "*", more: 100}
			if b > 1 {
				s.more = 400 // it happens seldom
			}
			s.check(t, id, "P_wait", s.measures(t))
		})
	}
}
