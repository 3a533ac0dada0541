package server

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"lbsim/models/flow"
)

// What a hung service has begun stands still and goes on from where it was; the
// time between counts as waiting.
func TestHungRequestsGoOn(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: FIFO})
	var id flow.RequestID
	r.at(1, func() { id = r.send("a", 0, 10) })
	r.at(5, func() { r.p.Hang(0, 0) })
	r.at(20, func() { r.p.Mend(0, 0, nil) })
	r.at(22, func() { r.p.Hang(0, 0) })
	r.at(30, func() { r.p.Mend(0, 0, nil) })
	r.run(33)
	if q := r.fl.Requests.At(uint32(id)); q.Started.Seconds() != 24 {
		t.Errorf("it counts as begun at %v: it stood still from 5 to 20 and from 22 to 30 s", q.Started)
	}
	r.run(40)
	r.want("a completed 34")
	if !almost(r.worked(), 10) {
		t.Errorf("the core worked for %v s", r.worked())
	}
}

// Under processor sharing others share what a hung service's requests leave.
func TestHungRequestsLeaveTheCores(t *testing.T) {
	r := newRig(t, Config{Cores: 1, Queue: Unlimited, Discipline: PS})
	r.at(0, func() { r.send("a", 0, 10); r.send("b", 1, 10) })
	r.at(4, func() { r.p.Hang(0, 0) })    // each has had 2 s
	r.at(6, func() { r.send("c", 0, 3) }) // stands still from the start
	r.at(20, func() { r.p.Mend(0, 0, nil) })
	r.run(60)
	r.want("b completed 12", "c completed 26", "a completed 31")
	if !almost(r.worked(), 23) {
		t.Errorf("the core worked for %v s", r.worked())
	}
}

// A hung service takes the slots of its server, one by one, and then its
// neighbours get nothing although the cores are idle.
func TestThreadExhaustion(t *testing.T) {
	for _, d := range []Discipline{FIFO, PS} {
		t.Run(string(d), func(t *testing.T) {
			r := newRig(t, Config{Cores: 4, Slots: 8, Queue: 3, Discipline: d})
			r.at(1, func() { r.p.Hang(0, 0) })
			for i := range 6 {
				r.at(2+float64(i), func() { r.send(fmt.Sprint("hung", i), 0, 1) })
			}
			r.at(10, func() { r.send("early", 1, 1) }) // two slots are left
			r.at(11.5, func() { r.send("hung6", 0, 1) })
			r.at(11.6, func() { r.send("hung7", 0, 1) })
			for i := range 4 {
				r.at(12+float64(i), func() { r.send(fmt.Sprint("late", i), 1, 1) })
			}
			r.run(19)
			r.want("early completed 11", "late3 rejected 15")
			if m := r.p.Meter(0, r.e.Now()); m.Busy != 0 || m.Queue != 3 || !almost(r.worked(), 1) {
				t.Errorf("%+v: the cores should be idle and 3 requests wait", m)
			}
			r.at(20, func() { r.p.Mend(0, 0, nil) })
			r.run(30)
			if len(r.ended) != 2+8+3 || !almost(r.worked(), 12) {
				t.Errorf("%v: the others should have gone on, worked %v", r.ended, r.worked())
			}
			if d == FIFO {
				r.want("early completed 11", "late3 rejected 15",
					"hung0 completed 21", "hung1 completed 21", "hung2 completed 21", "hung3 completed 21",
					"hung4 completed 22", "hung5 completed 22", "hung6 completed 22", "hung7 completed 22",
					"late0 completed 23", "late1 completed 23", "late2 completed 23")
			}
		})
	}
}

// As long as there are slots, neighbours have all cores under fifo as well.
func TestHungServiceLeavesItsNeighboursTheCores(t *testing.T) {
	r := newRig(t, Config{Cores: 2, Slots: 5, Queue: Unlimited, Discipline: FIFO})
	r.at(0, func() { r.p.Hang(0, 0) })
	for i := range 3 {
		r.at(1, func() { r.send(fmt.Sprint("hung", i), 0, 1) })
	}
	for i := range 3 {
		r.at(2, func() { r.send(fmt.Sprint("other", i), 1, 1) })
	}
	r.run(10)
	r.want("other0 completed 3", "other1 completed 3", "other2 completed 4")
}

