package models_test

import (
	"fmt"
	"math"
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
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/sim"
)

const ms = time.Millisecond

// takes is an observer of how long requests take, and what of that is the network's.
type takes struct {
	silent
	response []time.Duration
	trips    []flow.Trip
	opened   []time.Duration
	ends     []string
	wait     time.Duration
}

func (o *takes) Opened(_ flow.ConnID, c *flow.Conn, now sim.Time) {
	o.opened = append(o.opened, now.Sub(c.Asked))
}

func (o *takes) Travelled(_ *flow.Request, t *flow.Trip, _ sim.Time) { o.trips = append(o.trips, *t) }

func (o *takes) Finished(r *flow.Request, out flow.Outcome, now sim.Time) {
	o.ends = append(o.ends, fmt.Sprint(now, " ", out))
	if out == flow.Completed {
		o.response = append(o.response, now.Sub(r.Asked))
		o.wait = r.Started.Sub(r.Asked) - o.trips[len(o.trips)-1].Before
	}
}

var (
	oneWrite  = flow.Exchange{ClientWrites: []int{300}, ServerWrites: []int{500}, Count: 1}
	twoWrites = flow.Exchange{ClientWrites: []int{100, 200}, ServerWrites: []int{500}, Count: 1}
	oddTail   = flow.Exchange{ClientWrites: []int{300}, ServerWrites: []int{1860}, Count: 1}
)

// distant is a client 10 ms away from a server that takes 2 ms for each request, one
// every ten seconds.
func distant(x flow.Exchange, s traffic.Stream) models.Config {
	network := tcp.NewConfig(10 * ms)
	s.Name, s.From, s.Exchange, s.Retry = "far", []string{"office"}, &x, traffic.Retry{Attempts: 1}
	c := models.Config{Sites: []snat.Site{{Name: "office", Clients: 1}}, Traffic: []traffic.Stream{s}, Network: &network}
	addServers(&c, 1, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{Like: "none"})
	return c
}

// The ways in which the client asks.
func single() traffic.Stream {
	return traffic.Stream{Arrivals: &traffic.Deterministic{Rate: 0.1}, Demand: &dist.Constant{Mean: 2 * ms}}
}

func looping() traffic.Stream {
	return traffic.Stream{Requests: &traffic.Requests{Think: &dist.Constant{Mean: 10 * second}, Demand: &dist.Constant{Mean: 2 * ms}}}
}

func wired(t *testing.T, c models.Config, d time.Duration) *takes {
	t.Helper()
	o := &takes{}
	w := build(t, c, t.Name(), 0, o)
	run(t, w, d)
	return o
}

// The vectors of one exchange, as clients of a world meet them: over a connection
// that was open when the run began, and over one for each.
func TestExchangeTakes(t *testing.T) {
	for name, v := range map[string]struct {
		x      flow.Exchange
		change func(n *tcp.Config)
		idle   time.Duration
		stalls int
	}{
		"T1":   {oneWrite, func(*tcp.Config) {}, 12 * ms, 0},
		"T2":   {twoWrites, func(*tcp.Config) {}, 222 * ms, 1},
		"T3":   {twoWrites, func(n *tcp.Config) { n.Client.Nodelay = true }, 12 * ms, 0},
		"T4":   {twoWrites, func(n *tcp.Config) { n.Server.AckFrequency = 1 }, 22 * ms, 0},
		"T4b":  {twoWrites, func(n *tcp.Config) { n.Client.AckFrequency = 1 }, 222 * ms, 1},
		"T4c":  {twoWrites, func(n *tcp.Config) { n.Server.DelayedAck = 40 * ms }, 62 * ms, 1},
		"T6a":  {oddTail, func(*tcp.Config) {}, 222 * ms, 1},
		"T6f":  {oddTail, func(n *tcp.Config) { n.Server.AckFrequency = 1 }, 222 * ms, 1},
		"site": {oneWrite, func(n *tcp.Config) { n.RTT = 100 * ms }, 102 * ms, 0},
	} {
		for way, s := range map[string]traffic.Stream{"held": looping(), "single": single()} {
			c := distant(v.x, s)
			v.change(c.Network)
			want := v.idle
			if way == "single" {
				want += c.Network.RTT // to open the connection
			}
			if name == "site" {
				c.Sites[0].RTT, c.Network.RTT = c.Network.RTT, 1*ms
			}
			o := wired(t, c, 15*second)
			if len(o.response) != 1 || o.response[0] != want {
				t.Errorf("%s, %s: takes %v, not %v", name, way, o.response, want)
				continue
			}
			trip := o.trips[0]
			if trip.Stalls != v.stalls || trip.Total != want-2*ms || o.wait != 0 {
				t.Errorf("%s, %s: %+v, waits %v", name, way, trip, o.wait)
			}
		}
	}
}

