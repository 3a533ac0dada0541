package lb

import (
	"net/netip"

	"lbsim/models/flow"
	"lbsim/sim"
)

// FullWeight is the effective weight of a member of weight 1 that is not in a
// slow ramp. Ramps scale it down in steps of 1/65536.
const FullWeight = 1 << 16

// View is what a balancer knows about the servers of one service.
type View struct {
	Members []Member
}

// Member is one server as a balancer knows it.
type Member struct {
	Base   int64 // configured weight
	Weight int64 // effective: the configured weight times FullWeight times the ramp
	Active int32 // connections it holds, by the balancer's own count
	Limit  int32 // connections it may hold at a time; 0: no limit
	Usable bool  // believed up, weight above 0 and below its connection limit
}

// Full reports whether the member is unusable for its connection limit alone,
// as far as the view tells: one that is down as well still holds connections.
func (m *Member) Full() bool { return m.Limit > 0 && m.Active >= m.Limit }

// Query is one scheduling decision.
type Query struct {
	Client flow.ClientID
	Addr   flow.AddrID
	Now    sim.Time
}

// Scheduler picks a server for a connection.
type Scheduler interface {
	// Pick returns the number of a usable member, or -1 if there is none.
	Pick(q *Query) int
}

// Tracker is implemented by schedulers that follow the members' counts.
type Tracker interface {
	// Counted is called after member m's Active has changed.
	Counted(m int)
}

// Membership is implemented by schedulers that keep tables of the members.
type Membership interface {
	// Changed is called after member m's Usable or Weight has changed.
	Changed(m int)
}

// Env is what a scheduler may use for as long as it lives.
type Env struct {
	View  *View
	Rand  *sim.Stream
	Addrs []netip.Addr // by flow.AddrID
	Names []string     // of the servers, by member
}

// SchedulerPolicy is a scheduling algorithm with its parameters.
type SchedulerPolicy interface {
	NewScheduler(env Env) Scheduler
}

// Persistence remembers which server a client was given.
type Persistence interface {
	// Lookup returns the member of the client's record, if it has one that has
	// not expired. It does not refresh the record.
	Lookup(q *Query) (member int, ok bool)
	// Store records that the client was given the member now; for a client
	// that was found, it refreshes the record.
	Store(q *Query, member int)
}

// PersistencePolicy is a persistence mode with its parameters.
type PersistencePolicy interface {
	// NewPersistence returns an empty table, or nil when clients are not
	// remembered.
	NewPersistence(clients, addrs int) Persistence
}

// Ramp is the course of a returning server's weight.
type Ramp interface {
	// Factor returns the part of the full weight, 0 to 1, that a server
	// carries after being up for the given time, and whether the ramp is over.
	Factor(up sim.Time) (f float64, over bool)
}

// RampPolicy is a slow ramp with its parameters.
type RampPolicy interface {
	// NewRamp returns the ramp, or nil for none.
	NewRamp() Ramp
}
