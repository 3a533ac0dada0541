package lb

import (
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
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

// remove takes a connection out, wherever it stands, and reports whether it was
// there. Those who give up have waited longest, mostly.
func (w *waiting) remove(id flow.ConnID) bool {
	i := slices.Index(w.a[w.head:], id)
	if i < 0 {
		return false
	}
	copy(w.a[w.head+1:w.head+i+1], w.a[w.head:])
	w.head++
	w.n--
	return true
}

// Leave ends the wait of a connection, in a queue or for a server: its client has
// given up.
func (b *Balancer) Leave(id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	in := b.services[c.Service].instances[c.Via]
	if in.queue.remove(id) {
		in.setWaits(in.waits - 1)
		return
	}
	for m := range in.members {
		if in.members[m].queue.remove(id) {
			in.setWaits(in.waits - 1)
			in.queued(m)
			return
		}
	}
	b.hangUp(func(d *dial) bool {
		if d.id == id && d.waits {
			b.refused++
			d.in.members[d.m].refused++
		}
		return d.id == id
	})
}

// wait puts a connection into a queue, or turns it away if the service's
// queues are full.
func (b *Balancer) wait(in *instance, w *waiting, id flow.ConnID) flow.Outcome {
	if most := in.config.Queue; most != Unlimited && in.waits >= most {
		return b.turnAway(in, id)
	}
	w.push(id)
	in.setWaits(in.waits + 1)
	return flow.Accepted
}

// next takes the connection out of a queue that has waited longest in it.
func (in *instance) next(w *waiting) flow.ConnID {
	in.setWaits(in.waits - 1)
	return w.pop()
}

// setWaits counts the connections that wait in all queues.
func (in *instance) setWaits(n int) {
	in.waits, in.waitsMost = n, max(in.waitsMost, n)
	in.waitsArea.Set(float64(n), in.b.e.Now())
}

// QueueMeter reads the queues of a service. With several balancers the most is
// the sum of what was the most at each.
func (b *Balancer) QueueMeter(service int, now sim.Time) flow.QueueMeter {
	var q flow.QueueMeter
	for _, in := range b.services[service].instances {
		for m := range in.members {
			q.Limited = q.Limited || in.members[m].limit > 0
		}
		q.Most += in.waitsMost
		q.Area += in.waitsArea.Value(now)
	}
	q.Limited = q.Limited || q.Most > 0 // a ramp has limits of its own
	return q
}

// ResetPeaks begins a new measurement of the longest queues.
func (b *Balancer) ResetPeaks() {
	for _, in := range b.instances {
		in.waitsMost = in.waits
	}
}

// waitFor puts a connection into the queue of member m.
func (b *Balancer) waitFor(in *instance, m int, id flow.ConnID) flow.Outcome {
	o := b.wait(in, &in.members[m].queue, id)
	in.queued(m)
	return o
}

// queued tells the scheduler how many connections wait for member m.
func (in *instance) queued(m int) {
	in.view.Members[m].Queued = int32(in.members[m].queue.n)
	if in.tracker != nil {
		in.tracker.Counted(m)
	}
}

// overflow decides what becomes of a connection that met full servers: the
// scheduler has picked m, which is full, or none, m being -1.
func (b *Balancer) overflow(in *instance, m int, id flow.ConnID) flow.Outcome {
	switch full := in.config.Full; {
	case full == FullRejects || m < 0 && in.fulls == 0:
		return b.turnAway(in, id)
	case full == FullWaits && m >= 0:
		return b.waitFor(in, m, id)
	}
	return b.wait(in, &in.queue, id)
}

// serveQueues gives free places of member m to the connections that have
// waited longest, be it for this member or for any.
func (b *Balancer) serveQueues(in *instance, m int) {
	ms := &in.members[m]
	if ms.serving {
		return // called by a connection that was served below and has ended at once
	}
	ms.serving = true
	// Those who find the server dead may wait again, for others: they come after
	// all that wait now.
	own, any := ms.queue.n, in.queue.n
	for own+any > 0 && in.keeps(m) && !in.full(m) {
		w, left := &ms.queue, &own
		if any > 0 && in.view.Members[m].Usable && (own == 0 || b.seq(in.queue.first()) < b.seq(w.first())) {
			w, left = &in.queue, &any
		}
		if *left == 0 {
			break
		}
		id := in.next(w)
		in.queued(m)
		b.retry(in, m, id)
		*left--
		own, any = min(own, ms.queue.n), min(any, in.queue.n) // serving one may have ended in serving others
	}
	ms.serving = false
}

func (b *Balancer) seq(id flow.ConnID) uint32 { return b.fl.Conns.At(uint32(id)).Seq }

// retry gives a connection that waited to member m.
func (b *Balancer) retry(in *instance, m int, id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	q := b.ask(id, c)
	if in.persist != nil {
		if kept := in.recall(q); kept >= 0 && kept != m {
			q.why = flow.Full // which it was when this one began to wait
		}
		if c.Moved != flow.Stayed {
			q.why = c.Moved
		}
	}
	b.tell(id, b.connect(in, m, id, c, q))
}

// settle lets the connections that wait look round after the members have
// changed: who waited for one that is out now asks again, who waited for any
// gets a free place, and if no server is left to wait for, all are turned away.
func (b *Balancer) settle(in *instance) {
	for m := range in.members {
		if w := &in.members[m].queue; !in.keeps(m) {
			for k := w.n; k > 0; k-- {
				id := in.next(w)
				in.queued(m)
				b.reopen(id)
			}
		}
	}
	b.drainQueue(in)
	if in.queue.n > 0 && in.fulls == 0 {
		for in.queue.n > 0 {
			b.dismiss(in, in.next(&in.queue))
		}
	}
}

func (b *Balancer) onSettle(at uint64) {
	in, _ := b.at(at)
	b.settle(in)
}

func (b *Balancer) reopen(id flow.ConnID) { b.tell(id, b.Open(id)) }

// drainQueue offers the service's free places to the connections that wait for
// any. Those who find a server dead may wait again.
func (b *Balancer) drainQueue(in *instance) {
	for k := in.queue.n; k > 0 && in.queue.n > 0; k-- {
		id := in.queue.first()
		m := in.pick(b.ask(id, b.fl.Conns.At(uint32(id))))
		if m < 0 || in.full(m) {
			return
		}
		b.retry(in, m, in.next(&in.queue))
	}
}
