package sched

import "lbsim/models/lb"

// staticSlots lays out a table in which each member of the list has as many
// places as its configured weight, divided by the greatest common divisor of
// all, spread by the rule of HAProxy's map (src/lb_map.c): in every place, in
// member order, each gains its weight, and the first with the highest whole
// share takes it. The table replaces what slots held.
func staticSlots(slots []int32, view *lb.View, list []int32) []int32 {
	weights := staticWeights(view, list)
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

// staticWeights returns the configured weights in lowest terms, made coarser
// where the table would become longer than maxSlots.
func staticWeights(view *lb.View, list []int32) []int64 {
	var divisor int64
	for _, m := range list {
		divisor = gcd(divisor, view.Members[m].Base)
	}
	w := make([]int64, len(list))
	for {
		var sum int64
		for i, m := range list {
			w[i] = max(1, view.Members[m].Base/divisor)
			sum += w[i]
		}
		if sum <= maxSlots || sum == int64(len(w)) {
			return w
		}
		divisor *= 2
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
