package lab

import (
	"net/netip"
	"time"

	"lbsim/models/flow"
)

// Arrival is what a client does at one instant: it opens a connection and keeps it
// for Hold, or sends a request over a connection of its own that the server works
// on for Demand.
type Arrival struct {
	At      time.Duration // from the start of the run
	Client  uint32        // number of the client, from 0
	Source  netip.Addr    // address that the client connects from, in 127.0.0.0/8
	Service int
	Request bool
	Hold    time.Duration // from when a server has it; of connections
	Demand  time.Duration // processor time of a core; of requests
	URL     string        // that is asked for; "": /
	Headers []Header      // more of a request
}

// Header is a field of a request.
type Header struct{ Name, Value string }

// Visit is what became of an arrival.
type Visit struct {
	Arrival int           // its place in the list
	Began   time.Duration // when the client connected
	Taken   time.Duration // when its server had it
	Ended   time.Duration // when it was over for the client; of what is still there, the end of the run
	Server  int           // number of the server that had it last, -1: none
	Outcome flow.Outcome  // Accepted: still there at the end
}

// Mark is a change of a server's state: by the timeline (Failed, Recovered,
// TakenOut, PutBack), or seen and said by the balancer (MarkedDown, MarkedUp).
type Mark struct {
	At      time.Duration
	Kind    flow.NoteKind
	Service int // -1: in all
	Server  int
	Text    string
}

// Observation is all that was seen of one real run.
type Observation struct {
	Arrivals []Arrival     // as planned
	Visits   []Visit       // in the order in which clients connected
	Marks    []Mark        // in the order of time
	End      time.Duration // of the run
	Late     time.Duration // the most by which a client connected later than planned
}
