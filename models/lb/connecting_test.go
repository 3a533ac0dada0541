package lb_test

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// quiet lets the named servers be silent, and all others answer.
func (s *stand) quiet(names string) {
	s.dead("")
	for _, n := range names {
		s.answers[n-'a'] = flow.Silent
	}
}

// A balancer that terminates connections waits for a silent server, on which
// they count meanwhile, and then tries the next one.
func TestConnectTimeout(t *testing.T) {
	for _, c := range []struct {
		redispatch int
		want       string
	}{{0, "A reset"}, {1, "A to b"}} {
		s := newStand(t, lb.Service{ConnectTimeout: 5 * time.Second, Redispatch: c.redispatch}, alike(2, 0)...)
		s.quiet("a")
		s.expectOpen('A', "waits")
		s.expectConns(1, 0)
		s.at(4.999)
		s.expectLog()
		if n := s.b.Refused(); n != 0 {
			t.Errorf("%d attempts have failed before the time-out", n)
		}
		s.at(5)
		s.expectLog(c.want)
		s.expectConns(0, c.redispatch)
		if n := s.b.Refused(); n != 1 {
			t.Errorf("%d attempts have failed", n)
		}
	}
}

// Without a time-out nobody waits: it is the client's own SYN that is lost.
func TestNoConnectTimeout(t *testing.T) {
	s := newStand(t, lb.Service{}, alike(1, 0)...)
	s.quiet("a")
	s.expectOpen('A', "unanswered")
	s.expectConns(0)
}

// The balancer's SYN is sent again 1, 3 and 7 s after the first, and meets a
// server that is back.
func TestServerAnswersLater(t *testing.T) {
	for _, c := range []struct {
		back float64
		at   float64 // of the answer
		want string
	}{{0.5, 1, "A to a"}, {1.5, 3, "A to a"}, {3.5, 7, "A to a"}, {7.5, 10, "A reset"}, {10.5, 10, "A reset"}} {
		s := newStand(t, lb.Service{ConnectTimeout: 10 * time.Second}, alike(1, 0)...)
		s.quiet("a")
		s.expectOpen('A', "waits")
		s.at(min(c.back, c.at-0.001))
		if c.back < c.at {
			s.quiet("")
		}
		s.at(c.at - 0.001)
		s.expectLog()
		s.at(c.at)
		s.expectLog(c.want)
	}
	s := newStand(t, lb.Service{ConnectTimeout: 10 * time.Second}, alike(1, 0)...)
	s.quiet("a")
	s.expectOpen('A', "waits")
	s.dead("a") // the port is closed now
	s.at(1)
	s.expectLog("A reset")
}

// HAProxy tries the same server again, a second later each time, 3 times.
func TestRetriesAtTheSameServer(t *testing.T) {
	s := newStand(t, lb.Service{Retries: 3, RetryWait: time.Second, Persistence: sticky}, alike(2, 0)...)
	s.dead("a")
	s.expectOpen('A', "waits")
	s.expectConns(0, 0)
	s.at(2.999)
	s.expectLog()
	s.at(3)
	s.expectLog("A reset")
	if got := string(s.attempts); got != "aaaa" {
		t.Errorf("tried %s, want a four times", got)
	}
	s.attempts = nil
	s.expectOpen('B', "b")
	s.expectOpen('A', "waits") // its record leads there
	s.dead("")
	s.at(4)
	s.expectLog("A to a")
	if got := string(s.attempts); got != "baa" {
		t.Errorf("tried %s", got)
	}
}

// Others are tried after the last retry, and each of these once.
func TestRetriesThenRedispatch(t *testing.T) {
	s := newStand(t, lb.Service{Retries: 1, RetryWait: time.Second, Redispatch: lb.Unlimited, ConnectTimeout: 2 * time.Second}, alike(3, 0)...)
	s.quiet("b")
	s.answers[0] = flow.Refuses
	s.expectOpen('A', "waits")
	s.at(1)
	s.expectConns(0, 1, 0) // a has refused twice, b does not answer
	s.at(3)
	s.expectLog("A to c")
	if got := string(s.attempts); got != "aabbc" {
		t.Errorf("tried %s: b twice, by its SYNs", got)
	}
}

// A server that has gone meanwhile, or is full, is not tried again: the
// connection is scheduled anew.
func TestRetryIsScheduledAnew(t *testing.T) {
	for name, change := range map[string]func(s *stand){
		"maintenance": func(s *stand) { s.b.Disable(0) },
		"full":        func(s *stand) { s.dead(""); s.expectOpen('B', "b"); s.expectOpen('C', "a") },
	} {
		s := newStand(t, lb.Service{Retries: 3, RetryWait: time.Second, Queue: lb.Unlimited}, alike(2, 1)...)
		s.dead("a")
		s.expectOpen('A', "waits")
		change(s)
		s.at(1)
		if name == "full" {
			s.expectLog() // it waits for either
			continue
		}
		s.expectLog("A to b")
	}
}

// One that is drained meanwhile is, where no other may be.
func TestRetryStaysWithDrainedServer(t *testing.T) {
	for redispatch, want := range map[int]string{0: "A reset", 1: "A to b"} {
		s := newStand(t, lb.Service{Retries: 1, RetryWait: time.Second, Redispatch: redispatch}, alike(2, 0)...)
		s.dead("a")
		s.expectOpen('A', "waits")
		s.b.Drain(0)
		s.at(1)
		s.expectLog(want)
	}
}

// A client that gives up leaves the queue, or the server that it was waiting for,
// whose place is then another's.
func TestLeave(t *testing.T) {
	s := newStand(t, lb.Service{ConnectTimeout: 10 * time.Second, Queue: lb.Unlimited}, alike(1, 1)...)
	s.quiet("a")
	ids := s.expectEach("A B C D", "waits waits waits waits")
	s.leave(ids[2])
	s.quiet("")
	s.leave(ids[0])
	s.expectLog("B to a")
	s.close(ids[1])
	s.expectLog("D to a")
	s.at(20)
	s.expectLog()
	s.expectConns(1)
	if w := s.b.Miscounted(); w != "" {
		t.Error(w)
	}
}

func (s *stand) leave(id flow.ConnID) {
	s.b.Leave(id)
	s.flows.Conns.Free(uint32(id))
}

// A failover ends what is under way to servers as it ends what waits in queues.
func TestReplaceHangsUp(t *testing.T) {
	s := newStand(t, lb.Service{ConnectTimeout: 10 * time.Second, Queue: lb.Unlimited}, alike(1, 1)...)
	s.quiet("a")
	s.expectEach("A B", "waits waits")
	if got := s.b.Replace(nil); len(got) != 2 {
		t.Errorf("%d connections are ended", len(got))
	}
	s.expectConns(0)
	s.at(20)
	s.expectLog()
}
