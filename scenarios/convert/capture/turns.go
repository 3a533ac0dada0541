package capture

// A shape is an exchange as the wire shows it: what either end wrote. A full
// segment and what follows it count as one write.
type shape struct {
	sender   int // of what stalled
	kind     pattern
	writes   [2][writesKept]int32
	overflow bool // more writes than fit; the last holds their sum
}

// writesKept is how many of an exchange are kept apart.
const writesKept = 4

// mostBytes is what a write is said to have at most.
const mostBytes = 1 << 24

// turns follow who speaks in a connection. An exchange begins when the client
// sends data after the server did, or first, and is complete once the server
// answers.
type turns struct {
	started, completed int
	spoke              bool
	speaker            int
	lastAt             [2]int64

	now      shape
	n        [2]int
	joined   bool // the last segment was full: what follows is of the same write
	hasStall bool

	think      [2]int64   // of the exchange: from what an end received to its next data
	stallThink [2]moments // of those with stalls; [client] before them

	shapes []shapeCount
}

// A shapeCount says how many exchanges of a connection had a shape.
type shapeCount struct {
	shape
	n int
}

// mostShapes bounds how many are kept of a connection.
const mostShapes = 8

func (t *turns) data(s *segment, from int, c *connection) {
	if !t.spoke || t.speaker != from {
		if from == client {
			t.finish(c)
			t.started++
		} else if t.spoke {
			t.completed++
		}
		if trip, known := c.half[1-from].trips.roundTrip(); t.spoke && known {
			t.think[from] = max(0, s.at-t.lastAt[1-from]-trip)
		}
		t.joined = false
	}
	t.spoke, t.speaker, t.lastAt[from] = true, from, s.at
	if t.started == 0 {
		return // a greeting of the server
	}
	i := t.n[from]
	switch {
	case t.joined:
		i--
	case i == writesKept:
		t.now.overflow = true
		i--
	default:
		t.n[from]++
	}
	t.now.writes[from][i] = min(t.now.writes[from][i]+int32(min(s.size, mostBytes)), mostBytes)
	full := c.half[from].full(&c.half[1-from])
	t.joined = s.size >= full && s.size%full == 0
}

// stalled notes a stall in the exchange of its number.
func (t *turns) stalled(kind pattern, h *hold) {
	if int(h.number) != t.started || t.started == 0 { // over before it was judged
		s := shape{sender: int(h.sender), kind: kind}
		s.writes[h.sender] = [writesKept]int32{h.last, h.size}
		t.count(s)
		return
	}
	t.hasStall, t.now.sender, t.now.kind = true, int(h.sender), kind
}

// finish ends the exchange.
func (t *turns) finish(c *connection) {
	if t.hasStall {
		t.count(t.now)
		for end, d := range t.think {
			t.stallThink[end].add(d)
		}
	}
	t.think = [2]int64{}
	t.now, t.n, t.hasStall, t.joined = shape{}, [2]int{}, false, false
}

func (t *turns) count(s shape) {
	for i := range t.shapes {
		if t.shapes[i].shape == s {
			t.shapes[i].n++
			return
		}
	}
	if len(t.shapes) < mostShapes {
		t.shapes = append(t.shapes, shapeCount{s, 1})
	}
}
