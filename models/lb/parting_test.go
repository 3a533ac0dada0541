package lb_test

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// What becomes of the connections of a server that checks mark down, and of what
// comes back.
func TestOnDown(t *testing.T) {
	for _, c := range []struct {
		fate     lb.Fate
		log      []string // when a is down
		a, b     int      // connections that the balancer counts then
		released []string // when a is back
	}{
		{lb.Kept, nil, 2, 1, nil},
		{"", nil, 2, 1, nil},
		{lb.Cut, []string{"A cut", "C cut"}, 0, 1, nil},
		{lb.Dropped, []string{"A blocked", "C blocked"}, 0, 1, nil},
		{lb.Suspended, []string{"A blocked", "C blocked"}, 2, 1, []string{"A released", "C released"}},
		{lb.Reselected, []string{"A moved to b, true", "C moved to b, true"}, 0, 3, nil},
	} {
		t.Run(string(c.fate), func(t *testing.T) {
			s := newStand(t, lb.Service{Health: checks, OnDown: c.fate}, alike(2, 0)...)
			ids := s.expectEach("A B C", "a b a")
			s.dead("a")
			s.at(1)
			s.expectLog(c.log...)
			s.expectConns(c.a, c.b)
			s.dead("")
			s.at(2)
			s.expectLog(c.released...)
			switch p := s.flows.Conns.At(uint32(ids[0])).Path; {
			case c.fate == lb.Dropped && p != flow.Dead, c.fate == lb.Suspended && p != flow.Whole:
				t.Errorf("the connection's path is %v", p)
			}
			if c.fate == lb.Dropped {
				s.b.Close(ids[0]) // its client has given up: the balancer knows nothing of it
				s.expectConns(0, 1)
			}
		})
	}
}

// expectConns compares the connections that the balancer counts, by server.
func (s *stand) expectConns(want ...int) {
	s.t.Helper()
	for m, n := range want {
		if got := s.b.Meter(0, m, s.e.Now()).Conns; got != n {
			s.t.Errorf("at %v: server %c has %d connections, want %d", s.e.Now(), 'a'+m, got, n)
		}
	}
}

// Where no other server has room or answers, reselect is reset.
func TestReselectFindsNobody(t *testing.T) {
	s := newStand(t, lb.Service{Health: checks, OnDown: lb.Reselected}, alike(2, 2)...)
	s.expectEach("A B C", "a b a")
	s.dead("a")
	s.at(1)
	s.expectLog("A moved to b, true", "C cut")
	s.expectConns(0, 2)
}

// HAProxy's on-marked-up shutdown-backup-sessions.
func TestBackupsAreShutDown(t *testing.T) {
	for _, way := range []lb.Comeback{lb.BackupsKept, lb.BackupsCut} {
		members := alike(2, 0)
		members[1].Backup = true
		s := newStand(t, lb.Service{Health: checks, OnUp: way, Scheduler: sched.WithPriorities(&sched.RoundRobin{}, "haproxy")}, members...)
		s.dead("a")
		s.at(1)
		s.expectEach("A B", "b b")
		s.dead("")
		s.at(2)
		if way == lb.BackupsKept {
			s.expectLog()
			s.expectConns(0, 2)
			continue
		}
		s.expectLog("A cut", "B cut")
		s.expectOpen('A', "a")
	}
}

// A server that drains keeps its connections until its time is over.
func TestDrainEnds(t *testing.T) {
	for _, c := range []struct {
		drain lb.Drain
		log   []string
		notes []string
	}{
		{lb.Drain{}, nil, nil},
		{lb.Drain{Time: 300 * time.Second, Then: "keep"}, nil, []string{"a has drained for long enough: its connections go on"}},
		{lb.Drain{Time: 300 * time.Second, Then: "cut"}, []string{"A cut"}, []string{"a has drained for long enough: its connections are reset", "a is empty: it can be taken out"}},
	} {
		s := newStand(t, lb.Service{Drain: c.drain}, alike(2, 0)...)
		s.expectEach("A B", "a b")
		s.b.Drain(0)
		s.at(299.999)
		s.expectLog()
		s.at(300)
		s.expectLog(c.log...)
		s.expectNotes(append([]string{"a drains: it gets no new clients"}, c.notes...)...)
		s.expectOpen('C', "b")
	}
}

// A drain that the operator ends is not ended again, and one that begins again
// has all its time.
func TestDrainIsTimedAnew(t *testing.T) {
	s := newStand(t, lb.Service{Drain: lb.Drain{Time: 100 * time.Second, Then: "cut"}}, alike(2, 0)...)
	s.expectEach("A", "a")
	s.b.Drain(0)
	s.at(60)
	s.b.Enable(0)
	s.at(150)
	s.expectLog()
	s.b.Drain(0)
	s.at(249)
	s.expectLog()
	s.at(250)
	s.expectLog("A cut")
}

// The operator is told, once, when a server that is out has no connection left.
func TestEmpty(t *testing.T) {
	s := newStand(t, lb.Service{Persistence: sticky}, alike(2, 0)...)
	ids := s.expectEach("A B C", "a b a")
	s.b.Drain(0)
	s.close(ids[0])
	s.expectNotes("a drains: it gets no new clients")
	s.at(42)
	s.close(ids[2])
	s.expectNotes("a drains: it gets no new clients", "a is empty: it can be taken out")
	if n := s.notes[1]; n.Kind != flow.Emptied || n.At.Seconds() != 42 {
		t.Errorf("%+v", n)
	}
	s.close(s.expectOpen('A', "a")) // a client that belongs to it
	s.b.Disable(0)
	s.expectNotes("a drains: it gets no new clients", "a is empty: it can be taken out",
		"a is taken out for maintenance", "a is empty: it can be taken out")
}

