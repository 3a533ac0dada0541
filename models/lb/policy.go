package lb

import (
	"net/netip"
	"time"

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
	Base     int64 // weight as the operator has set it
	Weight   int64 // effective: Base times FullWeight times the ramp
	Active   int32 // connections it holds, by the balancer's own count
	Queued   int32 // connections that wait for it and no other
	Inactive int32 // closed connections that still linger in its table
	Limit    int32 // connections it may hold at a time; 0: no limit
	Priority int32 // those of the highest go first; the reverse of Envoy's numbers
	Backup   bool  // stands by until all others are out
	Crowded  bool  // was at its limit and has not come down far enough; see Service.Resume
	Absent   bool  // not in the table, where it has a place for later; its weights are 0
	Tried    bool  // has not taken the connection that is being placed
	Usable   bool  // may be picked; see Pick
}

// Full reports whether the member is unusable for its connection limit alone,
// as far as the view tells: one that is down as well still holds connections.
func (m *Member) Full() bool { return m.Limit > 0 && (m.Active >= m.Limit || m.Crowded) }

// Query is one scheduling decision.
type Query struct {
	Client flow.ClientID
	Conn   flow.ConnID // for KeySource
	Addr   flow.AddrID
	Now    sim.Time

	was int32     // member that a persistent client had, -1 if none is known
	why flow.Move // why it is not kept there
}

// Scheduler picks a server for a connection, or in mode http for a request: then
// a balancer opens a connection of its own for each, and counts these.
type Scheduler interface {
	// Pick returns the number of a usable member, or -1 if there is none. A
	// member is usable that is believed up, has a weight above 0, is on duty
	// and, unless the service's Full says otherwise, below its limit. A few
	// algorithms leave some clients without a server even so, and say which.
	Pick(q *Query) int
}

// Tracker is implemented by schedulers that follow the members' counts.
type Tracker interface {
	// Counted is called after member m's Active, Queued or Inactive has changed.
	Counted(m int)
}

// Membership is implemented by schedulers that keep tables of the members.
type Membership interface {
	// Changed is called after member m's Usable, Weight or Base has changed.
	Changed(m int)
}

// Feedback is implemented by schedulers that learn from response times.
type Feedback interface {
	// Answered is called when member m has answered a request of this
	// balancer's, took after it was sent.
	Answered(m int, took time.Duration, now sim.Time)
}

// FailureCounter is implemented by schedulers that take weight from servers
// that fail.
type FailureCounter interface {
	// Failed is called when member m did not take a connection.
	Failed(m int)
}

// BoundCounter is implemented by schedulers that count connections that go to
// their servers by persistence, as if they had picked these.
type BoundCounter interface {
	// Bound is called when persistence sends a connection to member m.
	Bound(m int)
}

// Poller is implemented by schedulers that ask an agent on each server for its
// load.
type Poller interface {
	// Every is the time between two questions to a server.
	Every() time.Duration
	// Polled is called with a server's answer.
	Polled(m int, l Load, now sim.Time)
}

// Timer is implemented by schedulers that measure how long a server takes to
// answer a check, a request that demands nothing but waits like any other.
type Timer interface {
	// Every is the time between the starts of two checks of a server.
	Every() time.Duration
	// Timed is called when the check of member m was answered, took after it
	// was sent, or, with ok false, when it was turned away or lost.
	Timed(m int, took time.Duration, ok bool, now sim.Time)
}

// IdleQueue is implemented by schedulers that servers report to when they have
// become idle. With several balancers a server reports to one of them.
type IdleQueue interface {
	// Idle is called when member m has no connection from any balancer.
	Idle(m int)
	// Busy is called when member m, whose last report was to this balancer, is
	// given a connection by any balancer. It tells whether the report still
	// stands; as long as one does, the member makes no other.
	Busy(m int) bool
	// Idles returns how many reports have not been used.
	Idles() int
	// Asks returns how many balancers a server looks at to report to the one
	// with the fewest reports; 1 means one at random.
	Asks() int
}

// KeySource knows what a balancer can read in a request: its URL, headers and
// the like.
type KeySource interface {
	// Key returns the number of a key that clients send, -1 if none do.
	Key(name string) int
	// Value returns the value that the connection's request has under a key.
	// Values are small numbers.
	Value(id flow.ConnID, key int) (value uint32, ok bool)
	// Text returns what a value reads.
	Text(key int, value uint32) string
}

// Env is what a scheduler may use for as long as it lives.
type Env struct {
	View  *View
	Rand  *sim.Stream
	Addrs []netip.Addr // by flow.AddrID
	Names []string     // of the servers, by member
	Keys  KeySource    // nil if connections have no keys
	// MaxFails is how many failures take a server out (passive checks); 0: none do.
	MaxFails int
	// Probe asks a server for its load and has the answer at once.
	Probe func(m int) Load
	// Instance is which of the service's Instances balancers this is, from 0.
	Instance, Instances int
	// Now is the simulated clock, for what happens between decisions.
	Now func() sim.Time
}

// Basis is what a scheduling algorithm decides by. Products let their slow
// ramps act with some and not with others.
type Basis uint8

// The bases.
const (
	ByTurn   Basis = iota // round robin
	ByLoad                // connections, requests or response times
	ByChance              // random, with or without a look at the load
	ByHash                // of an address, URL or header
	ByOrder               // a fixed order
)

