package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
)

// A request may wait for the time-out exactly; one that has waited longer is
// rejected when its turn comes, and not before.
func TestQueueTimeout(t *testing.T) {
	for _, d := range []Discipline{FIFO, PS} {
		r := newRig(t, Config{Cores: 1, Slots: 1, Queue: Unlimited, QueueTimeout: 10 * time.Second, Discipline: d})
		r.at(0, func() {
			for i := range 5 {
				r.send(fmt.Sprint(i), 0, 5)
			}
		})
		r.at(14, func() { r.send("later", 0, 5) })
		r.run(100)
		r.want("0 completed 5", "1 completed 10", "3 rejected 15", "4 rejected 15", "2 completed 15", "later completed 20")
	}
}

// M/M/c/K: slots and queue together are all that a server has room for.
func TestRoomOfServer(t *testing.T) {
	for _, c := range []struct {
		config Config
		last   string // to be served of six requests of a second
	}{
		{Config{Cores: 2, Slots: 0, Queue: 4, Discipline: FIFO}, "5 completed 3"},
		{Config{Cores: 2, Slots: 5, Queue: 1, Discipline: FIFO}, "5 completed 3"},
		{Config{Cores: 2, Slots: 1, Queue: 5, Discipline: FIFO}, "5 completed 6"}, // a core is never used
		{Config{Cores: 2, Slots: 5, Queue: 1, Discipline: PS}, "5 completed 3.5"}, // five share two cores until 2.5 s
		{Config{Cores: 2, Slots: 6, Queue: 0, Discipline: PS}, "5 completed 3"},
	} {
		r := newRig(t, c.config)
		r.at(0, func() {
			for i := range 8 {
				r.send(fmt.Sprint(i), 0, 1)
			}
		})
		r.run(0)
		if n := r.p.Present(0); n != 6 || len(r.ended) != 2 {
			t.Errorf("%+v: room for %d, %v", c.config, n, r.ended)
		}
		r.run(10)
		if r.ended[7] != c.last || !almost(r.worked(), 6) {
			t.Errorf("%+v: %v, want %s; worked %v", c.config, r.ended, c.last, r.worked())
		}
	}
}

// A server that does not notice that clients have given up works for nobody.
func TestAbandon(t *testing.T) {
	for abandon, want := range map[Abandon][]string{
		IgnoreAbandoned: {"0 completed 2", "1 completed 4", "2 completed 6"},
		NoticeAbandoned: {"1 rejected 2", "0 completed 2", "2 completed 4"},
	} {
		r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: FIFO, Abandon: abandon})
		r.at(0, func() {
			for i := range 3 {
				r.fl.Requests.At(uint32(r.send(fmt.Sprint(i), 0, 2))).Abandoned = i < 2 // one is in service, one waits
			}
		})
		r.run(10)
		r.want(want...)
	}
}

func TestRing(t *testing.T) {
	var q ring
	var want []flow.RequestID
	for i := range flow.RequestID(1000) {
		switch i % 7 {
		case 0, 1, 2:
			q.push(i)
			want = append(want, i)
		case 3, 4:
			q.pushFront(i)
			want = slices.Insert(want, 0, i)
		case 5:
			if got := q.pop(); got != want[0] {
				t.Fatalf("%d, want %d", got, want[0])
			}
			want = want[1:]
		case 6:
			odd := func(id flow.RequestID) bool { return id%11 == i%11 }
			q.remove(odd)
			want = slices.DeleteFunc(want, odd)
		}
	}
	for _, id := range want {
		if got := q.pop(); got != id {
			t.Fatalf("%d, want %d", got, id)
		}
	}
	if q.n != 0 {
		t.Errorf("%d are left", q.n)
	}
}
