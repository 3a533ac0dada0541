package capture

import (
	"math"
	"time"
)

// A pattern is the reason why an end waited for an acknowledgement.
type pattern uint8

const (
	// A small segment is unacknowledged, and more was written: a header, then
	// its body. If the client does it, it is write-write-read.
	splitWrites pattern = iota
	// An odd number of full segments is unacknowledged, and what is left is no
	// full one: the other end acknowledges every second.
	oddTail
	// A full segment waits: the congestion window has no room for it. Nagle's
	// algorithm does not hold full segments.
	smallWindow
	patterns
)

// What counts as late. A timer must run less than 500 ms; the shortest known is
// 10 ms, but where round trips vary that is not to be seen.
const (
	leastDelay = 8 * time.Millisecond
	mostDelay  = 600 * time.Millisecond
	leastHold  = 2 * time.Millisecond // round trip of which a hold is to be told from chance
)

// Moments describe durations without keeping them.
type moments struct {
	n          int
	sum        int64   // nanoseconds
	squares    float64 // of milliseconds
	least, max int64
}

func (m *moments) add(d int64) {
	if m.n == 0 || d < m.least {
		m.least = d
	}
	m.max = max(m.max, d)
	m.n++
	m.sum += d
	ms := float64(d) / 1e6
	m.squares += float64(ms * ms)
}

func (m *moments) join(o moments) {
	if o.n == 0 {
		return
	}
	if m.n == 0 || o.least < m.least {
		m.least = o.least
	}
	m.max = max(m.max, o.max)
	m.n += o.n
	m.sum += o.sum
	m.squares += o.squares
}

func (m *moments) mean() time.Duration {
	if m.n == 0 {
		return 0
	}
	return time.Duration(m.sum / int64(m.n))
}

// spread is the standard deviation.
func (m *moments) spread() time.Duration {
	if m.n < 2 {
		return 0
	}
	mean := float64(m.sum) / 1e6 / float64(m.n)
	variance := (m.squares - float64(mean*mean*float64(m.n))) / float64(m.n-1)
	return time.Duration(math.Sqrt(max(variance, 0)) * 1e6)
}

// findings are what was found in a connection, or in several. Arrays go by the
// end that sent what waited; the acknowledgement is the other end's.
type findings struct {
	stalls [2][patterns]moments // delays of acknowledgements that somebody waited for
	waits  [2][patterns]moments // from a held segment's predecessor to itself, with the round trip
	free   [2]moments           // delays that nobody waited for
	holds  [2]moments           // for an acknowledgement that was not delayed: a round trip each
}

func (f *findings) join(o *findings) {
	for end := range f.stalls {
		for p := range f.stalls[end] {
			f.stalls[end][p].join(o.stalls[end][p])
			f.waits[end][p].join(o.waits[end][p])
		}
		f.free[end].join(o.free[end])
		f.holds[end].join(o.holds[end])
	}
}

// stalled sums up the delays that cost time.
func (f *findings) stalled() (m moments) {
	for end := range f.stalls {
		for p := range f.stalls[end] {
			m.join(f.stalls[end][p])
		}
	}
	return m
}

// delayed sums up all delays of acknowledgements by the end that answers the
// sender.
func (f *findings) delayed(sender int) (m moments) {
	m = f.free[sender]
	for p := range f.stalls[sender] {
		m.join(f.stalls[sender][p])
	}
	return m
}

// judge decides what a hold was.
func (c *connection) judge(h *hold) {
	sender, peer := &c.half[h.sender], &c.half[1-h.sender]
	toPeer, _ := sender.trips.roundTrip() // from here to the end that acknowledges, and back
	toSender, _ := peer.trips.roundTrip() // from here to the sender and back
	late := func(delay int64) bool {
		return delay >= int64(leastDelay) && delay >= toPeer/2 && delay < int64(mostDelay)
	}
	delay := h.at - h.oldest - toPeer // as the timer runs
	lost := h.at - h.newest - toPeer  // as the sender waited
	followed := h.size > 0
	atOnce := h.gap <= toSender+toSender/2+int64(2*time.Millisecond) && h.gap >= toSender/2
	wait := h.at + h.gap - h.newest
	full := int32(sender.full(peer))
	kind := splitWrites
	switch {
	case h.size >= full:
		kind = smallWindow
	case h.last >= full && h.last%full == 0:
		kind = oddTail
	}
	f := &c.found
	switch {
	case late(lost) && followed && atOnce:
		f.stalls[h.sender][kind].add(lost)
		f.waits[h.sender][kind].add(wait)
		c.turns.stalled(kind, h)
	case late(delay):
		f.free[h.sender].add(delay)
	case followed && kind != smallWindow && lost < max(int64(leastDelay), toPeer/2) && heldForTrip(h.gap, toSender, toPeer):
		f.holds[h.sender].add(wait)
	}
}

// heldForTrip reports whether data left at the moment when an acknowledgement
// that was in time reached its sender, and whether that can be told from chance.
func heldForTrip(gap, toSender, toPeer int64) bool {
	if toSender+toPeer < int64(leastHold) {
		return false
	}
	off := gap - toSender
	return max(off, -off) <= max(toSender/10, int64(leastHold)/10)
}
