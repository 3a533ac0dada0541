package server

import (
	"testing"

	"lbsim/models/flow"
)

// Under ps, what is in service has its share of the cores again when the machine
// goes on, and what was sent meanwhile comes then.
func TestStandstillOfSharing(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: PS})
	r.at(0, func() { r.send("a", 0, 2); r.send("b", 0, 3) })
	r.at(1, func() { r.p.Suspend(0, flow.Silent) }) // each has had 0.5 s
	r.at(3, func() { r.send("c", 0, 1) })
	r.at(4, func() { r.p.SetSpeed(0, 0.5) })
	r.at(5, func() { r.p.SetSpeed(0, 1); r.p.Resume(0) })
	r.run(20)
	// Three share the core until c has had its second, then a has 0.5 s left and b
	// 1.5 s.
	r.want("c completed 8", "a completed 9", "b completed 10")
}

// Under fifo, work goes on where it was, and the order stays.
func TestStandstillOfQueue(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: 1, Discipline: FIFO})
	r.at(0, func() { r.send("a", 0, 2); r.send("b", 0, 1) })
	r.at(1, func() { r.p.Suspend(0, flow.Silent) })
	r.at(3, func() { r.send("c", 0, 1) }) // there is no room when it comes
	r.at(4, func() {
		if m := r.p.Meter(0, r.e.Now()); m.Busy != 0 || m.BusyArea != 1e9 || m.Queue != 1 || m.Up {
			t.Errorf("the meters of a server that stands still: %+v", m)
		}
	})
	r.at(5, func() { r.p.Resume(0) })
	r.run(20)
	r.want("c rejected 5", "a completed 6", "b completed 7")
}

// What befalls a server while its machine stands still.
func TestStandstillAndFailure(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: FIFO})
	state := func(want flow.Answer) {
		if got := r.p.State(0, 0); got != want {
			t.Errorf("at %v a connection meets %v, want %v", r.e.Now(), got, want)
		}
	}
	r.at(0, func() { r.send("a", 0, 2) })
	r.at(1, func() { r.p.Suspend(0, flow.Accepts); state(flow.Accepts) })
	r.at(2, func() { r.p.Suspend(0, flow.Silent); state(flow.Silent) })
	r.at(3, func() { r.p.Hang(0, 0) })
	r.at(4, func() { r.p.Resume(0); state(flow.Accepts) })
	r.at(6, func() { r.p.Mend(0, 0, nil) }) // a has a second left
	r.at(8, func() { r.send("b", 0, 2) })
	r.at(9, func() { r.p.Suspend(0, flow.Silent); r.p.Fail(0, flow.Refuses); r.p.Resume(0); state(flow.Refuses) })
	r.at(10, func() { r.p.Turn(0, flow.Silent); state(flow.Silent) })
	r.at(11, func() { r.p.Recover(0, nil); r.p.Turn(0, flow.Silent); state(flow.Accepts); r.send("c", 0, 1) })
	r.run(20)
	r.want("a completed 7", "c completed 12")
}

// Whoever watches a server knows how many cores work.
func TestWatch(t *testing.T) {
	r := newRig(t, Config{Cores: 2, Queue: Unlimited, Discipline: PS})
	var busy []int
	r.p.Watch(func(s int32, n int) {
		if m := r.p.Meter(int(s), r.e.Now()); m.Busy != n {
			t.Errorf("at %v: %d cores work, told %d", r.e.Now(), m.Busy, n)
		}
		busy = append(busy, n)
	})
	r.at(0, func() { r.send("a", 0, 1); r.send("b", 0, 2); r.send("c", 0, 3) })
	r.at(2, func() { r.p.Suspend(0, flow.Silent) })
	r.at(3, func() { r.p.Resume(0) })
	r.run(20)
	r.want("a completed 1.5", "b completed 3.5", "c completed 4.5")
	want := []int{1, 2, 2, 2, 0, 2, 1, 0}
	if len(busy) != len(want) {
		t.Fatalf("told %v, want %v", busy, want)
	}
	for i := range want {
		if busy[i] != want[i] {
			t.Fatalf("told %v, want %v", busy, want)
		}
	}
}
