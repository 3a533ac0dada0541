package sched

import (
	"cmp"
	"math/bits"
	"slices"
)

// ring is a circle of hash values with points that belong to members (Karger
// et al. 1997). An index of as many buckets as there are points leads to the
// neighbourhood of a hash, so that a lookup takes the same time in a ring of
// 160 points and in one of a million.
type ring struct {
	points []point
	bucket []int32 // number of points before each bucket's range of hashes
	shift  int
}

type point struct {
	at     uint64
	member int32
}

func (r *ring) clear() { r.points = r.points[:0] }

func (r *ring) add(at uint64, m int32) { r.points = append(r.points, point{at, m}) }

// sort makes the ring ready for lookups. Points at the same place keep the
// order in which they were added.
func (r *ring) sort() {
	slices.SortStableFunc(r.points, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	size := bits.Len(uint(len(r.points)))
	r.shift = 64 - size
	r.bucket = r.bucket[:0]
	p := 0
	for b := range 1 << size {
		for p < len(r.points) && r.points[p].at>>r.shift < uint64(b) {
			p++
		}
		r.bucket = append(r.bucket, int32(p))
	}
}

// atOrAfter returns the number of the first point at or after h.
func (r *ring) atOrAfter(h uint64) int {
	i := int(r.bucket[h>>r.shift])
	for i < len(r.points) && r.points[i].at < h {
		i++
	}
	if i == len(r.points) {
		return 0
	}
	return i
}

// nearest returns the number of the point that is closest to h, the one before
// it if two are.
func (r *ring) nearest(h uint64) int {
	next := r.atOrAfter(h)
	prev := next - 1
	if prev < 0 {
		prev = len(r.points) - 1
	}
	if h-r.points[prev].at <= r.points[next].at-h {
		return prev
	}
	return next
}

// from returns the first member that is accepted, of up to so many points from
// number i on, or -1.
func (r *ring) from(i, tries int, accept func(m int32) bool) int {
	for range tries {
		if m := r.points[i].member; accept(m) {
			return int(m)
		}
		if i++; i == len(r.points) {
			i = 0
		}
	}
	return -1
}
