// Package server models the real servers: cores that work through requests,
// slots and a bounded queue in front of them.
//
// Discipline fifo gives each request a core of its own until it is done, first
// come first served. Discipline ps (processor sharing) divides the cores
// evenly among the requests that hold a slot, at most one core each, as a
// time-slicing operating system does.
//
// A server, or one of its services, can die, fall silent or hang. What hangs keeps
// its slots and needs no core, as threads do that wait for something: once they
// are used up, other services of the server get nothing although its cores are
// idle. A machine that stands still (Suspend) keeps all that it has and the work that
// was done, and goes on from there. What a start leaves cold, what a memory that is full does to connections
// and what becomes of requests that have waited too long is told where it is
// configured.
package server
