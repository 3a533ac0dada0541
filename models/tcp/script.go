package tcp

import (
	"time"

	"lbsim/sim"
)

// A script is what the applications do, by turns.
type script struct {
	turns []Turn // those of authentication first
	first int    // the first turn of an exchange that is not authentication
	turn  int
	left  int           // exchanges after this one
	think time.Duration // between two
	need  int           // bytes that the side whose turn it is waits for
	asks  sim.Time      // when the client writes, Never if it does not think
	says  sim.Time      // when the server does
}

// start begins the exchange, on a connection that is open or is opened now.
func (m *simulation) start() {
	m.trace.Spans = append(m.trace.Spans, Span{Start: m.now, Ready: sim.Never, Asked: sim.Never, Answered: sim.Never, End: sim.Never, Packets: m.count})
	m.span = &m.trace.Spans[len(m.trace.Spans)-1]
	m.stalledTo = m.now
	if m.legs[0].phase == closed {
		m.open(&m.legs[0])
		return
	}
	m.begin()
}

// begin lets the client write what begins a turn.
func (m *simulation) begin() {
	s := &m.script
	if s.turn == s.first {
		m.span.Ready = m.now
	}
	t := &s.turns[s.turn]
	s.need = sum(t.ClientWrites)
	m.say(&m.legs[0].ends[ClientSide], t.ClientWrites)
}

// say writes one after the other. A filter in front of the system may take each
// apart.
func (m *simulation) say(s *socket, writes []int) {
	l := &m.legs[s.leg]
	for _, n := range writes {
		n += l.with[s.side]
		l.with[s.side] = 0
		for parts := m.parts[s.leg][s.side]; parts > 1 && n > 1; parts-- {
			part := (n + parts - 1) / parts
			m.write(s, part)
			n -= part
		}
		m.write(s, n)
	}
}

// deliver gives bytes to the application at s.
func (m *simulation) deliver(s *socket, bytes int) {
	l := &m.legs[s.leg]
	if l.phase == agreeing {
		m.agree(l, s, bytes)
		return
	}
	k := min(bytes, l.skip[s.side])
	l.skip[s.side] -= k
	if bytes -= k; bytes == 0 {
		return
	}
	switch {
	case s.side == ServerSide && s.leg < m.last:
		m.forward(bytes)
	case s.side == ClientSide && s.leg > 0:
		m.say(&m.legs[0].ends[ServerSide], m.one(bytes))
	case s.side == ServerSide:
		m.asked(bytes)
	default:
		m.answered(bytes)
	}
}

// forward writes what came from the client to the server, as it comes. If there is
// no connection yet, it is opened for it.
func (m *simulation) forward(bytes int) {
	inner := &m.legs[1]
	switch inner.phase {
	case ready:
		m.say(&inner.ends[ClientSide], m.one(bytes))
	case closed:
		m.waiting = bytes
		m.open(inner)
	default:
		m.waiting += bytes
	}
}

// one is a list of one write.
func (m *simulation) one(bytes int) []int {
	m.single[0] = bytes
	return m.single[:]
}

// asked takes in bytes of a request at the server.
func (m *simulation) asked(bytes int) {
	s := &m.script
	if s.need -= bytes; s.need > 0 {
		return
	}
	m.span.Asked = m.now
	if think := s.turns[s.turn].Think; think > 0 {
		s.says = m.now.Add(think)
		return
	}
	m.answer()
}

// answer lets the server write.
func (m *simulation) answer() {
	s := &m.script
	s.says, m.span.Answered = sim.Never, m.now
	t := &s.turns[s.turn]
	s.need = sum(t.ServerWrites)
	m.say(&m.legs[m.last].ends[ServerSide], t.ServerWrites)
}

// answered takes in bytes of an answer at the client.
func (m *simulation) answered(bytes int) {
	s := &m.script
	if s.need -= bytes; s.need > 0 {
		return
	}
	if s.turn++; s.turn < len(s.turns) {
		m.begin()
		return
	}
	m.span.End = m.now
	m.span.Packets = m.count - m.span.Packets
	s.turn = s.first
	switch {
	case s.left == 0:
		m.finished = true
		if m.closes {
			m.close(&m.legs[0].ends[ClientSide])
		}
	case s.think > 0:
		s.left--
		s.asks = m.now.Add(s.think)
	default:
		s.left--
		m.start()
	}
}

// close ends a connection, once what was written has been sent.
func (m *simulation) close(s *socket) {
	s.closing = true
	m.send(s)
}

func sum(list []int) (total int) {
	for _, n := range list {
		total += n
	}
	return total
}
