package flow

import (
	"net/netip"
	"time"

	"lbsim/sim"
)

// Visits is recorded traffic: who came when, from which address.
type Visits struct {
	Clients []string     // names, by client
	Addrs   []netip.Addr // distinct source addresses
	Home    []uint32     // the address, by its place in Addrs, that each client first came from
	List    []Visit      // in time order
}

// Visit is one recorded connection.
type Visit struct {
	At      sim.Time
	Client  uint32        // place in Clients
	Addr    uint32        // place in Addrs
	Hold    time.Duration // how long the connection was kept open
	Demand  time.Duration // CPU time; Unknown when the record does not say
	Service int32         // number of the service, or -1 for the stream's own
}

// Unknown is the Demand of a visit whose record does not state one.
const Unknown time.Duration = -1
