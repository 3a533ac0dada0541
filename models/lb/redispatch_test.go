package lb_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
)

// dead lets the servers of that names refuse connections.
func (s *stand) dead(names string) {
	for i := range s.answers {
		s.answers[i] = flow.Accepts
	}
	for _, n := range names {
		s.answers[n-'a'] = flow.Refuses
	}
}

// tried returns which servers were asked to take a connection since the last
// call, in turn.
func (s *stand) tried() string {
	t := string(s.attempts)
	s.attempts = nil
	return t
}

// As nginx does: each server is tried once, and then the client is turned down.
func TestRedispatchTriesAllOnce(t *testing.T) {
	s := newStand(t, lb.Service{Redispatch: lb.Unlimited}, alike(4, 0)...)
	s.dead("abcd")
	s.expectOpen('A', "reset")
	tried := []byte(s.tried())
	slices.Sort(tried)
	if string(tried) != "abcd" || s.b.Refused() != 4 {
		t.Errorf("%s were tried, %d refused", tried, s.b.Refused())
	}
	s.dead("abd")
	for range 4 {
		s.expectOpen('A', "c")
	}
	s.dead("")
	s.tried()
	s.expectOpen('A', "d")
	if got := s.tried(); got != "d" {
		t.Errorf("a server in order was not the only one tried: %s", got)
	}
}

// A server that does not take a connection is passed over and keeps its place in
// the order: the picks of HAProxy 2.6.12 with option redispatch 1 and weights 3, 2, 1,
// 1, whose first server refuses connections from the eleventh on.
func TestRedispatchKeepsTheOrder(t *testing.T) {
	for _, c := range []struct {
		policy lb.SchedulerPolicy
		want   string
	}{
		{&sched.RoundRobin{Like: "haproxy"}, "abacbadabacbdbcbdbcbdbcbdbcbdbcbdbcbdbcb"},
		{&sched.StaticRoundRobin{}, "ababacdababcdbbcdbbcdbbcdbbcdbbcdbbcdbbc"},
		{&sched.LeastConnections{Like: "haproxy"}, "abcdabaabacdbbcdbbcdbbcdbbcdbbcdbbcdbbcd"},
	} {
		members := alike(4, 0)
		members[0].Weight, members[1].Weight = 3, 2
		s := newStand(t, lb.Service{Scheduler: c.policy, Redispatch: 3}, members...)
		got := ""
		for i := range c.want {
			if i == 10 {
				s.dead("a")
			}
			_, o := s.open('A')
			got += o
		}
		if got != c.want {
			t.Errorf("%T: got %s, want %s", c.policy, got, c.want)
		}
	}
}

func TestRedispatchHasItsLimit(t *testing.T) {
	s := newStand(t, lb.Service{Redispatch: 1}, alike(3, 0)...)
	s.dead("ab")
	s.expectOpen('A', "reset")
	s.expectOpen('B', "c")
	never := newStand(t, lb.Service{}, alike(3, 0)...)
	never.dead("a")
	never.expectEach("A B", "reset b")
}

// The record of a persistent client follows the server that took it.
func TestRedispatchMovesTheRecord(t *testing.T) {
	s := newStand(t, lb.Service{Redispatch: lb.Unlimited, Persistence: &persist.SourceIP{Timeout: time.Hour}}, alike(3, 0)...)
	s.expectOpen('A', "a")
	s.dead("a")
	s.expectOpen('A', "b")
	s.dead("")
	s.expectEach("A A", "b b")
}

// If the others are full, the connection waits for one of them, and does not
// meet the dead one again. Nor does who comes after it, where places are looked
// for among all: there would be no queue if there were one.
func TestRedispatchWaits(t *testing.T) {
	for how, want := range map[lb.Overflow]string{lb.FullNext: "a", lb.FullQueues: "aa"} {
		s := newStand(t, lb.Service{Redispatch: 1, Full: how, Queue: 1, Scheduler: &homes{}}, alike(2, 1)...)
		b := s.expectOpen('B', "b")
		s.dead("a")
		s.tried()
		s.expectOpen('A', "waits")
		s.expectOpen('C', "rejected")
		if got := s.tried(); got != want {
			t.Errorf("%s: %s were tried, want %s", how, got, want)
		}
		s.close(b)
		s.expectLog("A to b")
	}
}

// Connections that wait for a dead server, which its last connection leaves, go
// elsewhere, and do not come round for ever.
func TestRedispatchFromTheQueue(t *testing.T) {
	for _, how := range []lb.Overflow{lb.FullNext, lb.FullWaits, lb.FullQueues} {
		s := newStand(t, lb.Service{Redispatch: lb.Unlimited, Full: how, Queue: lb.Unlimited, Scheduler: &homes{}}, alike(2, 1)...)
		ids := s.expectEach("A B C E G", "a b waits waits waits")
		s.dead("a")
		s.close(ids[0])
		s.expectLog()
		s.close(ids[1])
		if len(s.log) != 1 || s.log[0][1:] != " to b" {
			t.Errorf("%s: %v", how, s.log)
		}
	}
}

// Each of them tries the dead server once.
func TestRedispatchFromTheServersQueue(t *testing.T) {
	s := newStand(t, lb.Service{Redispatch: 1, Queue: lb.Unlimited, Scheduler: &homes{}, Persistence: sticky}, alike(2, 1)...)
	ids := s.expectEach("A B A A A A", "a b waits waits waits waits")
	s.dead("a")
	s.tried()
	s.close(ids[0])
	if got := s.tried(); got != "aaaa" {
		t.Errorf("tried %s", got)
	}
	s.close(ids[1])
	s.expectLog("A to b")
	s.close(ids[2])
	s.expectLog("A to b")
}

// While a passive check takes a server out, the connection that has failed is
// not confused with those that wait for the server.
func TestRedispatchWhileAServerIsLeftOut(t *testing.T) {
	s := newStand(t, lb.Service{
		Redispatch: lb.Unlimited, Full: lb.FullWaits, Queue: lb.Unlimited, Scheduler: &homes{}, Health: passive,
		Persistence: &persist.SourceIP{Timeout: time.Hour},
	}, alike(3, 2)...)
	ids := s.expectEach("A A A D", "a a waits waits")
	s.dead("a")
	s.close(ids[0]) // now the first A that waits finds a dead
	s.expectLog("A to b")
	s.at(0.5)
	s.expectLog("D to b") // its home is out, and b is the next
	s.expectEach("A B", "waits waits")
	if n := len(s.notes); n != 1 || s.notes[0].Kind != flow.MarkedDown {
		t.Errorf("%+v", s.notes)
	}
}
