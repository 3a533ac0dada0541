package persist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// key is what a request shows of who sends it.
type key struct {
	id   uint32
	gen  uint32 // records under another generation are not the client's any more
	sent bool   // the request carries the key; if not, it is absent
	kept bool   // the client belongs to its key from now on
}

// keys reads requests.
type keys interface {
	of(q *lb.Query) key
}

// given says who makes a key up.
type given uint8

const (
	byClient given = iota // a request carries it from the first on
	once                  // a server or the balancer: a client's first request has none
	anew                  // the same, for each generation
)

// memory is the table of one service, or its part in one that is shared.
type memory struct {
	*table
	keys     keys
	given    given
	carried  bool
	timeout  time.Duration
	absolute bool
	sources  []uint32 // key of each source address, if requests without a key go by that
	first    uint32   // of the other keys
	servers  []int32  // by member, if the table is shared
	members  []int32  // by server
}

// mode is what NewPersistence of a mode knows.
type mode struct {
	name    string // of the table, for sharing: who has the same name has the same keys
	keys    keys
	given   given
	size    int // keys that are known of beforehand
	clients bool
	// carried is whether clients carry their records with them, so that all
	// balancers of a service know them; those of source addresses are in a table
	// of each balancer all the same.
	carried bool
	timeout time.Duration
	options *Options
	room    Room
}

// remember returns an empty table, nil if the time-out is none.
func (m mode) remember(env lb.PersistenceEnv) lb.Persistence {
	p := m.memory(env)
	if p == nil {
		return nil // and not a nil *memory
	}
	return m.options.asked(p, env, m.clients)
}

func (m mode) memory(env lb.PersistenceEnv) *memory {
	o := m.options
	p := &memory{keys: m.keys, given: m.given, carried: m.carried, timeout: o.Effective(m.timeout), absolute: o.Refresh == never}
	if p.timeout == 0 {
		return nil
	}
	if o.Fallback == bySrcIP {
		p.sources = networks(env.Addrs, 0, 0)
		p.first = uint32(len(env.Addrs))
	}
	clients, targets := 0, len(env.Servers)
	if m.clients {
		clients = env.Clients
	}
	build := func() any { return newTable(int(p.first)+m.size, clients, targets, m.room) }
	switch {
	case o.Share == "" && m.carried && p.sources == nil:
		p.table = env.Shared(fmt.Sprintf("%s/%d/of service %d", m.name, p.first, env.Service), build).(*table)
		return p
	case o.Share == "":
		p.table = build().(*table)
		return p
	}
	for _, s := range env.Servers {
		targets = max(targets, int(s)+1)
	}
	p.servers = env.Servers
	name := fmt.Sprintf("%s/%d/%s", m.name, p.first, o.Share)
	if !m.carried || p.sources != nil {
		name = fmt.Sprintf("%s/%d", name, env.Instance)
	}
	p.table = env.Shared(name, build).(*table)
	p.members = make([]int32, targets)
	for i := range p.members {
		p.members[i] = -1
	}
	for i, s := range env.Servers {
		p.members[s] = int32(i)
	}
	for len(p.cleared) < targets {
		p.cleared = append(p.cleared, 0)
	}
	return p
}

// member returns the service's member that records call to, -1 if it has none.
func (m *memory) member(to int32) int32 {
	switch {
	case m.servers == nil:
		return to
	case to < 0 || int(to) >= len(m.members):
		return -1
	}
	return m.members[to]
}

func (m *memory) target(member int) int32 {
	if m.servers == nil {
		return int32(member)
	}
	return m.servers[member]
}

// key reads the request; id counts from 0 over the whole table.
func (m *memory) key(q *lb.Query) key {
	k := m.keys.of(q)
	k.id += m.first
	if k.sent && m.given != byClient {
		r := m.at(k.id)
		k.sent = r.expires != 0 && (m.given == once || r.gen == k.gen)
	}
	return k
}

// find returns the key and the record that count for a request, nil if none
// does.
func (m *memory) find(q *lb.Query, k key) (uint32, *record) {
	id, gen := k.id, k.gen
	switch {
	case k.sent:
	case m.sources != nil:
		id, gen = m.sources[q.Addr], 0
	default:
		return 0, nil
	}
	if r := m.at(id); m.valid(r, gen, q.Now) && m.member(r.to) >= 0 {
		return id, r
	}
	return 0, nil
}

// Lookup implements lb.Persistence.
func (m *memory) Lookup(q *lb.Query) lb.Record {
	k := m.key(q)
	id, r := m.find(q, k)
	if r == nil {
		return m.lose(q, k)
	}
	to := m.member(r.to)
	found := lb.Record{Member: to, Last: to, Absent: !k.sent}
	if m.clients == nil {
		return found
	}
	if c := m.clients[q.Client]; c.to >= 0 && c.to != r.to {
		// The record leads elsewhere: others have moved it, or it is not the one
		// that the client went by last.
		found.Last, found.Why = m.member(c.to), r.why
		if c.key != id {
			found.Why = m.fate(m.at(c.key), q.Now)
		}
		if found.Why == flow.Stayed {
			found.Why = flow.Expired
		}
	}
	return found
}

// lose returns what is known of a client without a record that counts.
func (m *memory) lose(q *lb.Query, k key) lb.Record {
	none := lb.Record{Member: -1, Last: -1, Absent: !k.sent}
	id, to := k.id, int32(-1)
	switch {
	case !k.kept && m.sources == nil:
		return none // it belongs to nobody
	case m.clients != nil:
		c := m.clients[q.Client]
		id, to = c.key, c.to
	case k.sent:
		if r := m.at(id); r.expires != 0 && r.gen == k.gen {
			to = r.to
		}
	}
	if to < 0 || m.member(to) < 0 {
		return none
	}
	none.Last, none.Why = m.member(to), m.fate(m.at(id), q.Now)
	return none
}

// Store implements lb.Persistence.
func (m *memory) Store(q *lb.Query, member int, why flow.Move) {
	k, to := m.key(q), m.target(member)
	id := k.id
	if m.sources != nil && !k.sent {
		id = m.sources[q.Addr]
		m.write(id, 0, to, q.Now, why)
	}
	if k.kept {
		id = k.id
		m.write(id, k.gen, to, q.Now, why)
	}
	if m.clients != nil && (k.kept || m.sources != nil) {
		m.clients[q.Client] = claim{id, to}
	}
}

func (m *memory) write(id, gen uint32, to int32, now sim.Time, why flow.Move) {
	m.put(id, gen, to, now, m.timeout, m.absolute, why)
}

// Touch implements lb.Persistence.
func (m *memory) Touch(q *lb.Query) {
	if id, r := m.find(q, m.key(q)); r != nil {
		m.write(id, r.gen, r.to, q.Now, r.why)
	}
}

// Clear implements lb.Persistence.
func (m *memory) Clear(member int) { m.cleared[m.target(member)]++ }

// Forget implements lb.Persistence.
func (m *memory) Forget() {
	if m.carried {
		m.forget(m.first)
	} else {
		m.forget(uint32(len(m.records)))
	}
}

// Keeps implements lb.Keeper. It looks at all records.
func (m *memory) Keeps(member int, now sim.Time) bool {
	to := m.target(member)
	for i := range m.records {
		if r := &m.records[i]; r.expires != 0 && r.to == to && m.valid(r, r.gen, now) {
			return true
		}
	}
	return false
}
