package sched

import "lbsim/models/lb"

// sourceHash looks the hash of the source address up in a table of the members
// that are up.
type sourceHash struct {
	rotation
	table  hashTable
	hashes []uint64 // by flow.AddrID
	accept func(m int32) bool
	// otherwise decides when the table gives up.
	otherwise lb.Scheduler
	// home is, for tables in which a search is long, the member that was found
	// last for each address, plus 1; 0 if it is not known.
	home []int32
}

// Changed implements lb.Membership. A weight that a ramp changes leaves most
// tables alone: otherwise every step would move clients.
func (h *sourceHash) Changed(m int) {
	h.rotation.Changed(m)
	if r, ok := h.table.(*haproxyRing); ok && h.in[m] && r.outdated(m) {
		h.stale = true
	}
}

func (h *sourceHash) Pick(q *lb.Query) int {
	if h.refresh(); h.frees == 0 {
		return -1
	}
	if h.home != nil {
		return h.pickHome(q)
	}
	if m := h.table.find(h.hashes[q.Addr], h.accept); m >= 0 {
		return m
	}
	return h.otherwise.Pick(q)
}

// refresh lays out the table if it must and reports whether it did.
func (h *sourceHash) refresh() bool {
	if !h.fresh() || len(h.list) == 0 {
		return false
	}
	h.table.renew(h.list)
	clear(h.home)
	return true
}

// pickHome picks the best of all members in rotation without a search, if it
// is known and free. The best of those that are free is not remembered.
func (h *sourceHash) pickHome(q *lb.Query) int {
	if m := h.home[q.Addr] - 1; m >= 0 && h.free[m] {
		return int(m)
	}
	m := h.table.find(h.hashes[q.Addr], h.accept)
	if h.frees == len(h.list) {
		h.home[q.Addr] = int32(m) + 1
	}
	return m
}

// boundedHash is a sourceHash that skips members with more than their share.
type boundedHash struct {
	*sourceHash
	bound *loadBound
}

func (b *boundedHash) accepts(m int32) bool { return b.free[m] && b.bound.accepts(m) }

// Counted implements lb.Tracker.
func (b *boundedHash) Counted(m int) { b.bound.count(m) }

func (b *boundedHash) Pick(q *lb.Query) int {
	if b.refresh() {
		b.bound.renew(b.list)
	}
	if b.frees == 0 {
		return -1
	}
	b.bound.prepare()
	hash := b.hashes[q.Addr]
	if m := b.table.find(hash, b.accept); m >= 0 {
		return m
	}
	return b.table.find(hash, b.isFree) // full servers had all that was left
}

// boundedEnvoyHash is the same by Envoy's rule.
type boundedEnvoyHash struct {
	*sourceHash
	bound *envoyBound
}

// Counted implements lb.Tracker.
func (b *boundedEnvoyHash) Counted(m int) { b.bound.count(m) }

func (b *boundedEnvoyHash) Pick(q *lb.Query) int {
	if b.refresh() {
		b.bound.renew(b.list)
	}
	if b.frees == 0 {
		return -1
	}
	hash := b.hashes[q.Addr]
	m := b.table.find(hash, b.accept)
	if b.bound.accepts(int32(m)) {
		return m
	}
	return b.bound.divert(hash, b.accept)
}
