package server

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// special is what few servers have at a time. It is kept apart from the state
// that every request touches: a server without it is like any other.
type special struct {
	config   *Config
	last     boot    // of the server
	services []aside // by service, as far as there was anything
	blocked  bool    // something that the server depends on does not work
	slow     float64 // what work takes longer under fifo, as others use the cores, too; 0: 1
	// frozen are the requests that hold a slot while their service hangs, in the
	// order in which they came to stand still.
	frozen []flow.RequestID
	still  *standstill // nil: its machine runs
	// begun says of those that were in service before how much of their demand
	// they had, or unbegun. It holds until they go on.
	begun map[flow.RequestID]time.Duration
}

// aside is what is special about one service of a server.
type aside struct {
	closed bool // its port
	hung   bool // it takes requests and answers none
	last   boot // of the service alone
}

const (
	frozen  time.Duration = -1 // the demand that is left of a request whose service hangs
	unbegun time.Duration = -1 // of a request that has a slot, and no work was done on it
)

// isSpecial reports whether a server is more than cores, slots and a queue.
func (c *Config) isSpecial() bool {
	return c.QueueTimeout > 0 || c.Abandon == NoticeAbandoned || c.Cold != nil && c.Cold.AtStart
}

func (p *Pool) makeSpecial(s int32) *special {
	m := &p.machines[s]
	if m.special == nil {
		m.special = &special{config: &p.configs[s], begun: map[flow.RequestID]time.Duration{}}
		if c := p.configs[s].Cold; c != nil && c.AtStart {
			m.special.last = boot{c, 0}
		}
	}
	return m.special
}

// service returns what is special about service k.
func (x *special) service(k int) *aside {
	for len(x.services) <= k {
		x.services = append(x.services, aside{})
	}
	return &x.services[k]
}

// hangs reports whether requests of service k stand still.
func (x *special) hangs(k int) bool { return x.blocked || k < len(x.services) && x.services[k].hung }

// factor is what the demand of a request of service k is multiplied by.
func (x *special) factor(k int, now sim.Time) float64 {
	f := x.last.factor(now)
	if k < len(x.services) {
		f = max(f, x.services[k].last.factor(now))
	}
	if x.slow > 0 {
		f *= x.slow
	}
	return f
}

// forget drops all that a server that dies had of requests and of its services.
func (p *Pool) forget(s int32, m *machine) {
	if m.special == nil {
		return
	}
	m.frozen = 0
	p.fit(m)
	slow := m.special.slow
	m.special = nil
	if p.configs[s].isSpecial() || slow > 0 {
		p.makeSpecial(s).last = boot{}
		m.special.slow = slow
	}
}

// begin prepares a request to which a slot was given and returns the demand that
// is left of it, or frozen if it stands still.
func (p *Pool) begin(s int32, m *machine, id flow.RequestID, r *flow.Request, now sim.Time) time.Duration {
	x := m.special
	had, before := x.begun[id]
	switch {
	case x.hangs(int(r.Service)):
		x.frozen = append(x.frozen, id)
		if !before {
			x.begun[id] = unbegun
		}
		m.frozen++
		p.fit(m)
		p.occupy(s, m, now)
		return frozen
	case before && had != unbegun:
		// The time for which it stood still counts as time that it waited.
		delete(x.begun, id)
		r.Started = now - sim.Time(had)
		return r.Demand - had
	}
	delete(x.begun, id)
	r.Demand = times(r.Demand, x.factor(int(r.Service), now))
	return r.Demand
}

// fit adapts the number of places to the requests that stand still: these hold a
// slot and need no core. Where slots are not the limit, others may take the cores.
func (p *Pool) fit(m *machine) {
	if m.sharing != nil {
		return
	}
	slots := int32(min(m.special.config.Slots, plenty))
	if slots == 0 {
		slots = int32(m.cores)
	}
	places := min(slots, int32(m.cores)+m.frozen)
	if m.waitMax != Unlimited {
		m.waitMax += m.places - places
	}
	m.places = places
}

// fill gives free places to the requests that have waited longest.
func (p *Pool) fill(s int32, m *machine) {
	now := p.e.Now()
	for m.running < m.places && m.waiting.n > 0 {
		next := m.waiting.pop()
		m.queue.Set(float64(m.waiting.n), now)
		m.running++ // before others are told and may send more
		if p.wanted(m, next, now) {
			p.start(s, m, next, p.fl.Requests.At(uint32(next)), now)
		} else {
			m.running--
		}
	}
	p.occupy(s, m, now)
}