// Sequences of dependent exchanges: the server's own time between them is what the
// exchange says, and its demand comes once.
func TestSequenceTakes(t *testing.T) {
	for n, want := range map[int]time.Duration{50: 11_100 * ms, 300: 66_600 * ms} {
		x := twoWrites
		x.Count, x.Think = n, 2*ms
		s := looping()
		s.Requests.Demand = &dist.Constant{}
		o := wired(t, distant(x, s), 100*second)
		if o.response[0] != want || o.trips[0].Stalls != n || o.trips[0].Total != want-time.Duration(n)*2*ms {
			t.Errorf("%d exchanges: %v, %+v", n, o.response, o.trips[0])
		}
	}
}

// Round trips before the first request, with work of the server for them or
// without, and over a connection that was open already.
func TestSetUpTakes(t *testing.T) {
	for tls, rtts := range map[tcp.TLS]int{tcp.NoTLS: 1, tcp.TLS12: 3, tcp.TLS12Resumed: 2, tcp.TLS13: 2, tcp.TLS13Resumed: 2, tcp.ZeroRTT: 1} {
		setUp := time.Duration(rtts) * 10 * ms
		for _, demand := range []time.Duration{0, 7 * ms} {
			s := single()
			if demand > 0 {
				s.Setup = &traffic.Setup{Demand: &dist.Constant{Mean: demand}}
			}
			c := distant(oneWrite, s)
			c.Network.TLS = tls
			o := wired(t, c, 15*second)
			if want := setUp + 12*ms + demand; o.response[0] != want || o.trips[0].Total != setUp+10*ms {
				t.Errorf("%s, demand %v: takes %v, not %v; %+v", tls, demand, o.response, want, o.trips[0])
			}

			s.Demand, s.Connections, s.Exchange = nil, &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: second}}, nil
			c.Traffic[0] = s
			c.Traffic[0].Name, c.Traffic[0].From, c.Traffic[0].Retry = "held", []string{"office"}, traffic.Retry{Attempts: 1}
			if o := wired(t, c, 15*second); o.opened[0] != setUp+demand {
				t.Errorf("%s, demand %v: opens in %v", tls, demand, o.opened)
			}
		}
	}
}

// What opened a connection before the client asked anything over it is part of no
// request's time.
func TestSetUpBeforeRequests(t *testing.T) {
	for _, demand := range []time.Duration{0, 7 * ms} {
		s := looping()
		s.Connections = &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: 15 * second}}
		if demand > 0 {
			s.Setup = &traffic.Setup{Demand: &dist.Constant{Mean: demand}}
		}
		c := distant(oneWrite, s)
		c.Network.TLS = tcp.TLS12
		o := wired(t, c, 60*second)
		// The first connection is open when the run begins.
		if len(o.trips) < 4 || o.trips[1].Opened+o.trips[2].Opened != 30*ms {
			t.Errorf("demand %v: %+v", demand, o.trips)
		}
		for k, trip := range o.trips {
			if trip.Before != 5*ms || trip.Total != 10*ms || o.response[k] != 12*ms || o.wait != 0 {
				t.Errorf("demand %v: request %d takes %v, %+v, waits %v", demand, k, o.response[k], trip, o.wait)
			}
		}
	}
}

// A connection that was idle for long begins with a small window again, and one in
// use does not.
func TestIdleConnections(t *testing.T) {
	large := flow.Exchange{ClientWrites: []int{300}, ServerWrites: []int{40 * 1460}, Count: 1}
	for think, want := range map[time.Duration][3]time.Duration{
		10 * second: {32 * ms, 32 * ms, 32 * ms}, // three round trips: 10, 20, 10 segments
		50 * ms:     {32 * ms, 12 * ms, 12 * ms},
	} {
		s := looping()
		s.Requests.Think = &dist.Constant{Mean: think}
		o := wired(t, distant(large, s), 4*think+second)
		if !slices.Equal(o.response[:3], want[:]) {
			t.Errorf("thinking %v: %v", think, o.response)
		}
	}
}

// Little's law at the balancer: exchanges that stall take 222 ms instead of 12, and
// there are 18.5 times as many connections at the same rate.
func TestStallsShowInConnections(t *testing.T) {
	mean := func(x flow.Exchange) float64 {
		c := distant(x, traffic.Stream{Requests: &traffic.Requests{Rate: 0.1, Demand: &dist.Constant{Mean: 2 * ms}}})
		c.Sites[0].Clients = 1000
		c.Servers[0].Cores = 100
		c.Network.Inner = &tcp.Inner{}
		c.Network.Inner.Balancer.SetDefaults()
		c.Network.Inner.SetDefaults()
		c.Balancer.Services[0].Mode = lb.HTTP
		w := build(t, c, t.Name(), 0, nil)
		run(t, w, 1000*second)
		return w.Meter(0, 0, w.Engine().Now()).ConnsArea / float64(w.Engine().Now())
	}
	without, with := mean(oneWrite), mean(twoWrites)
	if math.Abs(without-1.2) > 0.02 || math.Abs(with/without-18.5) > 0.02 {
		t.Errorf("%.3f and %.3f connections: times %.2f", without, with, with/without)
	}
}

