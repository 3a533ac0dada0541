package sim

import (
	"math/rand/v2"
	"testing"
	"time"
)

func benchHold(b *testing.B, size int) {
	e := New(1, 0)
	r := rand.New(rand.NewPCG(1, 0))
	var sum uint64
	n := 0
	var p Port[uint32]
	p = Bind(e, "hold", Arrive, func(i uint32) {
		sum = sum*31 + uint64(i)
		p.After(time.Duration(r.ExpFloat64()*1e9), i)
		n++
		if n == b.N {
			e.Stop()
		}
	})
	for i := range size {
		p.After(time.Duration(r.ExpFloat64()*1e9), uint32(i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	e.Run(Never)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "holds/s")
	if testing.Verbose() {
		b.Logf("%016x", sum)
	}
}
func BenchmarkHold1e3(b *testing.B) { benchHold(b, 1000) }
func BenchmarkHold1e5(b *testing.B) { benchHold(b, 100000) }