// A server that is not in the table gets nothing until it is added, and then its
// share; a hash knows nothing of it.
func TestAddAndRemove(t *testing.T) {
	members := alike(3, 0)
	members[2].Absent = true
	s := newStand(t, lb.Service{Health: checks}, members...)
	if got := s.placed("ABCD"); got != "a b a b" {
		t.Errorf("got %s", got)
	}
	s.b.Enable(2)
	s.b.Drain(2)
	s.b.SetWeight(0, 2, 2)
	if got := s.placed("ABCD"); got != "a b a b" {
		t.Errorf("after orders that mean nothing %s", got)
	}
	s.b.Add(2)
	s.b.Add(2)
	if got := s.placed("ABCDEFGH"); len(got) != 15 || count(got, "c") != 4 {
		t.Errorf("with weights 1, 1 and 2 %s", got)
	}
	ids := s.expectEach("A", "c")
	s.b.Remove(2)
	s.b.Remove(2)
	if got := s.placed("ABCD"); count(got, "c") > 0 {
		t.Errorf("after its removal %s", got)
	}
	s.expectConns(0, 0, 1)
	s.close(ids[0])
	s.expectConns(0, 0, 0)
	s.b.Add(2)
	if got := s.placed("ABCDEFGH"); count(got, "c") != 4 {
		t.Errorf("and back %s", got)
	}
	s.expectNotes("c is added", "c is removed", "c is added")
}

func count(s, letter string) (n int) {
	for _, c := range s {
		if string(c) == letter {
			n++
		}
	}
	return n
}

// What becomes of the connections of a server that is removed.
func TestOnRemove(t *testing.T) {
	for fate, want := range map[lb.Fate][]string{
		lb.Kept: nil, lb.Cut: {"A cut"}, lb.Dropped: {"A blocked"}, lb.Suspended: {"A blocked", "A released"},
		lb.Reselected: {"A moved to b, true"},
	} {
		s := newStand(t, lb.Service{OnRemove: fate}, alike(2, 0)...)
		s.expectEach("A", "a")
		s.b.Remove(0)
		s.b.Add(0)
		s.expectLog(want...)
	}
}

// HAProxy removes a server that is in maintenance and has no connections.
func TestRemovalIsRefused(t *testing.T) {
	s := newStand(t, lb.Service{OnRemove: lb.Refused}, alike(2, 0)...)
	ids := s.expectEach("A", "a")
	const no = "a is not removed: it must be in maintenance, or drain, and have no connections"
	s.b.Remove(0)
	s.b.Disable(0)
	s.b.Remove(0)
	s.close(ids[0])
	s.b.Remove(0)
	s.expectNotes(no, "a is taken out for maintenance", no, "a is empty: it can be taken out", "a is removed")
}

// A hash modulo the number of servers moves clients when one is removed, and a
// ring only those of that server; while it is down, both keep its place.
func TestRemovalChangesTables(t *testing.T) {
	for table, moves := range map[string]bool{"map": true, "ring": false} {
		s := newStand(t, lb.Service{Scheduler: &sched.SourceHash{Hashing: sched.Hashing{Table: table, Points: 160}}}, alike(4, 0)...)
		const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		before := s.placed(all)
		s.b.Remove(3)
		after := s.placed(all)
		others := 0
		for i := range before {
			if before[i] != 'd' && before[i] != after[i] {
				others++
			}
		}
		if moves != (others > 0) {
			t.Errorf("%s: %d clients of other servers have moved", table, others)
		}
		s.b.Add(3)
		if got := s.placed(all); got != before {
			t.Errorf("%s: after its return %s, before %s", table, got, before)
		}
	}
}

// A sorry server is used when no other is left, and by no record.
func TestSorryServer(t *testing.T) {
	members := alike(3, 1)
	members[2] = lb.MemberConfig{Weight: 1, Sorry: true}
	s := newStand(t, lb.Service{Health: checks, Persistence: sticky}, members...)
	ids := s.expectEach("A B C", "a b c")
	if c := s.flows.Conns.At(uint32(ids[2])); !c.Sorry || c.Why != flow.Unsaid {
		t.Errorf("%+v", c)
	}
	s.close(ids[0])
	s.expectOpen('C', "a")
	s.close(ids[1])
	s.close(ids[2])
	s.dead("abc")
	s.at(1)
	s.expectOpen('D', "rejected") // it does not answer either
	s.answers[2] = flow.Accepts
	s.close(s.expectOpen('D', "c"))
	s.b.Disable(2) // which is no order for it
	s.expectOpen('D', "c")
	for _, n := range s.notes {
		if n.Server == 2 {
			t.Errorf("it is checked, or operated: %+v", n)
		}
	}
}

// Those who waited in vain meet the sorry server, too.
func TestSorryAfterAWait(t *testing.T) {
	members := alike(2, 1)
	members[1] = lb.MemberConfig{Weight: 1, Sorry: true}
	s := newStand(t, lb.Service{Queue: 1}, members...)
	s.expectEach("A B C", "a waits b")
	s.b.Disable(0)
	s.expectLog("B to b")
}
