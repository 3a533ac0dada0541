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
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// Whatever fails while clients give up, try again, spend budgets, open circuits
// and are cut off: nothing is lost or counted twice.
func TestLawsWithImpatientClients(t *testing.T) {
	for _, mode := range []lb.Mode{lb.TCP, lb.HTTP} {
		for _, full := range []lb.Overflow{lb.FullNext, lb.FullWaits, lb.FullQueues, lb.FullRejects} {
			for variant := range 8 {
				name := fmt.Sprintf("impatient, %s, %s, %d", mode, full, variant)
				t.Run(name, func(t *testing.T) {
					c := harsh(variant % 4)
					s := &c.Balancer.Services[0]
					s.Mode, s.Full = mode, full
					s.Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
					for i := range c.Traffic {
						r := &c.Traffic[i].Retry
						r.Timeout = time.Duration(500+400*(variant/2)) * time.Millisecond
						r.ConnectTimeout, r.SYNTimeout = 4*second, second/2
						if variant%2 == 1 {
							r.Budget = &traffic.Budget{Ratio: 0.3, Min: 1, Scope: traffic.ScopeSite}
							r.Breaker = &traffic.Breaker{Failures: 6, Open: 2 * second, HalfOpen: 2, Scope: traffic.ScopeClient}
						}
					}
					c.Timeline = append(c.Timeline,
						models.Action{At: 10 * second, Fail: "office"}, models.Action{At: 13 * second, Recover: "office"},
						models.Action{At: 28 * second, Fail: "s3", How: models.Silent}, models.Action{At: 33 * second, Recover: "s3"},
						models.Action{At: 47 * second, Fail: "all"}, models.Action{At: 49 * second, Recover: "all"},
						models.Action{At: 90 * second, Fail: "log"}, models.Action{At: 92 * second, Fail: "balancer"},
						models.Action{At: 94 * second, Recover: "log"}, models.Action{At: 95 * second, Recover: "balancer"},
					)
					keepBooks(t, name, c)
				})
			}
		}
	}
}

// What nobody waits for any more is still work for its server: a server that is
// asked for 1.5 s of work a second by clients who give up after 0.1 s answers
// nobody, and is busy all the time.
func TestAbandonedWorkIsDone(t *testing.T) {
	c := arriving(15, nil)
	c.Traffic[0].Demand = &dist.Constant{Mean: 100*time.Millisecond - 1}
	c.Traffic[0].Retry = traffic.Retry{Timeout: 100 * time.Millisecond, Attempts: 1}
	addServers(&c, 1, plainServer, nil)
	m := observe(t, c, "abandoned", 0, 20*second, 100*second)
	busy := m.meter(func(s flow.ServerMeter) float64 { return s.BusyArea })
	waiting := m.meter(func(s flow.ServerMeter) float64 { return s.QueueArea })
	if m.ended[flow.Completed] != 0 || busy < 0.999 || waiting < 300 { // 5 a second more, for 70 s on average
		t.Errorf("%v, %.3f cores busy, %.0f waiting", m.ended, busy, waiting)
	}
	if clients, _ := m.world.Present(); clients > 5 {
		t.Errorf("%d requests are present, whose clients wait 0.1 s", clients)
	}
}

// waves observes when connections are opened and how attempts end.
type waves struct {
	silent
	opened []float64 // seconds
	ended  [6]int
	closed [6]int
}

func (w *waves) Assigned(_ flow.ConnID, _ *flow.Conn, o flow.Outcome, now sim.Time) {
	w.ended[o]++
	if o == flow.Accepted && now > 0 {
		w.opened = append(w.opened, now.Seconds())
	}
}

func (w *waves) Closed(_ flow.ConnID, _ *flow.Conn, o flow.Outcome, _ sim.Time) { w.closed[o]++ }

// A site is cut off for two minutes. Its clients keep their connections until they
// are back, and then all reconnect within the first backoff; other sites notice
// nothing.
func TestReconnectWave(t *testing.T) {
	c := operated(models.Action{At: 60 * second, Fail: "branch"}, models.Action{At: 180 * second, Recover: "branch"})
	c.Sites[0].Name = "hq"
	c.Sites = append(c.Sites, c.Sites[0])
	c.Sites[1].Name, c.Sites[1].Clients = "branch", 500
	retry := traffic.Retry{ConnectTimeout: 21 * second, SYNTimeout: second, Attempts: 1, Backoff: &traffic.ConstantBackoff{First: 10 * second, Jitter: traffic.FullJitter}}
	c.Traffic = []traffic.Stream{{
		Name: "held", From: []string{"hq", "branch"}, Connections: &traffic.Connections{PerClient: 1}, Retry: retry,
	}}
	o := &waves{}
	w := build(t, c, "wave", 0, o)
	run(t, w, 179*second)
	if _, n := w.Present(); n != 600 || len(o.opened) != 0 {
		t.Errorf("%d connections, %d new ones", n, len(o.opened))
	}
	run(t, w, 300*second)
	if o.closed[flow.Reset] != 500 || len(o.opened) != 500 || slices.Min(o.opened) < 180 || slices.Max(o.opened) > 190 {
		t.Errorf("%v closed, %d new from %v to %v s", o.closed, len(o.opened), slices.Min(o.opened), slices.Max(o.opened))
	}
}

