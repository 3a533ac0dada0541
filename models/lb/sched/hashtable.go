package sched

import "lbsim/models/lb"

// A hashTable leads from hashes to members.
type hashTable interface {
	// renew lays the table out for the members in rotation, of which there is
	// at least one.
	renew(list []int32)
	// find returns the first member that is accepted, from the place of the
	// hash on, or -1 if it gives up.
	find(hash uint64, accept func(m int32) bool) int
}

// slotTable is a list of members; a hash is taken modulo its length. Where the
// member is not accepted, the next slots are tried.
type slotTable struct {
	slots []int32
	lay   func(slots, list []int32) []int32
}

func (t *slotTable) renew(list []int32) { t.slots = t.lay(t.slots, list) }

func (t *slotTable) find(hash uint64, accept func(m int32) bool) int {
	i := int(hash % uint64(len(t.slots)))
	for range t.slots {
		if m := t.slots[i]; accept(m) {
			return int(m)
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
	return -1
}

// newMap returns the table of HAProxy's hash-type map-based, of these weights.
func newMap(weight func(m int32) int64) hashTable {
	return &slotTable{lay: func(slots, list []int32) []int32 { return staticSlots(slots, list, weight) }}
}

// newBuckets returns the table of Linux IPVS's sh (net/netfilter/ipvs/
// ip_vs_sh.c): 256 buckets that the servers take in turn, each as many in a
// row as its weight says. A server whose table entry is unusable is not
// replaced there unless sh-fallback is set; here the next bucket is tried, and
// a server that is down is taken out of the table, as those programs do that
// check servers for IPVS.
func newBuckets(v *lb.View) hashTable {
	return &slotTable{lay: func(slots, list []int32) []int32 {
		slots = slots[:0]
		for len(slots) < 256 {
			for _, m := range list {
				for range min(v.Members[m].Base, int64(256-len(slots))) {
					slots = append(slots, m)
				}
			}
		}
		return slots
	}}
}
