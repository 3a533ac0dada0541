package sched

import (
	"math"
	"math/bits"
)

// order keeps members sorted by (key, tie, member) as far as it must to know
// the first: in a heap of four children a node, which is half as high as one of
// two.
type order struct {
	heap  []rank // the children of i are 4i+1 to 4i+4, padded to whole groups
	n     int    // how many members are in it
	place []int32
}

// rank is a member's key and tie as a number of 128 bits.
type rank struct {
	key  uint64 // bits of the key, changed so that they order like the key
	last uint64 // the tie, and the member
}

// memberBits leave 40 bits for ties, a number of changes that no run reaches.
const memberBits = 24

func newRank(m int, key float64, tie uint64) rank {
	b := math.Float64bits(key)
	if b>>63 == 1 {
		b = ^b
	} else {
		b |= 1 << 63
	}
	return rank{b, tie<<memberBits | uint64(m)}
}

var padding = rank{math.MaxUint64, math.MaxUint64}

func (a *rank) member() int { return int(a.last & (1<<memberBits - 1)) }

// before returns 1 or 0, without a branch: which of two members has fewer
// connections cannot be predicted.
func (a *rank) before(b *rank) int {
	_, borrow := bits.Sub64(a.last, b.last, 0)
	_, borrow = bits.Sub64(a.key, b.key, borrow)
	return int(borrow)
}

const absent = -1

func newOrder(members int) *order {
	o := &order{heap: make([]rank, 1+(members+2)/4*4), place: make([]int32, members)}
	for i := range o.heap {
		o.heap[i] = padding
	}
	for m := range o.place {
		o.place[m] = absent
	}
	return o
}

// first returns the first member, or -1 if there is none.
func (o *order) first() int {
	if o.n == 0 {
		return -1
	}
	return o.heap[0].member()
}

func (o *order) has(m int) bool { return o.place[m] != absent }

// put adds member m, or moves it to where its new key belongs.
func (o *order) put(m int, key float64, tie uint64) {
	x := newRank(m, key, tie)
	if o.has(m) {
		o.replace(int(o.place[m]), x)
		return
	}
	o.rise(o.n, x)
	o.n++
}

// remove takes member m out; it need not be in.
func (o *order) remove(m int) {
	if !o.has(m) {
		return
	}
	i := int(o.place[m])
	o.place[m] = absent
	o.n--
	last := o.heap[o.n]
	o.heap[o.n] = padding
	if i < o.n {
		o.replace(i, last)
	}
}

func (o *order) clear() {
	for i := range o.n {
		o.place[o.heap[i].member()] = absent
		o.heap[i] = padding
	}
	o.n = 0
}

// replace puts x in the place of what is at i.
func (o *order) replace(i int, x rank) {
	if x.before(&o.heap[i]) == 1 {
		o.rise(i, x)
	} else {
		o.sink(i, x)
	}
}

// rise stores x at i or above it.
func (o *order) rise(i int, x rank) {
	for i > 0 {
		parent := (i - 1) / 4
		if x.before(&o.heap[parent]) == 0 {
			break
		}
		o.set(i, o.heap[parent])
		i = parent
	}
	o.set(i, x)
}

// sink stores x at i or below it.
func (o *order) sink(i int, x rank) {
	for 4*i+4 < len(o.heap) {
		c := o.heap[4*i+1 : 4*i+5 : 4*i+5]
		best := c[1].before(&c[0])
		other := 2 + c[3].before(&c[2])
		best += (other - best) & -c[other&3].before(&c[best&3])
		if c[best&3].before(&x) == 0 {
			break
		}
		o.set(i, c[best&3])
		i = 4*i + 1 + best
	}
	o.set(i, x)
}

func (o *order) set(i int, x rank) {
	o.heap[i] = x
	o.place[x.member()] = int32(i)
}
