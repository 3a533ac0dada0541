package tcp

import (
	"fmt"
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// MaxPackets bounds the packets of a simulation.
const MaxPackets = 1_000_000

// Simulate runs an exchange on connections through a network and returns what
// passes, until nothing more does. The error lists what is wrong with c or x, or
// says that there are more than MaxPackets.
func Simulate(c *Config, x *Exchange, o Options) (*Trace, error) {
	if err := flow.Join(append(flow.Check(c), flow.Check(x)...)); err != nil {
		return nil, err
	}
	var m simulation
	m.trace.Packets = []Packet{}
	m.prepare(c, x, c.Authentication.legs(), &o)
	m.start()
	if err := m.run(true); err != nil {
		return nil, err
	}
	t := m.trace
	t.sum()
	return &t, nil
}

// sum adds up what the spans have.
func (t *Trace) sum() {
	t.Latency = t.Spans[len(t.Spans)-1].End.Sub(t.Start)
	for i := range t.Spans {
		t.Stalls += t.Spans[i].Stalls
		t.StallTime += t.Spans[i].StallTime
	}
	for i := range t.Packets {
		t.Bytes += int64(t.Packets[i].Bytes)
		if t.Packets[i].Again {
			t.Again++
		}
	}
}

// A simulation follows one client's connection. It has an event loop of its own
// and not the kernel's: its time is not that of a run, which only gets the result,
// none of its few packets and timers needs a queue to be found, and its memory
// serves for the next one.
type simulation struct {
	now     sim.Time
	legs    [2]leg
	last    uint8 // the leg that ends at the server
	rules   [2][2]Nagle
	parts   [2][2]int // of a write, by leg and side: what a filter makes of it
	script  script
	waiting int // bytes that wait for the connection to the server
	single  [1]int
	trace   Trace
	span    *Span
	// stalledTo is the end of the last stall of the exchange, at first its start.
	stalledTo sim.Time
	count     int // packets
	loss      float64
	random    Random
	lose      []int
	finished  bool
	closes    bool
}

// prepare puts everything at the beginning. The turns of authentication are those
// of a new connection.
func (m *simulation) prepare(c *Config, x *Exchange, authentication []Turn, o *Options) {
	m.now, m.count, m.waiting, m.last = o.Start, 0, 0, 0
	m.finished, m.closes = false, o.Close
	m.trace = Trace{Start: o.Start, Packets: m.trace.Packets, Spans: m.trace.Spans[:0]}
	if m.trace.Packets != nil {
		m.trace.Packets = m.trace.Packets[:0]
	}
	m.loss, m.random, m.lose = float64(c.Loss), o.Random, o.Lose
	m.connect(c, o)
	m.script = script{turns: m.script.turns[:0], left: x.Count - 1, think: x.ClientThink, asks: sim.Never, says: sim.Never}
	if o.State != Idle {
		m.script.turns = append(m.script.turns, authentication...)
	}
	m.script.first = len(m.script.turns)
	if len(x.Turns) > 0 {
		m.script.turns = append(m.script.turns, x.Turns...)
	} else {
		m.script.turns = append(m.script.turns, Turn{ClientWrites: x.ClientWrites, ServerWrites: x.ServerWrites, Think: x.Think})
	}
}

// connect puts the connections at the beginning.
func (m *simulation) connect(c *Config, o *Options) {
	outer := c.TLS.messages(int(c.Certificate))
	if o.State == Resumed {
		outer = c.TLS.Resumed().messages(int(c.Certificate))
	}
	in := &c.Introspection
	added := c.Inspection
	if in.of(ClientSide) {
		added += in.Latency
	}
	far := &c.Server
	if c.Inner != nil {
		far = &c.Inner.Balancer
	} else if in.of(ServerSide) {
		added += in.Latency
	}
	m.legs[0].initial(0, &c.Client, far, c.RTT, added, outer, o.State == Idle)
	if c.Inner != nil {
		m.last, added = 1, 0
		if in.of(ServerSide) {
			added = in.Latency
		}
		open := o.State == Idle || c.Inner.Pooled
		m.legs[1].initial(1, far, &c.Server, c.Inner.RTT, added, c.Inner.TLS.messages(int(c.Certificate)), open)
	}
	m.parts = [2][2]int{{1, 1}, {1, 1}}
	for side, s := range [2]*socket{&m.legs[0].ends[ClientSide], &m.legs[m.last].ends[ServerSide]} {
		if !in.of(Side(side)) {
			continue
		}
		if in.Kind == Split {
			m.parts[s.leg][side] = in.Into
		} else if s.nagle == NagleOff {
			s.nagle = Classic
		}
	}
	for i := range m.legs {
		m.rules[i] = [2]Nagle{m.legs[i].ends[0].nagle, m.legs[i].ends[1].nagle}
	}
}

// another runs so many more exchanges, up to the client's last answer.
func (m *simulation) another(count int) error {
	m.trace.Spans, m.count, m.finished, m.script.left = m.trace.Spans[:0], 0, false, count-1
	m.start()
	return m.run(false)
}

// run goes from event to event: to the client's last answer, or on until nothing
// happens any more.
func (m *simulation) run(quiet bool) error {
	for quiet || !m.finished {
		at, event := m.next()
		if at == sim.Never && m.finished {
			return nil
		}
		if at == sim.Never {
			panic(fmt.Sprintf("tcp: nothing happens any more at %v, and the exchange has not ended", m.now))
		}
		if m.count > MaxPackets {
			return fmt.Errorf("the exchange takes more than %d packets", MaxPackets)
		}
		m.now = at
		m.fire(event)
	}
	return nil
}

// An event is a place where something may happen next: which one, and on which leg
// and side. At one instant lower numbers come first.
type event uint8

const (
	clientAsks event = iota
	serverSays
	ackDue     // and the side, for both legs
	arrives    = ackDue + 4
	expires    = arrives + 4
	opensAgain = expires + 4
)

// next finds the next event and its time, Never if there is none.
func (m *simulation) next() (sim.Time, event) {
	at, e := m.script.asks, clientAsks
	if m.script.says < at {
		at, e = m.script.says, serverSays
	}
	n := 2 * (event(m.last) + 1)
	for i := range n {
		if s := m.socket(i); s.ackDue < at {
			at, e = s.ackDue, ackDue+i
		}
	}
	for i := range n {
		if q := &m.legs[i/2].lanes[i%2]; q.len() > 0 && q.front().Arrives < at {
			at, e = q.front().Arrives, arrives+i
		}
	}
	for i := range n {
		if s := m.socket(i); s.loss.due < at {
			at, e = s.loss.due, expires+i
		}
	}
	for i := range n / 2 {
		if l := &m.legs[i]; l.tried < at {
			at, e = l.tried, opensAgain+i
		}
	}
	return at, e
}

func (m *simulation) socket(i event) *socket { return &m.legs[i/2].ends[i%2] }

// fire lets an event happen.
func (m *simulation) fire(e event) {
	switch {
	case e == clientAsks:
		m.script.asks = sim.Never
		m.start()
	case e == serverSays:
		m.answer()
	case e < arrives:
		m.acknowledge(m.socket(e - ackDue))
	case e < expires:
		i := e - arrives
		p := m.legs[i/2].lanes[i%2].pop()
		m.come(&m.legs[i/2], &m.legs[i/2].ends[1-i%2], &p)
	case e < opensAgain:
		m.expired(m.socket(e - expires))
	default:
		m.open(&m.legs[e-opensAgain])
	}
}

// leave puts a packet on its way, or loses it.
func (m *simulation) leave(p Packet) {
	l := &m.legs[p.Leg]
	p.Arrives = p.At.Add(l.way[p.From])
	lost := slices.Contains(m.lose, m.count)
	if m.random != nil && m.random.Float64() < m.loss {
		lost = true
	}
	m.count++
	if !lost {
		l.lanes[p.From].push(p)
	} else {
		p.Arrives = sim.Never
	}
	if m.trace.Packets != nil {
		m.trace.Packets = append(m.trace.Packets, p)
	}
}

// come takes a packet in at s.
func (m *simulation) come(l *leg, s *socket, p *Packet) {
	switch {
	case p.Flags&SYN != 0:
		m.greet(l, s)
	case p.Flags&FIN != 0:
		m.finish(s, p)
	default:
		m.arrive(s, p)
	}
}

// finish takes in the end of a connection: the other side answers with its own.
func (m *simulation) finish(s *socket, p *Packet) {
	m.acknowledged(s, p)
	if p.Seq == s.expected {
		s.expected++
	}
	if s.side == ServerSide {
		m.close(s)
		return
	}
	m.acknowledge(s)
}
