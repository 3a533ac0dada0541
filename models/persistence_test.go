package models_test

import (
	"reflect"
	"runtime"
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

// clientHomes remembers on which server each client was last, and counts the moves by
// their reasons.
type clientHomes struct {
	silent
	t      *testing.T
	served map[flow.ClientID]int32
	moves  map[flow.Move]int
	taken  int
}

func (h *clientHomes) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	if o != flow.Accepted {
		return
	}
	h.taken++
	before, known := h.served[c.Client]
	if moved := known && before != c.Server; moved && c.Moved == flow.Stayed {
		h.t.Errorf("at %v client %d moved from %d to %d without a reason", now, c.Client, before, c.Server)
	}
	h.served[c.Client] = c.Server
	h.moves[c.Moved]++
}

// persistent is a world in which servers fail, drain and are full.
func persistent(p lb.PersistencePolicy, mode lb.Mode) models.Config {
	c := models.Config{
		Sites: []snat.Site{{Name: "office", Clients: 60, NAT: &snat.NAT{Addresses: 8, Pooling: snat.Paired, Sizes: &snat.Equal{}}}, {Name: "home", Clients: 60}},
		Traffic: []traffic.Stream{{
			Name: "web", From: []string{"office", "home"}, Arrivals: &traffic.Poisson{Rate: 20},
			Demand:    &dist.Exponential{Mean: 100 * time.Millisecond},
			Behaviour: &traffic.Behaviour{Cookies: 0.9, Renegotiates: 20 * second, Renegotiating: 0.5},
			Retry:     traffic.Retry{Attempts: 3, Backoff: &traffic.ConstantBackoff{First: 200 * time.Millisecond, Jitter: traffic.FullJitter}},
		}},
		Timeline: []models.Action{
			{At: 20 * second, Fail: "s1"}, {At: 40 * second, Recover: "s1"}, {At: 50 * second, Drain: "s2"}, {At: 70 * second, Enable: "s2"},
			{At: 75 * second, Disable: "s3"}, {At: 85 * second, Enable: "s3"},
			{At: 90 * second, Set: map[string]int{"balancer.services.all.servers.s1.weight": 0}},
		},
	}
	addServers(&c, 3, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.PS}, &sched.RoundRobin{Like: "none"})
	s := &c.Balancer.Services[0]
	for m := range s.Servers {
		s.Servers[m].MaxConnections = 4
	}
	s.Mode, s.Persistence, s.Queue, s.Redispatch = mode, p, lb.Unlimited, lb.Unlimited
	s.Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
	return c
}

// Clients who are remembered by what is theirs alone move for a reason that is on
// record, whatever happens and whatever becomes of full and drained servers.
func TestMovesHaveReasons(t *testing.T) {
	seen := map[flow.Move]int{}
	for _, kind := range persist.Table {
		switch kind.Name {
		case "none", "url-hash", "host-header", "query-item", "header", "dest-ip", "sip":
			continue // records belong to nobody
		}
		for i, ties := range []lb.Ties{
			{}, {Full: "reschedule", Drained: "discard"}, {Full: "override", DrainTime: 5 * second}, {Store: "taken", TouchDown: true, ClearOnDown: true},
		} {
			for _, size := range []int{0, 20} {
				p := kind.New()
				o, room := partsOf(p)
				if room == nil && size > 0 {
					continue
				}
				if p, ok := p.(*persist.CookieServer); ok && ties.Store == "" {
					p.Store = "taken"
				}
				o.Ties = ties
				mode := lb.TCP
				if i%2 == 1 {
					mode, o.Per, o.KeepAlive = lb.HTTP, "connection", 7*second
				}
				setTimeout(p, 15*second)
				if room != nil {
					room.Size = size
				}
				h := &clientHomes{t: t, served: map[flow.ClientID]int32{}, moves: map[flow.Move]int{}}
				run(t, build(t, persistent(p, mode), "moves", 0, h), 100*second)
				if h.taken < 1000 {
					t.Errorf("%s: %d connections", kind.Name, h.taken)
				}
				for why, n := range h.moves {
					seen[why] += n
				}
				if t.Failed() {
					t.Fatalf("%s %+v", kind.Name, ties)
				}
			}
		}
	}
	for why := flow.Stayed; why <= flow.Expired; why++ {
		if seen[why] == 0 && why != flow.Forgotten && why != flow.Remapped {
			t.Errorf("nobody %v", why)
		}
	}
	t.Log(seen)
}

// A million clients with a record each take less than a gigabyte.
func TestMillionClients(t *testing.T) {
	const clients = 1_000_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := models.Config{
		Sites: []snat.Site{{Name: "world", Clients: clients}},
		Traffic: []traffic.Stream{{
			Name: "web", From: []string{"world"}, Arrivals: &traffic.Poisson{Rate: 100_000}, Retry: traffic.Retry{Attempts: 1},
		}},
	}
	addServers(&c, 4, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{Like: "none"})
	c.Balancer.Services[0].Persistence = &persist.SourceIP{Timeout: time.Hour, Room: persist.Room{Size: clients}}
	w := build(t, c, "million", 0, nil)
	run(t, w, 20*second)
	runtime.ReadMemStats(&after)
	grown := float64(after.Sys-before.Sys) / 1e6
	t.Logf("%.0f MB from the system, %.0f MB in use", grown, float64(after.HeapAlloc-before.HeapAlloc)/1e6)
	if grown > 1000 {
		t.Errorf("%.0f MB", grown)
	}
	runtime.KeepAlive(w)
}

// partsOf finds what modes embed; cookies have no room.
func partsOf(p lb.PersistencePolicy) (*persist.Options, *persist.Room) {
	v := reflect.ValueOf(p).Elem()
	var room *persist.Room
	if f := v.FieldByName("Room"); f.IsValid() {
		room = f.Addr().Interface().(*persist.Room)
	}
	return v.FieldByName("Options").Addr().Interface().(*persist.Options), room
}

func setTimeout(p lb.PersistencePolicy, d time.Duration) {
	reflect.ValueOf(p).Elem().FieldByName("Timeout").SetInt(int64(d))
}
