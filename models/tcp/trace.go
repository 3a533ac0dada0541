package tcp

import (
	"time"

	"lbsim/sim"
)

// Trace is what Simulate finds.
type Trace struct {
	// Start is when the client began, 0 unless Options says otherwise.
	Start   sim.Time
	Packets []Packet
	// Spans has an entry for each exchange of Exchange.Count.
	Spans []Span
	// Latency is the time from Start until the client has its last answer.
	Latency time.Duration
	// Stalls and StallTime are those of all spans.
	Stalls    int
	StallTime time.Duration
	// Bytes is the payload of all packets, with what was sent again; Again is the
	// number of packets that were.
	Bytes int64
	Again int
}

// Span is one exchange. Times count from the same instant as Trace.Start.
type Span struct {
	// Start is when the client began: with opening the connection, if it was not.
	Start sim.Time
	// Ready is when the client wrote its first request, authentication apart; Asked
	// when the server had the whole last one; Answered when it wrote the first of the
	// last answer; and End when the client had that.
	Ready, Asked, Answered, End sim.Time
	// Stalls counts the delayed acknowledgements for which data had to wait, on
	// either side and leg, and StallTime is how long: from when the data could have
	// been sent without the delay.
	Stalls    int
	StallTime time.Duration
	// Packets is how many left from Start to End.
	Packets int
}

// Latency is the time from the start of the exchange to its end.
func (s *Span) Latency() time.Duration { return s.End.Sub(s.Start) }

// cut ends a span at an instant.
func (s *Span) cut(now sim.Time) {
	s.Ready, s.Asked, s.Answered, s.End = min(s.Ready, now), min(s.Asked, now), min(s.Answered, now), now
}

// cost is what a run needs of it.
func (t *Trace) cost() Cost {
	first, last := &t.Spans[0], &t.Spans[len(t.Spans)-1]
	c := Cost{SetUp: first.Ready.Sub(first.Start), Out: last.Answered.Sub(first.Ready), Back: last.End.Sub(last.Answered)}
	for i := range t.Spans {
		s := &t.Spans[i]
		c.StallTime += s.StallTime
		c.Stalls += int32(s.Stalls)
		c.Packets += int32(s.Packets)
	}
	return c
}

// State is what a connection has been through when an exchange begins.
type State uint8

// The states. Idle is the zero value: an open connection on which everything has
// been acknowledged and the congestion window is at its initial size (RFC 5681,
// section 4.1).
const (
	Idle    State = iota
	Fresh         // it has to be opened first, with TLS as configured
	Resumed       // as Fresh, and TLS is resumed
	Next          // an exchange has just ended on it; only a Memo has that
)

// Options are the circumstances of a simulation.
type Options struct {
	// State is Idle, Fresh or Resumed.
	State State
	// Start is when it begins; ticks of clocks are counted from 0.
	Start sim.Time
	// Close is whether the client closes the connection at the end.
	Close bool
	// Lose has the packets that are lost, by their number in the trace, from 0.
	Lose []int
	// Random draws what else is lost by Config.Loss, one number for each packet that
	// leaves; nil: nothing is.
	Random Random
}

// Random is a source of uniform numbers over [0, 1), such as a *sim.Stream.
type Random interface{ Float64() float64 }