// SchedulerPolicy is a scheduling algorithm with its parameters.
type SchedulerPolicy interface {
	NewScheduler(env Env) Scheduler
	// Basis says what the algorithm decides by.
	Basis() Basis
}

func basisOf(p SchedulerPolicy) Basis { return p.Basis() }

// Persistence remembers which server a client was given.
type Persistence interface {
	// Lookup returns what is known of the client. It changes nothing.
	Lookup(q *Query) Record
	// Store records that the client was given the member now; for a client
	// that was found, it refreshes the record. Why is why the client was not
	// kept where it was.
	Store(q *Query, member int, why flow.Move)
	// Touch refreshes the client's record as it is.
	Touch(q *Query)
	// Clear forgets all records of a member.
	Clear(member int)
	// Forget forgets what the balancer remembers of all clients; what they bring
	// with them, as cookies that name a server, is left.
	Forget()
}

// Record is what a persistence table knows of a client.
type Record struct {
	// Member is the one to keep the client on, -1 if there is no record that
	// counts.
	Member int32
	// Last is the member that the client had last, -1 if none is known, and Why
	// what became of its claim to that: Stayed if the claim stands.
	Last int32
	Why  flow.Move
	// Absent is whether the request carries no key to look for.
	Absent bool
	// Open is whether the request comes over a connection that its client has
	// already, which a server that drains keeps.
	Open bool
}

// Keeper is implemented by persistence tables that can be asked whether they keep
// anyone on a member.
type Keeper interface {
	// Keeps reports whether a record that counts leads to the member.
	Keeps(member int, now sim.Time) bool
}

// Holder is implemented by persistence tables whose records live as long as
// connections are open.
type Holder interface {
	// Took is called when a member has taken a connection, Gave when it has
	// given one back.
	Took(q *Query, member int)
	Gave(q *Query, member int)
}

// Habits is what a balancer notices of how clients behave.
type Habits interface {
	// Cookies reports whether the client of a connection returns cookies.
	Cookies(id flow.ConnID) bool
	// Session numbers the TLS sessions that the client has had.
	Session(id flow.ConnID, now sim.Time) uint32
	// Occasion numbers what a connection is made for, whatever came before: a
	// retry has the same.
	Occasion(id flow.ConnID) uint64
	// Dialog numbers what a client does in one go, by one or by several
	// requests.
	Dialog(id flow.ConnID) uint64
}

// PersistenceEnv is what a persistence mode may use for as long as it lives.
type PersistenceEnv struct {
	Clients int
	Addrs   []netip.Addr // by flow.AddrID
	Servers []int32      // number of the server, by member
	Keys    KeySource    // nil if connections have no keys
	Habits  Habits       // nil: clients keep cookies and TLS sessions for ever
	Rand    *sim.Stream
	// PerRequest is whether there is a decision for each request, as in mode http.
	PerRequest bool
	// Service is the number of the service, and Instance which of its balancers
	// this is.
	Service, Instance int
	// Shared returns the table of a name, which it builds if there is none; it is
	// the same for all services and balancers.
	Shared func(name string, build func() any) any
}

// PersistencePolicy is a persistence mode with its parameters.
type PersistencePolicy interface {
	// NewPersistence returns an empty table, or nil when clients are not
	// remembered.
	NewPersistence(env PersistenceEnv) Persistence
}

// Cause is why a server takes connections again.
type Cause uint8

// The causes.
const (
	Started    Cause = iota // the balancer has started
	CheckedUp               // health checks found it up
	Enabled                 // it left maintenance
	Undrained               // it left draining
	Reweighted              // its weight was 0
)

// Return is a server's return.
type Return struct {
	Cause Cause
	// Others is how many other members are usable, Settled how many of them
	// are not in a ramp.
	Others, Settled int
	// Rate is how many connections per second the service has had lately.
	Rate float64
}

// Ramp is how a returning server is spared.
type Ramp interface {
	// Begins reports whether a server that returns starts at the bottom of
	// the ramp. Otherwise it carries its full weight at once.
	Begins(r Return) bool
	// At returns what holds for a server that returned the given time ago and
	// has this limit of connections (0: none).
	At(up sim.Time, limit int32) Stage
}

// Stage is what a ramp allows a server at some time.
type Stage struct {
	// Weight is the part of its full weight, 0 to 1.
	Weight float64
	// Limit is how many connections it may hold at a time; 0: no limit.
	Limit int32
	// Rate is how many connections per second it may be given, Share which
	// part of the service's; 0: as the scheduler pleases.
	Rate, Share float64
	// Over is whether the ramp has ended; then nothing else counts.
	Over bool
}

// Stepped is implemented by ramps that change in steps only.
type Stepped interface {
	// Step is the time from one step to the next.
	Step() time.Duration
}

// TurnTaker is implemented by ramps that put the scheduler aside for some
// decisions and let the servers have turns instead.
type TurnTaker interface {
	// Turns returns how many decisions are turns after a return to a service
	// of so many servers.
	Turns(r Return, servers int) int
}

// RampPolicy is a slow ramp with its parameters.
type RampPolicy interface {
	// NewRamp returns the ramp, or nil for none; also where the ramp does not
	// act with algorithms of this basis.
	NewRamp(with Basis) Ramp
}
