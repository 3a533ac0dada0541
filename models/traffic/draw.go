package traffic

import (
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// batch is how many random numbers are drawn ahead where it is known which ones
// come next. A logarithm takes long, but the processor works on several at a
// time if nothing waits for the first.
const batch = 16

// draw draws durations that are numbered by who draws and on which occasion.
type draw struct {
	law   dist.Dist
	u     *sim.Stream
	ahead [batch]time.Duration // for inTurn: numbers first, first+1, ...
	first uint64
}

func newDraw(e *sim.Engine, name string, s dist.Spec) draw {
	if s == nil {
		return draw{}
	}
	return draw{law: s.Build(), u: e.Stream(name), first: ^uint64(batch - 1)}
}

func (d *draw) on() bool { return d.law != nil }

// occasionBits is the room for a drawer's occasions; beyond it, about a
// million requests over one connection, the numbers of the next drawer are
// used a second time.
const occasionBits = 20

func occasion(owner, k uint32) uint64 { return uint64(owner)<<occasionBits + uint64(k) }

func (d *draw) at(i uint64) time.Duration { return dist.Seconds(d.law.Quantile(d.u.Nth(i))) }

// inTurn is at for numbers that are asked for in turn, with exceptions.
func (d *draw) inTurn(i uint64) time.Duration {
	if i == d.first+batch {
		d.drawAhead(i)
	}
	if k := i - d.first; k < batch {
		return d.ahead[k]
	}
	return d.at(i)
}

// drawAhead draws a batch. It is apart from inTurn so that that can be inlined.
//
//go:noinline
func (d *draw) drawAhead(i uint64) {
	d.first = i
	for k := range d.ahead {
		d.ahead[k] = d.at(i + uint64(k))
	}
}

// chooser picks the clients of an open stream.
type chooser struct {
	u     *sim.Stream
	sites []*flow.Group
	total int
}

func newChooser(pop Population, sites []int, u *sim.Stream) chooser {
	c := chooser{u: u}
	for _, s := range sites {
		c.sites = append(c.sites, pop.Group(s))
		c.total += pop.Group(s).Clients
	}
	return c
}

// draw returns the client of arrival i. Sites take part in proportion to their
// number of clients; within a site all clients are equally likely, but those
// of a log are as likely as the log shows them.
func (c *chooser) draw(i uint64) flow.ClientID {
	n := int(c.u.Nth(i) * float64(c.total))
	for _, s := range c.sites {
		if n >= s.Clients {
			n -= s.Clients
			continue
		}
		if s.Visits != nil {
			k := int(c.u.Nth(^i) * float64(len(s.Visits.List)))
			n = int(s.Visits.List[k].Client)
		}
		return s.First + flow.ClientID(n)
	}
	panic("traffic: a stream without clients")
}
