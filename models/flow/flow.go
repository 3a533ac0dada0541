package flow

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"lbsim/sim"
)

// ClientID numbers the clients of a run from 0.
type ClientID uint32

// AddrID numbers the source addresses that the balancer can see from 0.
type AddrID uint32

// ConnID and RequestID are indexes into the slabs of Flows.
type (
	ConnID    uint32
	RequestID uint32
)

// NoServer stands for "no server" wherever a server's number is expected.
const NoServer int32 = -1

// Outcome says how a connection or a request ended.
type Outcome uint8

// The outcomes. Accepted is not an end: the attempt goes on.
const (
	Accepted  Outcome = iota
	Completed         // served, or closed in good order
	Rejected          // turned away: no usable server, or a full queue
	TimedOut          // the client stopped waiting
	Reset             // the server died or refused the connection
	// Unanswered is what an attempt meets to which nobody says anything. It is no
	// end: the client has to give up by itself, and the attempt is TimedOut then.
	Unanswered
)

var outcomeNames = [...]string{"present", "completed", "rejected", "timed_out", "reset", "unanswered"}

// String returns the outcome's name in output files; Accepted, which is still
// there when the run ends, reads "present".
func (o Outcome) String() string { return outcomeNames[o] }

// Move says why a client that was known to a persistence table was sent to
// another server than it had.
type Move uint8

// The reasons for a move.
const (
	Stayed     Move = iota
	ServerDown      // the balancer believes the recorded server down
	Drained         // the recorded server takes no new connections
	Full            // the recorded server was at its limit
	Evicted         // the table was full, and the record gone
	KeyChanged      // the client came with another key: a lost cookie, a new TLS session, a new address
	Forgotten       // another balancer has taken over, without the records
	Remapped        // the servers have changed, and with them the table of who belongs where
	Expired         // the record was too old
)

// Breaks reports whether the client could expect to stay where it was: it moved
// for another reason than its own silence.
func (m Move) Breaks() bool { return m != Stayed && m != Expired }

var moveNames = [...]string{"stayed", "server_down", "drained", "full", "evicted", "key_changed", "forgotten", "remapped", "expired"}

// String returns the reason's name in output files.
func (m Move) String() string { return moveNames[m] }

// Refusal says more of why a connection attempt was Rejected.
type Refusal uint8

// The reasons, where there is one to tell.
const (
	Unsaid         Refusal = iota
	NoPort                 // the address that it comes from has no port left
	NoFacePort             // the balancer has no port left towards the server
	SourceLimit            // the server has enough connections from that address
	ConnectionRate         // the server has had enough new connections for a minute
	MessageRate            // the server has had enough requests from there for a minute
	OutOfMemory            // the server has no memory left
	Apologised             // a sorry server answered
	CircuitOpen            // the client's circuit breaker did not let it be sent
	Dismounted             // the database that it asks for is mounted nowhere
)

// Refusals is the number of reasons.
const Refusals = 10

// Conn is one attempt of a client to hold a connection.
type Conn struct {
	Asked   sim.Time    // when the client first asked for it, before any retry
	Tried   sim.Time    // when this attempt was made
	Opened  sim.Time    // when a server took it
	End     sim.Pending // its end, for the traffic model
	Next    sim.Pending // its next request, for the traffic model
	Seq     uint32      // number of the attempt in the run, from 0
	Client  ClientID
	Addr    AddrID // the source address that the balancer sees
	Owner   uint32 // for the traffic model: who or what it was opened for
	Draws   uint32 // for the traffic model: random numbers used so far
	Member  int32  // place in the service's server table, or -1
	Server  int32  // number of the server, or NoServer
	Stream  uint16 // traffic stream it belongs to
	Service uint16
	Attempt uint16 // 1 for the first
	Busy    uint16 // requests under way
	State   ConnState
	Path    Path
	Sorry   bool  // its server only says that no other can be used
	Ignored uint8 // how many servers have not answered it in time, for the balancer
	Retried uint8 // how often a server that did not take it was tried again, for the balancer
	Moved   Move
	Via     uint8   // which of the service's balancers decided
	Why     Refusal // of an attempt that was Rejected
	Face    uint8   // number, from 1, of the balancer's address that the server sees; 0: it sees Addr
	Trial   uint8   // for the traffic model: as which trial of a circuit breaker it was made, if it was
}

// Taken reports whether a server holds the connection and whoever gave it to the
// server knows of it.
func (c *Conn) Taken() bool { return c.Server != NoServer && c.State != Severed && c.Path != Dead }

