package sim

// Lane schedules events to the handler of a port as the port itself does, in the
// same order among all others. It costs less where most of them fire in the order
// in which they are scheduled, as after a delay that is always the same: they wait in
// a ring of their own, of which the engine looks at the first. Others it gives to the
// queue. There should be few lanes, as the engine compares their firsts.
type Lane[T Handle] struct {
	p Port[T]
	i int
}

// NewLane returns an empty lane.
func NewLane[T Handle](p Port[T]) Lane[T] {
	p.e.lanes = append(p.e.lanes, lane{first: last, a: make([]entry, 16)})
	p.e.findSoonest()
	return Lane[T]{p, len(p.e.lanes) - 1}
}

// At is Port.At.
func (l Lane[T]) At(t Time, arg T) {
	e, id, a := l.p.e, l.p.id, uint64(arg)
	if t < e.now {
		e.past(id, t)
	}
	if id > portMask || a > argMask {
		id, a = noPort, uint64(e.reserve(id, a))
	}
	x := makeEntry(t, l.p.phase, e.order(), id, uint32(a))
	q := &e.lanes[l.i]
	if q.n > 0 && before(&x, q.at(q.n-1)) {
		e.q.push(x)
		return
	}
	if q.n == len(q.a) {
		q.grow()
	}
	q.n++
	*q.at(q.n - 1) = x
	if q.n == 1 {
		if q.first = x; before(&x, e.soonest) {
			e.soonest, e.from = &q.first, l.i
		}
	}
}

// lane is a ring of entries in the order of events. Its length is a power of 2.
type lane struct {
	first   entry // the one at head; last if there is none
	a       []entry
	head, n int
	longest int
}

func (q *lane) at(i int) *entry { return &q.a[(q.head+i)&(len(q.a)-1)] }

// grow is apart from At so that that stays short.
//
//go:noinline
func (q *lane) grow() {
	b := make([]entry, 2*len(q.a))
	for i := range q.n {
		b[i] = *q.at(i)
	}
	q.a, q.head = b, 0
}

// takeSoonest takes the entry of a lane that comes first.
func (e *Engine) takeSoonest() {
	q := &e.lanes[e.from]
	q.longest = max(q.longest, q.n)
	q.head = (q.head + 1) & (len(q.a) - 1)
	q.n--
	if q.first = last; q.n > 0 {
		q.first = q.a[q.head]
	}
	e.findSoonest()
}

// findSoonest looks for the entry of a lane that comes first.
func (e *Engine) findSoonest() {
	from := 0
	for i := 1; i < len(e.lanes); i++ {
		from += (i - from) & -beforeBit(&e.lanes[i].first, &e.lanes[from].first)
	}
	e.soonest, e.from = &e.lanes[from].first, from
}

// merge gives what is in lanes to the queue, for what rarely happens there.
func (e *Engine) merge() {
	for i := range e.lanes {
		q := &e.lanes[i]
		q.longest = max(q.longest, q.n)
		for k := range q.n {
			e.q.push(*q.at(k))
		}
		q.first, q.n = last, 0
	}
}
