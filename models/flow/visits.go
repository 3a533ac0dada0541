package flow

import (
	"net/netip"
	"time"

	"lbsim/sim"
)

// Group is the clients of one site: a range of numbers.
type Group struct {
	Name    string
	First   ClientID
	Clients int
	Visits  *Visits  // what is recorded of them, if it is
	Addr    []AddrID // the run's numbers of the addresses of Visits; nil: as the site translates them
}

// Visits is recorded traffic: who came when, from which address.
type Visits struct {
	Clients []string     // names, by client
	Addrs   []netip.Addr // distinct source addresses
	Home    []uint32     // the address, by its place in Addrs, that each client first came from
	List    []Visit      // in time order
	// Keys are the names of what a balancer can read in the requests, and Values the
	// number of each visit's value, -1 where it has none: first by key, then by visit.
	Keys   []string
	Values [][]int32
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

// Address returns the place of an address in v.Addrs, adding it if it is new.
// place is the caller's index of the addresses so far.
func (v *Visits) Address(place map[netip.Addr]uint32, a netip.Addr) uint32 {
	i, ok := place[a]
	if !ok {
		i = uint32(len(v.Addrs))
		place[a] = i
		v.Addrs = append(v.Addrs, a)
	}
	return i
}