// ConnState is where a connection is in its life.
type ConnState uint8

// The states of a connection.
const (
	Waiting   ConnState = iota // in the balancer's queue
	SettingUp                  // its server works on the set-up
	Open
	Closing // closes when its last request is answered
	Severed // no balancer and no server knows of it, but its client
)

// Path is what becomes of that which is sent over a connection, either way.
type Path uint8

// The states of a path.
const (
	Whole   Path = iota
	Blocked      // nothing passes, for the time being
	Dead         // nothing passes any more: the balancer has forgotten the connection, and nobody is told
)

// Work tells a client's request from the work of setting up a connection.
type Work uint8

// The kinds of work.
const (
	Ask   Work = iota // a client's request
	Setup             // opening the connection: handshake, log-on
	Probe             // a balancer's check: demands nothing, belongs to no connection
)

// Request is one piece of work on a server.
type Request struct {
	Asked   sim.Time      // when the client first asked, before any retry
	Sent    sim.Time      // when this attempt was sent
	Started sim.Time      // when the server began to work on it; -1 while it waits
	Demand  time.Duration // CPU time of one core
	Check   uint64        // of a Probe: the balancer's number for it; of others see Reached
	Conn    ConnID
	Server  int32
	Met     uint32 // requests that were at the server when it came
	Service uint16
	Stream  uint16
	Attempt uint16 // 1 for the first
	Work    Work
	Why     Refusal // of a request that was Rejected
	Held    Held
	Trial   uint8 // for the traffic model: as which trial of a circuit breaker it was sent, if it was
	// Abandoned is whether nobody waits for the answer any more. Conn may then be
	// another connection.
	Abandoned bool
}

// Held is where a request is while nobody passes it on.
type Held uint8

// The places.
const (
	NotHeld     Held = iota
	Undelivered      // sent, and not at its server yet
	Unreturned       // answered, and the answer not at the client yet
	Astray           // lost, as the answer may be: nobody sends it again
	Parked           // at the server that has the connection, until its database is mounted
	Outbound         // on the wire, on its way to the server
	Inbound          // on the wire, as the answer to it
)

// Reached returns when a request came to its server, or comes if it is on its way:
// when it was sent, unless it is on the wire. That is in Check, as a request is to
// fill one line of a processor's cache and no more.
func (r *Request) Reached() sim.Time {
	if r.Work == Probe {
		return r.Sent
	}
	return max(r.Sent, sim.Time(r.Check))
}

// Slab is a store of values under small integers that are used again.
type Slab[T any] struct {
	items []T
	next  []uint32 // by number: inUse, or the free number after this one
	free  uint32   // the first free number, if there is one
	live  int
}

const inUse = math.MaxUint32

// New returns a zero value and its number. The pointer is good until the next
// New.
func (s *Slab[T]) New() (uint32, *T) {
	if s.live == len(s.items) {
		s.grow()
	}
	i := s.free
	s.free, s.next[i] = s.next[i], inUse
	s.live++
	v := &s.items[i]
	var zero T
	*v = zero
	return i, v
}

// Reserve makes room for n more values, so that a run that knows how many it
// will have does not copy its way there.
func (s *Slab[T]) Reserve(n int) {
	s.items = slices.Grow(s.items, n)
	s.next = slices.Grow(s.next, n)
}

// grow adds a free number. It happens rarely, and inlined into New it would keep
// that from being inlined.
//
//go:noinline
func (s *Slab[T]) grow() {
	var zero T
	s.items = append(s.items, zero)
	s.next = append(s.next, 0)
	s.free = uint32(len(s.items) - 1)
}

// At returns the value with number i. The pointer is good until the next New.
func (s *Slab[T]) At(i uint32) *T { return &s.items[i] }

// Free gives number i back. Its value must not be used again.
func (s *Slab[T]) Free(i uint32) {
	s.next[i], s.free = s.free, i
	s.live--
}

// Len returns the number of values in use.
func (s *Slab[T]) Len() int { return s.live }

// All calls f for each value in use, by rising number. f may free that value
// and no other.
func (s *Slab[T]) All(f func(i uint32, v *T)) {
	for i := range s.items {
		if s.next[i] == inUse {
			f(uint32(i), &s.items[i])
		}
	}
}

// Flows is everything under way in a run.
type Flows struct {
	Conns    Slab[Conn]
	Requests Slab[Request]
	Addrs    []netip.Addr // by AddrID
}
