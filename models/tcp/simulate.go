package tcp

import (
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
