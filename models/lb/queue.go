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
func (b *Balancer) wait(in *instance, w *waiting, id flow.ConnID) flow.Outcome {
	total := in.queue.n
	for m := range in.members {
		total += in.members[m].queue.n
	}
	if in.config.Queue != Unlimited && total >= in.config.Queue {
		return flow.Rejected
	}
	w.push(id)
	return flow.Accepted
}

// overflow decides what becomes of a connection whose member is full.
func (b *Balancer) overflow(in *instance, m int, id flow.ConnID) flow.Outcome {
	switch in.config.Full {
	case FullWaits:
		return b.wait(in, &in.members[m].queue, id)
	case FullQueues:
		return b.wait(in, &in.queue, id)
	}
	return flow.Rejected
}

// serveQueues gives free places of member m to the connections that have
// waited longest, be it for this member or for any.
func (b *Balancer) serveQueues(in *instance, m int) {
	ms := &in.members[m]
	for ms.alive() && ms.duty != away && !in.full(m) {
		w := &ms.queue
		if w.n == 0 || in.queue.n > 0 && b.seq(in.queue.first()) < b.seq(w.first()) {
			w = &in.queue
		}
		if w.n == 0 || w == &in.queue && !in.view.Members[m].Usable {
			return
		}
		b.retry(in, m, w.pop())
	}
}

func (b *Balancer) seq(id flow.ConnID) uint32 { return b.fl.Conns.At(uint32(id)).Seq }

// retry gives a connection that waited to member m.
func (b *Balancer) retry(in *instance, m int, id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	switch o := b.connect(in, m, id, c, b.ask(id, c)); {
	case o != flow.Accepted:
		b.front.Refused(id, o)
	case c.Server != flow.NoServer:
		b.front.Taken(id)
	}
}

// disperse opens the connections again that waited for member m, which is
// out, and turns away the others if no server is left to wait for.
func (b *Balancer) disperse(in *instance, m int) {
	w := &in.members[m].queue
	for k := w.n; k > 0; k-- {
		b.reopen(w.pop())
	}
	if !in.anyFull() {
		for in.queue.n > 0 {
			b.front.Refused(in.queue.pop(), flow.Rejected)
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
func (b *Balancer) drainQueue(in *instance) {
	for in.queue.n > 0 {
		id := in.queue.first()
		m := in.pick(b.ask(id, b.fl.Conns.At(uint32(id))))
		if m < 0 || in.full(m) {
			return
		}
		b.retry(in, m, in.queue.pop())
	}
}
