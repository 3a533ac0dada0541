package tcp

import (
	"time"

	"lbsim/sim"
)

// A socket is one end of one connection. Bytes are numbered as in Packet.Seq.
type socket struct {
	end   *End
	nagle Nagle
	mss   int64
	leg   uint8
	side  Side
	up    bool // it may send data

	// What is sent: una is the first byte that is not acknowledged, next the one to
	// be sent next, top the one after the last that ever was, wrote the one after
	// the last that the application has written.
	una, next, top, wrote int64
	small                 int64 // after the last segment that was not full
	window, threshold     int64 // the congestion window, and where slow start ends
	writes                queue[written]
	blocked               Wait // why nothing more was sent
	closing, finSent      bool
	loss                  recovery

	// What is received: expected is the next byte, later what has come beyond it.
	expected int64
	later    []gap
	segments int   // that count, since the last acknowledgement
	bytes    int64 // likewise
	ackDue   sim.Time
	ackSince sim.Time // when what it is to acknowledge came
	quick    int
}

// written is when a part of what the application wrote was written.
type written struct {
	to int64
	at sim.Time
}

// gap is a range of bytes that came before earlier ones did.
type gap struct{ from, to int64 }

// initial makes it an end of a connection that is open and idle, or closed.
func (s *socket) initial(end, other *End, leg uint8, side Side, open bool) {
	mss := int64(min(end.MSS, other.MSS))
	writes, later := s.writes, s.later[:0]
	writes.clear()
	*s = socket{
		end: end, nagle: end.rule(), mss: mss, leg: leg, side: side, up: open,
		una: 1, next: 1, top: 1, wrote: 1, expected: 1,
		window: int64(end.InitialWindow) * mss, threshold: 1 << 60,
		ackDue: sim.Never, loss: recovery{due: sim.Never}, quick: end.QuickAcks,
		writes: writes, later: later,
	}
}

// write appends to the send buffer.
func (m *simulation) write(s *socket, bytes int) {
	s.wrote += int64(bytes)
	s.writes.push(written{s.wrote, m.now})
	m.send(s)
}

// send sends what may be sent.
func (m *simulation) send(s *socket) {
	if !s.up {
		return
	}
	for s.next < s.top { // again, after a time-out
		n := min(s.mss, s.top-s.next)
		if s.next+n-s.una > s.window {
			return
		}
		m.data(s, s.next, n, true)
		s.next += n
	}
	for s.next < s.wrote {
		n := min(s.mss, s.wrote-s.next)
		if s.next+n-s.una > s.window {
			s.blocked = ForWindow
			return
		}
		if n < s.mss && s.holds() {
			s.blocked = ForNagle
			return
		}
		m.data(s, s.next, n, false)
		s.next += n
		s.top = s.next
		if n < s.mss {
			s.small = s.next
		}
		for s.writes.len() > 0 && s.writes.front().to <= s.next {
			s.writes.pop()
		}
	}
	s.blocked = NoWait
	if s.closing && !s.finSent {
		s.finSent = true
		m.packet(s, Packet{Flags: FIN | ACK, Seq: s.next})
	}
}

// holds reports whether a segment that is not full has to wait.
func (s *socket) holds() bool {
	switch s.nagle {
	case Classic:
		return s.next > s.una
	case Minshall:
		return s.small > s.una
	}
	return false
}

// data sends a segment, and with it the current acknowledgement.
func (m *simulation) data(s *socket, from, n int64, again bool) {
	p := Packet{Flags: ACK, Seq: from, Bytes: int(n), Again: again}
	if from+n == s.wrote {
		p.Flags |= PSH
	}
	switch {
	case again:
		p.Wait = ForRetransmit
	case s.writes.len() > 0:
		if p.Held = m.now.Sub(s.writes.front().at); p.Held > 0 {
			p.Wait = s.blocked
		}
	}
	m.packet(s, p)
	if s.loss.due == sim.Never {
		m.setRetransmission(s)
	}
}

// packet lets a packet leave, with the current acknowledgement if it has one.
func (m *simulation) packet(s *socket, p Packet) {
	if p.Flags&ACK != 0 {
		p.Ack = s.expected
		s.segments, s.bytes, s.ackDue = 0, 0, sim.Never
	}
	p.At, p.Leg, p.From, p.Relayed = m.now, s.leg, s.side, m.last > 0
	m.leave(p)
}

// acknowledge sends an acknowledgement alone.
func (m *simulation) acknowledge(s *socket) {
	p := Packet{Flags: ACK, Seq: s.next}
	if s.ackDue != sim.Never {
		if p.Held = m.now.Sub(s.ackSince); p.Held > 0 {
			p.Wait = ForTimer
		}
	}
	m.packet(s, p)
}

// due is when an acknowledgement of what comes now is due.
func (s *socket) due(now sim.Time) sim.Time {
	if s.end.Timer != Tick {
		return now.Add(s.end.DelayedAck)
	}
	every := sim.Time(s.end.DelayedAck)
	since := now - sim.Time(s.end.Phase)
	if since < 0 {
		return sim.Time(s.end.Phase)
	}
	return now + every - since%every
}

// flight is how many bytes are outstanding.
func (s *socket) flight() int64 { return s.next - s.una }

// heldSince is when the first byte that has not been sent was written.
func (s *socket) heldSince() sim.Time { return s.writes.front().at }

// A queue is a first-in first-out list that keeps its memory.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) len() int  { return len(q.items) - q.head }
func (q *queue[T]) front() *T { return &q.items[q.head] }
func (q *queue[T]) clear()    { q.items, q.head = q.items[:0], 0 }

func (q *queue[T]) push(v T) {
	if q.head > 0 && len(q.items) == cap(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, v)
}

func (q *queue[T]) pop() T {
	v := q.items[q.head]
	if q.head++; q.head == len(q.items) {
		q.clear()
	}
	return v
}

// retry is the first retransmission time-out of a connection that is being opened
// (RFC 6298).
const retry = time.Second

// grown is what exchanges leave behind at a socket for the next one, but for what
// acknowledgements that are still on their way will add to the window.
type grown struct {
	window int64
	quick  int
}

// readGrown and writeGrown save that of all sockets, and put it back.
func (m *simulation) readGrown(g *[2][2]grown) {
	for i := range event(4) {
		s := m.socket(i)
		g[i/2][i%2] = grown{s.window, s.quick}
	}
}

func (m *simulation) writeGrown(g *[2][2]grown) {
	for i := range event(4) {
		s := m.socket(i)
		s.window, s.quick = g[i/2][i%2].window, g[i/2][i%2].quick
	}
}
