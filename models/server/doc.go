// Package server models the real servers: cores that work through requests,
// slots and a bounded queue in front of them.
//
// Discipline fifo gives each request a core of its own until it is done, first
// come first served. Discipline ps (processor sharing) divides the cores
// evenly among the requests that hold a slot, at most one core each, as a
// time-slicing operating system does.
package server
