package lb_test

import (
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// Traces of clients whose servers go and return, worked out by hand; trace A is
// TestPersistenceThroughAFailure.

// with returns source-ip persistence with ties.
func with(timeout time.Duration, t lb.Ties) *persist.SourceIP {
	return &persist.SourceIP{Timeout: timeout, Options: persist.Options{Ties: t}}
}

// expectMoved compares why a connection was moved.
func (s *stand) expectMoved(id flow.ConnID, want flow.Move) {
	s.t.Helper()
	if got := s.flows.Conns.At(uint32(id)).Moved; got != want {
		s.t.Errorf("at %v: moved for %v, want %v", s.e.Now(), got, want)
	}
}

// Trace B: absolute time-outs end 60 s after the record was made, others 60 s
// after its last use.
func TestTraceB(t *testing.T) {
	absolute := &persist.SourceIP{Timeout: time.Minute, Options: persist.Options{Refresh: "never"}}
	s := newStand(t, lb.Service{Persistence: absolute}, alike(3, 0)...)
	s.expectOpen('A', "a")
	s.at(50)
	s.expectOpen('A', "a")
	s.at(61)
	s.expectMoved(s.expectOpen('A', "b"), flow.Expired)
	s = newStand(t, lb.Service{Persistence: &persist.SourceIP{Timeout: time.Minute}}, alike(3, 0)...)
	s.expectOpen('A', "a")
	s.at(50)
	s.expectOpen('A', "a") // until 110
	s.at(109.999999999)
	s.expectOpen('A', "a")
	s = newStand(t, lb.Service{Persistence: &persist.SourceIP{Timeout: time.Minute}}, alike(3, 0)...)
	s.expectOpen('A', "a")
	s.at(50)
	s.expectOpen('A', "a")
	s.at(110)
	s.expectMoved(s.expectOpen('A', "b"), flow.Expired)
}

// Trace C: KEMP keeps the clients of a server that drains for the drain time at
// layer 7, and discards their records at once at layer 4.
func TestTraceC(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: with(6*time.Minute, lb.Ties{DrainTime: 300 * time.Second})}, alike(3, 0)...)
	s.expectOpen('X', "a")
	s.b.Drain(0)
	s.at(10)
	s.expectOpen('N', "b")
	s.at(100)
	s.expectMoved(s.expectOpen('X', "a"), flow.Stayed)
	s.at(299)
	s.expectOpen('X', "a")
	s.at(301)
	s.expectMoved(s.expectOpen('X', "c"), flow.Drained)
	s.b.Enable(0)
	s.expectMoved(s.expectOpen('X', "c"), flow.Stayed) // a new record
	s.b.Drain(2)
	s.at(600)
	s.expectOpen('X', "c") // the clock of each server is its own

	s = newStand(t, lb.Service{Persistence: with(6*time.Minute, lb.Ties{Drained: "discard"})}, alike(3, 0)...)
	s.expectOpen('X', "a")
	s.b.Drain(0)
	s.at(100)
	s.expectMoved(s.expectOpen('X', "b"), flow.Drained)
}

// Trace D: an IPVS server without weight keeps its clients for ever, and loses
// them with expire_quiescent_template.
func TestTraceD(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: with(6*time.Minute, lb.Ties{})}, alike(2, 0)...)
	s.expectOpen('X', "a")
	s.b.SetWeight(0, 0, 0)
	for _, at := range []float64{100, 400, 700} {
		s.at(at)
		s.expectMoved(s.expectOpen('X', "a"), flow.Stayed)
	}
	s = newStand(t, lb.Service{Persistence: with(6*time.Minute, lb.Ties{Drained: "discard"})}, alike(2, 0)...)
	s.expectOpen('X', "a")
	s.b.SetWeight(0, 0, 0)
	s.at(100)
	s.expectMoved(s.expectOpen('X', "b"), flow.Drained)
}

// Trace E: HAProxy refreshes the record of a server that is down when it is
// looked up; it leads elsewhere only once another server has taken the client.
func TestTraceE(t *testing.T) {
	for _, c := range []struct {
		touch  bool
		served bool   // by b, at 20 s
		at70   string // where the client is at 70 s, when a is up
	}{{true, true, "b"}, {true, false, "a"}, {false, true, "b"}, {false, false, "c"}} {
		service := lb.Service{Health: checks, Persistence: with(time.Minute, lb.Ties{Store: "taken", TouchDown: c.touch})}
		s := newStand(t, service, alike(3, 0)...)
		s.expectOpen('X', "a")
		s.at(9)
		s.answers[0] = flow.Refuses
		s.at(19.9)
		want := "b"
		if !c.served {
			s.answers[1], want = flow.Refuses, "reset" // which the balancer does not know yet
		}
		s.at(20)
		if _, got := s.open('X'); got != want && !(got == "c" && !c.served) {
			t.Errorf("%+v: at 20 s %s, want %s", c, got, want)
		}
		s.at(21)
		s.answers[0], s.answers[1] = flow.Accepts, flow.Accepts
		s.at(70)
		if _, got := s.open('X'); got != c.at70 {
			t.Errorf("%+v: at 70 s %s", c, got)
		}
	}
}

