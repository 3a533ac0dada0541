package lb_test

import (
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
)

// Records that expire some time after their last use, over two servers taken in
// turn, of which a is down from 100 s to 200 s.
func TestPersistenceThroughAFailure(t *testing.T) {
	for _, p := range []lb.PersistencePolicy{&persist.SourceIP{Timeout: 360 * time.Second}, &persist.CookieInsert{Timeout: 360 * time.Second}} {
		s := newStand(t, lb.Service{Health: checks, Persistence: p}, alike(2, 0)...)
		s.at(0)
		s.expectOpen('X', "a")
		s.at(10)
		s.expectOpen('Y', "b")
		s.at(50)
		s.expectOpen('Z', "a")
		s.at(99)
		s.answers[0] = flow.Refuses
		s.at(120)
		x := s.expectOpen('X', "b") // a is down: another server, another record
		if s.flows.Conns.At(uint32(x)).Moved != flow.ServerDown {
			t.Error("the connection does not say why it moved")
		}
		s.at(199)
		s.answers[0] = flow.Accepts
		s.at(210)
		s.expectOpen('Z', "a") // silent during the outage
		s.at(220)
		x = s.expectOpen('X', "b") // does not go back
		if s.flows.Conns.At(uint32(x)).Moved != flow.Stayed {
			t.Error("the connection says that it moved")
		}
		s.at(400)
		s.expectOpen('Y', "a") // its record expired at 370
	}
}

// Each use makes a record live longer; at the instant of its expiry it is gone.
func TestPersistenceTimeout(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: &persist.SourceIP{Timeout: time.Minute}}, alike(3, 0)...)
	s.expectOpen('A', "a")
	s.at(50)
	s.expectOpen('A', "a")
	s.at(61)
	s.expectOpen('A', "a")
	s.at(120.999999999)
	s.expectOpen('A', "a")
	s.at(180.999999999)
	s.expectOpen('A', "b")
}

// A record that points to a dead server is kept until the balancer knows.
func TestPersistenceSticksToTheDead(t *testing.T) {
	health := checks
	health.Fall = 3
	s := newStand(t, lb.Service{Health: health, Persistence: &persist.SourceIP{Timeout: time.Hour}}, alike(2, 0)...)
	s.expectOpen('A', "a")
	s.at(10)
	s.answers[0] = flow.Refuses
	for range 5 {
		s.expectOpen('A', "reset")
	}
	s.at(13)
	s.expectOpen('A', "b")
	if s.b.Refused() != 5 {
		t.Errorf("%d attempts met a dead server, want 5", s.b.Refused())
	}
}

// A server that has many bound clients gets fewer of the others from nginx.
func TestBoundConnectionsCount(t *testing.T) {
	for _, c := range []struct{ like, want string }{{"nginx", "b c b c"}, {"none", "b c a b"}} {
		s := newStand(t, lb.Service{Persistence: &persist.CookieInsert{Timeout: time.Hour}, Scheduler: &sched.RoundRobin{Like: c.like}}, alike(3, 0)...)
		s.expectOpen('X', "a")
		var got []string
		for _, client := range "ABCD" {
			s.expectOpen('X', "a")
			_, server := s.open(byte(client))
			got = append(got, server)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: new clients go to %s, want %s", c.like, got, c.want)
		}
	}
}
