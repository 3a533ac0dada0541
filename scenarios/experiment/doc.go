// Package experiment decides which runs to make and makes them, in parallel:
// every replication of every variant is a world of its own, and what they
// yield is gathered by its place, so that the result does not depend on how
// many run at a time.
package experiment