// KEMP's time-outs are whole minutes, rounded down, and less than one is none.
func TestKEMPRounding(t *testing.T) {
	for seconds, want := range map[float64]float64{59: 0, 60: 60, 90: 60, 119: 60, 120: 120, 360: 360} {
		p := with(time.Duration(seconds)*time.Second, lb.Ties{})
		p.Round = time.Minute
		s := newStand(t, lb.Service{Persistence: p}, alike(3, 0)...)
		s.expectOpen('X', "a")
		if want > 0 {
			s.at(want - 0.001)
			s.expectOpen('X', "a")
			s.at(2*want - 0.001)
		}
		s.expectOpen('X', "b")
	}
}

// What happens to a client whose server is full, down, drained or back, product
// by product, with servers a, b and c of which X has a.
func TestPersistentClientsByProduct(t *testing.T) {
	haproxy := lb.Ties{Full: "wait", Store: "taken", TouchDown: true}
	nginx := lb.Ties{Full: "reschedule"}
	ipvs := lb.Ties{Full: "override"}
	kempL7 := lb.Ties{Full: "reschedule", DrainTime: 300 * time.Second}
	kempL4 := lb.Ties{Full: "reschedule", Drained: "discard"}
	f5 := lb.Ties{Full: "reschedule"}
	netscaler := lb.Ties{Full: "reschedule", Drained: "discard"}
	for _, c := range []struct {
		product             string
		ties                lb.Ties
		down, drained, full string // where X goes
	}{
		{"HAProxy", haproxy, "b: rebalance, entry overwritten", "a: still used", "waits in its queue"},
		{"nginx", nginx, "b: new server", "a: still used with drain", "b: max_conns, new server"},
		{"IPVS", ipvs, "b: template invalid if removed", "a: weight 0, still used", "a: overloaded flag not checked"},
		{"IPVS with expire_quiescent_template=1", lb.Ties{Full: "override", Drained: "discard"}, "b: template invalid", "b: weight 0, rescheduled", "a: overloaded flag not checked"},
		{"KEMP L7", kempL7, "b: discard, reschedule, new record", "a: used until drain time ends", "b: limit, out of rotation"},
		{"KEMP L4", kempL4, "b: same", "b: discarded at once", "b: same"},
		{"F5", f5, "b: reschedule", "a: disabled, used", "b: not used unless override"},
		{"F5 with override-connection-limit", lb.Ties{Full: "override"}, "b: reschedule", "a: disabled, used", "a: override"},
		{"NetScaler", netscaler, "b: new service", "b: not used", "b: spillover rules"},
		{"ALB", netscaler, "b: new target", "b: draining, not used", "b: nothing is said of limits"},
		{"HAProxy with option persist", lb.Ties{Down: "keep"}, "reset: tried all the same", "a: still used", "waits in its queue"},
	} {
		fresh := func(t *testing.T) *stand {
			s := newStand(t, lb.Service{Health: checks, Queue: lb.Unlimited, Persistence: with(time.Hour, c.ties)}, alike(3, 1)...)
			s.close(s.expectOpen('X', "a"))
			return s
		}
		row := func(name, cell string, why flow.Move, prepare func(s *stand)) {
			t.Run(c.product+"/"+name+": "+cell, func(t *testing.T) {
				s := fresh(t)
				prepare(s)
				id, got := s.open('X')
				if want, _, _ := strings.Cut(cell, ":"); !strings.HasPrefix(want, got) {
					t.Errorf("%s, want %s", got, want)
				}
				if got == "a" || len(got) > 1 {
					why = flow.Stayed
				}
				if m := s.flows.Conns.At(uint32(id)).Moved; m != why {
					t.Errorf("moved for %v, want %v", m, why)
				}
			})
		}
		fails := func(s *stand) {
			s.at(9)
			s.answers[0] = flow.Refuses
			s.at(20)
		}
		recovers := func(s *stand) {
			s.answers[0] = flow.Accepts
			s.at(30)
		}
		row("Down", c.down, flow.ServerDown, fails)
		row("Drain", c.drained, flow.Drained, func(s *stand) { s.b.Drain(0) })
		row("Drain, by weight 0", c.drained, flow.Drained, func(s *stand) { s.b.SetWeight(0, 0, 0) })
		row("Disabled, in maintenance", "b: not used", flow.Drained, func(s *stand) { s.b.Disable(0) })
		row("Full", c.full, flow.Full, func(s *stand) { s.close(s.expectEach("Y Z V", "b c a")[0]) })
		row("Back up after a flap, having been silent", "a: finds it again", flow.Stayed, func(s *stand) {
			fails(s)
			recovers(s)
		})
		spoke := "b: stays where it went"
		if c.ties.Down == "keep" {
			spoke = "a: was never sent away"
		}
		row("Back up after a flap, having spoken", spoke, flow.Stayed, func(s *stand) {
			fails(s)
			if id, got := s.open('X'); len(got) == 1 {
				s.close(id)
			}
			recovers(s)
		})
	}
}

