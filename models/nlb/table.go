package nlb

// nobody is the owner of a bucket that no host takes.
const nobody = -1

// shares divides buckets among hosts by their weights: each gets the whole part
// of its share, and what is left goes one by one to the largest remainders, the
// first host of equals. Without any weight all get none.
func shares(buckets int, weights []int) []int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	out := make([]int, len(weights))
	if sum == 0 {
		return out
	}
	left := buckets
	rest := make([]int, len(weights))
	for h, w := range weights {
		out[h], rest[h] = buckets*w/sum, buckets*w%sum
		left -= out[h]
	}
	for ; left > 0; left-- {
		best := 0
		for h := range rest {
			if rest[h] > rest[best] {
				best = h
			}
		}
		out[best]++
		rest[best] = -1
	}
	return out
}

// redistribute gives the buckets to hosts anew, in place, so that the fewest move:
// each host keeps its buckets in their order up to its share; what is left over or
// free goes, in its order, to the first host that is short. It returns how many
// have another owner than before.
func redistribute(owner []int8, weights []int) (moved int) {
	short := shares(len(owner), weights)
	before := append([]int8(nil), owner...)
	for b, h := range owner {
		if h == nobody || short[h] == 0 {
			owner[b] = nobody
			continue
		}
		short[h]--
	}
	next := 0
	for b := range owner {
		if owner[b] == nobody {
			for next < len(short) && short[next] == 0 {
				next++
			}
			if next < len(short) {
				owner[b] = int8(next)
				short[next]--
			}
		}
		if owner[b] != before[b] {
			moved++
		}
	}
	return moved
}
