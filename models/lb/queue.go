package lb

import (
	"lbsim/models/flow"
)

// waiting is a first-in-first-out queue of connections.
type waiting struct {
	a    []flow.ConnID
	head int
	n    int
}

func (w *waiting) push(id flow.ConnID) {
	if w.head > 64 && w.head > len(w.a)/2 {
		w.a = w.a[:copy(w.a, w.a[w.head:])]
		w.head = 0
	}
	w.a = append(w.a, id)
	w.n++
}

func (w *waiting) first() flow.ConnID { return w.a[w.head] }

func (w *waiting) pop() flow.ConnID {
	id := w.a[w.head]
	w.head++
	w.n--
	return id
}

// wait puts a connection into a queue, or turns it away if the service's
// queues are full.
func (b *Balancer) wait(s *service, w *waiting, id flow.ConnID) flow.Outcome {
	total := s.queue.n
	for m := range s.members {
		total += s.members[m].queue.n
	}
	if s.config.Queue != Unlimited && total >= s.config.Queue {
		return flow.Rejected
	}
	w.push(id)
	return flow.Accepted
}

// serveQueues gives free places of member m to the connections that have
// waited longest, be it for this member or for any.
func (b *Balancer) serveQueues(s *service, m int) {
	ms := &s.members[m]
	for ms.up && !s.full(m) {
		w := &ms.queue
		if w.n == 0 || s.queue.n > 0 && b.seq(s.queue.first()) < b.seq(w.first()) {
			w = &s.queue
		}
		if w.n == 0 || w == &s.queue && !s.view.Members[m].Usable {
			return
		}
		b.retry(s, m, w.pop())
	}
}

func (b *Balancer) seq(id flow.ConnID) uint32 { return b.fl.Conns.At(uint32(id)).Seq }

// retry gives a connection that waited to member m.
func (b *Balancer) retry(s *service, m int, id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	if o := b.connect(s, m, c, b.ask(c)); o != flow.Accepted {
		b.front.Refused(id, o)
		return
	}
	b.front.Taken(id)
}

// disperse opens the connections again that waited for member m, which is
// down, and turns away the others if no server is left to wait for.
func (b *Balancer) disperse(s *service, m int) {
	w := &s.members[m].queue
	for k := w.n; k > 0; k-- {
		b.reopen(w.pop())
	}
	if !s.anyFull() {
		for s.queue.n > 0 {
			b.front.Refused(s.queue.pop(), flow.Rejected)
		}
	}
}

func (b *Balancer) reopen(id flow.ConnID) {
	o := b.Open(id)
	switch {
	case o != flow.Accepted:
		b.front.Refused(id, o)
	case b.fl.Conns.At(uint32(id)).Server != flow.NoServer:
		b.front.Taken(id)
	}
}

// drainQueue offers the service's free places to waiting connections after a
// server has come back.
func (b *Balancer) drainQueue(s *service) {
	for s.queue.n > 0 {
		id := s.queue.first()
		m := s.scheduler.Pick(b.ask(b.fl.Conns.At(uint32(id))))
		if m < 0 {
			return
		}
		b.retry(s, m, s.queue.pop())
	}
}