// Attempts to connect from a site that is cut off go unanswered until a SYN is
// sent after the site is back.
func TestConnectingFromASiteThatIsCutOff(t *testing.T) {
	c := operated(models.Action{At: 60 * second, Fail: "office"}, models.Action{At: 80 * second, Recover: "office"})
	c.Traffic[0].Retry = traffic.Retry{ConnectTimeout: time.Minute, SYNTimeout: second, Attempts: 1}
	o := &waves{}
	run(t, build(t, c, "cut off", 0, o), 131*second-1)
	var during, after int
	for _, at := range o.opened {
		switch {
		case at > 60.05 && at < 79.95:
			during++
		case at > 79.95 && at < 96.05:
			after++ // of ten a second, and of the 200 from before, those of the first 5 s last: 31 s after their first SYN
		}
	}
	if o.ended[flow.TimedOut] != 0 || during != 0 || after < 360 || after > 362 {
		t.Errorf("%v; %d opened while the site is cut off, %d in the 16 s after", o.ended, during, after)
	}
}

// Requests that are under way when a site is cut off time out; those of clients who
// wait for ever are reset when it is back.
func TestRequestsFromASiteThatIsCutOff(t *testing.T) {
	for _, timeout := range []time.Duration{0, 5 * second} {
		c := operated(models.Action{At: 60*second + 1, Fail: "office"}, models.Action{At: 80 * second, Recover: "office"})
		c.Traffic[0].Demand = &dist.Constant{Mean: 250 * time.Millisecond} // ten a second: 2.5 at a time
		c.Traffic[0].Retry = traffic.Retry{ConnectTimeout: time.Minute, SYNTimeout: second, Attempts: 1, Timeout: timeout}
		for i := range c.Servers {
			c.Servers[i].Cores = 10
		}
		l := &ledger{t: t, held: map[uint32]bool{}}
		w := build(t, c, "cut off", 0, l)
		run(t, w, 79*second)
		if timeout > 0 && l.ended[flow.TimedOut] < 100 {
			t.Errorf("%v at 79 s", l.ended)
		}
		run(t, w, 130*second)
		requests, connections := w.Present()
		switch lost := l.ended[flow.TimedOut] + l.ended[flow.Reset]; {
		case timeout == 0 && (l.ended[flow.TimedOut] > 0 || lost < 2 || lost > 4):
			t.Errorf("%v", l.ended)
		case timeout > 0 && (l.ended[flow.Reset] > 0 || lost < 100):
			t.Errorf("%v", l.ended)
		}
		if requests > 4 || requests != connections {
			t.Errorf("%d requests and %d connections at the end", requests, connections)
		}
	}
}

// Servers that are silent, and a balancer at layer 4 that does not check: SYNs are
// lost until the server is back.
func TestSilentServerCostsSYNs(t *testing.T) {
	c := arriving(10, nil)
	c.Traffic[0].Demand = &dist.Constant{Mean: time.Millisecond}
	c.Traffic[0].Retry = traffic.Retry{ConnectTimeout: 21 * second, SYNTimeout: second, Attempts: 1}
	addServers(&c, 1, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{Like: "none"})
	c.Timeline = []models.Action{{At: 100 * second, Fail: "s1", How: models.Silent}, {At: 160 * second, Recover: "s1"}}
	o := &waves{}
	run(t, build(t, c, "silent", 0, o), 300*second)
	// Who comes in the first 45 s has sent all five SYNs by the return, the last
	// after 15 s: 450 give up.
	if n := o.ended[flow.TimedOut]; n < 400 || n > 500 {
		t.Errorf("%v", o.ended)
	}
}

// Once everything has grown to its size, time-outs, retries, budgets and breakers
// allocate nothing.
func TestTimeoutsAllocateNothing(t *testing.T) {
	c := arriving(60, nil)
	c.Traffic[0].Demand = &dist.Exponential{Mean: 10 * time.Millisecond}
	c.Traffic[0].Retry = traffic.Retry{
		Timeout: 30 * time.Millisecond, Attempts: 3, Backoff: &traffic.ExponentialBackoff{First: second, Max: 9 * second, Jitter: traffic.DecorrelatedJitter},
		Budget: &traffic.Budget{Ratio: 0.2, Min: 1, Scope: traffic.ScopeSite}, Breaker: &traffic.Breaker{Failures: 50, Open: second, HalfOpen: 1, Scope: traffic.ScopeClient},
	}
	held := c.Traffic[0]
	held.Name, held.Arrivals, held.Demand = "held", nil, nil
	held.Requests = &traffic.Requests{Rate: 10, Demand: &dist.Exponential{Mean: 10 * time.Millisecond}}
	held.Connections = &traffic.Connections{PerClient: 3}
	c.Traffic = append(c.Traffic, held)
	addServers(&c, 1, plainServer, &sched.RoundRobin{Like: "none"})
	w := build(t, c, "allocations", 0, nil)
	at := 20_000 * second
	run(t, w, at)
	fired := w.Engine().Stats().Fired
	if n := testing.AllocsPerRun(10, func() { at += 100 * second; w.Run(at) }); n > 0 {
		t.Errorf("%v allocations in about %d events", n, (w.Engine().Stats().Fired-fired)/11)
	}
}
