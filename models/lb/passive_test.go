package lb_test

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
)

// passive are the defaults of nginx.
var passive = lb.Health{Kind: lb.Passive, MaxFails: 1, FailTimeout: 10 * time.Second}

// The times of the row "5,1,1, max_fails=1, fail_timeout=10, a fails at t=0" of
// facts about nginx: excluded to t = 10 inclusive, from t = 11 tried again.
func TestPassiveExcludesAndTriesAgain(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive}, alike(3, 0)...)
	s.dead("a")
	s.expectOpen('A', "reset")
	s.dead("")
	s.at(1)
	s.expectEach("A B C D", "b c b c")
	s.at(10.999)
	s.expectEach("A B", "b c")
	s.at(11)
	s.expectEach("A B C D E F", "a b c a b c")
	s.expectNotes("a is left out: 1 connection failed", "a is used again: a connection succeeded")
}

// One connection tries the server. If it fails, the server is left out again.
func TestPassiveTrialFails(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive, Redispatch: lb.Unlimited}, alike(2, 0)...)
	s.dead("a")
	s.expectEach("A B", "b b")
	s.at(11)
	s.tried()
	s.expectEach("A B C D", "b b b b")
	if got := s.tried(); got != "babbb" && got != "abbbb" {
		t.Errorf("tried %s, want a once", got)
	}
	s.dead("")
	s.at(21.9)
	s.expectEach("A B", "b b")
	s.at(22)
	s.expectEach("A B", "a b")
	s.expectNotes("a is left out: 1 connection failed", "a is used again: a connection succeeded")
}

// Seconds are whole ones: what fails at 0.9 s is tried again at 11.0 s.
func TestPassiveClockIsCoarse(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive}, alike(2, 0)...)
	s.at(0.9)
	s.dead("a")
	s.expectOpen('A', "reset")
	s.dead("")
	s.at(10.99)
	s.expectEach("A B", "b b")
	s.at(11)
	s.expectEach("A B", "a b")
}

// Failures add up however far apart, until a success more than the window after
// the last of them.
func TestPassiveForgetsAfterTheWindow(t *testing.T) {
	h := passive
	h.MaxFails = 2
	fails := func(s *stand) {
		t.Helper()
		s.dead("ab")
		s.expectEach("A B", "reset reset")
		s.dead("")
	}
	s := newStand(t, lb.Service{Health: h}, alike(2, 0)...)
	fails(s)
	s.at(10)
	s.expectEach("A B", "a b") // too early to be forgotten
	fails(s)
	s.expectOpen('A', "rejected") // the second failure of both
	s = newStand(t, lb.Service{Health: h}, alike(2, 0)...)
	fails(s)
	s.at(100)
	fails(s) // no success between
	s.expectOpen('A', "rejected")
	s = newStand(t, lb.Service{Health: h}, alike(2, 0)...)
	fails(s)
	s.at(11)
	s.expectEach("A B", "a b") // forgotten
	fails(s)
	s.expectEach("A B", "a b")
	if len(s.notes) != 0 {
		t.Errorf("%+v", s.notes)
	}
}

// A service with one server never leaves it out, and with max_fails 0 none does.
func TestPassiveNeverLeavesOut(t *testing.T) {
	one := newStand(t, lb.Service{Health: passive}, alike(1, 0)...)
	one.dead("a")
	one.expectEach("A A", "reset reset")
	one.at(20)
	one.dead("")
	one.expectOpen('A', "a")
	h := passive
	h.MaxFails = 0
	s := newStand(t, lb.Service{Health: h}, alike(2, 0)...)
	s.dead("a")
	s.expectEach("A B C D", "reset b reset b")
	if len(one.notes)+len(s.notes) != 0 {
		t.Errorf("%+v %+v", one.notes, s.notes)
	}
}

// Nobody is there to wait for when all are left out; then all are tried again.
func TestPassiveAllOut(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive, Queue: lb.Unlimited}, alike(2, 1)...)
	ids := s.expectEach("A B C D E", "a b waits waits waits")
	s.dead("ab")
	s.close(ids[0])
	s.expectLog("C reset")
	s.close(ids[1])
	s.expectLog("D reset")
	s.at(0.1)
	s.expectLog("E rejected")
	s.dead("")
	s.at(11)
	s.expectEach("A B C", "a b waits")
}

// A server that is used though it was left out, as too few others are up, is
// not forgotten when it fails again, nor when it succeeds.
func TestPassiveInPanic(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive, Panic: 1}, alike(2, 0)...)
	s.dead("a")
	s.expectEach("A B A B", "reset b reset b")
	s.dead("")
	s.at(10)
	s.expectEach("A B A B", "a b a b") // too early to count
	s.at(30)
	s.expectEach("A B", "a b")
	s.expectNotes("a is left out: 1 connection failed", "a is used again: a connection succeeded")
}

// A server that is back after a trial begins its ramp.
func TestPassiveReturnIsRamped(t *testing.T) {
	s := newStand(t, lb.Service{Health: passive, SlowStart: &ramp.Linear{Time: 100 * time.Second}}, alike(2, 0)...)
	s.dead("a")
	s.expectOpen('A', "reset")
	s.dead("")
	s.at(11)
	s.expectEach("A B", "b a")
	s.at(61)
	s.expectOpen('A', "b")
	if w := s.b.Meter(0, 0, s.e.Now()).Weight; w < 0.49 || w > 0.51 {
		t.Errorf("half-way up the ramp its weight is %.3f", w)
	}
	if n := s.notes[len(s.notes)-1]; n.Kind != flow.MarkedUp {
		t.Errorf("%+v", n)
	}
}
