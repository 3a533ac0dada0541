package snat

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// ports counts the ports in use on the outside addresses of a site's NAT
// device. A connection takes one for as long as it exists, and afterwards the
// port rests, as RFC 6888 REQ-8 asks (read in copies of the list of its
// requirements), lest what is still under way meets the next connection.
//
// Which port it is decides nothing here, so there are only counts: of what is
// in use or rests, by address, and one queue of the resting ports, which is in
// order of time because all rest equally long. Whoever takes a port looks first
// for those that are rested. There are no events.
type ports struct {
	limit   int32 // of each address
	rest    time.Duration
	apart   uint32      // destinations whose ports are counted apart: 1, or the services
	first   flow.AddrID // of the addresses
	taken   []int32     // in use or resting, by pool
	users   *users      // nil: users have no limit of their own
	most    int32       // of taken, since resetPeak
	resting resting
}

// users counts the ports of the clients behind the device, which get them in
// blocks.
type users struct {
	size, most int32 // of blocks; blocks of a user
	blocks     int32 // of an address
	first      flow.ClientID
	ports      []int32 // in use or resting, by client from the first and destination
	given      []int32 // blocks, by pool
}

// restingPort is a port that nobody uses and nobody may take.
type restingPort struct {
	until sim.Time
	pool  uint32 // place in ports.taken: of an address and, with apart, a destination
	user  uint32 // place in users.ports
}

// place returns where the ports of a connection are counted.
func (p *ports) place(c *flow.Conn) (pool, user uint32) {
	pool = uint32(c.Addr - p.first)
	if p.users != nil {
		user = uint32(c.Client - p.users.first)
	}
	if p.apart > 1 {
		pool, user = pool*p.apart+uint32(c.Service), user*p.apart+uint32(c.Service)
	}
	return pool, user
}

// take takes a port for a connection and reports whether there was one.
func (p *ports) take(c *flow.Conn, now sim.Time) bool {
	if p.resting.n > 0 && p.resting.first().until <= now {
		p.wake(now)
	}
	pool, user := p.place(c)
	return p.grant(pool, user)
}

// takeAt takes a port of a pool for a user.
func (p *ports) takeAt(pool, user uint32, now sim.Time) bool {
	p.wake(now)
	return p.grant(pool, user)
}

func (p *ports) grant(pool, user uint32) bool {
	n := &p.taken[pool]
	if *n >= p.limit || p.users != nil && !p.users.take(pool, user) {
		return false
	}
	if *n++; *n > p.most {
		p.most = *n
	}
	return true
}

// release gives a connection's port back.
func (p *ports) release(c *flow.Conn, now sim.Time) {
	pool, user := p.place(c)
	p.releaseAt(pool, user, now)
}

// releaseAt gives a port of a pool back.
func (p *ports) releaseAt(pool, user uint32, now sim.Time) {
	if p.rest == 0 {
		p.free(pool, user)
		return
	}
	p.resting.push(restingPort{now.Add(p.rest), pool, user})
}

// wake frees the ports that have rested.
func (p *ports) wake(now sim.Time) {
	for p.resting.n > 0 && p.resting.first().until <= now {
		r := p.resting.pop()
		p.free(r.pool, r.user)
	}
}

func (p *ports) free(pool, user uint32) {
	p.taken[pool]--
	if p.users != nil {
		p.users.free(pool, user)
	}
}

// take takes a port for a user, of a new block if need be.
func (u *users) take(pool, user uint32) bool {
	n := &u.ports[user]
	if *n%u.size == 0 {
		if *n >= u.size*u.most || u.given[pool] >= u.blocks {
			return false
		}
		u.given[pool]++
	}
	*n++
	return true
}

func (u *users) free(pool, user uint32) {
	n := &u.ports[user]
	if *n--; *n%u.size == 0 {
		u.given[pool]--
	}
}

// resetPeak begins a new measurement of the most ports taken.
func (p *ports) resetPeak(now sim.Time) {
	p.wake(now)
	p.most = 0
	for _, n := range p.taken {
		p.most = max(p.most, n)
	}
}

// resting is a first-in-first-out queue that grows by doubling.
type resting struct {
	a    []restingPort
	head int
	n    int
}

func (q *resting) first() *restingPort { return &q.a[q.head] }

func (q *resting) push(r restingPort) {
	if q.n == len(q.a) {
		b := make([]restingPort, max(64, 2*len(q.a)))
		k := copy(b, q.a[q.head:])
		copy(b[k:], q.a[:q.head])
		q.a, q.head = b, 0
	}
	q.a[(q.head+q.n)&(len(q.a)-1)] = r
	q.n++
}

func (q *resting) pop() restingPort {
	r := q.a[q.head]
	q.head = (q.head + 1) & (len(q.a) - 1)
	q.n--
	return r
}

// Translates reports whether any site has a NAT device that can run out of
// ports.
func (p *Population) Translates() bool { return p.limited }

// TakePort gives the connection a port of its source address, if its site's NAT
// device has one left. Without such a device there is always one.
func (p *Population) TakePort(c *flow.Conn, now sim.Time) bool {
	d := p.ports[p.site[c.Client]]
	return d == nil || d.take(c, now)
}

// ReleasePort gives back what TakePort gave.
func (p *Population) ReleasePort(c *flow.Conn, now sim.Time) {
	if d := p.ports[p.site[c.Client]]; d != nil {
		d.release(c, now)
	}
}

// SiteOf returns the number of a client's site.
func (p *Population) SiteOf(c flow.ClientID) int { return int(p.site[c]) }

// CheckPorts returns an error if an address has more ports taken than there
// are, or if those of a site that do not rest are not as many as the
// connections that its clients have; held are these, by site.
func (p *Population) CheckPorts(held []int) error {
	for site, d := range p.ports {
		if d == nil {
			continue
		}
		sum := 0
		for k, n := range d.taken {
			if n < 0 || n > d.limit {
				return fmt.Errorf("address %s has %d of %d ports taken", p.Addrs[d.first+flow.AddrID(uint32(k)/d.apart)], n, d.limit)
			}
			sum += int(n)
		}
		if sum -= d.resting.n; sum != held[site] {
			return fmt.Errorf("site %s has %d ports in use for %d connections", p.Sites[site].Name, sum, held[site])
		}
	}
	return nil
}

// MostPorts returns the most ports that an address had in use or resting since
// ResetPeaks.
func (p *Population) MostPorts() int {
	most := int32(0)
	for _, d := range p.ports {
		if d != nil {
			most = max(most, d.most)
		}
	}
	return int(most)
}

// ResetPeaks begins a new measurement of MostPorts.
func (p *Population) ResetPeaks(now sim.Time) {
	for _, d := range p.ports {
		if d != nil {
			d.resetPeak(now)
		}
	}
}