// wanted reports whether a request whose turn has come is to be worked on. If it
// is not, whoever waits for it has been told.
func (p *Pool) wanted(m *machine, id flow.RequestID, now sim.Time) bool {
	x, r := m.special, p.fl.Requests.At(uint32(id))
	if _, before := x.begun[id]; before {
		return true
	}
	switch {
	case x.config.QueueTimeout > 0 && now.Sub(r.Reached()) > x.config.QueueTimeout:
	case x.config.Abandon == NoticeAbandoned && r.Abandoned:
	default:
		return true
	}
	p.sink.Dropped(id)
	return false
}

// freeze lets the requests in service stand still whose service hangs now.
func (p *Pool) freeze(s int32, m *machine) {
	defer p.awake(s, m)()
	x, now := m.special, p.e.Now()
	hangs := func(id flow.RequestID) bool { return x.hangs(int(p.fl.Requests.At(uint32(id)).Service)) }
	before := len(x.frozen)
	for _, j := range p.withdraw(s, m, hangs) {
		x.begun[j.id] = j.had
		x.frozen = append(x.frozen, j.id)
	}
	m.frozen += int32(len(x.frozen) - before)
	p.fit(m)
	p.fill(s, m)
	p.occupy(s, m, now)
}

// thaw lets the requests go on whose service hangs no more, before all others.
func (p *Pool) thaw(s int32, m *machine) {
	defer p.awake(s, m)()
	x := m.special
	var going []flow.RequestID
	x.frozen = slices.DeleteFunc(x.frozen, func(id flow.RequestID) bool {
		if x.hangs(int(p.fl.Requests.At(uint32(id)).Service)) {
			return false
		}
		going = append(going, id)
		return true
	})
	m.frozen -= int32(len(going))
	m.running -= int32(len(going))
	p.fit(m)
	for _, id := range slices.Backward(going) {
		m.waiting.pushFront(id)
	}
	p.fill(s, m)
	m.peak = max(m.peak, m.waiting.n)
	m.queue.Set(float64(m.waiting.n), p.e.Now())
}

// withdrawn is a request taken out of service, and how much of its demand it had.
type withdrawn struct {
	id  flow.RequestID
	had time.Duration
}

// withdraw takes those requests out of service that match, in the order in which
// they began. They keep their places.
func (p *Pool) withdraw(s int32, m *machine, match func(flow.RequestID) bool) (list []withdrawn) {
	now := p.e.Now()
	if m.sharing != nil {
		m.sharing.advance(now)
		for _, j := range m.sharing.remove(match) {
			left := time.Duration(max(0, j.finish-m.sharing.attained))
			list = append(list, withdrawn{j.id, p.fl.Requests.At(uint32(j.id)).Demand - left})
		}
		p.reschedule(s, m)
		return list
	}
	p.done.CancelIf(func(i uint32) bool {
		r := p.fl.Requests.At(i)
		if r.Server != s || !match(flow.RequestID(i)) {
			return false
		}
		list = append(list, withdrawn{flow.RequestID(i), now.Sub(r.Started)})
		return true
	})
	slices.SortFunc(list, func(a, b withdrawn) int {
		if a.had != b.had {
			return int(min(max(b.had-a.had, -1), 1))
		}
		return int(a.id) - int(b.id)
	})
	return list
}

// drop takes all requests of a service off the server, without telling anyone.
func (p *Pool) drop(s int32, m *machine, service int) {
	defer p.awake(s, m)()
	x := m.special
	concerned := func(id flow.RequestID) bool { return int(p.fl.Requests.At(uint32(id)).Service) == service }
	m.running -= int32(len(p.withdraw(s, m, concerned)))
	before := len(x.frozen)
	x.frozen = slices.DeleteFunc(x.frozen, func(id flow.RequestID) bool {
		if concerned(id) {
			delete(x.begun, id)
			return true
		}
		return false
	})
	gone := int32(before - len(x.frozen))
	m.running -= gone
	m.frozen -= gone
	m.waiting.remove(concerned)
	if x.still != nil {
		x.still.late = slices.DeleteFunc(x.still.late, concerned)
	}
	m.queue.Set(float64(m.waiting.n), p.e.Now())
	p.fit(m)
	p.fill(s, m)
}
