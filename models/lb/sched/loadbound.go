package sched

import "lbsim/models/lb"

// loadBound keeps members from having more than their share of all connections
// times a factor (Mirrokni, Thorup, Zadimoghaddam 2018, consistent hashing with
// bounded loads). The shares are HAProxy's hash-balance-factor (src/lb_chash.c):
// whole connections, of which none is lost to rounding, and at least one each.
type loadBound struct {
	view    *lb.View
	percent int64
	total   int64   // connections of all members
	counted []int32 // of each, as in total
	sum     int64   // of the weights of the members in rotation
	before  []int64 // sum of the weights ahead of a member
	weight  []int64
	// Connections that are allowed in all with the next, divided among the
	// weights: the quotient, and the rest.
	each, rest int64
}

func newLoadBound(v *lb.View, percent int64) *loadBound {
	n := len(v.Members)
	return &loadBound{view: v, percent: percent, counted: make([]int32, n), before: make([]int64, n), weight: make([]int64, n)}
}

func (b *loadBound) count(m int) {
	active := b.view.Members[m].Active
	b.total += int64(active - b.counted[m])
	b.counted[m] = active
}

func (b *loadBound) renew(list []int32) {
	b.sum = 0
	for _, m := range list {
		b.before[m], b.weight[m] = b.sum, sixteenths(&b.view.Members[m])
		b.sum += b.weight[m]
	}
}

// allowed returns how many connections there may be with one more.
func (b *loadBound) allowed() int64 { return ((b.total+1)*b.percent + 99) / 100 }

func (b *loadBound) prepare() {
	b.each, b.rest = b.allowed()/b.sum, b.allowed()%b.sum
}

// share returns how many connections member m may have.
func (b *loadBound) share(m int32) int64 {
	w, before := b.weight[m], b.before[m]
	return max(1, w*b.each+(before+w)*b.rest/b.sum-before*b.rest/b.sum)
}

func (b *loadBound) accepts(m int32) bool {
	return int64(b.view.Members[m].Active) < b.share(m)
}
