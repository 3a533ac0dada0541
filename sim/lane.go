package sim

import "slices"

// Lane schedules events to the handler of a port as the port itself does, in the
// same order among all others. It costs less where most of them fire in the order
// in which they are scheduled, as after a delay that is always the same: they wait in
// a ring of their own, of which the engine looks at the first. What is unusual it
// gives to the queue.
type Lane[T Handle] struct{ q *lane }

// lanesMost is how many lanes an engine has, whose firsts it compares for each event
// of theirs. With two, one comparison without a branch says which comes first.
const lanesMost = 2

// NewLane returns an empty lane. A third one gives the queue all that it gets.
func NewLane[T Handle](p Port[T]) Lane[T] {
	e := p.e
	q := &lane{e: e, port: p.id, phase: p.phase, a: make([]entry, 16)}
	if i := slices.Index(e.lanes[:], nil); i >= 0 && p.id <= portMask {
		q.key, q.args, q.index = makeEntry(0, p.phase, 0, p.id, 0).key, argMask+1, uint8(i)
		e.lanes[i] = q
	}
	return Lane[T]{q}
}

// At is Port.At.
func (l Lane[T]) At(t Time, arg T) { l.q.schedule(t, uint64(arg)) }

// lane is a ring of entries in the order of events. Its length is a power of 2.
type lane struct {
	newest     entry // that was added
	a          []entry
	head, tail uint // of the run's entries, the first that is here and the one to come
	longest    int
	e          *Engine
	key        uint64 // of an entry without its scheduling number and argument
	args       uint64 // arguments below this fit into an entry
	port       uint32
	phase      Phase
	index      uint8 // among all lanes
}

func (q *lane) len() int { return int(q.tail - q.head) }

func (q *lane) at(i uint) *entry { return &q.a[i&uint(len(q.a)-1)] }

func (q *lane) schedule(t Time, arg uint64) {
	e := q.e
	x := entry{t, q.key | e.scheduled<<orderBit | arg}
	if t < e.now || arg >= q.args || e.scheduled >= e.inTurn || before(x, q.newest) {
		e.schedule(t, q.phase, q.port, arg)
		return
	}
	e.scheduled++
	q.newest = x
	*q.at(q.tail) = x
	if q.tail++; q.tail == q.head+1 {
		e.offer(q.index, x)
	}
	if n := q.len(); n > q.longest {
		q.grow(n)
	}
}

// offer makes an entry the first of its lane.
func (e *Engine) offer(lane uint8, x entry) {
	e.firsts[lane%lanesMost] = x
	e.soonest = lane ^ uint8(beforeBit(e.firsts[(lane^1)%lanesMost], x))
}

// grow is apart from schedule so that that stays short.
//
//go:noinline
func (q *lane) grow(n int) {
	if q.longest = n; n < len(q.a) {
		return
	}
	b := make([]entry, 2*len(q.a))
	for i := q.head; i != q.tail; i++ {
		b[i&uint(len(b)-1)] = *q.at(i)
	}
	q.a = b
}

// takeSoonest takes the entry of a lane that comes first.
func (e *Engine) takeSoonest() {
	q := e.lanes[e.soonest%lanesMost]
	head, next := q.head+1, entry{Never, noKey}
	if q.head = head; head != q.tail {
		next = *q.at(head)
	}
	e.offer(q.index, next)
}

// merge gives what is in lanes to the queue, for what rarely happens there.
func (e *Engine) merge() {
	for i, q := range e.lanes {
		if q == nil {
			break
		}
		for ; q.head != q.tail; q.head++ {
			e.q.push(*q.at(q.head))
		}
		e.firsts[i], q.newest = last, entry{}
	}
}