// What is under way when a server crashes.
func TestCrashAndWire(t *testing.T) {
	for _, v := range []struct {
		at   time.Duration
		want string
	}{
		{10*second + 3*ms, "10.008s reset"},          // the request is on its way
		{10*second + 6*ms, "10.011s reset"},          // the server works on it
		{10*second + 9*ms, "10.012s completed"},      // the answer is on its way
		{10*second + 12*ms - 1, "10.012s completed"}, // likewise
		{10*second - 4*ms, "10.001s reset"},          // it is asked over a connection of which the client has yet to hear
		{10*second - 6*ms, ""},
	} {
		c := distant(oneWrite, looping())
		c.Timeline = []models.Action{{At: v.at, Fail: "s1"}}
		c.Traffic[0].Retry.Backoff = &traffic.ConstantBackoff{First: 1000 * second, Jitter: traffic.NoJitter}
		o := wired(t, c, 15*second)
		if got := fmt.Sprint(append(o.ends, "")[0]); got != v.want {
			t.Errorf("a crash at %v: %v", v.at, o.ends)
		}
	}
}

// What a server turns away comes back like an answer; a time-out does not wait for
// that, and the server works on a request that was given up.
func TestTurnedAwayOverTheWire(t *testing.T) {
	c := distant(oneWrite, single())
	c.Servers[0].Queue, c.Servers[0].Slots = 0, 1
	c.Traffic = append(c.Traffic, c.Traffic[0])
	c.Traffic[1].Name = "other"
	if o := wired(t, c, 15*second); !slices.Equal(o.ends, []string{"10.02s rejected", "10.022s completed"}) {
		t.Errorf("%v", o.ends)
	}
	c = distant(twoWrites, single())
	c.Traffic[0].Retry.Timeout = 100 * ms
	w := build(t, c, t.Name(), 0, nil)
	o := &takes{}
	w = build(t, c, t.Name(), 0, o)
	run(t, w, 15*second)
	if m := w.ServerMeter(0, w.Engine().Now()); !slices.Equal(o.ends, []string{"10.1s timed_out"}) || m.BusyArea != 2e6 {
		t.Errorf("%v, the server works for %v ns", o.ends, m.BusyArea)
	}
}

// Where packets are lost, requests that lose none take as long as before, and those
// that do are the same whoever serves them.
func TestLossesAreTheRequests(t *testing.T) {
	times := func(scheduler lb.SchedulerPolicy, loss flow.Share) []time.Duration {
		c := distant(oneWrite, traffic.Stream{Requests: &traffic.Requests{Think: &dist.Constant{Mean: second}, Demand: &dist.Constant{Mean: 2 * ms}}})
		c.Servers, c.Balancer.Services = nil, nil
		addServers(&c, 2, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, scheduler)
		c.Network.Loss = loss
		return wired(t, c, 1000*second).response
	}
	a, b := times(&sched.RoundRobin{Like: "none"}, 0.02), times(&sched.Random{}, 0.02)
	if !slices.Equal(a, b) {
		t.Error("another scheduler loses other packets")
	}
	late := 0
	for _, d := range a {
		if d > 12*ms {
			late++
		}
	}
	// Either of two packets: 4 %.
	if share := float64(late) / float64(len(a)); math.Abs(share-0.0396) > 0.02 {
		t.Errorf("%d of %d are late", late, len(a))
	}
}

// Whatever happens to those who have requests on the wire, nothing is lost or
// counted twice.
func TestLawsOfNetwork(t *testing.T) {
	n := uint64(60)
	if testing.Short() {
		n = 12
	}
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := harsh(int(seed % 4))
			turbulent(&c, seed)
			balance(t, t.Name(), c)
		})
	}
}

// The same where the balancer forgets connections and tells nobody.
func TestLawsOfNetworkAndForgetting(t *testing.T) {
	for seed := range uint64(few(60)) {
		c := harsh(int(seed % 4))
		turbulent(&c, seed)
		c.Balancer.Services[0].OnDown = lb.Dropped
		c.Balancer.Services[0].OnRemove = []lb.Fate{"", lb.Suspended, lb.Dropped}[seed%3]
		l := &ledger{t: t, held: map[uint32]bool{}}
		w := build(t, c, fmt.Sprint(t.Name(), seed), 0, l)
		for at := time.Duration(0); at < 100*second; at += second / 2 {
			run(t, w, at)
			ended := 0
			for _, n := range l.ended {
				ended += n
			}
			if requests, _ := w.Present(); l.arrived != ended+requests {
				t.Fatalf("seed %d, at %v: %d requests arrived, %v ended, %d are present", seed, at, l.arrived, l.ended, requests)
			}
		}
	}
}
