package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// planned is an event as the reference keeps it: all that decides its order,
// in the open.
type planned struct {
	at      Time
	phase   Phase
	seq     int // order of scheduling
	arg     uint64
	pending Pending // 0 if it cannot be cancelled
}

func inOrder(a, b planned) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.phase, b.phase), cmp.Compare(a.seq, b.seq))
}

// reference is an engine beside a list of its events, which is sorted whenever
// events are to fire.
type reference struct {
	e     *Engine
	small [Observe + 1]Port[uint32]
	large [Observe + 1]Port[uint64]
	list  []planned
	gone  []Pending // that fired or were cancelled
	fired []planned
	seq   int
	most  int
}

func newReference() *reference {
	r := &reference{e: New(1, 0)}
	for p := Fault; p <= Observe; p++ {
		fire := func(arg uint64) { r.fired = append(r.fired, planned{at: r.e.Now(), phase: p, arg: arg}) }
		r.small[p] = Bind(r.e, "small", p, func(arg uint32) { fire(uint64(arg)) })
		r.large[p] = Bind(r.e, "large", p, func(arg uint64) { fire(arg) })
	}
	return r
}

// schedule adds an event in one of four ways: its argument fits into a queue
// entry or not, and it can be cancelled or not.
func (r *reference) schedule(wait time.Duration, phase Phase, large, cancellable bool) {
	x := planned{at: r.e.Now().Add(wait), phase: phase, seq: r.seq, arg: uint64(r.seq)}
	r.seq++
	switch {
	case large && cancellable:
		x.arg |= 1 << 40
		x.pending = r.large[phase].SetAt(x.at, x.arg)
	case large:
		x.arg |= 1 << 40
		r.large[phase].At(x.at, x.arg)
	case cancellable:
		x.pending = r.small[phase].Set(wait, uint32(x.arg))
	default:
		r.small[phase].After(wait, uint32(x.arg))
	}
	r.list = append(r.list, x)
	r.most = max(r.most, len(r.list))
}

// run lets both come to the given time, and returns what should have fired.
func (r *reference) run(until Time) (want []planned) {
	slices.SortFunc(r.list, inOrder)
	n := 0
	for n < len(r.list) && r.list[n].at <= until {
		x := r.list[n]
		want = append(want, planned{at: x.at, phase: x.phase, arg: x.arg})
		if x.pending != 0 {
			r.gone = append(r.gone, x.pending)
		}
		n++
	}
	r.list = r.list[n:]
	r.fired = nil
	r.e.Run(until)
	return want
}

// The engine fires the events that a sorted list says, in that order, whatever
// is scheduled, cancelled and fired before; also when it runs out of scheduling
// numbers and gives out new ones.
func TestQueueAgainstASort(t *testing.T) { rapid.Check(t, checkQueue) }

func FuzzQueue(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkQueue)) }

func checkQueue(t *rapid.T) {
	r := newReference()
	var cancelled uint64
	t.Repeat(map[string]func(*rapid.T){
		"schedule": func(t *rapid.T) {
			// Few instants, so that there are many ties.
			r.schedule(time.Duration(rapid.IntRange(0, 6).Draw(t, "wait")), Phase(rapid.IntRange(0, int(Observe)).Draw(t, "phase")),
				rapid.Bool().Draw(t, "large"), rapid.Bool().Draw(t, "cancellable"))
		},
		"schedule many": func(t *rapid.T) {
			for i := range rapid.IntRange(1, 300).Draw(t, "number") {
				r.schedule(time.Duration(i*7%13), Phase(i%5), i%3 == 0, i%2 == 0)
			}
		},
		"cancel some": func(t *rapid.T) {
			every := rapid.IntRange(1, 4).Draw(t, "every")
			i := 0
			r.list = slices.DeleteFunc(r.list, func(x planned) bool {
				if x.pending == 0 {
					return false
				}
				if i++; i%every != 0 {
					return false
				}
				if !r.e.Cancel(x.pending) {
					t.Fatal("a pending event cannot be cancelled")
				}
				r.gone = append(r.gone, x.pending)
				cancelled++
				return true
			})
		},
		"cancel what is gone": func(t *rapid.T) {
			for _, p := range r.gone {
				if r.e.IsPending(p) || r.e.Cancel(p) {
					t.Fatal("an event that is gone was cancelled")
				}
			}
		},
		"run": func(t *rapid.T) {
			until := r.e.Now() + Time(rapid.IntRange(0, 4).Draw(t, "time"))
			want := r.run(until)
			if !slices.Equal(r.fired, want) {
				t.Fatalf("fired\n%v, want\n%v", r.fired, want)
			}
			if r.e.Now() != until {
				t.Fatalf("the clock stands at %v, not %v", r.e.Now(), until)
			}
		},
		"run out of scheduling numbers": func(t *rapid.T) {
			left := uint64(rapid.IntRange(0, 20).Draw(t, "left"))
			r.e.scheduled = max(r.e.scheduled, orderMask-left)
		},
		"": func(t *rapid.T) {
			if got := r.e.Pending(); got != len(r.list) {
				t.Fatalf("%d events pending, want %d", got, len(r.list))
			}
			for _, x := range r.list {
				if x.pending != 0 && !r.e.IsPending(x.pending) {
					t.Fatal("a pending event is not")
				}
			}
			if s := r.e.Stats(); s.Cancelled != cancelled || s.MaxPending < r.most {
				t.Fatalf("%+v after %d cancellations and at most %d pending", s, cancelled, r.most)
			}
		},
	})
	want := r.run(Never)
	if !slices.Equal(r.fired, want) || r.e.Pending() != 0 {
		t.Fatalf("at the end fired\n%v, want\n%v", r.fired, want)
	}
}

// The heap alone, with many more entries.
func TestHeapAgainstASort(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	q := newQueue()
	var want []entry
	n := uint64(0)
	for range 200_000 {
		if q.len() > 0 && random.IntN(20) < 9 {
			x := q.min()
			q.pop()
			want = append(want, x)
			continue
		}
		// Behind what has been taken, as in a simulation.
		at := Time(random.IntN(1000))
		if len(want) > 0 {
			at += want[len(want)-1].at
		}
		q.push(makeEntry(at, Observe, n, 0, 0))
		n++
	}
	for q.len() > 0 {
		x := q.min()
		q.pop()
		want = append(want, x)
	}
	if uint64(len(want)) != n {
		t.Fatalf("%d entries went in, %d came out", n, len(want))
	}
	for i := 1; i < len(want); i++ {
		if !before(want[i-1], want[i]) {
			t.Fatalf("entry %d, %v, comes after %v", i, want[i], want[i-1])
		}
	}
}
