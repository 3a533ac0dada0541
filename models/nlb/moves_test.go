package nlb

import (
	"testing"
	"time"

	"lbsim/models/flow"
)

// held opens a connection of every client and keeps it.
func (s *stand) held() (ids []flow.ConnID, by []string) {
	for client := range clients {
		id, what := s.ask(0, client)
		ids, by = append(ids, id), append(by, what)
	}
	return ids, by
}

// moved opens a connection of every client and counts those that moved, by why.
func (s *stand) moved() map[flow.Move]int {
	n := map[flow.Move]int{}
	for client := range clients {
		if id, what := s.ask(0, client); what != "unanswered" && what != "reset" {
			n[s.conn(id).Moved]++
			s.close(id)
		}
	}
	return n
}

// Joining: connections that are open stay where they are, new ones of clients
// whose bucket has moved go to the new host, and the reason can be told.
func TestConnectionsStayWhenAHostJoins(t *testing.T) {
	s := newStand(t, 4, nil)
	s.cl.Disable(3)
	s.at(5)
	s.expectBuckets("[20 20 20 0]")
	_, before := s.held()
	s.cl.Enable(3)
	s.at(10)
	s.expectBuckets("[15 15 15 15]")
	if len(s.resets) != 0 {
		t.Errorf("%d connections are reset", len(s.resets))
	}
	moved := 0
	after, _ := s.takers(0)
	for i := range after {
		if after[i] != before[i] {
			moved++
			if after[i] != "d" {
				t.Errorf("client %d moves from %s to %s, want to d or not at all", i, before[i], after[i])
			}
		}
	}
	if moved < clients/8 || moved > clients*3/8 {
		t.Errorf("%d of %d clients move to the new host, want about a quarter", moved, clients)
	}
	if up := s.noted(flow.PutBack, 5); up < 7.5 || up > 8.5 {
		t.Errorf("it has joined at %g, want 2.5 s after a heartbeat", up)
	}
}

// A host that has yet to be added takes nothing; it is added like any other.
func TestHostIsAdded(t *testing.T) {
	s := newStand(t, 4, func(_ *Config, x *[]Service) { (*x)[0].Members[3].Absent = true })
	s.expectBuckets("[20 20 20 0]")
	if _, n := s.takers(0); n["d"] != 0 || n["-"] != 0 {
		t.Errorf("hosts take %v", n)
	}
	s.at(60)
	if len(s.notes) != 0 {
		t.Errorf("noted %v while nothing happened", s.notes)
	}
	s.cl.Add(3)
	s.at(64)
	s.expectBuckets("[15 15 15 15]")
	s.cl.Remove(3)
	s.at(68)
	s.expectBuckets("[20 20 20 0]")
}

// existing: reset ends the connections whose bucket has moved, and no others.
func TestConnectionsAreResetWhenAskedFor(t *testing.T) {
	s := newStand(t, 4, func(c *Config, _ *[]Service) { c.Existing = Reset })
	s.cl.Disable(3)
	s.at(5)
	ids, before := s.held()
	s.cl.Enable(3)
	s.at(10)
	reset := map[flow.ConnID]bool{}
	for _, id := range s.resets {
		reset[id] = true
	}
	after, _ := s.takers(0)
	for i, id := range ids {
		if reset[id] != (before[i] != after[i]) {
			t.Errorf("client %d belongs to %s and then to %s: reset %v", i, before[i], after[i], reset[id])
		}
	}
	if len(reset) == 0 {
		t.Error("no connection is reset")
	}
}

// What moves have for reasons: a host that died or was stopped, and a table that
// has changed while the client's host is fine.
func TestReasonsOfMoves(t *testing.T) {
	s := newStand(t, 3, nil)
	s.moved()
	s.at(10)
	s.answers[0] = flow.Silent
	s.at(20)
	if n := s.moved(); n[flow.ServerDown] == 0 || n[flow.ServerDown]+n[flow.Stayed] != clients {
		t.Errorf("after a death clients move because of %v", n)
	}
	s.answers[0] = flow.Accepts
	s.at(30)
	if n := s.moved(); n[flow.Remapped] == 0 || n[flow.Remapped]+n[flow.Stayed] != clients {
		t.Errorf("after a return clients move because of %v", n)
	}
	s.cl.Disable(1)
	s.at(40)
	if n := s.moved(); n[flow.Drained] == 0 || n[flow.Drained]+n[flow.Stayed] != clients {
		t.Errorf("after a stop clients move because of %v", n)
	}
}

