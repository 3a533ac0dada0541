package sched

import "lbsim/models/lb"

// staticSlots lays out a table in which each member of the list has as many
// places as its weight, divided by the greatest common divisor of all, spread
// by the rule of HAProxy's map (src/lb_map.c): in every place, in member order,
// each gains its weight, and the first with the highest whole share takes it.
// The divisor is that of the weights of all members, of which the list are
// those in rotation. The table replaces what slots held.
func staticSlots(slots, list, all []int32, weight func(m int32) int64) []int32 {
	weights := inLowestTerms(list, all, weight, maxSlots)
	var sum int64
	for _, w := range weights {
		sum += w
	}
	slots = slots[:0]
	if sum == int64(len(list)) { // all equal: in turn, as the rule would say
		return append(slots, list...)
	}
	score := make([]int64, len(weights))
	for range sum {
		best, bestShare := -1, int64(-1)
		for i, w := range weights {
			score[i] += w
			if share := (score[i] + sum) / sum; share > bestShare {
				best, bestShare = i, share
			}
		}
		score[best] -= sum
		slots = append(slots, list[best])
	}
	return slots
}

// inLowestTerms returns the weights of the members of a list divided by what
// those of all have in common, and made coarser until they add up to no more
// than most.
func inLowestTerms(list, all []int32, weight func(m int32) int64, most int64) []int64 {
	var divisor int64
	for _, m := range all {
		divisor = gcd(divisor, weight(m))
	}
	w := make([]int64, len(list))
	for {
		var sum int64
		for i, m := range list {
			w[i] = max(1, weight(m)/divisor)
			sum += w[i]
		}
		if sum <= most || sum == int64(len(w)) {
			return w
		}
		divisor *= 2
	}
}

// configured returns the weights that the operator has set last.
func configured(v *lb.View) func(m int32) int64 {
	return func(m int32) int64 { return v.Members[m].Base }
}

// original returns the weights that the members had first: HAProxy refuses to
// change a weight in its static table, other than to 0 and back.
func original(v *lb.View) func(m int32) int64 {
	first := make([]int64, len(v.Members))
	for m := range first {
		first[m] = v.Members[m].Base
	}
	return func(m int32) int64 {
		if first[m] == 0 {
			first[m] = v.Members[m].Base
		}
		return first[m]
	}
}

// maxSlots bounds the table; 256 servers with weights up to 256, the range of
// HAProxy, fit exactly.
const maxSlots = 1 << 16

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
