package sched

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
	turn  int // slot that comes next when the table is walked
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

// next walks the table slot by slot, as HAProxy does with its map for requests
// that lack the key.
func (t *slotTable) next(accept func(m int32) bool) int {
	for range t.slots {
		if t.turn >= len(t.slots) {
			t.turn = 0
		}
		m := t.slots[t.turn]
		if t.turn++; accept(m) {
			return int(m)
		}
	}
	return -1
}

// newMap returns the table of HAProxy's hash-type map-based, of these weights.
// HAProxy divides them by what the weights of all have in common, also of those
// that are down; the table that the others alone would have, which is laid out
// here, is that one's period.
func newMap(weight func(m int32) int64) hashTable {
	return &slotTable{lay: func(slots, list []int32) []int32 { return staticSlots(slots, list, list, weight) }}
}
