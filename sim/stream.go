package sim

import (
	"math/bits"
	"math/rand/v2"
)

// Stream is a named source of random numbers: PCG-DXSM (O'Neill 2014, as in
// math/rand/v2), seeded from the run's seed, the replication and the name.
type Stream struct {
	pcg rand.PCG
	key uint64
}

// Stream returns the stream of that name. Name a stream for its purpose, as in
// "traffic/outlook/demand". Asking twice returns the same stream, so two
// components that mean different things need different names.
func (e *Engine) Stream(name string) *Stream {
	s, ok := e.streams[name]
	if !ok {
		s = NewStream(e.seed, e.replication, name)
		e.streams[name] = s
	}
	return s
}

// NewStream returns a stream that belongs to no engine.
func NewStream(seed, replication uint64, name string) *Stream {
	a := mix64(seed + golden)
	b := mix64(a ^ mix64(replication^fnvOffset))
	c := mix64(b ^ hashString(name))
	return &Stream{pcg: *rand.NewPCG(c, mix64(c+golden)), key: mix64(c ^ fnvOffset)}
}

// Uint64 returns the next 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Float64 returns the next number of the uniform distribution over [0, 1), a
// multiple of 2^-53.
func (s *Stream) Float64() float64 { return unit(s.pcg.Uint64()) }

// IntN returns a uniform integer in [0, n) by multiplication and rejection
// (Lemire 2019). It panics if n < 1.
func (s *Stream) IntN(n int) int {
	if n < 1 {
		panic("sim: IntN of less than 1")
	}
	hi, lo := bits.Mul64(s.pcg.Uint64(), uint64(n))
	if lo < uint64(n) {
		for reject := -uint64(n) % uint64(n); lo < reject; {
			hi, lo = bits.Mul64(s.pcg.Uint64(), uint64(n))
		}
	}
	return int(hi)
}

// Nth returns the i-th number of a sequence of uniform numbers over [0, 1)
// that is independent of the ones above. It has no state: what entity i draws
// does not depend on when other entities draw, so two variants of a scenario
// whose events come in another order still give each entity the same numbers.
// Two rounds of a 64-bit finaliser (Stafford 2011, variant 13) over a Weyl
// sequence, as in SplitMix64 (Steele, Lea, Flood 2014).
func (s *Stream) Nth(i uint64) float64 {
	return unit(mix64(mix64(s.key+i*golden) ^ s.key))
}

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio, odd

func unit(u uint64) float64 { return float64(u>>11) * 0x1p-53 }

func mix64(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

const fnvOffset = 14695981039346656037

// hashString is FNV-1a, 64 bits.
func hashString(s string) uint64 {
	h := uint64(fnvOffset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
