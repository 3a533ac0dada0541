package server

import (
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

func TestLatencyClasses(t *testing.T) {
	before := -1
	for met, want := range map[uint]int{0: 0, 7: 7, 8: 8, 9: 8, 10: 9, 15: 11, 16: 12, 31: 15, 32: 16, 447: 30, 448: 31, 1 << 30: 31} {
		if got := latencyClass(met); got != want {
			t.Errorf("%d others: class %d, want %d", met, got, want)
		}
	}
	for met := range uint(2000) {
		c := latencyClass(met)
		if c != before && c != before+1 {
			t.Fatalf("%d others: class %d after class %d", met, c, before)
		}
		before = c
	}
}

func TestLatencies(t *testing.T) {
	type served struct {
		met  uint32
		took time.Duration
	}
	for _, c := range []struct {
		name   string
		served []served
		met    uint
		want   time.Duration
	}{
		{"nothing served", nil, 3, 0},
		{"one", []served{{3, 50}}, 3, 50},
		{"the median", []served{{3, 50}, {3, 10}, {3, 70}, {3, 20}, {3, 60}}, 3, 50},
		{"of the last fifteen", append(slices.Repeat([]served{{3, 1}}, 15), slices.Repeat([]served{{3, 30}, {3, 20}, {3, 70}}, 5)...), 3, 30},
		{"of those that met as many", []served{{2, 5}, {3, 50}, {4, 500}}, 3, 50},
		{"else of the nearest", []served{{0, 5}, {7, 50}, {100, 500}}, 5, 50},
		{"as near: the busier", []served{{4, 5}, {6, 50}}, 5, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l latencies
			for _, s := range c.served {
				l.add(&flow.Request{Met: s.met, Sent: 1000}, sim.Time(1000+s.took))
			}
			l.add(&flow.Request{Met: uint32(c.met), Work: flow.Setup}, 9999)
			l.add(&flow.Request{Met: uint32(c.met), Work: flow.Probe}, 9999)
			if got := l.expect(c.met); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestLatenciesDoNotAllocate(t *testing.T) {
	var l latencies
	r := flow.Request{}
	if n := testing.AllocsPerRun(1000, func() {
		r.Met = (r.Met + 7) % 50
		l.add(&r, sim.Time(r.Met))
		l.expect(uint(r.Met))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLatencyProbe(b *testing.B) {
	var l latencies
	for i := range 1000 {
		l.add(&flow.Request{Met: uint32(i % 20)}, sim.Time(i*7919%1000))
	}
	for i := 0; b.Loop(); i++ {
		l.expect(uint(i % 20))
	}
}

func BenchmarkLatencyNote(b *testing.B) {
	var l latencies
	r := flow.Request{}
	for i := 0; b.Loop(); i++ {
		r.Met = uint32(i % 20)
		l.add(&r, sim.Time(i))
	}
}
