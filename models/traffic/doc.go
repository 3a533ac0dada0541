// Package traffic models who asks, when and for how much: open streams of
// arrivals, populations of clients that hold connections and send requests
// over them, closed loops with think time, and the replay of recorded
// traffic.
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
