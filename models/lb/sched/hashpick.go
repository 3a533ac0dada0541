package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// hasher looks the hash of a key up in a table of the members that are up.
type hasher struct {
	rotation
	table  hashTable
	key    hashKey
	accept func(m int32) bool
	// otherwise decides when the table gives up and for requests without a
	// key; nil: then nobody serves them.
	otherwise lb.Scheduler
	failing   lb.FailureCounter // the same, if it minds failures
	walk      walker            // decides for requests without a key, if not nil
	rand      *sim.Stream       // draws a hash for requests without a key, as Envoy does; nil for others
	// home is, for tables in which a search is long, the member that was found
	// last for each key, plus 1; 0 if it is not known.
	home   []int32
	bound  *loadBound  // skips members with more than their share, if not nil
	divert *envoyBound // the same by Envoy's rule
}

// A walker is a table that can be walked in turn, as HAProxy does with requests
// that lack the key.
type walker interface {
	next(accept func(m int32) bool) int
}

// Changed implements lb.Membership. A weight that a ramp changes leaves most
// tables alone: otherwise every step would move clients.
func (h *hasher) Changed(m int) {
	h.rotation.Changed(m)
	if h.otherwise != nil {
		h.otherwise.(lb.Membership).Changed(m)
	}
	if r, ok := h.table.(*haproxyRing); ok && h.in[m] && r.outdated(m) {
		h.stale = true
	}
}

// Failed implements lb.FailureCounter, for the round robin of nginx.
func (h *hasher) Failed(m int) {
	if h.failing != nil {
		h.failing.Failed(m)
	}
}

// Counted implements lb.Tracker.
func (h *hasher) Counted(m int) {
	if h.bound != nil {
		h.bound.count(m)
	}
	if h.divert != nil {
		h.divert.count(m)
	}
}

func (h *hasher) Pick(q *lb.Query) int {
	if h.fresh() && len(h.list) > 0 {
		h.renew()
	}
	if h.frees == 0 {
		return -1
	}
	m := -1
	switch id, hash, ok := h.key.of(q); {
	case ok:
		m = h.find(id, hash)
	case h.rand != nil:
		m = h.search(h.rand.Uint64())
	case h.walk != nil:
		m = h.walk.next(h.isFree)
	}
	if m < 0 && h.otherwise != nil {
		return h.otherwise.Pick(q)
	}
	return m
}

// hashOf implements byHash: the hash itself if it is Envoy's. Others are hashed
// once more, for a map would take the same remainder as the levels do.
func (h *hasher) hashOf(q *lb.Query) (uint64, bool) {
	_, hash, ok := h.key.of(q)
	if h.rand == nil {
		hash = splitMix64(hash)
	}
	return hash, ok
}

func (h *hasher) renew() {
	h.table.renew(h.list)
	clear(h.home)
	if h.bound != nil {
		h.bound.renew(h.list)
	}
	if h.divert != nil {
		h.divert.renew(h.list)
	}
}

// find finds the member of a key: the best of all members in rotation without a
// search, if it is known and free. The best of those that are free is not
// remembered.
func (h *hasher) find(id int, hash uint64) int {
	if h.home == nil {
		return h.search(hash)
	}
	for id >= len(h.home) {
		h.home = append(h.home, 0)
	}
	if m := h.home[id] - 1; m >= 0 && h.free[m] {
		return int(m)
	}
	m := h.search(hash)
	if h.frees == len(h.list) {
		h.home[id] = int32(m) + 1
	}
	return m
}

// search finds the member of a hash.
func (h *hasher) search(hash uint64) int {
	if h.bound != nil {
		h.bound.prepare()
	}
	m := h.table.find(hash, h.accept)
	switch {
	case h.bound != nil && m < 0:
		return h.table.find(hash, h.isFree) // full servers had all that was left
	case h.divert != nil && (m < 0 || !h.divert.accepts(int32(m))):
		return h.divert.other(hash, h.isFree)
	}
	return m
}
