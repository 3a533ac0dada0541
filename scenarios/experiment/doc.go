// Package experiment decides which runs to make and makes them, in parallel:
// every replication of every variant is a world of its own, and what they
// yield is gathered by its place, so that the result does not depend on how
// many run at a time.
//
// A Sweep is a scenario at many points. Its replications are kept in a Store as
// soon as each is made, so that a sweep that was stopped goes on where it was; and
// it may be made in shards, by several machines. Its result is always made of what
// was kept, and therefore has the same bytes in all these cases.
//
// A Size is the question how many servers to buy. It makes as many replications of as
// many cases as the answer takes, and keeps them in a Store as well.
package experiment
