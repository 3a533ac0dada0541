package sim

import (
	"cmp"
	"math/bits"
	"slices"
)

// An entry of the event queue is 16 bytes: the time, and a key that holds the
// phase (3 bits), the scheduling number (29 bits), the port (8 bits) and the
// argument (24 bits). Comparing (at, key) is the whole order of events. An
// event that does not fit, or that may be cancelled, carries the number of a
// slot instead of its argument.
type entry struct {
	at  Time
	key uint64
}

const (
	argBits   = 24
	portBits  = 8
	orderBits = 29
	argMask   = 1<<argBits - 1
	portMask  = 1<<portBits - 1
	orderMask = 1<<orderBits - 1
	orderBit  = argBits + portBits
	phaseBit  = orderBit + orderBits
)

func makeEntry(at Time, phase Phase, order uint64, port, arg uint32) entry {
	return entry{at, uint64(phase)<<phaseBit | order<<orderBit | uint64(port)<<argBits | uint64(arg)}
}

func (x entry) phase() Phase { return Phase(x.key >> phaseBit) }
func (x entry) port() uint32 { return uint32(x.key>>argBits) & portMask }
func (x entry) arg() uint32  { return uint32(x.key) & argMask }

func before(a, b entry) bool {
	return a.at < b.at || a.at == b.at && a.key < b.key
}

// beforeBit is before without a branch: 1 or 0, the borrow of a 128-bit
// subtraction. Times are never negative, so comparing them unsigned is right.
func beforeBit(a, b entry) int {
	_, c := bits.Sub64(a.key, b.key, 0)
	_, c = bits.Sub64(uint64(a.at), uint64(b.at), c)
	return int(c)
}

// first is the index of the heap's root. With the root at 3, the four children
// of i are 4(i-2) to 4(i-2)+3 and share a cache line.
const first = 3

// last is behind every event. It pads the last group of children to four, so
// that the smallest of a group is always found without branches.
var last = entry{Never, noKey}

// noKey is the key of no event, as there are fewer phases.
const noKey = 1<<64 - 1

// queue is a 4-ary min-heap of entries. Taking the minimum leaves a hole at
// the root which the next push fills, so the usual pair of a pop and a push
// costs one sift instead of two.
type queue struct {
	a       []entry // a[0:first] is unused, a[n:] is padding
	n       int     // where the padding begins
	hole    bool    // a[first] has been taken
	longest int     // most entries so far
}

func newQueue() queue { return queue{a: []entry{last, last, last, last}, n: first} }

func (q *queue) len() int {
	n := q.n - first
	if q.hole {
		n--
	}
	return n
}

// push adds x. If the root is a hole, x sinks from there to its place.
func (q *queue) push(x entry) {
	if !q.hole {
		q.rise(x)
		return
	}
	q.hole = false
	a := q.a
	i := first
	for {
		c := (i - 2) << 2
		if c+4 > len(a) {
			break
		}
		// Two comparisons side by side, then one.
		k := a[c : c+4 : c+4]
		m := beforeBit(k[1], k[0])
		r := 2 + beforeBit(k[3], k[2])
		m += (r - m) & -beforeBit(k[r&3], k[m&3])
		y := k[m&3]
		if !before(y, x) {
			break
		}
		a[i] = y
		i = c + m
	}
	a[i] = x
}

// rise adds x as a leaf and lifts it to its place.
func (q *queue) rise(x entry) {
	i := q.n
	if i == len(q.a) {
		q.a = append(q.a, last, last, last, last)
	}
	q.n++
	q.longest = max(q.longest, q.n-first)
	a := q.a
	for i > first {
		p := i>>2 + 2
		y := a[p]
		if !before(x, y) {
			break
		}
		a[i] = y
		i = p
	}
	a[i] = x
}

// min returns the first entry without taking it; last if there is none.
func (q *queue) min() entry {
	if q.hole {
		q.fill()
	}
	return q.a[first]
}

// pop takes the entry that min has just returned.
func (q *queue) pop() { q.hole = true }

// fill closes the hole at the root with the last leaf. Inlined into min, it would
// keep min from being inlined into Run.
//
//go:noinline
func (q *queue) fill() {
	q.n--
	x := q.a[q.n]
	q.a[q.n] = last
	if q.n > first {
		q.push(x)
	}
	q.hole = false
}

// filter drops the entries that keep refuses. The others are added again one by
// one; as they stand nearly in order, few of them rise.
func (q *queue) filter(keep func(entry) bool) {
	if q.hole {
		q.fill()
	}
	n := q.n
	q.n = first
	for i := first; i < n; i++ {
		x := q.a[i]
		q.a[i] = last
		if keep(x) {
			q.rise(x)
		}
	}
}

// renumber gives the entries scheduling numbers from 0 on without changing
// their order, and returns how many there are.
func (q *queue) renumber() uint64 {
	if q.hole {
		q.fill()
	}
	live := q.a[first:q.n]
	slices.SortFunc(live, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key, b.key))
	})
	// A sorted slice is a heap.
	for i := range live {
		live[i].key = live[i].key&^(orderMask<<orderBit) | uint64(i)<<orderBit
	}
	return uint64(len(live))
}