// A service that closes takes its requests with it, wherever they were; those of
// others keep their places.
func TestCloseOfOneService(t *testing.T) {
	for _, d := range []Discipline{FIFO, PS} {
		t.Run(string(d), func(t *testing.T) {
			r := newRig(t, Config{Cores: 2, Slots: 2, Queue: Unlimited, Discipline: d})
			r.at(0, func() {
				r.send("a0", 0, 5)
				r.send("b0", 1, 2)
				r.send("a1", 0, 5)
				r.send("b1", 1, 3)
				r.send("a2", 0, 5)
				r.send("b2", 1, 1)
			})
			r.at(1, func() { r.p.Close(0, 0) })
			r.run(1)
			if n := r.p.Present(0); n != 3 || r.p.State(0, 0) != flow.Refuses || r.p.State(0, 1) != flow.Accepts {
				t.Errorf("%d requests are left, states %v and %v", n, r.p.State(0, 0), r.p.State(0, 1))
			}
			r.run(20)
			r.want("b0 completed 2", "b2 completed 3", "b1 completed 4")
			r.at(21, func() { r.p.Mend(0, 0, nil); r.send("a3", 0, 1) })
			r.run(30)
			if r.ended[3] != "a3 completed 22" || r.p.Troubled(0, 0) {
				t.Error(r.ended)
			}
		})
	}
}

// A server that is blocked hangs as a whole; a service that hangs by itself goes
// on hanging when that ends, and a server that dies is not blocked any more.
func TestBlock(t *testing.T) {
	r := newRig(t, Config{Cores: 2, Queue: Unlimited, Discipline: FIFO})
	r.at(0, func() { r.send("a", 0, 4); r.send("b", 1, 4) })
	r.at(1, func() { r.p.Block(0, true) })
	r.at(2, func() { r.p.Hang(0, 0) })
	r.at(11, func() { r.p.Block(0, false) })
	r.at(21, func() { r.p.Mend(0, 0, nil) })
	r.run(30)
	r.want("b completed 14", "a completed 24")
	r.at(31, func() { r.p.Block(0, true); r.p.Fail(0, flow.Refuses) })
	r.at(32, func() { r.p.Recover(0, nil); r.send("c", 0, 1) })
	r.run(40)
	if r.ended[2] != "c completed 33" {
		t.Error(r.ended)
	}
}

// Whatever happens in whatever order, no place is free while a request waits, no
// request is lost, and the cores work exactly what the requests demand.
func TestHangsAtRandom(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		d := []Discipline{FIFO, PS}[seed%2]
		cores := 1 + random.IntN(3)
		r := newRig(t, Config{Cores: cores, Slots: []int{0, cores, cores + 3}[random.IntN(3)], Queue: []int{Unlimited, 4}[random.IntN(2)], Discipline: d,
			QueueTimeout: time.Duration(random.IntN(2)) * 5 * time.Second})
		sent := 0
		for i := range 300 {
			r.at(float64(i)/5, func() {
				switch k := random.IntN(3); random.IntN(12) {
				case 0:
					r.p.Hang(0, k)
				case 1, 2:
					r.p.Mend(0, k, nil)
				case 3:
					r.p.Block(0, true)
				case 4, 5:
					r.p.Block(0, false)
				default:
					sent++
					r.send(fmt.Sprint(sent), k, random.ExpFloat64())
				}
				r.laws()
			})
		}
		r.at(61, func() {
			r.p.Block(0, false)
			for k := range 3 {
				r.p.Mend(0, k, nil)
			}
		})
		r.run(1000)
		if len(r.ended) != sent || r.p.Present(0) != 0 || !almost(r.worked(), r.busy) || len(r.p.machines[0].special.begun) != 0 {
			t.Fatalf("seed %d: of %d requests %d ended; the cores worked %v s, the requests demanded %v s", seed, sent, len(r.ended), r.worked(), r.busy)
		}
	}
}
