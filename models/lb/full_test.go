package lb_test

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// Two servers hold one connection each. Clients A, C, E, ... belong to the
// first and B, D, F, ... to the second, as with a hash.
func full(t *testing.T, how lb.Overflow, queue int) *stand {
	return newStand(t, lb.Service{Full: how, Queue: queue, Scheduler: &homes{}}, alike(2, 1)...)
}

// As nginx and leastconn do: a full server is passed over, and only if all are
// full does a connection wait, for any.
func TestFullNext(t *testing.T) {
	s := full(t, lb.FullNext, lb.Unlimited)
	ids := s.expectEach("A C E G", "a b waits waits")
	s.close(ids[1])
	s.expectLog("E to b")
}

// As HAProxy does with a hash: a connection waits for its own server though
// another has room.
func TestFullWaitsForItsServer(t *testing.T) {
	s := full(t, lb.FullWaits, lb.Unlimited)
	ids := s.expectEach("A C E B D", "a waits waits b waits")
	s.close(ids[3])
	s.expectLog("D to b")
	s.close(ids[0])
	s.expectLog("C to a")
}

// As HAProxy does with a random draw: who draws a full server waits for any.
func TestFullQueuesForAny(t *testing.T) {
	s := full(t, lb.FullQueues, lb.Unlimited)
	ids := s.expectEach("A C B", "a waits b")
	s.close(ids[2])
	s.expectLog("C to b")
}

// As Envoy does when a circuit breaker opens.
func TestFullRejects(t *testing.T) {
	s := full(t, lb.FullRejects, lb.Unlimited)
	ids := s.expectEach("A C B D", "a rejected b rejected")
	s.close(ids[0])
	s.expectEach("D C", "rejected a")
	sticky := newStand(t, lb.Service{Full: lb.FullRejects, Queue: lb.Unlimited, Persistence: &persist.SourceIP{Timeout: time.Hour}}, alike(2, 1)...)
	sticky.expectEach("A A", "a rejected")
}

// Without a queue nobody waits, whatever servers are full: as nginx, which
// answers 502 when all are.
func TestFullWithoutQueue(t *testing.T) {
	for how, want := range map[lb.Overflow]string{
		lb.FullNext: "a b rejected", lb.FullWaits: "a rejected rejected", lb.FullQueues: "a rejected rejected", lb.FullRejects: "a rejected rejected",
	} {
		full(t, how, 0).expectEach("A C E", want)
	}
}

// The queues of servers and that for all share one limit.
func TestQueueLimitCountsAllQueues(t *testing.T) {
	s := full(t, lb.FullWaits, 2)
	ids := s.expectEach("A B C D E", "a b waits waits rejected")
	s.close(ids[1])
	s.expectLog("D to b")
	s.expectOpen('F', "waits")
}

// Who waits for a server that goes down is sent to another, and waits there if
// that is full.
func TestServerQueueOfADeadServer(t *testing.T) {
	s := newStand(t, lb.Service{Full: lb.FullWaits, Queue: lb.Unlimited, Scheduler: &homes{}, Health: checks}, alike(2, 2)...)
	s.expectEach("A A A A B", "a a waits waits b")
	s.answers[0] = flow.Refuses
	s.at(1)
	s.expectLog("A to b")
	s.answers[1] = flow.Refuses
	s.at(2)
	s.expectLog("A rejected")
}

// Those in the queue for any server do not stay there when the full server goes
// down and another has room.
func TestQueueLooksRoundWhenAServerFails(t *testing.T) {
	s := newStand(t, lb.Service{Full: lb.FullQueues, Queue: lb.Unlimited, Scheduler: &homes{}, Health: checks}, alike(2, 1)...)
	s.expectEach("A C", "a waits")
	s.answers[0] = flow.Refuses
	s.at(1)
	s.expectLog("C to b")
}

// As IPVS does: a server that was full gets nothing before it is below 3/4 of
// its limit.
func TestResume(t *testing.T) {
	s := newStand(t, lb.Service{Resume: 0.75, Queue: 0}, alike(1, 4)...)
	ids := s.expectEach("A B C D E", "a a a a rejected")
	s.close(ids[0])
	s.expectOpen('E', "rejected") // at 3
	s.close(ids[1])
	s.expectEach("E F G", "a a rejected") // at 2, 3 and 4
	below := newStand(t, lb.Service{Resume: 0.75, Queue: 0}, alike(1, 4)...)
	ids = below.expectEach("A B C", "a a a")
	below.close(ids[0])
	below.expectEach("D E F", "a a rejected") // never full before
}

// Who waits for a crowded server waits until it resumes.
func TestResumeServesTheQueue(t *testing.T) {
	s := newStand(t, lb.Service{Resume: 0.5, Queue: lb.Unlimited}, alike(1, 4)...)
	ids := s.expectEach("A B C D E F G H", "a a a a waits waits waits waits")
	s.close(ids[0])
	s.close(ids[1])
	s.expectLog()
	s.close(ids[2])
	s.expectLog("E to a", "F to a", "G to a")
}

// A limit that an operator raises lets in who waits, one that he lowers cuts
// nobody off.
func TestSetLimit(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited}, alike(2, 1)...)
	ids := s.expectEach("A B C D E F", "a b waits waits waits waits")
	s.b.SetLimit(0, 0, 3)
	s.expectLog("C to a", "D to a")
	s.b.SetLimit(0, 0, 1)
	s.close(ids[0])
	s.close(ids[2])
	s.expectLog()
	s.close(ids[3])
	s.expectLog("E to a")
	s.b.SetLimit(0, 0, 0)
	s.expectLog("F to a")
	s.expectEach("G H", "a a")
	s.expectNotes("a may hold 3 connections at a time", "a may hold 1 connection at a time", "a may hold any number of connections at a time")
}

// Raised, it lets in first who waits for this server.
func TestSetLimitServesTheServersQueue(t *testing.T) {
	s := full(t, lb.FullWaits, lb.Unlimited)
	s.expectEach("A C E B D", "a waits waits b waits")
	s.b.SetLimit(0, 0, 2)
	s.expectLog("C to a")
}

// A limit that was lifted and set again is not taken for reached.
func TestSetLimitForgetsCrowds(t *testing.T) {
	s := newStand(t, lb.Service{Resume: 0.5, Queue: 0}, alike(1, 2)...)
	s.expectEach("A B C", "a a rejected")
	s.b.SetLimit(0, 0, 0)
	s.b.SetLimit(0, 0, 4)
	s.expectEach("C D E", "a a rejected")
}

// When a server with a queue of its own drains, who waits for it is served,
// but nobody of the queue for any.
func TestDrainingServerServesItsOwnQueue(t *testing.T) {
	s := newStand(t, lb.Service{Queue: lb.Unlimited, Persistence: &persist.SourceIP{Timeout: time.Hour}}, alike(2, 1)...)
	ids := s.expectEach("A B C A", "a b waits waits")
	s.b.Drain(0)
	s.close(ids[0])
	s.expectLog("A to a")
	s.close(ids[1])
	s.expectLog("C to b")
}