// drainstop keeps the connections that a host has, loses no new ones, and lets the
// host stop when the last has ended.
func TestDrainstop(t *testing.T) {
	s := newStand(t, 3, nil)
	s.at(10)
	ids, by := s.held()
	s.cl.Drain(0)
	s.at(11)
	if _, n := s.takers(0); n["-"] != 0 {
		t.Errorf("%d clients are unanswered while the others converge", n["-"])
	}
	s.at(14)
	s.expectBuckets("[0 30 30]")
	if _, n := s.takers(0); n["a"] != 0 || n["-"] != 0 {
		t.Errorf("hosts take %v", n)
	}
	if s.cl.hosts[0].duty != draining || len(s.resets) != 0 {
		t.Error("the host has stopped before its connections have ended")
	}
	for i, id := range ids {
		if by[i] == "a" {
			s.close(id)
		}
	}
	if s.cl.hosts[0].duty != stopped {
		t.Error("the host has not stopped after its last connection")
	}
	s.cl.Enable(0)
	s.at(20)
	s.expectBuckets("[20 20 20]")
}

// stop drops the connections of a host, and its clients are unanswered until the
// others have converged, a heartbeat and 2.5 s later.
func TestStop(t *testing.T) {
	s := newStand(t, 3, nil)
	s.at(10)
	_, by := s.held()
	mine := 0
	for _, h := range by {
		if h == "a" {
			mine++
		}
	}
	s.cl.Disable(0)
	if len(s.resets) != mine {
		t.Errorf("%d connections are dropped, want %d", len(s.resets), mine)
	}
	if _, n := s.takers(0); n["-"] != mine {
		t.Errorf("%d clients are unanswered, want %d", n["-"], mine)
	}
	s.at(13.5)
	s.expectBuckets("[0 30 30]")
	if _, n := s.takers(0); n["-"] != 0 {
		t.Errorf("%d clients are unanswered after convergence", n["-"])
	}
}

// Extended affinity keeps a client on its host while its last connection ended
// less than the timeout ago, whatever the table says; after that it goes where the
// table sends it.
func TestExtendedAffinity(t *testing.T) {
	s := newStand(t, 4, with(Multiple, SingleAffinity, time.Minute))
	s.cl.Disable(3)
	s.at(5)
	before, _ := s.takers(0) // all end here
	s.cl.Enable(3)
	s.at(30)
	s.expectBuckets("[15 15 15 15]")
	if n := s.moved(); n[flow.Stayed] != clients {
		t.Errorf("within the timeout clients move because of %v", n)
	}
	ids, by := s.held()
	for i := range by {
		if by[i] != before[i] {
			t.Errorf("client %d is on %s, was on %s", i, by[i], before[i])
		}
	}
	s.at(300)
	if n := s.moved(); n[flow.Stayed] != clients {
		t.Errorf("with a connection open, clients move because of %v", n)
	}
	for _, id := range ids {
		s.close(id)
	}
	s.at(359.9)
	if n := s.moved(); n[flow.Stayed] != clients {
		t.Errorf("at the end of the timeout clients move because of %v", n)
	}
	s.at(420)
	if n := s.moved(); n[flow.Expired] == 0 || n[flow.Expired]+n[flow.Stayed] != clients {
		t.Errorf("after the timeout clients move because of %v", n)
	}
}

// A host that dies takes its records with it, and one that drains takes no client
// for their sake.
func TestExtendedAffinityEndsWithItsHost(t *testing.T) {
	s := newStand(t, 3, with(Multiple, SingleAffinity, 4*time.Hour))
	s.moved()
	s.at(10)
	s.answers[0] = flow.Silent
	s.at(20)
	if _, n := s.takers(0); n["-"] != 0 {
		t.Errorf("%d clients are unanswered for a dead host's records", n["-"])
	}
	s.cl.Drain(1)
	s.at(30)
	if _, n := s.takers(0); n["c"] != clients {
		t.Errorf("hosts take %v, want all by c", n)
	}
	s.answers[0] = flow.Accepts
	s.at(40)
	if _, n := s.takers(0); n["c"] != clients {
		t.Errorf("hosts take %v: c's records hold", n)
	}
}

// Nobody is left: no host answers.
func TestAllHostsStopped(t *testing.T) {
	s := newStand(t, 2, nil)
	s.cl.Disable(0)
	s.cl.Disable(1)
	s.at(10)
	if _, n := s.takers(0); n["-"] != clients {
		t.Errorf("hosts take %v", n)
	}
	s.cl.Enable(1)
	s.at(20)
	if _, n := s.takers(0); n["b"] != clients {
		t.Errorf("hosts take %v", n)
	}
}

// A connection costs no memory.
func TestNoAllocations(t *testing.T) {
	s := newStand(t, 8, with(Multiple, SingleAffinity, time.Minute))
	client := 0
	if n := testing.AllocsPerRun(1000, func() {
		i, c := s.flows.Conns.New()
		c.Client, c.Addr = flow.ClientID(client%clients), flow.AddrID(client%clients)
		if s.cl.Open(flow.ConnID(i)) == flow.Accepted {
			s.close(flow.ConnID(i))
		}
		client++
	}); n != 0 {
		t.Errorf("%g allocations for a connection", n)
	}
	now := 100.0
	if n := testing.AllocsPerRun(100, func() { now++; s.at(now) }); n != 0 {
		t.Errorf("%g allocations for a second of heartbeats", n)
	}
}
