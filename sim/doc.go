// Package sim is a deterministic discrete-event kernel: a clock, an event
// queue, typed ports through which components schedule events, and named
// random streams.
//
// # Order
//
// Events are ordered by time, then phase, then the order in which they were
// scheduled. The order is total, so a run does not depend on the queue's inner
// workings, on map iteration or on the machine. Within one instant the phases
// say who goes first:
//
//	Fault < Depart < Expire < Arrive < Observe
//
// A server that dies at an instant completes nothing at that instant, a
// completion beats its own time-out, and a freed place can serve an arrival.
//
// # Ports
//
// A component binds each of its handlers once, in its constructor, and
// schedules small integers to them:
//
//	s.done = sim.Bind(e, "server/ex3/done", sim.Depart, s.onDone)
//	...
//	s.done.After(demand, request)
//
// An event is therefore a small value with a name that can be traced and
// hashed, and scheduling one allocates nothing. The handle an event carries is
// an index into a slab that the component owns.
//
// # Reproducibility
//
// Time is integer nanoseconds. Every event is mixed into a fingerprint, and
// two runs with equal fingerprints handled the same events in the same order.
// Random streams are derived from the seed, the replication and their name, so
// a model that draws from a stream of its own shifts no other stream. Log, Exp
// and Pow give the same bits on every architecture.
package sim
