package lb_test

import (
	"fmt"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
)

func TestQueueIsFirstComeFirstServed(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited}, alike(2, 1)...)
	a, b := s.expectOpen('A', "a"), s.expectOpen('B', "b")
	for _, c := range "CDEF" {
		s.expectOpen(byte(c), "waits")
	}
	s.close(b)
	s.expectLog("C to b")
	s.close(a)
	s.expectLog("D to a")
	if got := s.b.Meter(0, 0, s.e.Now()).Conns; got != 1 {
		t.Errorf("a holds %d connections, its limit is 1", got)
	}
}

// Many turns through the queue, in order, so that its storage is used again.
func TestQueueKeepsOrderForLong(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited}, alike(1, 1)...)
	current := s.expectOpen('A', "a")
	waiting := []byte("BCDEF")
	ids := map[byte]flow.ConnID{}
	for _, c := range waiting {
		ids[c] = s.expectOpen(c, "waits")
	}
	for i := range 1000 {
		s.close(current)
		next := waiting[0]
		s.expectLog(string(next) + " to a")
		current = ids[next]
		again := byte('A' + i%clients)
		waiting = append(waiting[1:], again)
		ids[again] = s.expectOpen(again, "waits")
	}
}

func TestQueueLimit(t *testing.T) {
	s := newStand(t, lb.Service{Queue: 2}, alike(1, 1)...)
	a := s.expectOpen('A', "a")
	s.expectOpen('B', "waits")
	s.expectOpen('C', "waits")
	s.expectOpen('D', "rejected")
	s.close(a)
	s.expectLog("B to a")
	s.expectOpen('E', "waits")
	s.expectOpen('F', "rejected")
	none := newStand(t, lb.Service{Queue: 0}, alike(1, 1)...)
	none.expectOpen('A', "a")
	none.expectOpen('B', "rejected")
}

// A client with a record waits for its server though another has room. The
// others do not wait for a server that has room.
func TestPersistentClientsWaitForTheirServer(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited, Persistence: &persist.SourceIP{Timeout: time.Hour}}, alike(2, 2)...)
	a1 := s.expectOpen('A', "a")
	s.expectOpen('B', "b")
	a2 := s.expectOpen('A', "a")
	s.expectOpen('A', "waits")
	s.expectOpen('C', "b")
	s.expectOpen('D', "waits") // both are full now: any will do
	s.expectOpen('A', "waits")
	s.close(a1)
	s.expectLog("A to a") // it asked before D
	s.close(a2)
	s.expectLog("D to a") // and D before the second
}

// When the server fails for which they wait, they are sent to others that have
// room, wait for those, or are turned away if there is none.
func TestWaitingClientsWhenTheirServerFails(t *testing.T) {
	service := lb.Service{Queue: lb.Unlimited, Health: checks, Persistence: &persist.SourceIP{Timeout: time.Hour}}
	s := newStand(t, service, alike(2, 2)...)
	s.expectOpen('A', "a")
	b := s.expectOpen('B', "b")
	s.expectOpen('A', "a")
	s.expectOpen('A', "waits")
	s.expectOpen('A', "waits")
	s.answers[0] = flow.Refuses
	s.at(1)
	s.expectLog("A to b") // the second of them waits for any
	s.close(b)
	s.expectLog("A to b")
	s.expectOpen('A', "waits")
	s.expectOpen('D', "waits")
	s.answers[1] = flow.Silent
	s.at(5)
	s.expectLog("A rejected", "D rejected")
	s.expectOpen('E', "rejected") // there is nobody to wait for
}

// A server that comes back takes those who wait.
func TestQueueDrainsWhenAServerReturns(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited, Health: checks, Scheduler: &sched.LeastConnections{}}, alike(2, 2)...)
	s.answers[1] = flow.Refuses
	s.at(1)
	s.expectOpen('A', "a")
	s.expectOpen('B', "a")
	for _, c := range "CDE" {
		s.expectOpen(byte(c), "waits")
	}
	s.answers[1] = flow.Accepts
	s.at(2)
	s.expectLog("C to b", "D to b")
}

// What waits for a server that has died unnoticed meets it when its turn comes.
func TestQueueMeetsADeadServer(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited}, alike(1, 1)...)
	a := s.expectOpen('A', "a")
	s.expectOpen('B', "waits")
	s.expectOpen('C', "waits")
	s.answers[0] = flow.Refuses
	s.close(a)
	s.expectLog("B reset", "C reset")
}

// A member of weight 0 gets no clients; without another they are turned away.
func TestWeightZero(t *testing.T) {
	members := alike(2, 0)
	members[0].Weight = 0
	s := newStand(t, lb.Service{Persistence: &persist.SourceIP{Timeout: time.Hour}}, members...)
	for _, c := range "ABC" {
		s.expectOpen(byte(c), "b")
	}
	all := newStand(t, lb.Service{}, lb.MemberConfig{}, lb.MemberConfig{})
	all.expectOpen('A', "rejected")
}

// Where connections wait for the server that they were given, least connections
// counts those that wait: no server has a long queue while another has none.
func TestLeastConnectionsCountsQueues(t *testing.T) {
	s := newStand(t, lb.Service{Scheduler: &sched.LeastConnections{}, Full: lb.FullWaits, Queue: lb.Unlimited}, alike(2, 1)...)
	a, b := s.expectOpen('A', "a"), s.expectOpen('B', "b")
	for _, c := range "CDEF" {
		s.expectOpen(byte(c), "waits")
	}
	s.close(a)
	s.expectLog("C to a")
	s.close(b)
	s.expectLog("D to b")
}

// BenchmarkNoPlace is a connection that ends and two that come, to servers all
// of which are full and queues that are full: one has the place, the other is
// turned away. It should take as long with 10,000 servers as with 10.
func BenchmarkNoPlace(b *testing.B) {
	for _, servers := range []int{10, 10_000} {
		b.Run(fmt.Sprint(servers), func(b *testing.B) {
			s := newStand(b, lb.Service{Queue: 10}, alike(servers, 1)...)
			for range servers + 10 {
				s.open('A')
			}
			s.taken = func(id flow.ConnID) { s.log, s.attempts = s.log[:0], s.attempts[:0] }
			next := 0
			for b.Loop() {
				for s.flows.Conns.At(uint32(next)).Server == flow.NoServer {
					next = (next + 1) % (servers + 10)
				}
				s.close(flow.ConnID(next))
				next = (next + 1) % (servers + 10)
				s.open('A')
				if id, o := s.open('A'); o == "rejected" {
					s.flows.Conns.Free(uint32(id))
				} else {
					b.Fatal(o)
				}
			}
		})
	}
}
