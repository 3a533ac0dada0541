package snat

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Faces are the addresses with which a balancer that is not transparent
// connects to its servers: all that they see of the clients. A port of an
// address serves one connection to each port of each server, so that each
// (address, server, service) has ports of its own.
type Faces struct {
	n     uint32   // addresses
	next  uint32   // in turn
	base  []uint32 // by service: its first member's place among all members
	kept  []bool   // by service: connections to servers are kept for the next request
	ports ports
}

// NewFaces returns so many addresses, each with so many ports, of which one that
// is given back rests. Members are the numbers of servers of each service; kept
// are the services that keep their connections to servers open for the next
// client, whose ports do not rest.
func NewFaces(addresses, limit int, rest time.Duration, members []int, kept []bool) *Faces {
	f := &Faces{n: uint32(addresses), kept: kept, ports: ports{limit: int32(limit), rest: rest, apart: 1}}
	all := uint32(0)
	for _, n := range members {
		f.base = append(f.base, all)
		all += uint32(n)
	}
	f.ports.taken = make([]int32, all*f.n)
	return f
}

// Take gives a connection to the server that c.Member names one of the
// addresses, in turn but for those without a port left, and reports whether
// there was one.
func (f *Faces) Take(c *flow.Conn, now sim.Time) bool {
	for k := range f.n {
		face := (f.next + k) % f.n
		if f.ports.takeAt(f.pool(c, face), 0, now) {
			f.next = face + 1
			c.Face = uint8(face + 1)
			return true
		}
	}
	return false
}

// Release gives back what Take gave.
func (f *Faces) Release(c *flow.Conn, now sim.Time) {
	pool := f.pool(c, uint32(c.Face-1))
	if f.kept[c.Service] {
		f.ports.free(pool, 0)
		return
	}
	f.ports.releaseAt(pool, 0, now)
}

func (f *Faces) pool(c *flow.Conn, face uint32) uint32 {
	return (f.base[c.Service]+uint32(c.Member))*f.n + face
}

// CheckPorts returns an error if more ports are taken than there are, or not as
// many as servers have connections.
func (f *Faces) CheckPorts(held int) error {
	sum := -f.ports.resting.n
	for _, n := range f.ports.taken {
		if n < 0 || n > f.ports.limit {
			return fmt.Errorf("an address of the balancer has %d of %d ports taken", n, f.ports.limit)
		}
		sum += int(n)
	}
	if sum != held {
		return fmt.Errorf("the balancer has %d ports in use for %d connections", sum, held)
	}
	return nil
}

// MostPorts returns the most ports that one server had in use or resting with
// one address since ResetPeaks.
func (f *Faces) MostPorts() int { return int(f.ports.most) }

// ResetPeaks begins a new measurement of MostPorts.
func (f *Faces) ResetPeaks(now sim.Time) { f.ports.resetPeak(now) }