// KEMP forgets a server's clients in all services that share a table when it
// goes down in one of them; other tables remember them.
func TestClearOnDown(t *testing.T) {
	for _, c := range []struct {
		clear bool
		back  string
	}{{true, "b"}, {false, "a"}} {
		s := newStand(t, lb.Service{Health: checks, Persistence: with(time.Hour, lb.Ties{ClearOnDown: c.clear})}, alike(3, 0)...)
		s.expectOpen('X', "a")
		s.at(5)
		s.answers[0] = flow.Refuses
		s.at(10)
		s.answers[0] = flow.Accepts
		s.at(20)
		id := s.expectOpen('X', c.back)
		if c.clear {
			s.expectMoved(id, flow.ServerDown)
		}
	}
}

// A full table forgets its oldest client, or remembers no more.
func TestFullTables(t *testing.T) {
	for _, evict := range []string{"oldest", "none"} {
		p := with(time.Hour, lb.Ties{})
		p.Room = persist.Room{Size: 2, Evict: evict}
		s := newStand(t, lb.Service{Persistence: p}, alike(4, 0)...)
		s.expectEach("A B C", "a b c")
		if evict == "none" {
			s.expectMoved(s.expectOpen('C', "d"), flow.Evicted)
			s.expectEach("A B", "a b")
			continue
		}
		s.expectMoved(s.expectOpen('C', "c"), flow.Stayed)
		s.expectMoved(s.expectOpen('A', "d"), flow.Evicted)
		s.expectMoved(s.expectOpen('B', "a"), flow.Evicted)
	}
}

// A client whose server does not take it, and that another server takes, has
// moved because its server is down.
func TestRedispatchMoves(t *testing.T) {
	s := newStand(t, lb.Service{Redispatch: lb.Unlimited, Persistence: with(time.Hour, lb.Ties{})}, alike(2, 0)...)
	s.expectOpen('A', "a")
	s.answers[0] = flow.Refuses
	s.expectMoved(s.expectOpen('A', "b"), flow.ServerDown)
	s.answers[0] = flow.Accepts
	s.expectMoved(s.expectOpen('A', "b"), flow.Stayed)
}

// Trace C, over a connection that a client has to a balancer that decides for
// each request: that goes on when the drain time is over, and the next one does
// not.
func TestTraceCExistingConnection(t *testing.T) {
	p := with(time.Hour, lb.Ties{DrainTime: 300 * time.Second})
	p.Per, p.KeepAlive = "connection", 120*time.Second
	s := newStand(t, lb.Service{Mode: lb.HTTP, Persistence: p}, alike(3, 0)...)
	s.expectOpen('X', "a")
	s.b.Drain(0)
	for at := 100.0; at <= 400; at += 100 {
		s.at(at)
		s.expectMoved(s.expectOpen('X', "a"), flow.Stayed)
	}
	s.at(521)
	s.expectMoved(s.expectOpen('X', "b"), flow.Drained)
}

// Trace C with "drop at drain end": X's connection is cut when the drain time of
// 300 s ends, or at once if no client has a record of the server.
func TestTraceCDropAtDrainEnd(t *testing.T) {
	for _, c := range []struct {
		name    string
		then    string
		timeout time.Duration // of the record
		cut     float64       // after the drain began at 60 s; 0: not at all
	}{
		{"dropatdrainend", "cut-unless-kept", time.Hour, 300},
		{"a has no records", "cut-unless-kept", time.Minute, 0.001},
		{"a has no records, and is given the time", "cut", time.Minute, 300},
		{"without", "keep", time.Hour, 0},
	} {
		service := lb.Service{Drain: lb.Drain{Time: 300 * time.Second, Then: c.then}, Persistence: with(c.timeout, lb.Ties{DrainTime: 300 * time.Second})}
		s := newStand(t, service, alike(2, 0)...)
		s.expectOpen('X', "a")
		held := func() int { return s.b.Meter(0, 0, s.e.Now()).Conns }
		s.at(60)
		s.b.Drain(0)
		if c.cut > 1 {
			s.at(60 + c.cut - 0.001)
			if held() != 1 {
				t.Errorf("%s: the connection is cut too soon", c.name)
			}
		}
		s.at(60 + c.cut)
		if c.cut > 0 && held() != 0 {
			t.Errorf("%s: the connection is not cut at %v s", c.name, c.cut)
		}
		s.at(1000)
		if c.cut == 0 && held() != 1 {
			t.Errorf("%s: the connection is cut", c.name)
		}
	}
}

// When a drain is over, nobody comes back, however long records last and whatever
// they say of a server that drains: a client that has just been reset would.
func TestDrainEndsForPersistentClients(t *testing.T) {
	for _, then := range []string{"keep", "cut"} {
		s := newStand(t, lb.Service{Drain: lb.Drain{Time: 200 * time.Second, Then: then}, Persistence: with(time.Hour, lb.Ties{})}, alike(2, 0)...)
		s.expectOpen('X', "a")
		s.at(60)
		s.b.Drain(0)
		s.at(259)
		s.expectOpen('X', "a")
		s.at(261)
		s.expectOpen('X', "b")
		s.b.Enable(0)
		s.expectOpen('X', "b") // its record has moved with it
	}
}
