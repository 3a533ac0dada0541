package tcp

import (
	"time"

	"lbsim/sim"
)

// recovery is what a socket knows of lost packets.
type recovery struct {
	due        sim.Time // of the retransmission time-out
	backoff    uint
	duplicates int
	until      int64 // in fast recovery, the byte that ends it; 0 otherwise
}

// The most that a time-out is (RFC 6298, section 2.5).
const maxRetransmission = 60 * time.Second

// fastAfter is how many duplicate acknowledgements stand for a loss (RFC 5681,
// section 3.2).
const fastAfter = 3

// setRetransmission sets the retransmission time-out.
func (m *simulation) setRetransmission(s *socket) {
	l := &m.legs[s.leg]
	d := min(l.way[ClientSide]+l.way[ServerSide]+s.end.MinRTO, maxRetransmission)
	s.loss.due = m.now.Add(backed(d, s.loss.backoff))
}

// backed doubles a time-out for each time that it has run out.
func backed(d time.Duration, times uint) time.Duration {
	return min(d<<min(times, 6), maxRetransmission)
}

// expired goes back to the first byte that is not acknowledged.
func (m *simulation) expired(s *socket) {
	s.loss.due = sim.Never
	s.threshold = max(s.flight()/2, 2*s.mss)
	s.window, s.next = s.mss, s.una
	s.loss.backoff++
	s.loss.duplicates, s.loss.until = 0, 0
	m.send(s)
}

// duplicate notes that something has come behind a gap (RFC 5681, section 3.2).
func (m *simulation) duplicate(s *socket) {
	s.loss.duplicates++
	switch {
	case s.loss.until > 0:
		s.window += s.mss
	case s.loss.duplicates == fastAfter && s.next == s.top:
		s.threshold = max(s.flight()/2, 2*s.mss)
		s.window = s.threshold + fastAfter*s.mss
		s.loss.until = s.top
		m.again(s)
	}
}

// recovered takes in that bytes were acknowledged (RFC 6582).
func (m *simulation) recovered(s *socket, bytes int64) {
	s.loss.duplicates, s.loss.backoff = 0, 0
	switch {
	case s.loss.until == 0:
		s.grow(bytes)
	case s.una >= s.loss.until:
		s.loss.until = 0
		s.window = s.threshold
	default: // another one was lost
		s.window = max(s.mss, s.window-bytes+s.mss)
		m.again(s)
	}
}

// again sends the first segment that is not acknowledged.
func (m *simulation) again(s *socket) {
	m.data(s, s.una, min(s.mss, s.top-s.una), true)
}
