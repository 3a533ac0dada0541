package models_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/server"
	"lbsim/models/traffic"
)

// greeting is a world in which one client opens a connection each second, with a
// handshake of 100 ms or, resumed, of 10 ms.
func greeting(servers int, within time.Duration) models.Config {
	var names []string
	for i := range servers {
		names = append(names, fmt.Sprint("s", i+1))
	}
	c := plain(names, map[string][]string{"web": names})
	c.Sites[0].Clients = 1
	t := &c.Traffic[0]
	t.Arrivals, t.Demand = &traffic.Deterministic{Rate: 1}, nil
	t.Setup = &traffic.Setup{
		Demand:  &dist.Constant{Mean: 100 * time.Millisecond},
		Resumed: &traffic.Resumed{Demand: &dist.Constant{Mean: 10 * time.Millisecond}, Within: within},
	}
	return c
}

// Of a hundred connections, a second apart, those resume a session whose client
// has one of its server that is young enough. The rest is arithmetic.
func TestResumedShare(t *testing.T) {
	logOn := &dist.Constant{Mean: 5 * time.Millisecond}
	for _, c := range []struct {
		name    string
		servers int
		within  time.Duration
		change  func(c *models.Config)
		want    float64 // seconds of work on servers
		tls     float64 // and on the balancer
	}{
		{"for ever", 1, time.Hour, func(*models.Config) {}, 0.1 + 99*0.01, 0},
		// One begun at 1.1 s is resumed up to 11 s, and the next begins at 12 s.
		{"for 10 s", 1, 10 * second, func(*models.Config) {}, 10*0.1 + 90*0.01, 0},
		{"never on another server", 2, time.Hour, func(*models.Config) {}, 100 * 0.1, 0},
		{"on all servers", 2, time.Hour, func(c *models.Config) { c.Traffic[0].Setup.Resumed.Shared = true }, 0.1 + 99*0.01, 0},
		{"not at all", 1, time.Hour, func(c *models.Config) { c.Traffic[0].Setup.Resumed = nil }, 100 * 0.1, 0},
		{"with a log-on", 1, 10 * second, func(c *models.Config) { c.Traffic[0].Setup.LogOn = logOn }, 10*0.1 + 90*0.01 + 100*0.005, 0},
		{"on the balancer", 2, 10 * second, func(c *models.Config) {
			c.Balancer.TLS, c.Balancer.Services[0].Offload = &lb.TLS{Cores: 1, Queue: lb.Unlimited}, true
		}, 0, 10*0.1 + 90*0.01},
		{"on the balancer, with a log-on", 2, 10 * second, func(c *models.Config) {
			c.Balancer.TLS, c.Balancer.Services[0].Offload = &lb.TLS{Cores: 1, Queue: lb.Unlimited}, true
			c.Traffic[0].Setup.LogOn = logOn
		}, 100 * 0.005, 10*0.1 + 90*0.01},
		{"clients begin new sessions", 1, time.Hour, func(c *models.Config) {
			c.Traffic[0].Behaviour = &traffic.Behaviour{Cookies: 1, Renegotiates: 20 * second, Renegotiating: 1}
		}, 6*0.1 + 94*0.01, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := greeting(c.servers, c.within)
			c.change(&config)
			w, _ := follow(t, config, 101)
			now, work := w.Engine().Now(), 0.0
			for s := range c.servers {
				work += w.ServerMeter(s, now).BusyArea / 1e9
			}
			tls, has := w.TLSMeter(now)
			if math.Abs(work-c.want) > 1e-6 || math.Abs(tls.BusyArea/1e9-c.tls) > 1e-6 || has != (c.tls > 0) {
				t.Errorf("%v s of work on servers and %v on the balancer, want %v and %v", work, tls.BusyArea/1e9, c.want, c.tls)
			}
		})
	}
}

