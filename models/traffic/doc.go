// Package traffic models who asks, when and for how much: open streams of
// arrivals, populations of clients that hold connections and send requests
// over them, closed loops with think time, and the replay of recorded
// traffic.
//
// # Clients who give up
//
// Clients wait for ever unless they have a time-out. One that runs out ends a
// request for its client alone: the server does not know, and what it still does
// is wasted. Retries then add to the load that made them necessary, so that a
// server which could do all that is asked of it may stay too slow for good
// (metastable failures: Bronson et al., HotOS 2021). Backoff, jitter, a retry
// budget or a circuit breaker are the clients' means against that.
//
// # Random numbers
//
// What an open stream draws, it draws in order of arrival. What a client that
// holds connections draws (lifetimes, times between requests, demands, delays
// before it reconnects) is numbered by client and occasion and does not depend
// on the order in which clients act. Two variants of a scenario therefore see
// the same clients asking for the same things even when a server failure
// upsets the order.
package traffic
