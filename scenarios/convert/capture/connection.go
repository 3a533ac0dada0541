package capture

import (
	"math"
	"net/netip"
	"time"
)

// The two ends of a connection. The client is the one that opened it; where that
// was not seen, the ports tell; see isService.
const (
	client = iota
	server
)

// A connection is what is known of one while packets are read. Its size does not
// grow with the number of its packets.
type connection struct {
	addr        [2]netip.AddrPort
	half        [2]half
	first, last int64
	packets     int
	copies      int // packets seen twice
	backward    int // packets earlier than one before them
	reset       bool

	open   hold // the last acknowledgement, until it is known what comes next
	isOpen bool
	early  []hold // found before the round trips were known
	found  findings
	turns  turns
}

// A hold is an acknowledgement without data that may have let the other end send
// what it held back, and what came after it. Times are in nanoseconds.
type hold struct {
	at             int64 // of the acknowledgement
	oldest, newest int64 // when the first and the last segment passed that it covers
	gap            int64 // from the acknowledgement to the sender's next data
	last           int32 // bytes of the last segment that it covers
	size           int32 // bytes of the sender's next data; 0: something else came first
	room           int32 // bytes that the receive window had left before the acknowledgement
	number         int32 // of the exchange
	sender         int8
}

// earlyHolds bounds those that wait until the round trips are known.
const earlyHolds = 48

// add takes the next segment of the connection from the given end.
func (c *connection) add(s *segment, from int) {
	h := &c.half[from]
	c.packets++
	if s.at < c.last {
		c.backward++
	}
	c.last = max(c.last, s.at)
	if h.twice(s) {
		c.copies++
		return
	}
	h.seen = true
	if s.flags&flagRST != 0 {
		c.reset = true
		c.finish()
		return
	}
	c.window(s, from)
	if s.flags&flagACK != 0 {
		c.acknowledged(s, from)
	}
	keepAlive := h.known && s.size <= 1 && s.seq == h.next-1 && s.flags&(flagSYN|flagFIN) == 0
	if s.size > 0 && !keepAlive || s.flags&(flagSYN|flagFIN) != 0 {
		h.options = s.optionBytes
		if inOrder := h.send(s); s.size > 0 {
			c.data(s, from, inOrder)
		}
	} else if !h.known { // an acknowledgement tells where its sender is
		h.known, h.next, h.acked = true, s.seq, s.seq
	}
	if s.flags&flagFIN != 0 {
		h.fin = true
	}
}

// window notes what is known of the receive window.
func (c *connection) window(s *segment, from int) {
	h, other := &c.half[from], &c.half[1-from]
	h.former, h.window = h.window, uint32(s.window)
	if s.flags&flagSYN != 0 {
		h.syn, h.isn, h.mss, h.scale = true, s.seq, s.mss, s.scale
		return
	}
	if h.scale > 0 && other.scale >= 0 { // both must have offered it
		h.window <<= h.scale
	}
}

// acknowledged looks at what a segment acknowledges.
func (c *connection) acknowledged(s *segment, from int) {
	sender := 1 - from
	bare := s.size == 0 && s.flags&(flagSYN|flagFIN) == 0
	a, ok := c.half[sender].acknowledge(s.ack, s.at, bare)
	if !ok || !bare || a.newest.size == 0 {
		return
	}
	c.settle(0, 0)
	if a.all && a.bytes < 2*c.half[sender].full(&c.half[from]) {
		c.isOpen = true
		room := int64(math.MaxInt32) // unless it is known
		if h := &c.half[from]; h.scale >= 0 || h.former == 0 {
			room = min(room, int64(h.former)-int64(a.bytes))
		}
		c.open = hold{
			at: s.at, oldest: a.oldest.at, newest: a.newest.at, last: int32(min(a.newest.size, mostBytes)),
			number: int32(c.turns.started), sender: int8(sender), room: int32(room),
		}
	}
}

// data looks at a segment with data: whether an acknowledgement let it go, and
// what it means for the exchange.
func (c *connection) data(s *segment, from int, inOrder bool) {
	size := 0
	// A receive window that was too small is another reason to wait.
	if int(c.open.sender) == from && inOrder && int64(c.open.room) >= int64(s.size) {
		size = s.size
	}
	c.settle(s.at, size)
	c.half[from].bytes += int64(s.size)
	if inOrder {
		c.turns.data(s, from, c)
	}
}

// settle says what came after the last acknowledgement: so many bytes of its
// sender, or 0, something else.
func (c *connection) settle(at int64, size int) {
	if !c.isOpen {
		return
	}
	c.isOpen = false
	c.open.gap, c.open.size = at-c.open.at, int32(min(size, mostBytes))
	if !c.tripsKnown() && len(c.early) < earlyHolds {
		c.early = append(c.early, c.open)
		return
	}
	c.judgeEarly()
	c.judge(&c.open)
}

// tripsKnown reports whether the round trips are likely to stay: those of the
// handshake do, as nobody delays its acknowledgements.
func (c *connection) tripsKnown() bool {
	enough := 4
	if c.half[client].syn && c.half[server].syn {
		enough = 1
	}
	return c.half[client].trips.sure >= enough && c.half[server].trips.sure >= enough
}

func (c *connection) judgeEarly() {
	for i := range c.early {
		c.judge(&c.early[i])
	}
	c.early = nil
}

// finish ends what is open. It may be called again.
func (c *connection) finish() {
	c.settle(0, 0)
	c.judgeEarly()
	c.turns.finish(c)
}

// closed reports whether nothing more is to come but perhaps the last
// acknowledgements.
func (c *connection) closed() bool {
	return c.reset || c.half[client].fin && c.half[server].fin
}

func (c *connection) duration() time.Duration { return time.Duration(c.last - c.first) }
