package tcp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Pattern is an exchange through a network: what all requests of a stream from one
// site have in common. Sites at other distances have patterns of their own.
type Pattern struct {
	Network  Config
	Exchange Exchange
}

// Cost is how long the exchanges of one request take on the wire. The server's own
// time is to be added between Out and Back: it delays the answer and nothing else,
// as all of the request is there and nothing of the answer has been written.
type Cost struct {
	// SetUp is the time until the client can write its request: opening the
	// connection, TLS, authentication. 0 on an open connection.
	SetUp time.Duration
	// Out is the time from there until the server begins with its last answer, which
	// includes what the Exchange says of thinking; Back from there until the client
	// has that.
	Out, Back time.Duration
	// StallTime is how much of all that is due to Stalls delayed acknowledgements.
	StallTime time.Duration
	Stalls    int32
	// Packets is how many leave from start to end.
	Packets int32
}

// Total is the time of the exchange but for the server's.
func (c *Cost) Total() time.Duration { return c.SetUp + c.Out + c.Back }

// A Place is where a connection is in its life: what its next exchange costs
// depends on that. First and Memo.After give them.
type Place uint32

// Memo knows what exchanges cost, so that a run need not simulate their packets.
// It looks a cost up in one slice at an index that the connection keeps, and
// simulates a single exchange only if one of its packets is lost.
//
// The exchanges of a connection are assumed to follow each other: one at a time,
// with pauses of less than Restart or none. After a longer one the connection is
// Idle. After a loss it is taken for Idle, too, as its window is small again.
type Memo struct {
	patterns []memoised
	entries  []entry
	sim      simulation
	chance   chance // what the simulation of a loss draws from
	cost     Cost   // and its result
}

// memoised is a pattern with what does not change between simulations of it.
type memoised struct {
	Pattern
	authentication []Turn
	first          [3]Place // by State
	period         sim.Time // of the ticks of an end's clock; 0: it has none
}

// entry is the cost of an exchange at a Place.
type entry struct {
	Cost
	whole   float64 // the chance that no packet is lost
	next    Place
	pattern int32
	state   State
	ticks   bool // it is one of bins entries, by when in the period it begins
	grown   [2][2]grown
}

// bins is how many parts of a period are told apart where a clock ticks. The
// exchanges of such a connection are all taken for Idle but the first.
const bins = 256

// The requests that are followed: until what an end does first and no more, quick
// acknowledgements and a small window, is over.
const (
	followed          = 32
	followedLeast     = 4
	followedBytes     = 8_000_000
	followedExchanges = 100_000
)

// NewMemo simulates the patterns. The error lists what is wrong with them.
func NewMemo(patterns []Pattern) (*Memo, error) {
	m := &Memo{patterns: make([]memoised, len(patterns))}
	for i := range patterns {
		p := &m.patterns[i]
		p.Pattern = patterns[i]
		if err := flow.Join(append(flow.Check(&p.Network), flow.Check(&p.Exchange)...)); err != nil {
			return nil, fmt.Errorf("pattern %d: %w", i, err)
		}
		p.authentication = p.Network.Authentication.legs()
		p.period = p.Network.period()
		for _, s := range []State{Idle, Fresh, Resumed} {
			p.first[s] = Place(len(m.entries))
			if err := m.memoise(int32(i), s); err != nil {
				return nil, fmt.Errorf("pattern %d: %w", i, err)
			}
		}
	}
	return m, nil
}

// Ticks reports whether an end's clock ticks, so that it matters when an exchange
// begins.
func (c *Config) Ticks() bool { return c.period() > 0 }

// period is the longest time between two ticks of an end's clock, 0 if none ticks.
func (c *Config) period() (longest sim.Time) {
	c.eachEnd(func(e *End) {
		if e.Timer == Tick {
			longest = max(longest, sim.Time(e.DelayedAck))
		}
	})
	return longest
}