// A balancer that has to do twice the handshakes that it can is the bottleneck,
// while the servers are idle.
func TestOffloadedHandshakesLimit(t *testing.T) {
	c := plain([]string{"s1", "s2"}, map[string][]string{"web": {"s1", "s2"}})
	c.Traffic[0].Arrivals = &traffic.Poisson{Rate: 200}
	c.Traffic[0].Setup = &traffic.Setup{Demand: &dist.Constant{Mean: 10 * time.Millisecond}}
	c.Traffic[0].Demand = &dist.Constant{Mean: time.Millisecond}
	c.Balancer.TLS, c.Balancer.Services[0].Offload = &lb.TLS{Cores: 1, Queue: 10}, true
	w, d := follow(t, c, 100)
	now := w.Engine().Now()
	tls, _ := w.TLSMeter(now)
	done, turned := d.between(0, 100, "web completed"), d.between(0, 100, "web rejected")
	if share := float64(turned) / float64(done+turned); math.Abs(share-0.5) > 0.02 || tls.BusyArea < 99e9 || tls.QueueMax != 10 {
		t.Errorf("%v of the requests are rejected, the balancer worked %v s and its queue was %d at most", share, tls.BusyArea/1e9, tls.QueueMax)
	}
	if busy := w.ServerMeter(0, now).BusyArea / 1e9; busy > 6 {
		t.Errorf("a server worked %v s", busy)
	}
}

// Whatever happens to servers while the balancer does their handshakes, and
// whatever else they lack: nothing is lost or counted twice.
func TestLawsOfUnusualServers(t *testing.T) {
	for variant := range 4 {
		for _, mode := range []lb.Mode{lb.TCP, lb.HTTP} {
			name := fmt.Sprintf("%s, %d", mode, variant)
			t.Run(name, func(t *testing.T) {
				c := harsh(variant)
				s := &c.Balancer.Services[0]
				s.Mode, s.Full, s.Health = mode, lb.FullNext, lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
				for i := range c.Traffic {
					t := &c.Traffic[i]
					if t.Setup == nil || variant == 3 {
						t.Setup = &traffic.Setup{Demand: &dist.Constant{Mean: 20 * time.Millisecond}}
					}
					t.Setup.Resumed = &traffic.Resumed{Demand: &dist.Constant{Mean: time.Millisecond}, Within: 10 * second}
					t.Setup.LogOn = &dist.Constant{Mean: 5 * time.Millisecond}
				}
				if variant%2 == 0 {
					c.Balancer.TLS, s.Offload = &lb.TLS{Cores: 1, Queue: 4}, true
				}
				for i := range c.Servers {
					x := &c.Servers[i]
					x.QueueTimeout, x.Abandon = time.Second/2, server.NoticeAbandoned
					x.Cold = &server.Cold{Factor: 3, For: 10 * second, AtStart: true}
					x.Memory = &server.Memory{Total: 20, PerConnection: 1}
					if i == 1 && variant > 1 {
						x.Memory.Full = server.Crash
					}
				}
				c.Servers[0].Depends = []string{"s3"}
				c.Timeline = append(c.Timeline,
					models.Action{At: 10 * second, Fail: "s1/all", How: models.Hang}, models.Action{At: 12 * second, Recover: "s1"},
					models.Action{At: 14 * second, Fail: "s3/all", How: models.Crash}, models.Action{At: 16 * second, Recover: "s3/all", Cold: &server.Cold{Factor: 2, For: second}},
					models.Action{At: 17 * second, Fail: "s3", How: models.Silent}, models.Action{At: 19 * second, Recover: "s3"})
				for at := range 25 {
					// It may have run out of memory.
					c.Timeline = append(c.Timeline, models.Action{At: time.Duration(23+3*at) * second, Recover: "s2"})
				}
				keepBooks(t, "unusual servers, "+name, c)
			})
		}
	}
}

// The reason is told with which a connection was refused for lack of memory.
func TestRefusedForLackOfMemoryIsSaid(t *testing.T) {
	c := plain([]string{"s1"}, map[string][]string{"web": {"s1"}})
	c.Servers[0].Memory = &server.Memory{Total: 3, PerConnection: 1}
	c.Traffic[0].Connections = &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: time.Second}}
	_, d := follow(t, c, 10)
	if n := d.why[flow.OutOfMemory]; n < 60 || n > 70 || d.between(0, 11, "web rejected") != n {
		t.Errorf("%v, of ten a second for a second each three fit", d.why)
	}
}
