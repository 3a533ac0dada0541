package sched

import (
	"testing"

	"lbsim/models/lb"
)

// The server that has been idle longest is picked, then at random.
func TestIdleServersInTurn(t *testing.T) {
	p := newPool(&JoinIdleQueue{}, same(4)...)
	q := p.Scheduler.(lb.IdleQueue)
	for _, m := range []int{2, 0, 3, 1} {
		q.Idle(m)
		q.Idle(m) // once is enough
	}
	expect(t, "reports", q.Idles(), 4)
	expect(t, "picks", p.turns(4), "cadb")
	expect(t, "reports", q.Idles(), 0)
	seen := map[int]bool{}
	for range 100 {
		seen[p.pick()] = true
	}
	expect(t, "servers picked at random", len(seen), 4)

	p = newPool(&JoinIdleQueue{Newest: true}, same(4)...)
	for _, m := range []int{2, 0, 3, 1} {
		p.Scheduler.(lb.IdleQueue).Idle(m)
	}
	expect(t, "picks, the newest first", p.turns(4), "bdac")
}

// A server that is out keeps its report and comes back to the end of the queue.
func TestIdleServersThatAreOut(t *testing.T) {
	p := newPool(&JoinIdleQueue{}, same(4)...)
	q := p.Scheduler.(lb.IdleQueue)
	for m := range 4 {
		q.Idle(m)
	}
	p.set(1, false)
	p.set(2, false)
	expect(t, "reports", q.Idles(), 2)
	expect(t, "pick", p.turns(1), "a")
	p.set(1, true)
	expect(t, "picks", p.turns(2), "db")
	q.Idle(2)
	p.set(2, true)
	expect(t, "pick", p.turns(1), "c")

	// Nor does one of weight 0 have its turn before it has a weight.
	p = newPool(&JoinIdleQueue{}, 1, 0, 1)
	for m := range 3 {
		p.Scheduler.(lb.IdleQueue).Idle(m)
	}
	expect(t, "picks", p.turns(2), "ac")
	p.view.Members[1].Base = 1
	p.reweigh(1, lb.FullWeight)
	p.set(1, true)
	expect(t, "pick", p.turns(1), "b")
}

// A report is withdrawn when its server gets a connection, unless it is kept.
func TestReportsAreWithdrawn(t *testing.T) {
	for _, keep := range []bool{false, true} {
		p := newPool(&JoinIdleQueue{Keep: keep}, same(3)...)
		q := p.Scheduler.(lb.IdleQueue)
		for m := range 3 {
			q.Idle(m)
		}
		expect(t, "stands", q.Busy(0), keep)
		expect(t, "pick", p.pick() == 0, keep)
		expect(t, "stands after the pick", q.Busy(0), false)
	}
}
