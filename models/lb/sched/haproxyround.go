package sched

import (
	"slices"

	"lbsim/models/lb"
)

// haproxyRound is balance roundrobin of HAProxy 3.5 (src/lb_fwrr.c). Time is
// counted in picks. A member of weight w among a sum of W has a turn about
// every W/w picks, which is kept exact by carrying the remainder. Members wait
// in one of three orders: those whose next turn lies in the current period, of
// as many picks as the sum of the weights; those that wait for the next period;
// and those that have waited for the current period to begin and have not had
// a turn in it, heaviest first.
//
// A full member loses its turn; of several that did, the last goes back into the
// orders first. A member that went down leaves. HAProxy keeps
// one such state per group of threads, which begins at another server for
// each; here there is one.
type haproxyRound struct {
	view             *lb.View
	init, curr, next *order
	turns            []turn
	sum              int64   // of the weights of the members that are up
	position, period int64   // of the current pick; length of the period
	aside            []int32 // full members that lost this turn
	queued           uint64  // for first come, first served among equals
}

// turn is when a member had its last turn and has its next.
type turn struct {
	weight    int64 // as it entered the sum, 0 if it is down
	last      int64
	next      int64
	remainder int64 // what next is late by, in parts of 1/weight
}

func newHAProxyRound(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	h := &haproxyRound{
		view: env.View, turns: make([]turn, n), aside: make([]int32, 0, n),
		init: newOrder(n), curr: newOrder(n), next: newOrder(n),
	}
	for m := range n {
		if v := &env.View.Members[m]; v.Usable {
			h.turns[m].weight = sixteenths(v)
			h.sum += h.turns[m].weight
			h.byWeight(h.init, m)
		}
	}
	h.position, h.period = h.sum, h.sum
	return h
}

func (h *haproxyRound) Pick(*lb.Query) int {
	picked, renewed := -1, false
	for {
		m := h.choose()
		if m < 0 {
			if renewed {
				break
			}
			renewed = true
			h.init, h.next = h.next, h.init
			h.position, h.period = h.sum, h.sum
			continue
		}
		v := &h.view.Members[m]
		if !stays(v, true) {
			h.leave(m)
			continue
		}
		h.advance(m)
		if v.Usable {
			picked = m
			h.enqueue(m)
			break
		}
		h.aside = append(h.aside, int32(m))
	}
	for _, m := range slices.Backward(h.aside) {
		if renewed {
			h.byWeight(h.init, int(m)) // its place was of the period that ended
		} else {
			h.enqueue(int(m))
		}
	}
	h.aside = h.aside[:0]
	return picked
}

// choose returns whose turn it is: of the members in the current period the
// first, if its turn has come, else one that has not had a turn in this period,
// else the first although it is early.
func (h *haproxyRound) choose() int {
	due := h.curr.first()
	if due >= 0 && h.turns[due].next <= h.position {
		return due
	}
	if fresh := h.init.first(); fresh >= 0 {
		h.turns[fresh].next, h.turns[fresh].remainder = 0, 0
		return fresh
	}
	return due
}

// advance gives member m its turn and computes the one after it.
func (h *haproxyRound) advance(m int) {
	t := &h.turns[m]
	if t.next == 0 {
		t.next = h.position
	}
	t.last = t.next
	t.next += h.sum / t.weight
	t.remainder += h.sum % t.weight
	if t.remainder >= t.weight {
		t.remainder -= t.weight
		t.next++
	}
	h.dequeue(m)
	h.position++
}

// enqueue files member m by its next turn.
func (h *haproxyRound) enqueue(m int) {
	t := &h.turns[m]
	if t.next >= 2*h.period || t.next >= h.period+h.sum {
		t.next -= h.period
		h.byWeight(h.next, m)
		return
	}
	// A sixteenth of the remainder and of the weight order the turns of one
	// position; 4096 and 256 are the greatest weights in HAProxy.
	h.file(h.curr, m, 256*t.next+(4096+t.remainder-t.weight)/16)
}

func (h *haproxyRound) byWeight(o *order, m int) { h.file(o, m, -h.turns[m].weight) }

func (h *haproxyRound) file(o *order, m int, key int64) {
	o.put(m, float64(key), h.queued)
	h.queued++
}

func (h *haproxyRound) dequeue(m int) {
	h.init.remove(m)
	h.curr.remove(m)
	h.next.remove(m)
}

// Changed implements lb.Membership.
func (h *haproxyRound) Changed(m int) {
	v := &h.view.Members[m]
	up := h.turns[m].weight > 0
	switch {
	case !stays(v, up):
		h.leave(m)
	case v.Usable && !up:
		h.enter(m)
	case up && sixteenths(v) != h.turns[m].weight:
		h.reweigh(m)
	}
}

func (h *haproxyRound) leave(m int) {
	h.sum -= h.turns[m].weight
	h.turns[m].weight = 0
	h.dequeue(m)
}

func (h *haproxyRound) enter(m int) {
	t := &h.turns[m]
	t.weight = sixteenths(&h.view.Members[m])
	h.sum += t.weight
	t.next = h.position + (h.sum+h.period-h.position)/t.weight
	h.enqueue(m)
}

// reweigh moves the member's next turn to a step after the last one, but
// neither later than it was nor into the past.
func (h *haproxyRound) reweigh(m int) {
	t := &h.turns[m]
	h.sum -= t.weight
	t.weight = sixteenths(&h.view.Members[m])
	h.sum += t.weight
	if h.init.has(m) {
		h.byWeight(h.init, m)
		return
	}
	if h.next.has(m) {
		t.next += h.period
	}
	step := h.sum / t.weight
	t.next = min(t.last+step, t.next)
	if t.next < h.position+2 {
		t.next = h.position + step
	}
	t.remainder = 0
	h.dequeue(m)
	h.enqueue(m)
}
