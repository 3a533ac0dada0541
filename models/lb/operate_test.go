package lb_test

import (
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
)

var sticky = &persist.SourceIP{Timeout: time.Hour}

// A server that drains keeps its clients and gets no others.
func TestDrain(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: sticky}, alike(2, 0)...)
	s.expectEach("A B", "a b")
	s.b.Drain(0)
	s.expectEach("C D A B", "b b a b")
	s.b.Enable(0)
	s.expectEach("C A", "b a")
	if got := s.placed("EFGH"); !strings.Contains(got, "a") {
		t.Errorf("after its return a gets none of %s", got)
	}
	s.expectNotes("a drains: it gets no new clients", "a is put back")
}

// A disabled server gets nobody: its clients move, and those who wait for it go
// elsewhere.
func TestDisable(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: sticky, Queue: lb.Unlimited}, alike(2, 2)...)
	a := s.expectEach("A B A A A", "a b a waits waits")
	s.b.Disable(0)
	s.expectLog("A to b") // there is one place left
	if c := s.flows.Conns.At(uint32(a[3])); c.Moved != flow.Drained {
		t.Errorf("moved for %v", c.Moved)
	}
	s.expectOpen('A', "waits")
	if n := s.b.Meter(0, 0, s.e.Now()); n.Conns != 2 || n.Weight != 0 {
		t.Errorf("%+v: connections stay, weight does not", n)
	}
	s.b.Enable(0)
	s.expectLog()
	s.expectEach("C A", "waits waits") // C for any, as its two connections still fill a
	s.close(a[0])
	s.expectLog("C to a")
	s.close(a[1])
	s.expectLog("A to b")
	s.expectNotes("a is taken out for maintenance", "a is put back")
}

// Those who wait for any server are turned away when the last is gone.
func TestNobodyToWaitFor(t *testing.T) {
	for name, out := range map[string]func(s *stand){
		"disable": func(s *stand) { s.b.Disable(0) },
		"drain":   func(s *stand) { s.b.Drain(0) },
		"weight":  func(s *stand) { s.b.SetWeight(0, 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, lb.Service{Queue: lb.Unlimited}, alike(1, 1)...)
			s.expectEach("A B", "a waits")
			out(s)
			s.expectLog("B rejected")
			s.expectOpen('C', "rejected")
		})
	}
}

// The same order twice is none.
func TestOperatorRepeats(t *testing.T) {
	s := newStand(t, lb.Service{SlowStart: &ramp.Linear{Time: time.Minute}}, alike(2, 3)...)
	s.b.Enable(0)
	s.b.SetWeight(0, 0, 1)
	s.b.SetLimit(0, 0, 3)
	s.b.Drain(0)
	s.b.Drain(0)
	s.expectNotes("a drains: it gets no new clients", "a is empty: it can be taken out")
}

// What comes back from maintenance begins its ramp; what is down as well waits
// for its health check.
func TestEnableBeginsTheRamp(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, SlowStart: &ramp.Linear{Time: 100 * time.Second}}, alike(2, 0)...)
	weight := func(at, want float64) {
		t.Helper()
		s.at(at)
		s.open('Z')
		if got := s.b.Meter(0, 0, s.e.Now()).Weight; got < want-0.001 || got > want+0.001 {
			t.Errorf("at %v s the weight is %.3f, want %.3f", at, got, want)
		}
	}
	s.at(10)
	s.b.Disable(0)
	weight(20, 0)
	s.b.Enable(0)
	weight(70, 0.5)
	s.b.Disable(0) // in the ramp
	weight(200, 0)
	s.b.Enable(0)
	weight(250, 0.5)
	s.b.Disable(0)
	s.dead("a")
	s.at(252)
	s.b.Enable(0)
	weight(260, 0)
	s.dead("")
	weight(270.1, 0.095) // up since 260.5
	for _, n := range s.notes {
		if n.Kind == flow.RampEnded {
			t.Errorf("%+v", n)
		}
	}
}

// Weight 0 keeps the clients that belong to the server, as draining does, and a
// weight brings it back.
func TestWeightZeroAndBack(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: sticky}, alike(2, 0)...)
	s.expectEach("A B", "a b")
	s.b.SetWeight(0, 0, 0)
	s.expectEach("C D A", "b b a")
	s.b.SetWeight(0, 0, 3)
	if got := strings.Count(s.placed("EFGHIJKL"), "a"); got != 6 {
		t.Errorf("with weights 3 and 1, a gets %d of 8", got)
	}
	s.expectNotes("a has weight 0 instead of 1", "a has weight 3 instead of 0")
}

// A server of weight 0 that comes up is not in a ramp; it is when it has a
// weight.
func TestWeightBeginsTheRamp(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, SlowStart: &ramp.Linear{Time: 10 * time.Second}}, alike(2, 0)...)
	s.b.SetWeight(0, 0, 0)
	s.dead("a")
	s.at(2)
	s.dead("")
	s.at(30)
	s.open('A')
	s.expectNotes("a has weight 0 instead of 1", "a is down: 1 check failed", "a is up: 1 check passed")
	s.b.SetWeight(0, 0, 8)
	s.at(35)
	s.open('A')
	if w := s.b.Meter(0, 0, s.e.Now()).Weight; w != 0.5 {
		t.Errorf("half-way up the ramp the weight is %v", w)
	}
	s.b.SetWeight(0, 0, 4)
	s.open('A')
	if w := s.b.Meter(0, 0, s.e.Now()).Weight; w != 0.5 {
		t.Errorf("and after a change %v", w)
	}
	s.b.SetWeight(0, 0, 0)
	s.at(60)
	s.open('A')
	s.notes = s.notes[3:]
	s.expectNotes("a has weight 8 instead of 0", "a has weight 4 instead of 8", "a has weight 0 instead of 4")
}

