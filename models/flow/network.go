package flow

import (
	"time"

	"lbsim/sim"
)

// NetworkObserver is an Observer that is also told what the network did to requests.
type NetworkObserver interface {
	Observer
	// Travelled reports, just before Finished, how long a request that was answered
	// was on the wire.
	Travelled(r *Request, t *Trip, now sim.Time)
}

// Trip is how long a request and its answer were on the wire, with the connection's
// set-up if it was the first one and waited for that.
type Trip struct {
	// Opened is how long the set-up took if it was over before the request was asked;
	// it is in none of the others then.
	Opened time.Duration
	// Before is the part before its server could begin, and Total all of it, without
	// what Exchange says of thinking.
	Before, Total time.Duration
	// StallTime is the part that is due to Stalls delayed acknowledgements.
	StallTime time.Duration
	Stalls    int
}

// Equal reports whether two trips are the same. It takes half the time of ==, which
// is a call for a struct of this size.
func (t *Trip) Equal(u *Trip) bool {
	return t.Total == u.Total && t.Before == u.Before && t.Opened == u.Opened && t.StallTime == u.StallTime && t.Stalls == u.Stalls
}
