package models_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

var plainServer = server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}

// arriving is a world of one client whose connections arrive at random.
func arriving(rate float64, lifetime dist.Spec) models.Config {
	return models.Config{
		Sites: []snat.Site{{Name: "clients", Clients: 1}},
		Traffic: []traffic.Stream{{
			Name: "connections", From: []string{"clients"}, Arrivals: &traffic.Poisson{Rate: flow.Rate(rate)},
			Connections: &traffic.Connections{PerClient: 1, Lifetime: lifetime}, Retry: traffic.Retry{Attempts: 1},
		}},
	}
}

// levels observes for how long there are how many connections.
type levels struct {
	silent
	n       int
	since   sim.Time
	seconds []float64 // by number of connections
	total   float64
}

func (l *levels) change(by int, now sim.Time) {
	for len(l.seconds) <= l.n {
		l.seconds = append(l.seconds, 0)
	}
	l.seconds[l.n] += (now - l.since).Seconds()
	l.total += (now - l.since).Seconds()
	l.n, l.since = l.n+by, now
}

func (l *levels) Assigned(_ flow.ConnID, _ *flow.Conn, _ flow.Outcome, now sim.Time) {
	l.change(+1, now)
}

func (l *levels) Closed(_ flow.ConnID, _ *flow.Conn, _ flow.Outcome, now sim.Time) {
	l.change(-1, now)
}

// square is the mean square of how far the number is from the given one.
func (l *levels) square(around float64) (square float64) {
	for n, s := range l.seconds {
		square += s * (float64(n) - around) * (float64(n) - around) / l.total
	}
	return square
}

// share is the part of the time with n connections.
func (l *levels) share(n int) float64 {
	if n >= len(l.seconds) {
		return 0
	}
	return l.seconds[n] / l.total
}

// quantiles returns between which numbers the p-quantile is: the first of which the
// runs leave open whether there are more for 1-p of the time or less, and the first of
// which they do not. As parts of the time this small are never symmetrical around
// their mean, the interval is one of their logarithm.
func quantiles(runs []*levels, p float64) (low, high int) {
	beyond := slices.Repeat([]float64{1}, len(runs)) // the part of the time with more
	for low = -1; ; high++ {
		for i, l := range runs {
			beyond[i] -= l.share(high)
		}
		m, half := theory.Interval(beyond, 0.99)
		if low < 0 && m*math.Exp(-half/m) <= 1-p {
			low = high
		}
		if m*math.Exp(half/m) <= 1-p || m < 1e-12 {
			return low, high
		}
	}
}

// The number of connections that arrive at random is a Poisson variable
// whatever the law of their lifetimes.
func TestConnectionCounts(t *testing.T) {
	for _, c := range []struct {
		level  int
		length time.Duration
	}{{100, 1000 * second}, {1500, 150 * second}, {6000, 60 * second}} {
		for _, law := range []string{"det", "h2c4", "uni"} {
			t.Run(fmt.Sprintf("mginf-%d %s", c.level, law), func(t *testing.T) {
				t.Parallel()
				var ratio []float64
				var runs []*levels
				for i := range 12 {
					if testing.Short() && i >= 4 {
						break
					}
					config := arriving(float64(c.level), lawOf(law))
					addServers(&config, 3, plainServer, &sched.LeastConnections{})
					l := &levels{}
					w := build(t, config, t.Name(), i, l)
					run(t, w, 20*second)
					l.change(0, w.Engine().Now())
					l.seconds, l.total = nil, 0
					run(t, w, 20*second+c.length)
					l.change(0, w.Engine().Now())
					// Around their own mean, numbers of a short time vary less.
					ratio, runs = append(ratio, l.square(float64(c.level))/float64(c.level)), append(runs, l)
				}
				id := fmt.Sprintf("mginf-%d-", c.level)
				t.Run(id+"var", func(t *testing.T) { known.Check(t, id+"var", ratio) })
				t.Run(id+"p999", func(t *testing.T) {
					low, high := quantiles(runs, 0.999)
					known.CheckBetween(t, id+"p999", float64(low), float64(high))
				})
			})
		}
	}
}

// perServer observes how many requests the connections that began before until
// send to each server.
type perServer struct {
	silent
	until sim.Time
	began []sim.Time // by connection
	sent  spread
}

func (p *perServer) Assigned(id flow.ConnID, _ *flow.Conn, _ flow.Outcome, now sim.Time) {
	for len(p.began) <= int(id) {
		p.began = append(p.began, 0)
	}
	p.began[id] = now
}

func (p *perServer) Arrived(r *flow.Request, _ sim.Time) {
	if p.began[r.Conn] < p.until {
		p.sent[r.Server]++
	}
}

