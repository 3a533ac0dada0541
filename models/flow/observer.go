package flow

import "lbsim/sim"

// Observer is told what happens, in order and at the time it happens. It must
// change nothing. Pointers are good during the call only.
type Observer interface {
	// Assigned reports, once for each connection attempt, what became of it: a
	// server took it (c.Server) or, unless o is Accepted, it failed and is no
	// more. An attempt that waits in the balancer's queue is reported when its
	// wait ends.
	Assigned(id ConnID, c *Conn, o Outcome, now sim.Time)
	// Opened reports that a connection's set-up is complete.
	Opened(id ConnID, c *Conn, now sim.Time)
	// Closed reports the end of a connection that a server had taken.
	Closed(id ConnID, c *Conn, o Outcome, now sim.Time)
	// Arrived reports a request sent by a client; retries are told by r.Attempt.
	Arrived(r *Request, now sim.Time)
	// Finished reports the end of a request that had arrived.
	Finished(r *Request, o Outcome, now sim.Time)
	// Noted reports an event of the timeline.
	Noted(n Note)
}

// NoteKind classifies the events of the timeline.
type NoteKind uint8

// The kinds of notes.
const (
	Failed     NoteKind = iota // something broke
	Recovered                  // something was repaired
	MarkedDown                 // a health check took a server out
	MarkedUp                   // a health check put a server back
	RampEnded                  // a returning server carries its full weight
	TakenOut                   // an operator let a server drain or disabled it
	PutBack                    // an operator lets a working server take connections again
	Adjusted                   // an operator changed something else about a server
	Converged                  // servers that have no balancer agree on who takes what
	Emptied                    // a server that was taken out has no connections left
)

// Note is an event of the timeline. Service and Server are -1 where they do
// not apply.
type Note struct {
	At      sim.Time
	Kind    NoteKind
	Service int
	Server  int
	Actor   string // who: "ex4", "rpc/ex4"
	Text    string // what, as a sentence without a full stop
}

// Meter is what the models have counted for one server of one service up to
// now. Integrals are over time, in nanoseconds times the unit; the difference
// of two readings divided by the time between them is a mean.
type Meter struct {
	Conns     int // open or being set up
	ConnsArea float64
	Weight    float64 // effective weight over the configured one, 0 when out
	Refused   uint64  // connection attempts that met it dead
}

// ServerMeter is what a server has counted, over all services.
type ServerMeter struct {
	Cores     int
	Busy      int     // cores at work
	BusyArea  float64 // core nanoseconds
	Queue     int     // requests waiting for a slot or a core
	QueueMax  int     // the most since ResetPeaks
	QueueArea float64
	Room      int // connections that its memory is enough for; 0: any number
	HeldMax   int // of these, the most that were there since ResetPeaks; 0 if Room is
	Up        bool
}

// QueueMeter is what a balancer has counted of the connections that wait in its
// queues for a server of one service.
type QueueMeter struct {
	Limited bool // servers have connection limits, so that there may be queues
	Most    int  // the most since ResetPeaks
	Area    float64
}

// SourceMeter is what has been counted of source addresses.
type SourceMeter struct {
	Ports     bool // addresses of clients or of the balancer are translated and can run out of ports
	MostPorts int  // in use or resting at one address, since ResetPeaks
	Limits    bool // a server limits connections by their source address
}

// Metering lets an observer read the models' counters.
type Metering interface {
	// Meter reads the counters of a service's member.
	Meter(service, member int, now sim.Time) Meter
	// ServerMeter reads the counters of a server.
	ServerMeter(server int, now sim.Time) ServerMeter
	// QueueMeter reads the balancer's queues of a service.
	QueueMeter(service int, now sim.Time) QueueMeter
	// SourceMeter reads what source addresses lack.
	SourceMeter() SourceMeter
	// ResetPeaks begins a new measurement of the largest values.
	ResetPeaks()
	// Conns calls f for each connection under way.
	Conns(f func(id ConnID, c *Conn))
}

// TLSMetering is a Metering that knows of the balancer's TLS handshakes.
type TLSMetering interface {
	// TLSMeter reads the counters of the machine that does them, if there is one.
	TLSMeter(now sim.Time) (m ServerMeter, ok bool)
}

// Area integrates a count over time, in nanoseconds times the count.
type Area struct {
	since sim.Time
	level float64
	sum   float64
}

// Set changes the level at time now.
func (a *Area) Set(level float64, now sim.Time) {
	a.sum += float64(a.level * float64(now-a.since))
	a.level, a.since = level, now
}

// Level returns the level.
func (a *Area) Level() float64 { return a.level }

// Value returns the integral up to now.
func (a *Area) Value(now sim.Time) float64 {
	return a.sum + float64(a.level*float64(now-a.since))
}
