package sched

import "math/bits"

// sums are the running sums of weights, to draw one of them by a number below
// the total. A guide leads to the neighbourhood of a number (Chen and Asau
// 1974), so that a draw from thousands costs little more than one from ten.
type sums struct {
	upTo  []int64
	guide []int32 // by the number's high bits: the first sum above them
	shift int
}

func (s *sums) clear() { s.upTo = s.upTo[:0] }

// add appends a weight.
func (s *sums) add(w int64) { s.upTo = append(s.upTo, s.total()+w) }

func (s *sums) total() int64 {
	if len(s.upTo) == 0 {
		return 0
	}
	return s.upTo[len(s.upTo)-1]
}

// before is the sum of the weights ahead of a place.
func (s *sums) before(place int) int64 {
	if place == 0 {
		return 0
	}
	return s.upTo[place-1]
}

// ready makes the sums ready for find.
func (s *sums) ready() {
	s.shift = max(0, bits.Len64(uint64(s.total()))-bits.Len(uint(len(s.upTo))))
	s.guide = s.guide[:0]
	place := int32(0)
	for b := int64(0); b<<s.shift < s.total(); b++ {
		for s.upTo[place] <= b<<s.shift {
			place++
		}
		s.guide = append(s.guide, place)
	}
}

// find returns the first place whose sum is above x, which is below the total.
func (s *sums) find(x int64) int {
	place := int(s.guide[x>>s.shift])
	for s.upTo[place] <= x {
		place++
	}
	return place
}
