package sched

import "lbsim/models/lb"

// envoyBound is hash_balance_factor of Envoy (source/extensions/
// load_balancing_policies/common/thread_aware_lb_impl.cc): a host is overloaded
// when it has more connections than its share of the load, rounded up, so that
// it may have one more than under HAProxy. Then the hosts are tried in an order
// that the hash shuffles, and if all are overloaded the least is taken.
//
// The order comes from a generator of our own; Envoy's depends on the C++
// library that it was built with.
type envoyBound struct {
	*loadBound
	shuffled []int32 // list, but for the exchanges of the pick under way
	swaps    []int   // which are undone afterwards
}

func newEnvoyBound(v *lb.View, percent int64) *envoyBound {
	n := len(v.Members)
	return &envoyBound{loadBound: newLoadBound(v, percent), shuffled: make([]int32, 0, n), swaps: make([]int, 0, n)}
}

// renew counts whole configured weights: Envoy's hashes know no slow start.
func (b *envoyBound) renew(list []int32) {
	b.shuffled = append(b.shuffled[:0], list...)
	b.sum = 0
	for _, m := range list {
		b.weight[m] = b.view.Members[m].Base
		b.sum += b.weight[m]
	}
}

// share returns how many connections member m has when it is loaded to its
// bound.
func (b *envoyBound) share(m int32) int64 {
	return max(1, (b.allowed()*b.weight[m]+b.sum-1)/b.sum)
}

func (b *envoyBound) accepts(m int32) bool {
	return int64(b.view.Members[m].Active) <= b.share(m)
}

// other finds another member for a hash whose own one is overloaded.
func (b *envoyBound) other(hash uint64, free func(m int32) bool) int {
	best := int32(absent)
	n := len(b.shuffled)
	for i := range n {
		hash = splitMix64(hash)
		j := i + int(hash%uint64(n-i))
		b.swap(i, j)
		b.swaps = append(b.swaps, j)
		m := b.shuffled[i]
		if !free(m) {
			continue
		}
		if best == absent || b.lighter(m, best) {
			best = m
		}
		if b.accepts(m) {
			best = m
			break
		}
	}
	for i := len(b.swaps) - 1; i >= 0; i-- {
		b.swap(i, b.swaps[i])
	}
	b.swaps = b.swaps[:0]
	return int(best)
}

func (b *envoyBound) swap(i, j int) {
	b.shuffled[i], b.shuffled[j] = b.shuffled[j], b.shuffled[i]
}

// lighter compares connections per share.
func (b *envoyBound) lighter(m, than int32) bool {
	return int64(b.view.Members[m].Active)*b.share(than) < int64(b.view.Members[than].Active)*b.share(m)
}
