package capture

import "time"

// A half is what one end of a connection sent, as it passed the place of the
// capture.
type half struct {
	seen     bool // at least one segment of this end
	syn, fin bool
	isn      uint32 // of the SYN
	next     uint32 // sequence number after the highest sent
	acked    uint32 // how far the other end acknowledged
	known    bool   // next is known

	mss     uint16 // announced by this end: what the other may send
	options int    // bytes of options in the last segment with data
	scale   int8   // of the window; -1 unknown
	window  uint32 // the last one, in bytes where scale is known
	former  uint32 // the one before

	queue [8]sent // not acknowledged, oldest first
	n     int

	disturbed      bool // by retransmission or reordering, until all before this number is acknowledged:
	disturbedUntil uint32

	trips trips // to the other end and back

	bytes         int64
	retransmitted int // or reordered: sent again or after what follows

	last   fingerprint
	lastAt int64
}

// A sent segment waits for its acknowledgement.
type sent struct {
	end  uint32
	at   int64
	size int
}

// A fingerprint tells whether a segment is the same packet once more, which a
// mirrored port or a capture of all interfaces shows twice.
type fingerprint struct {
	seq, ack uint32
	size     int
	flags    uint8
	window   uint16
	id       uint16
}

// twice reports whether the segment is a copy of the one before it. An end that
// retransmits waits longer, or changes the number of the packet.
func (h *half) twice(s *segment) bool {
	f := fingerprint{s.seq, s.ack, s.size, s.flags, s.window, s.id}
	again := f == h.last && s.at-h.lastAt < int64(2*time.Millisecond) && (s.size > 0 || s.flags&(flagSYN|flagFIN) != 0)
	h.last, h.lastAt = f, s.at
	return again
}

// before compares sequence numbers, which wrap.
func before(a, b uint32) bool { return int32(a-b) < 0 }

// full returns the size of a full segment of this end: what the other end
// announced less the options of each segment (RFC 6691). Where that was not seen
// it is what Ethernet carries.
func (h *half) full(other *half) int {
	mss := int(other.mss)
	if mss == 0 {
		mss = 1460
	}
	return max(mss-h.options, 1)
}

// send notes data, a SYN or a FIN, and reports whether they are new and in
// order.
func (h *half) send(s *segment) (inOrder bool) {
	end := s.end()
	if !h.known || s.flags&flagSYN != 0 && !h.syn {
		h.known, h.next, h.acked, h.n, h.disturbed = true, end, s.seq, 0, false
		h.push(s, end)
		return true
	}
	switch {
	case s.seq == h.next:
		h.next = end
		h.push(s, end)
		return true
	case before(s.seq, h.next): // again, or late
		h.retransmitted++
		h.disturb()
	default: // the capture lacks what is between
		h.next = end
		h.disturb()
	}
	if before(h.next, end) {
		h.next = end
		h.disturb()
	}
	return false
}

func (h *half) disturb() { h.disturbed, h.disturbedUntil, h.n = true, h.next, 0 }

// push adds a segment to those that wait. If there are too many, the last one
// stands for the rest: receivers acknowledge every other segment, so that none
// of many is delayed.
func (h *half) push(s *segment, end uint32) {
	w := sent{end: end, at: s.at, size: s.size}
	if h.disturbed {
		return
	}
	if h.n == len(h.queue) {
		h.queue[h.n-1] = w
		return
	}
	h.queue[h.n] = w
	h.n++
}

// An acknowledgement is what is known of it: how long the oldest and the newest
// of the segments waited that it covers.
type acknowledgement struct {
	oldest, newest sent
	bytes          int  // that were not acknowledged before
	all            bool // nothing is left without acknowledgement
}

// acknowledge notes that the other end acknowledged everything before ack, in a
// segment without anything else if bare is set, and reports whether anything
// undisturbed is among it.
func (h *half) acknowledge(ack uint32, at int64, bare bool) (a acknowledgement, ok bool) {
	if !h.known || before(h.next, ack) || !before(h.acked, ack) {
		return a, false
	}
	a.bytes = int(ack - h.acked)
	h.acked = ack
	if h.disturbed {
		if !before(ack, h.disturbedUntil) {
			h.disturbed = false
		}
		return a, false
	}
	k := 0
	for k < h.n && !before(ack, h.queue[k].end) {
		k++
	}
	if k > 0 {
		a.oldest, a.newest = h.queue[0], h.queue[k-1]
		h.trips.add(at-a.newest.at, bare && k == 1 && a.newest.size > 0)
		h.n = copy(h.queue[:], h.queue[k:h.n])
	}
	a.all = ack == h.next
	return a, k > 0
}
