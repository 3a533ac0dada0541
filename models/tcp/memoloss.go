package tcp

import (
	"math"
	"math/rand/v2"

	"lbsim/sim"
)

// Draw returns what an exchange that begins at an instant costs and the place of
// the connection after it, where packets may be lost. u is uniform over [0, 1),
// one number for each exchange.
//
// That all packets arrive has a known chance: most exchanges are looked up. Of the
// others u says which packet is the first to be lost, what becomes of the later
// ones follows from a generator that begins with u, and the exchange is simulated.
// The Cost is good until the next Draw.
func (m *Memo) Draw(p Place, at sim.Time, u float64) (*Cost, Place) {
	e := &m.entries[p]
	if e.ticks {
		e = m.ticking(e, at)
	}
	if u < e.whole {
		return &e.Cost, e.next
	}
	return m.lossy(e, at, u), m.patterns[e.pattern].first[Idle]
}

// lossy simulates an exchange of which a packet is lost.
func (m *Memo) lossy(e *entry, at sim.Time, u float64) *Cost {
	p, s := &m.patterns[e.pattern], &m.sim
	o := Options{State: e.state, Start: at}
	if e.state == Next {
		o.State = Idle
	}
	s.prepare(&p.Network, &p.Exchange, p.authentication, &o)
	s.writeGrown(&e.grown)
	bits := math.Float64bits(u)
	m.chance.chance.Seed(bits, bits)
	m.chance.sent, m.chance.first = 0, firstLost(u, e.whole, float64(p.Network.Loss), int(e.Packets))
	s.random = &m.chance
	if err := s.another(p.Exchange.Count); err != nil { // more packets than MaxPackets: it is over
		s.span.cut(s.now)
	}
	m.cost = s.trace.cost()
	return &m.cost
}

// firstLost returns which of so many packets is the first to be lost, given that
// one is: the inverse of the geometric distribution, cut off. The chance that none
// is lost is whole, and u is at least that.
func firstLost(u, whole, loss float64, packets int) int {
	// v is uniform over (0, 1], and the chance that the first k arrive k-th powers.
	v := 1 - float64(u-whole)
	k := math.Floor(sim.Log(v) / sim.Log(1-loss))
	return int(max(0, min(k, float64(packets-1))))
}

// chance draws which packets are lost: the first at a given place, the later ones
// at random.
type chance struct {
	chance      rand.PCG
	sent, first int
}

// Float64 implements Random.
func (c *chance) Float64() float64 {
	c.sent++
	switch {
	case c.sent <= c.first:
		return 1
	case c.sent == c.first+1:
		return 0
	}
	return float64(c.chance.Uint64()>>11) * 0x1p-53
}
