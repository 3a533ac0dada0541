package sched

import (
	"lbsim/models/lb"
)

// ipvsRound is wrr of Linux IPVS (net/netfilter/ipvs/ip_vs_wrr.c). The list is
// passed once for each level from the greatest weight down to the least step,
// the weights' common divisor, and a pass takes the members that weigh at least
// as much as its level: 4, 3, 2 give a a b a b c a b c, in bursts. With equal
// weights it is plain round robin. A server that comes or goes sends the scan
// back to the head of the list, one that is full is skipped.
//
// IPVS walks the list; here a tree of maxima finds the next member that weighs
// enough, so that thousands of members cost little more than ten.
type ipvsRound struct {
	view  *lb.View
	tree  maxima
	level int64 // that the current pass is at
	top   int64 // first level
	step  int64
	at    int     // member that was picked last, -1 before the first
	up    []int64 // weights of the members that are up
	stale bool
}

func newIPVSRound(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	r := &ipvsRound{view: env.View, tree: newMaxima(n), up: make([]int64, n), at: -1}
	for m := range n {
		r.Changed(m)
	}
	return r
}

// Changed implements lb.Membership.
func (r *ipvsRound) Changed(m int) {
	v := &r.view.Members[m]
	up, free := int64(0), int64(0)
	if v.Usable {
		free = sixteenths(v)
	}
	if stays(v, r.up[m] > 0) {
		up = sixteenths(v)
	}
	if r.up[m] != up {
		r.up[m], r.stale = up, true
	}
	r.tree.set(m, free)
}

// restart begins again at the head of the list. The level stays where it was
// as far as the new weights have one there.
func (r *ipvsRound) restart() {
	r.stale, r.at = false, -1
	r.step, r.top = 0, 0
	for _, w := range r.up {
		r.step = gcd(r.step, w)
		r.top = max(r.top, w)
	}
	r.step = max(r.step, 1)
	r.top -= r.step - 1
	switch {
	case r.level > r.top || r.level == 0:
		r.level = r.top
	case r.step > 1:
		r.level = r.level/r.step*r.step + 1
	}
}

func (r *ipvsRound) Pick(*lb.Query) int {
	if r.stale {
		r.restart()
	}
	greatest := r.tree.max()
	if greatest == 0 {
		return -1
	}
	for {
		if m := r.tree.next(r.at+1, r.level); m >= 0 {
			r.at = m
			return m
		}
		r.at = -1
		r.level -= r.step
		if r.level <= 0 {
			r.level = r.top
		}
		// Levels above the greatest weight that is free would find nothing.
		if over := r.level - greatest; over > 0 {
			r.level -= (over + r.step - 1) / r.step * r.step
		}
	}
}

// maxima is a complete binary tree over weights; a node is the greatest below.
type maxima struct {
	node   []int64 // 1 is the root, 2i and 2i+1 are below i
	leaves int
}

func newMaxima(n int) maxima {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	return maxima{make([]int64, 2*leaves), leaves}
}

func (t *maxima) max() int64 { return t.node[1] }

func (t *maxima) set(i int, w int64) {
	i += t.leaves
	t.node[i] = w
	for i > 1 {
		i /= 2
		t.node[i] = max(t.node[2*i], t.node[2*i+1])
	}
}

// next returns the first place at or after i with at least w, or -1.
func (t *maxima) next(i int, w int64) int {
	if i >= t.leaves {
		return -1
	}
	// Up to the first subtree at or after i that holds enough, then down.
	n := i + t.leaves
	for t.node[n] < w {
		for n&1 == 1 {
			n /= 2
		}
		if n == 0 {
			return -1
		}
		n++
	}
	for n < t.leaves {
		n *= 2
		if t.node[n] < w {
			n++
		}
	}
	return n - t.leaves
}
