package tcp

import (
	"slices"
	"time"

	"lbsim/sim"
)

// arrive takes in a packet with data, an acknowledgement or both. An
// acknowledgement of the data, if it is not delayed, leaves before the application
// gets them, and what that writes, or what was held, leaves last.
func (m *simulation) arrive(s *socket, p *Packet) {
	blocked, before := s.blocked, s.top
	since := sim.Never
	if blocked != NoWait && s.writes.len() > 0 {
		since = s.heldSince()
	}
	m.acknowledged(s, p)
	if p.Bytes > 0 {
		fresh := m.receive(s, p)
		if fresh > 0 {
			m.deliver(s, int(fresh))
		}
	}
	m.send(s)
	if p.Wait == ForTimer && since != sim.Never && s.top > before {
		// Without the delay the data would have left when the acknowledgement of
		// what came at p.At-p.Held had come, or when they were written.
		way := p.Arrives.Sub(p.At)
		m.stalled(p.At.Sub(max(p.At-sim.Time(p.Held), since-sim.Time(way))))
	}
}

// acknowledged takes in an acknowledgement.
func (m *simulation) acknowledged(s *socket, p *Packet) {
	switch {
	case p.Ack > s.una:
		n := p.Ack - s.una
		s.una = p.Ack
		s.next = max(s.next, s.una)
		m.recovered(s, n)
		if s.una == s.next {
			s.loss.due = sim.Never
		} else {
			m.setRetransmission(s)
		}
	case p.Ack == s.una && p.Bytes == 0 && s.flight() > 0:
		m.duplicate(s)
	}
}

// grow opens the congestion window after bytes were acknowledged.
func (s *socket) grow(bytes int64) {
	switch {
	case s.window >= s.threshold:
		s.window += max(1, s.mss*s.mss/s.window)
	case s.end.Growth == BySegments:
		s.window += min(bytes, s.mss)
	default:
		s.window += bytes
	}
}

// receive takes in data, acknowledges them or sets the timer, and returns how many
// bytes the application gets.
func (m *simulation) receive(s *socket, p *Packet) int64 {
	from, to := p.Seq, p.Seq+int64(p.Bytes)
	before := s.expected
	if from > before {
		s.keep(gap{from, to})
	}
	if from > before || to <= before { // a gap, or nothing new
		m.acknowledge(s)
		return 0
	}
	s.expected = to
	filled := len(s.later) > 0
	for len(s.later) > 0 && s.later[0].from <= s.expected {
		s.expected = max(s.expected, s.later[0].to)
		s.later = slices.Delete(s.later, 0, 1)
	}
	switch {
	case s.quick > 0:
		s.quick--
		m.acknowledge(s)
	case filled || s.enough(int64(p.Bytes)):
		m.acknowledge(s)
	case s.ackDue == sim.Never:
		s.ackDue, s.ackSince = s.due(m.now), m.now
	}
	return s.expected - before
}

// enough counts a segment, and reports whether it is acknowledged at once.
func (s *socket) enough(bytes int64) bool {
	if s.end.DelayedAck == 0 {
		return true
	}
	frequency := s.end.AckFrequency
	switch s.end.Count {
	case Bytes:
		s.bytes += bytes
		return s.bytes > int64(frequency-1)*s.mss
	case FullSegments:
		if bytes >= s.mss {
			s.segments++
		}
		return s.segments >= frequency || frequency == 1
	}
	s.segments++
	return s.segments >= frequency
}

// keep notes what came before earlier bytes did.
func (s *socket) keep(g gap) {
	i := 0
	for i < len(s.later) && s.later[i].from < g.from {
		i++
	}
	s.later = slices.Insert(s.later, i, g)
}

// stalled notes that data have waited for a delayed acknowledgement up to now. What
// is waited for on both legs at the same time is counted once.
func (m *simulation) stalled(lost time.Duration) {
	if lost = min(lost, m.now.Sub(m.stalledTo)); lost > 0 {
		m.span.Stalls++
		m.span.StallTime += lost
		m.stalledTo = m.now
	}
}
