package sim

import (
	"math"
	"slices"
	"testing"
)

// Every result depends on these numbers. If they change, all results do.
func TestStreamsAreFrozen(t *testing.T) {
	s := NewStream(1, 0, "traffic/outlook/demand")
	var bits []uint64
	for range 4 {
		bits = append(bits, s.Uint64())
	}
	var ints []int
	for range 8 {
		ints = append(ints, s.IntN(1000))
	}
	var floats []float64
	for i := range uint64(4) {
		floats = append(floats, s.Nth(i))
	}
	if want := []uint64{0xc2c9f90c0bce4a9c, 0xf1cc08b548d10c55, 0x7869e90dff88b5ff, 0x437b21ea7b780e70}; !slices.Equal(bits, want) {
		t.Errorf("Uint64: %#x, want %#x", bits, want)
	}
	if want := []int{922, 510, 451, 199, 827, 841, 244, 744}; !slices.Equal(ints, want) {
		t.Errorf("IntN: %v, want %v", ints, want)
	}
	if want := []float64{0.9909288364417614, 0.6816724762181353, 0.4000143268795815, 0.5097317423046404}; !slices.Equal(floats, want) {
		t.Errorf("Nth: %v, want %v", floats, want)
	}
}

func TestEngineStreamsHaveNames(t *testing.T) {
	e := New(3, 4)
	if first, again := e.Stream("a"), e.Stream("a"); first != again {
		t.Error("the same name gives two streams")
	}
	if got, want := e.Stream("b").Uint64(), NewStream(3, 4, "b").Uint64(); got != want {
		t.Error("the engine's stream is not the one of its seed, replication and name")
	}
}

// sequences of two streams, or of the two kinds of one stream, have nothing in
// common: neither equal numbers nor correlation.
func TestStreamsAreIndependent(t *testing.T) {
	const n = 20_000
	inTurn := func(s *Stream) (x []float64) {
		for range n {
			x = append(x, s.Float64())
		}
		return x
	}
	nth := func(s *Stream) (x []float64) {
		for i := range uint64(n) {
			x = append(x, s.Nth(i))
		}
		return x
	}
	sequences := map[string][]float64{
		"base":                   inTurn(NewStream(1, 0, "a")),
		"base, numbered":         nth(NewStream(1, 0, "a")),
		"other name":             inTurn(NewStream(1, 0, "b")),
		"other name, numbered":   nth(NewStream(1, 0, "b")),
		"next seed":              inTurn(NewStream(2, 0, "a")),
		"next seed, numbered":    nth(NewStream(2, 0, "a")),
		"next run":               inTurn(NewStream(1, 1, "a")),
		"next run, numbered":     nth(NewStream(1, 1, "a")),
		"seed 0, run 1":          inTurn(NewStream(0, 1, "a")),
		"longer name, numbered":  nth(NewStream(1, 0, "aa")),
		"numbered from far away": nil,
	}
	far := NewStream(1, 0, "a")
	for i := range uint64(n) {
		sequences["numbered from far away"] = append(sequences["numbered from far away"], far.Nth(1<<52+i<<20))
	}
	// The correlation of independent sequences has a standard deviation of
	// 1/sqrt(n); of some hundred comparisons one may reach 3.5 of them.
	limit := 4 / math.Sqrt(n)
	for a, x := range sequences {
		checkUniform(t, a, x)
		if c := correlation(x[:n-1], x[1:]); math.Abs(c) > limit {
			t.Errorf("%s: correlation %.4f with its successor", a, c)
		}
		for b, y := range sequences {
			if a < b && math.Abs(correlation(x, y)) > limit {
				t.Errorf("%s and %s: correlation %.4f", a, b, correlation(x, y))
			}
		}
	}
}

func correlation(x, y []float64) float64 {
	var xy float64
	for i := range x {
		xy += (x[i] - 0.5) * (y[i] - 0.5)
	}
	return 12 * xy / float64(len(x))
}

// checkUniform sorts the numbers into a hundred classes: chi squared of 99
// degrees of freedom exceeds 149 once in a thousand times.
func checkUniform(t *testing.T, name string, x []float64) {
	t.Helper()
	var classes [100]float64
	for _, v := range x {
		if v < 0 || v >= 1 {
			t.Fatalf("%s: %v is not in [0, 1)", name, v)
		}
		classes[int(v*100)]++
	}
	want, chi := float64(len(x))/100, 0.0
	for _, n := range classes {
		chi += (n - want) * (n - want) / want
	}
	if chi > 149 {
		t.Errorf("%s: chi squared is %.0f", name, chi)
	}
}

func TestIntN(t *testing.T) {
	s := NewStream(1, 0, "ints")
	for _, n := range []int{1, 2, 3, 10, 1000, 1<<31 + 11, math.MaxInt} {
		for range 1000 {
			if i := s.IntN(n); i < 0 || i >= n {
				t.Fatalf("IntN(%d) = %d", n, i)
			}
		}
	}
	// 2^64 numbers do not divide evenly into 3/8 as many. Without rejection those
	// that are 2 modulo 3 would have two of eight numbers, the others three.
	const n, draws = 3 << 61, 10_000
	third := 0
	for range draws {
		if s.IntN(n)%3 == 2 {
			third++
		}
	}
	if math.Abs(float64(third)/draws-1.0/3) > 4*math.Sqrt(2.0/9/draws) {
		t.Errorf("%d of %d numbers are 2 modulo 3", third, draws)
	}
	defer func() {
		if recover() == nil {
			t.Error("IntN(0) does not panic")
		}
	}()
	s.IntN(0)
}
