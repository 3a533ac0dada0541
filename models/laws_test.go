package models_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"lbsim/models"
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

// ledger keeps books of all that a world reports.
type ledger struct {
	silent
	t        *testing.T
	held     map[uint32]bool // connections that a server has, by number of the attempt
	assigned int
	arrived  int
	ended    [5]int
}

func (l *ledger) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, _ sim.Time) {
	l.assigned++
	switch {
	case o != flow.Accepted:
	case l.held[c.Seq] || c.Server < 0 || c.Member < 0:
		l.t.Errorf("attempt %d is given to server %d, member %d, not for the first time", c.Seq, c.Server, c.Member)
	default:
		l.held[c.Seq] = true
	}
}

func (l *ledger) Closed(_ flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	if !l.held[c.Seq] {
		l.t.Errorf("attempt %d is closed and was not open", c.Seq)
	}
	delete(l.held, c.Seq)
}

func (l *ledger) Arrived(*flow.Request, sim.Time)                      { l.arrived++ }
func (l *ledger) Finished(_ *flow.Request, o flow.Outcome, _ sim.Time) { l.ended[o]++ }

// Whatever a service does when servers are full, die and are taken out: nothing
// is lost or counted twice, in either mode.
func TestLaws(t *testing.T) {
	for _, mode := range []lb.Mode{lb.TCP, lb.HTTP} {
		for _, full := range []lb.Overflow{lb.FullNext, lb.FullWaits, lb.FullQueues, lb.FullRejects} {
			for _, health := range []lb.Health{
				{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1},
				{Kind: lb.Passive, MaxFails: 1, FailTimeout: 3 * second},
				watchful(mode),
			} {
				for variant := range 4 {
					name := fmt.Sprintf("%s, %s, %s, %d", mode, full, health.Kind, variant)
					t.Run(name, func(t *testing.T) {
						c := harsh(variant)
						s := &c.Balancer.Services[0]
						s.Mode, s.Full, s.Health = mode, full, health
						keepBooks(t, name, c)
					})
				}
			}
		}
	}
}

// watchful are checks of all sorts at once, which change the balancer's mind while
// connections are placed and requests end.
func watchful(mode lb.Mode) lb.Health {
	h := lb.Health{
		Kind: lb.HTTPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1, Pace: lb.PaceAfter, FastEvery: second / 4, Jitter: 0.3, ErrorFall: true,
		Demand: time.Millisecond, Start: lb.StartChecking, Pause: true, GiveUps: true,
		Passive: &lb.Failures{MaxFails: 2, FailTimeout: 2 * second, Statuses: true},
		Observe: &lb.Observe{Layer: "layer7", Limit: 3, OnError: "mark-down"},
		Outlier: &lb.Outlier{},
	}
	if mode != lb.HTTP {
		h.Observe.Layer = "layer4"
	}
	h.Outlier.SetDefaults()
	h.Outlier.Interval, h.Outlier.BaseTime, h.Outlier.Jitter, h.Outlier.MaxEjected = second, 2*second, second, 1
	h.Outlier.SuccessServers, h.Outlier.SuccessRequests, h.Outlier.EnforceGateway = 2, 5, 0.5
	return h
}

