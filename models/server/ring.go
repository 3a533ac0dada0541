package server

import "lbsim/models/flow"

// ring is a first-in-first-out queue that grows by doubling and never shrinks.
type ring struct {
	a    []flow.RequestID
	head int32
	n    int32
}

func (q *ring) push(id flow.RequestID) {
	if int(q.n) == len(q.a) {
		q.grow()
	}
	q.a[int(q.head+q.n)&(len(q.a)-1)] = id
	q.n++
}

// grow is apart from push so that that stays short.
//
//go:noinline
func (q *ring) grow() {
	b := make([]flow.RequestID, max(16, 2*len(q.a)))
	k := copy(b, q.a[q.head:])
	copy(b[k:], q.a[:q.head])
	q.a, q.head = b, 0
}

func (q *ring) pop() flow.RequestID {
	id := q.a[q.head]
	q.head = (q.head + 1) & int32(len(q.a)-1)
	q.n--
	return id
}

// pushFront puts a request before all others.
func (q *ring) pushFront(id flow.RequestID) {
	if int(q.n) == len(q.a) {
		q.grow()
	}
	q.head = (q.head - 1) & int32(len(q.a)-1)
	q.a[q.head] = id
	q.n++
}

// remove takes out the requests that match; the others keep their order.
func (q *ring) remove(match func(flow.RequestID) bool) {
	for range q.n {
		if id := q.pop(); !match(id) {
			q.push(id)
		}
	}
}
