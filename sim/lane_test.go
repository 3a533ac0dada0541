package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// mixed schedules events of all sorts, the same ones over ports or over lanes of those
// that are listed, and returns what fires. from is the first scheduling number.
func mixed(lanes []int, seed, shuffle, from uint64) (fired []string, stats Stats) {
	e := New(seed, 0)
	e.scheduled = from
	if shuffle != 0 {
		e.ShuffleTies(shuffle)
	}
	at := make([]func(Time, uint64), 3)
	var ports [3]Port[uint64]
	u := e.Stream("u")
	for k := range at {
		ports[k] = Bind(e, fmt.Sprint("p", k), Phase(k), func(arg uint64) {
			fired = append(fired, fmt.Sprint(e.Now(), " ", k, " ", arg))
			if len(fired) > 3000 {
				return
			}
			next := u.IntN(3)
			after := time.Duration(10 * (next + 1))
			if u.IntN(10) == 0 {
				after = time.Duration(u.IntN(40)) // out of order
			}
			at[next](e.Now().Add(after), arg+1)
			if len(fired) == 500 {
				ports[1].CancelIf(func(arg uint64) bool { return arg%2 == 0 })
			}
			if u.IntN(8) == 0 {
				at[(next+1)%3](e.Now(), 1<<30+arg)
			}
		})
		at[k] = ports[k].At
		if slices.Contains(lanes, k) {
			at[k] = NewLane(ports[k]).At
		}
	}
	for i := range uint64(20) {
		at[i%3](Time(i/3), 100*i)
	}
	e.Run(400)
	pending := e.Pending()
	e.Run(1 << 40)
	stats = e.Stats()
	stats.MaxPending = pending
	return fired, stats
}

// Lanes change nothing but the time that a run takes.
func TestLanesKeepTheOrder(t *testing.T) {
	for seed := range uint64(20) {
		shuffle := seed % 2 * 7
		from := seed / 2 % 2 * (orderMask - 1000) // numbers begin anew on the way
		want, stats := mixed(nil, seed, shuffle, from)
		for _, lanes := range [][]int{{0}, {0, 2}, {2, 1}, {0, 1, 2}} {
			got, other := mixed(lanes, seed, shuffle, from)
			if !slices.Equal(got, want) || stats != other || len(got) < 3000 {
				t.Errorf("seed %d: %d events with lanes of %v, %+v; %d without, %+v", seed, len(got), lanes, other, len(want), stats)
			}
		}
	}
}

// What waits in lanes keeps its order when scheduling numbers begin anew.
func TestLanesAreRenumbered(t *testing.T) {
	e := New(1, 0)
	var fired []uint32
	p := Bind(e, "p", Arrive, func(i uint32) { fired = append(fired, i) })
	l := NewLane(p)
	e.scheduled = orderMask - 1
	for i := range uint32(3) {
		l.At(5, i)
		p.At(5, 10+i)
	}
	e.Run(10)
	if want := []uint32{0, 10, 1, 11, 2, 12}; !slices.Equal(fired, want) {
		t.Errorf("%v fire, not %v", fired, want)
	}
}

func BenchmarkLane(b *testing.B) {
	for _, lanes := range []bool{false, true} {
		b.Run(fmt.Sprint(lanes), func(b *testing.B) {
			e := New(1, 0)
			at := [2]func(Time, uint32){}
			for k := range at {
				p := Bind(e, "p", Arrive, func(i uint32) { at[k](e.Now().Add(time.Duration(1000*k+1000)), i) })
				if at[k] = p.At; lanes {
					at[k] = NewLane(p).At
				}
			}
			for i := range uint32(1000) {
				at[i%2](Time(i), i)
			}
			b.ReportAllocs()
			for n := Time(1); b.Loop(); n++ {
				e.Run(n)
			}
		})
	}
}