// memoise adds the entries of a connection that begins in a state.
func (m *Memo) memoise(pattern int32, s State) error {
	p := &m.patterns[pattern]
	if p.period > 0 {
		for b := range bins {
			o := Options{State: s, Start: p.period * sim.Time(b) / bins}
			if err := m.follow(pattern, &o, 1); err != nil {
				return err
			}
			e := &m.entries[len(m.entries)-1]
			e.next, e.ticks = p.first[Idle], true
		}
		return nil
	}
	from := len(m.entries)
	if err := m.follow(pattern, &Options{State: s}, p.follows()); err != nil {
		return err
	}
	to := len(m.entries)
	for to-from > 2 && m.entries[to-1].Cost == m.entries[to-2].Cost {
		to--
	}
	// This one, which is not the first, stands for all later ones.
	e := &m.entries[to-1]
	e.next, e.grown = Place(to-1), m.entries[len(m.entries)-1].grown
	m.entries = m.entries[:to]
	return nil
}

// follow adds an entry for each of so many requests that follow each other.
func (m *Memo) follow(pattern int32, o *Options, count int) error {
	p, s := &m.patterns[pattern], &m.sim
	s.prepare(&p.Network, &p.Exchange, p.authentication, o)
	for i := range count {
		e := entry{pattern: pattern, state: o.State, next: Place(len(m.entries) + 1)}
		if i > 0 {
			e.state = Next
		}
		s.readGrown(&e.grown)
		if err := s.another(p.Exchange.Count); err != nil {
			return err
		}
		e.Cost = s.trace.cost()
		e.whole = sim.Pow(1-float64(p.Network.Loss), float64(e.Packets))
		m.entries = append(m.entries, e)
	}
	return nil
}

// Work is about how many packets NewMemo simulates for a pattern.
func (p *Pattern) Work() float64 {
	m := memoised{Pattern: *p, period: p.Network.period()}
	parts, packets := 1, 10.0
	if p.Network.Introspection.Kind == Split {
		parts = p.Network.Introspection.Into
	}
	for _, t := range p.Exchange.Legs() {
		writes := (len(t.ClientWrites) + len(t.ServerWrites)) * parts
		packets += float64(2*writes) + float64(sum(t.ClientWrites))/float64(p.Network.Client.MSS)*2 + float64(sum(t.ServerWrites))/float64(p.Network.Server.MSS)*2
	}
	packets *= float64(p.Exchange.Count)
	if p.Network.Inner != nil {
		packets *= 2
	}
	if m.period > 0 {
		return 3 * bins * packets
	}
	return 3 * float64(m.follows()) * packets
}

// follows is how many requests are followed from the beginning of a connection.
func (p *memoised) follows() int {
	total, quick := 0, 0
	for _, t := range p.Exchange.Legs() {
		total += sum(t.ClientWrites) + sum(t.ServerWrites)
	}
	p.Network.eachEnd(func(e *End) { quick = max(quick, e.QuickAcks) })
	count := p.Exchange.Count
	return max(followedLeast, min(quick+followed, followedBytes/(total*count), followedExchanges/count))
}

// First returns the place of a connection of a pattern that is Fresh, Resumed or
// Idle.
func (m *Memo) First(pattern int, s State) Place { return m.patterns[pattern].first[s] }

// After returns the place of a connection after an exchange at another place.
func (m *Memo) After(p Place) Place { return m.entries[p].next }

// Places returns the number of places: they are numbered from 0.
func (m *Memo) Places() Place { return Place(len(m.entries)) }

// Pattern returns the pattern of the connections that come to a place.
func (m *Memo) Pattern(p Place) int { return int(m.entries[p].pattern) }

// Cost returns what an exchange that begins at an instant costs, if no packet is
// lost. The instant counts only where a clock ticks.
func (m *Memo) Cost(p Place, at sim.Time) *Cost {
	e := &m.entries[p]
	if e.ticks {
		e = m.ticking(e, at)
	}
	return &e.Cost
}

// ticking returns the entry of an exchange that begins at an instant, given the
// first one of the place.
func (m *Memo) ticking(e *entry, at sim.Time) *entry {
	p := &m.patterns[e.pattern]
	return &m.entries[p.first[e.state]+Place(at%p.period*bins/p.period)]
}

// Restart is after how long without an exchange a connection of a pattern is Idle
// again: the client's retransmission time-out (RFC 5681, section 4.1).
func (m *Memo) Restart(pattern int) time.Duration {
	c := &m.patterns[pattern].Network
	return c.RTT + c.Client.MinRTO
}
