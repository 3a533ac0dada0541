package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// hold runs the hold model (Jones 1986): size events are pending, and each
// schedules its successor, n times in all. It returns a hash of their order.
func hold(size, n int) (order uint64) {
	e := New(1, 0)
	r := rand.New(rand.NewPCG(1, 0))
	var p Port[uint32]
	p = Bind(e, "hold", Arrive, func(i uint32) {
		order = order*31 + uint64(i)
		p.After(time.Duration(r.ExpFloat64()*1e9), i)
		if n--; n == 0 {
			e.Stop()
		}
	})
	for i := range size {
		p.After(time.Duration(r.ExpFloat64()*1e9), uint32(i))
	}
	e.Run(Never)
	return order
}

// The hashes are those that other queues give, written by hand and without an
// engine: go run ./sim/bench/limit hold -queue wheel -size 1000 -n 100000.
func TestHoldOrder(t *testing.T) {
	for _, c := range []struct {
		size int
		want uint64
	}{{10, 0x9e1811042c5ab9f4}, {1000, 0x7abf508dbd5afd40}, {100_000, 0x529c4f8215bb33c5}} {
		if got := hold(c.size, 100_000); got != c.want {
			t.Errorf("%d pending: order %016x, want %016x", c.size, got, c.want)
		}
	}
}

func BenchmarkHold(b *testing.B) {
	for _, size := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			const n = 1_000_000
			b.ReportAllocs()
			for b.Loop() {
				hold(size, n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
		})
	}
}
