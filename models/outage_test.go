package models_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// failover observes what a take-over does to clients.
type failover struct {
	ledger
	lost    []sim.Time // connections that were reset
	opened  []sim.Time
	moves   map[flow.Move]int
	slowest time.Duration
	notes   []string
}

func (f *failover) Assigned(id flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	f.ledger.Assigned(id, c, o, now)
	if o == flow.Accepted {
		f.opened = append(f.opened, now)
		f.moves[c.Moved]++
	}
}

func (f *failover) Closed(id flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	f.ledger.Closed(id, c, o, now)
	if o == flow.Reset {
		f.lost = append(f.lost, now)
	}
}

func (f *failover) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	f.ledger.Finished(r, o, now)
	if o == flow.Completed {
		f.slowest = max(f.slowest, now.Sub(r.Asked))
	}
}

func (f *failover) Noted(n flow.Note) { f.notes = append(f.notes, n.Text) }

// paired is a world whose balancer fails at 60 s, with a standby that knows some
// things; half of the clients send a request each second, the others are idle.
func paired(pair *lb.Pair, events ...models.Action) models.Config {
	c := models.Config{
		Sites: []snat.Site{{Name: "busy", Clients: 200}, {Name: "idle", Clients: 200}},
		Traffic: []traffic.Stream{{
			Name: "busy", From: []string{"busy"}, Requests: &traffic.Requests{Rate: 1, Demand: &dist.Constant{Mean: 10 * time.Millisecond}},
			Connections: &traffic.Connections{PerClient: 1}, Retry: traffic.Retry{Attempts: 1},
		}, {
			Name: "idle", From: []string{"idle"}, Connections: &traffic.Connections{PerClient: 1}, Retry: traffic.Retry{Attempts: 1},
		}},
		Timeline: events,
	}
	addServers(&c, 4, server.Config{Cores: 4, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.Random{})
	c.Balancer.Pair = pair
	c.Balancer.Services[0].Persistence = &persist.SourceIP{Timeout: time.Hour}
	return c
}

func runFailover(t *testing.T, c models.Config, until time.Duration) *failover {
	t.Helper()
	o := &failover{ledger: ledger{t: t, held: map[uint32]bool{}}, moves: map[flow.Move]int{}}
	w, err := models.New(c, 1, 0, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(until); err != nil {
		t.Fatal(err)
	}
	if err := w.CheckLaws(); err != nil {
		t.Error(err)
	}
	requests, _ := w.Present()
	if ended := o.ended[flow.Completed] + o.ended[flow.Rejected] + o.ended[flow.Reset] + o.ended[flow.TimedOut] + requests; ended != o.arrived {
		t.Errorf("%d requests arrived, %d are accounted for", o.arrived, ended)
	}
	return o
}

// A take-over keeps what the standby was told, and loses the rest.
func TestFailover(t *testing.T) {
	died := models.Action{At: 60 * second, Fail: "balancer"}
	pair := func(sync ...lb.Synced) *lb.Pair {
		return &lb.Pair{Failover: 3600 * time.Millisecond, Advert: second, Priority: 100, Sync: sync, Keepalive: 30 * second}
	}
	t.Run("nothing is known", func(t *testing.T) {
		o := runFailover(t, paired(pair(), died), 300*second)
		if len(o.lost) != 400 {
			t.Errorf("%d connections are lost, want all 400", len(o.lost))
		}
		first, last := o.lost[0], slices.Max(o.lost)
		if first != sim.Time(63600*time.Millisecond) || last > sim.Time(93600*time.Millisecond) || last < sim.Time(90*second) {
			t.Errorf("they are lost between %v and %v, want 63.6 s to about 93.6 s", first, last)
		}
		// 400 clients at random over 4 servers again: three of four move.
		if n := o.moves[flow.Forgotten]; n < 260 || n > 340 {
			t.Errorf("%d clients moved as their records were forgotten, want about 300", n)
		}
	})
	t.Run("persistence is known", func(t *testing.T) {
		o := runFailover(t, paired(pair(lb.SyncedPersistence), died), 300*second)
		if len(o.lost) != 400 || o.moves[flow.Forgotten] != 0 || o.moves[flow.Stayed] != 800 {
			t.Errorf("%d connections are lost, clients moved %v, want 400 and none", len(o.lost), o.moves)
		}
	})
	t.Run("connections are known", func(t *testing.T) {
		o := runFailover(t, paired(pair(lb.SyncedPersistence, lb.SyncedConnections), died), 300*second)
		if len(o.lost) != 0 || len(o.opened) != 400 || o.ended[flow.Reset] != 0 {
			t.Errorf("%d connections and %d requests are lost, want none", len(o.lost), o.ended[flow.Reset])
		}
		// A request sent as the balancer died is sent again after 0.2, 0.4, 0.8, 1.6
		// and 3.2 s: the first after the gap of 3.6 s goes out at 6.2 s.
		if o.slowest < 5900*time.Millisecond || o.slowest > 6260*time.Millisecond {
			t.Errorf("the slowest answer took %v, want about 6.2 s", o.slowest)
		}
	})
	t.Run("no standby", func(t *testing.T) {
		back := models.Action{At: 100 * second, Recover: "balancer"}
		o := runFailover(t, paired(nil, died, back), 300*second)
		if len(o.lost) != 400 || o.lost[0] != sim.Time(100*second) || slices.Max(o.lost) != sim.Time(100*second) {
			t.Errorf("%d connections are lost, want 400, all at 100 s", len(o.lost))
		}
	})
	t.Run("both fail", func(t *testing.T) {
		o := runFailover(t, paired(pair(lb.SyncedConnections), died, models.Action{At: 62 * second, Fail: "balancer"},
			models.Action{At: 80 * second, Recover: "balancer"}, models.Action{At: 90 * second, Recover: "balancer"}), 300*second)
		if len(o.lost) != 400 {
			t.Errorf("%d connections are lost, want all", len(o.lost))
		}
		want := []string{
			"fails: nobody answers at its addresses", "fails as well: nobody is left to answer",
			"comes back, empty", "comes back, and stands by",
		}
		if !slices.Equal(o.notes, want) {
			t.Errorf("noted %q, want %q", o.notes, want)
		}
	})
	t.Run("preemption repeats the gap", func(t *testing.T) {
		p := pair(lb.SyncedConnections)
		p.Preempt = true
		o := runFailover(t, paired(p, died, models.Action{At: 120 * second, Recover: "balancer"}), 300*second)
		if len(o.notes) != 4 || len(o.lost) != 0 {
			t.Errorf("noted %q, %d connections lost", o.notes, len(o.lost))
		}
	})
	t.Run("orderly", func(t *testing.T) {
		o := runFailover(t, paired(&lb.Pair{Advert: second, Priority: 100, Sync: []lb.Synced{lb.SyncedConnections}},
			models.Action{At: 60 * second, Disable: "balancer"}), 300*second)
		// 0.2 + 0.4 s is less than the gap of 0.609 s, 0.2 + 0.4 + 0.8 s is not.
		if o.slowest < 1300*time.Millisecond || o.slowest > 1420*time.Millisecond {
			t.Errorf("the slowest answer took %v, want about 1.4 s", o.slowest)
		}
	})
}

// A server that dies after the take-over takes with it what was about to be sent
// to it again, and its answers. What is sent next has the numbers of these
// requests, and is not taken for them.
func TestServerDiesAfterFailover(t *testing.T) {
	pair := &lb.Pair{Failover: 3600 * time.Millisecond, Advert: second, Priority: 100, Sync: []lb.Synced{lb.SyncedConnections}, Keepalive: 30 * second}
	for _, demand := range []time.Duration{10 * time.Millisecond, 5 * second} { // requests wait to be sent again, or answers
		c := paired(pair, models.Action{At: 60 * second, Fail: "balancer"}, models.Action{At: 64 * second, Fail: "s1"}, models.Action{At: 65 * second, Recover: "s1"})
		for i := range c.Servers {
			c.Servers[i].Cores = 400
		}
		c.Traffic[0].Requests.Demand = &dist.Constant{Mean: demand}
		o := runFailover(t, c, 100*second)
		if o.ended[flow.Reset] < 100 || len(o.lost) < 90 {
			t.Errorf("%d requests and %d connections are lost, want those of a quarter of 400 clients", o.ended[flow.Reset], len(o.lost))
		}
	}
}