// harsh is a world in which servers are full, turn requests away, die, return
// and are operated, under all kinds of traffic.
func harsh(variant int) models.Config {
	demand := &dist.Exponential{Mean: 100 * time.Millisecond}
	retry := traffic.Retry{Attempts: 3, Backoff: &traffic.ConstantBackoff{First: 200 * time.Millisecond, Jitter: traffic.FullJitter}}
	life := &traffic.Connections{PerClient: 1, Lifetime: &dist.Exponential{Mean: 5 * second}, Pause: &dist.Exponential{Mean: second}}
	c := models.Config{
		Sites: []snat.Site{{Name: "office", Clients: 60}, {Name: "log", Visits: recorded()}},
		Traffic: []traffic.Stream{
			{Name: "single", From: []string{"office"}, Arrivals: &traffic.Poisson{Rate: 10}, Demand: demand, Retry: retry},
			{Name: "held", From: []string{"office"}, Connections: life, Requests: &traffic.Requests{Rate: 0.2, Demand: demand}, Retry: retry, Setup: &traffic.Setup{Demand: demand}},
			{Name: "loop", From: []string{"office"}, Requests: &traffic.Requests{Think: &dist.Exponential{Mean: 10 * second}, Demand: demand}, Retry: retry},
			{Name: "session", From: []string{"office"}, Arrivals: &traffic.Poisson{Rate: 1}, Connections: life, Requests: &traffic.Requests{Rate: 1, Demand: demand}, Retry: retry},
			{Name: "replay", From: []string{"log"}, Arrivals: &traffic.Replay{}, Retry: retry},
		},
		Timeline: []models.Action{
			{At: 20 * second, Fail: "s1"}, {At: 25 * second, Fail: "s2"}, {At: 40 * second, Recover: "s1"}, {At: 45 * second, Recover: "s2"},
			{At: 50 * second, Drain: "s3"}, {At: 55 * second, Disable: "s2"}, {At: 60 * second, Disable: "s3"},
			{At: 65 * second, Enable: "s2"}, {At: 70 * second, Enable: "s3"}, {At: 75 * second, Fail: "s3"}, {At: 75 * second, Recover: "s3"},
			{At: 80 * second, Set: map[string]int{"balancer.services.all.servers.s1.weight": 0}},
			{At: 85 * second, Set: map[string]int{"balancer.services.all.servers.s1.weight": 2, "balancer.services.all.servers.s2.max_connections": 2}},
		},
	}
	addServers(&c, 3, server.Config{Cores: 1, Slots: 4, Queue: 6, Discipline: []server.Discipline{server.FIFO, server.PS}[variant%2]}, &sched.LeastConnections{Like: "none"})
	if variant%2 == 1 {
		c.Sites[0].NAT = &snat.NAT{Addresses: 2, Pooling: snat.Arbitrary, Sizes: &snat.Equal{}, Ports: 40, Rest: time.Second}
	}
	s := &c.Balancer.Services[0]
	for m := range s.Servers {
		s.Servers[m].MaxConnections = 20
	}
	s.Queue = []int{lb.Unlimited, 15}[variant%2]
	s.Redispatch = []int{0, lb.Unlimited}[variant/2]
	s.Resume = flow.Share([]float64{0.75, 0}[variant/2])
	s.Instances = 1 + variant/2
	s.Linger = time.Duration(variant) * second
	s.SlowStart = &ramp.Linear{Time: 5 * second}
	if variant > 1 {
		c.Balancer.Source = lb.Source{Kind: lb.SNAT, Addresses: 2, Ports: 12, Rest: second / 2}
	}
	s.Panic = flow.Share([]float64{0, 0.5}[variant%2])
	if variant > 1 {
		s.Persistence = &persist.SourceIP{Timeout: 10 * second}
	}
	return c
}

// recorded are two visits a second of ten clients, some of whom stay.
func recorded() *flow.Visits {
	v := &flow.Visits{}
	for i := range 10 {
		v.Clients = append(v.Clients, fmt.Sprint("client", i))
		v.Addrs = append(v.Addrs, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		v.Home = append(v.Home, uint32(i))
	}
	for i := range 200 {
		v.List = append(v.List, flow.Visit{
			At: sim.Time(i) * sim.Time(second) / 2, Client: uint32(i % 10), Addr: uint32(i % 10), Service: -1,
			Hold: time.Duration(i%3) * second, Demand: []time.Duration{flow.Unknown, 50 * time.Millisecond}[i%2],
		})
	}
	return v
}

// keepBooks runs a world, in which much happens, and balances its books.
func keepBooks(t *testing.T, name string, c models.Config) *models.World {
	w, l := balance(t, name, c)
	if l.ended[flow.Completed] < 300 || l.ended[flow.Rejected]+l.ended[flow.Reset] < 100 {
		t.Errorf("of %d requests, %v ended: too little happens", l.arrived, l.ended)
	}
	return w
}

// balance runs a world and balances its books every half a second.
func balance(t *testing.T, name string, c models.Config) (*models.World, *ledger) {
	l := &ledger{t: t, held: map[uint32]bool{}}
	w := build(t, c, name, 0, l)
	for at := time.Duration(0); at < 100*second && !t.Failed(); at += second / 2 {
		run(t, w, at)
		ended := 0
		for _, n := range l.ended {
			ended += n
		}
		requests, connections := w.Present()
		if l.arrived != ended+requests {
			t.Errorf("at %v: %d requests arrived, %v ended, %d are present", at, l.arrived, l.ended, requests)
		}
		held, waiting, metered := 0, 0, 0
		w.Conns(func(_ flow.ConnID, c *flow.Conn) {
			if c.Server == flow.NoServer {
				waiting++
			} else {
				held++
			}
		})
		for m := range c.Balancer.Services[0].Servers {
			metered += w.Meter(0, m, w.Engine().Now()).Conns
		}
		if held != len(l.held) || held != metered || held+waiting != connections {
			t.Errorf("at %v: %d connections are held, %d as reported, %d as metered; %d wait, %d exist", at, held, len(l.held), metered, waiting, connections)
		}
	}
	return w, l
}