// A scheduler sees each change once: in its table, and as a call.
func TestSchedulersSeeWeights(t *testing.T) {
	p := &homes{}
	s := newStand(t, lb.Service{Scheduler: p, SlowStart: &ramp.Linear{Time: 10 * time.Second}}, alike(2, 0)...)
	f := p.made[0]
	expect := func(calls string, base, weight int64, usable bool) {
		t.Helper()
		v := f.env.View.Members[1]
		if string(f.changes) != calls || v.Base != base || v.Weight != weight || v.Usable != usable {
			t.Errorf("changes of %s, %+v; want of %s, %d %d %v", f.changes, v, calls, base, weight, usable)
		}
		f.changes = nil
	}
	s.b.SetWeight(0, 1, 5)
	expect("b", 5, 5*lb.FullWeight, true)
	s.b.SetWeight(0, 1, 0)
	expect("bb", 0, 0, false) // of the weight and of being usable
	s.b.SetWeight(0, 1, 2)
	expect("bb", 2, 1, true) // at the bottom of the ramp
	s.b.SetWeight(0, 1, 3)
	expect("b", 3, 1, true)
	s.b.Drain(1)
	expect("b", 3, 1, false)
	s.b.SetWeight(0, 1, 4)
	expect("b", 4, 1, false)
}

// As Envoy does: with less than half of the servers up all are used.
func TestPanic(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, Panic: 0.5}, alike(4, 0)...)
	s.dead("ab")
	s.at(1)
	if got := s.placed("ABCDEFGH"); strings.Trim(got, "cd ") != "" {
		t.Errorf("with half of the servers up, others are used: %s", got)
	}
	s.dead("abc")
	s.at(2)
	if got := strings.Count(s.placed("ABCDEFGH"), "reset"); got != 6 {
		t.Errorf("of 8 connections %d went to the three that are down, want 6", got)
	}
	s.dead("c")
	s.at(3)
	if got := s.placed("ABCDEFGHI"); strings.Count(got, "reset")+strings.Count(got, "c") > 0 {
		t.Errorf("with three of four up, those are used: %s", got)
	}
}

// A member that is drained or without weight counts neither as up nor as down.
func TestPanicCountsWhoIsOnDuty(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, Panic: 0.5}, alike(4, 0)...)
	s.dead("ab")
	s.at(1)
	s.b.Disable(2) // 1 of 3
	if got := s.placed("ABC"); !strings.Contains(got, "reset") || strings.Contains(got, "c") {
		t.Errorf("got %s", got)
	}
	s.b.Disable(0) // 1 of 2
	if got := s.placed("ABC"); got != "d d d" {
		t.Errorf("got %s", got)
	}
}

// While it lasts, connections wait for servers that are down as for others; when
// it ends, they go elsewhere.
func TestPanicAndQueues(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, Panic: 0.6, Full: lb.FullWaits, Queue: lb.Unlimited, Scheduler: &homes{}}, alike(3, 1)...)
	s.dead("bc")
	s.at(1)
	s.answers[1] = flow.Accepts // its next probe is at 1.67 s
	ids := s.expectEach("B B B", "b waits waits")
	s.close(ids[0])
	s.expectLog("B to b")
	s.dead("b")
	s.at(2) // c is up, the panic over
	s.expectLog("B to c")
}

// In a panic all servers are picked, but records that lead to one that is down
// do not hold, as with Envoy's stateful sessions.
func TestPanicAndPersistence(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, Panic: 1, Persistence: sticky}, alike(4, 0)...)
	s.expectEach("A B C D", "a b c d")
	s.dead("a")
	s.at(1)
	if got := s.placed("BCDBCD"); got != "b c d b c d" {
		t.Errorf("clients of servers that are up are on %s", got)
	}
	if got := s.placed("AAAA"); got != "reset b b b" {
		t.Errorf("the client of the server that is down, which has its turn first, is on %s", got)
	}
	if got := strings.Count(s.placed("EFGHIJKL"), "reset"); got != 2 {
		t.Errorf("of 8 new clients %d are given the server that is down, want 2", got)
	}
}

// Who waits for any is let in when a panic begins.
func TestPanicServesTheQueue(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, Panic: 0.6, Queue: lb.Unlimited}, alike(3, 1)...)
	s.dead("a")
	s.at(1)
	s.dead("")
	s.expectEach("A B C D", "b c waits waits")
	s.b.Disable(1) // 1 of 2 are up
	s.expectLog("C to a")
}

// A closed connection counts as inactive while it lingers.
func TestLinger(t *testing.T) {
	p := &homes{}
	s := newStand(t, lb.Service{Linger: 10 * time.Second, Scheduler: p}, alike(2, 0)...)
	f := p.made[0]
	expect := func(at float64, active, inactive int32) {
		t.Helper()
		s.at(at)
		if v := f.env.View.Members[0]; v.Active != active || v.Inactive != inactive {
			t.Errorf("at %v s %d active and %d inactive, want %d and %d", at, v.Active, v.Inactive, active, inactive)
		}
	}
	ids := s.expectEach("A A", "a a")
	s.at(5)
	s.close(ids[0])
	expect(5, 1, 1)
	s.at(8)
	s.close(ids[1])
	expect(14.9, 0, 2)
	f.counts = nil
	expect(15, 0, 1)
	if string(f.counts) != "a" {
		t.Errorf("the scheduler was told of counts of %q", f.counts)
	}
	expect(18, 0, 0)
}