// Requests of one session stay on its server, so they are spread less evenly
// than single requests would be: variance/mean is E[K^2]/E[K] for sessions of K
// requests.
func TestStickySessions(t *testing.T) {
	const servers, span = 100, 100 * second
	short := &dist.Constant{Mean: time.Microsecond}
	random := &traffic.Requests{Rate: 1, Demand: short}
	for _, c := range []struct {
		id       string
		lifetime dist.Spec
		requests *traffic.Requests
	}{
		// Random requests in an exponential lifetime are geometric from 0.
		// Sessions without any do not matter; those with some are geometric from
		// 1, with a mean of one more.
		{"sess-geom-10", &dist.Exponential{Mean: 9 * second}, random},
		{"sess-geom-4", &dist.Exponential{Mean: 3 * second}, random},
		{"sess-cons-10", &dist.Constant{Mean: 10*second + second/2}, &traffic.Requests{Think: &dist.Constant{Mean: second}, Demand: short}},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			var ratio []float64
			for i := range few(60) {
				config := arriving(40, c.lifetime)
				config.Traffic[0].Requests = c.requests
				addServers(&config, servers, plainServer, &sched.Random{})
				p := &perServer{until: sim.Time(span), sent: make(spread, servers)}
				run(t, build(t, config, c.id, i, p), 2*span)
				ratio = append(ratio, variance(p.sent)*servers/(servers-1)/mean(p.sent))
			}
			known.Check(t, c.id, ratio)
		})
	}
}

// A server that can do 100 requests a second turns the rest away, and the
// clients try again after a random time.
func TestRetriesInOverload(t *testing.T) {
	for _, prefix := range []string{"retry-120-100-1-", "retry-120-100-3-", "retry-120-100-5-", "retry-200-100-3-", "retry-1000-100-4-"} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			ids := known.WithPrefix(prefix)
			p := params[struct {
				Rate     float64 `json:"base_rate"`
				Attempts int
			}](t, ids[0])
			config := arriving(p.Rate, nil)
			config.Traffic[0].Demand = &dist.Exponential{Mean: 10 * time.Millisecond}
			config.Traffic[0].Retry = traffic.Retry{Attempts: p.Attempts, Backoff: &traffic.UniformBackoff{First: second, Max: 9 * second}}
			addServers(&config, 1, server.Config{Cores: 1, Queue: 50, Discipline: server.FIFO}, nil)
			var all []*measure
			for i := range 5 {
				all = append(all, observe(t, config, prefix, i, 60*second, 120*second))
			}
			attempts := func(m *measure) float64 { return float64(m.arrived) / m.seconds() }
			statistics := map[string]func(*measure) float64{
				"p":                blocked,
				"load":             attempts,
				"amplification":    func(m *measure) float64 { return attempts(m) / p.Rate },
				"success_fraction": func(m *measure) float64 { return float64(m.ended[flow.Completed]) / m.seconds() / p.Rate },
			}
			for _, id := range ids {
				t.Run(id, func(t *testing.T) { known.Check(t, id, values(all, statistics[strings.TrimPrefix(id, prefix)])) })
			}
		})
	}
}

// tries observes first attempts and all attempts of those who first ask before until.
type tries struct {
	silent
	until      sim.Time
	first, all float64
}

func (n *tries) Assigned(_ flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	if c.Asked >= n.until {
		return
	}
	n.all++
	if c.Attempt == 1 {
		n.first++
	}
}

// Some servers are dead and the balancer does not check: every attempt fails
// with the same probability.
func TestAttempts(t *testing.T) {
	for _, c := range []struct {
		id            string
		servers, dead int
		attempts      int
	}{
		{"attempts-0.1-3", 10, 1, 3},
		{"attempts-0.5-3", 2, 1, 3},
		{"attempts-0.5-10", 2, 1, 10},
		{"attempts-0.9-5", 10, 9, 5},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			config := arriving(100, nil)
			config.Traffic[0].Retry = traffic.Retry{Attempts: c.attempts, Backoff: &traffic.ConstantBackoff{First: second, Jitter: traffic.NoJitter}}
			addServers(&config, c.servers, plainServer, &sched.Random{})
			for i := range c.dead {
				config.Timeline = append(config.Timeline, models.Action{Fail: config.Servers[i].Name})
			}
			var x []float64
			for i := range few(10) {
				n := &tries{until: sim.Time(980 * second)} // the last ones have 20 s for theirs
				run(t, build(t, config, c.id, i, n), 1000*second)
				x = append(x, n.all/n.first)
			}
			known.Check(t, c.id, x)
		})
	}
}

// A node fails: its connections go to the survivors in equal parts.
func TestReconnectionsPerSurvivor(t *testing.T) {
	for _, id := range known.WithPrefix("burst-") {
		for _, policy := range []lb.SchedulerPolicy{&sched.LeastConnections{}, &sched.RoundRobin{}} {
			t.Run(fmt.Sprintf("%s %T", id, policy), func(t *testing.T) {
				p := params[struct {
					Nodes       int
					Connections int `json:"connections_per_node"`
				}](t, id)
				config := held(snat.Site{Clients: p.Nodes * p.Connections}, p.Nodes, policy)
				config.Balancer.Services[0].Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 1, Rise: 1}
				config.Timeline = []models.Action{{At: 10 * second, Fail: "s1"}}
				w := build(t, config, id, 0, nil)
				run(t, w, 10*second-1)
				before := count(w, len(config.Servers))
				run(t, w, 5*time.Minute)
				after := count(w, len(config.Servers))
				for s := 1; s < p.Nodes; s++ {
					known.Check(t, id, []float64{after[s] - before[s]})
				}
			})
		}
	}
}

// count returns the connections that each server holds.
func count(w *models.World, servers int) spread {
	n := make(spread, servers)
	w.Conns(func(_ flow.ConnID, c *flow.Conn) {
		if c.Server != flow.NoServer {
			n[c.Server]++
		}
	})
	return n
}
