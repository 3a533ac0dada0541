package capture

import (
	"lbsim/models/tcp"
	"lbsim/sim"
)

// A queued packet waits until its time has come to be written.
type queued struct {
	at       sim.Time
	exchange *exchange
	seq, ack uint32
	bytes    int32
	number   uint32 // order of those of one time
	from     tcp.Side
	flags    tcp.Flags
	delayed  bool // an acknowledgement that waited for data to travel with
}

// A queue is a heap of packets by time, then by the order in which they came.
type queue struct {
	heap []queued
	next uint32
}

func (q *queue) less(i, j int) bool {
	a, b := &q.heap[i], &q.heap[j]
	return a.at < b.at || a.at == b.at && int32(a.number-b.number) < 0
}

func (q *queue) push(p queued) {
	p.number = q.next
	q.next++
	q.heap = append(q.heap, p)
	for i := len(q.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.less(i, parent) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

func (q *queue) pop() queued {
	top, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; ; {
		least, left := i, 2*i+1
		for child := left; child < min(left+2, last); child++ {
			if q.less(child, least) {
				least = child
			}
		}
		if least == i {
			return top
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}
