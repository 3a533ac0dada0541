package server

import "lbsim/models/flow"

// ring is a first-in-first-out queue that grows by doubling and never shrinks.
type ring struct {
	a    []flow.RequestID
	head int
	n    int
}

func (q *ring) push(id flow.RequestID) {
	if q.n == len(q.a) {
		b := make([]flow.RequestID, max(16, 2*len(q.a)))
		k := copy(b, q.a[q.head:])
		copy(b[k:], q.a[:q.head])
		q.a, q.head = b, 0
	}
	q.a[(q.head+q.n)&(len(q.a)-1)] = id
	q.n++
}

func (q *ring) pop() flow.RequestID {
	id := q.a[q.head]
	q.head = (q.head + 1) & (len(q.a) - 1)
	q.n--
	return id
}
