package snat

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// moving are the clients of a site who change their address, as phones do on
// their way from one network to the next. Each moves at equal intervals, begun
// at a time of its own, to any other address of the site with equal probability
// (modelling choices). Nothing has to be remembered: where a client is follows
// from its number and the number of its moves. So that this takes few steps, at
// every 16th move it goes to any address at all, which may be the one it had.
type moving struct {
	every time.Duration
	first flow.AddrID
	n     int // addresses
	begun *sim.Stream
	to    *sim.Stream
}

const movesInARow = 16

// at returns the client's address at a time; home is its first.
func (m *moving) at(c flow.ClientID, home flow.AddrID, now sim.Time) flow.AddrID {
	phase := sim.Time(m.begun.Nth(uint64(c)) * float64(m.every))
	moves := uint64((now + phase) / sim.Time(m.every))
	from := moves - moves%movesInARow
	draw := func(k uint64) float64 { return m.to.Nth(uint64(c)<<32 | k) }
	a := int(home - m.first)
	if from > 0 {
		a = int(draw(from) * float64(m.n))
	}
	for k := from + 1; k <= moves; k++ {
		a = (a + 1 + int(draw(k)*float64(m.n-1))) % m.n
	}
	return m.first + flow.AddrID(a)
}
