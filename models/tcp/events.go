package tcp

import (
	"fmt"
	"slices"

	"lbsim/sim"
)

// run goes from event to event: to the client's last answer, or on until nothing
// happens any more.
func (m *simulation) run(quiet bool) error {
	for quiet || !m.finished {
		at, e := m.next()
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
		m.fire(e)
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
