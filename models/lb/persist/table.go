package persist

import (
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// table holds one record per key. Keys are small integers, so a table is an
// array; it grows when a key is met that is beyond it. A record takes 24 bytes,
// 8 more where the table has a bounded size, and what is known of a client 8.
type table struct {
	records []record
	clients []claim  // by client; nil where keys do not belong to clients
	cleared []uint16 // by member or server: how often its records were cleared

	// Where the size is bounded, the records that count are linked in the order
	// in which they expire: all live for the same time, so whatever is renewed
	// goes last.
	size        int
	links       []link
	first, last uint32
	n           int
	purge       bool
}

type record struct {
	expires sim.Time // 0: none was ever stored
	gen     uint32   // which of a client's keys it is stored under
	to      int32    // member; server, if the table is shared
	open    uint32   // connections that keep it alive
	cleared uint16   // the table's cleared[to] when it was written
	why     flow.Move
	gone    flow.Move // what took the record away before its time: Stayed if nothing did
}

// claim is where a client was last.
type claim struct {
	key uint32
	to  int32 // -1: nowhere
}

type link struct{ before, after uint32 }

const nobody = math.MaxUint32

func newTable(keys, clients, targets int, room Room) *table {
	t := &table{
		records: make([]record, keys), cleared: make([]uint16, targets),
		size: room.Size, purge: room.Evict != nothing, first: nobody, last: nobody,
	}
	if clients > 0 {
		t.clients = make([]claim, clients)
		for i := range t.clients {
			t.clients[i].to = -1
		}
	}
	if t.size > 0 {
		t.links = make([]link, keys)
		for i := range t.links {
			t.links[i] = unlinked
		}
	}
	return t
}

var unlinked = link{nobody - 1, nobody - 1}

// at returns the record of a key.
func (t *table) at(key uint32) *record {
	for int(key) >= len(t.records) {
		t.records = append(t.records, record{})
		if t.size > 0 {
			t.links = append(t.links, unlinked)
		}
	}
	return &t.records[key]
}

// valid reports whether a record counts. At the very instant of its expiry it
// no longer does.
func (t *table) valid(r *record, gen uint32, now sim.Time) bool {
	return (r.expires > now || r.open > 0) && r.gen == gen && r.gone == flow.Stayed && r.cleared == t.cleared[r.to]
}

// fate says what became of a record, as far as it is not valid: KeyChanged if
// nothing did, so that only the key can be wrong.
func (t *table) fate(r *record, now sim.Time) flow.Move {
	switch {
	case r.expires == 0:
		return flow.Stayed
	case r.expires <= now && r.open == 0:
		return flow.Expired
	case r.gone != flow.Stayed:
		return r.gone
	case r.cleared != t.cleared[r.to]:
		return flow.ServerDown
	}
	return flow.KeyChanged
}

// put writes a record. Absolute records that count keep their age.
func (t *table) put(key, gen uint32, to int32, now sim.Time, timeout time.Duration, absolute bool, why flow.Move) {
	r := t.at(key)
	same := r.to == to && t.valid(r, gen, now)
	if same && absolute {
		return
	}
	if !same {
		*r = record{gen: gen, to: to, cleared: t.cleared[to], why: why}
	}
	r.expires = now.Add(timeout)
	if t.size > 0 && !t.admit(key, now) {
		r.gone = flow.Evicted
	}
}

// admit makes room for a key and puts it last, or reports that there is none.
func (t *table) admit(key uint32, now sim.Time) bool {
	if t.links[key] != unlinked {
		t.unlink(key)
	}
	for t.n > 0 && t.records[t.first].expires <= now {
		t.unlink(t.first)
	}
	if t.n >= t.size {
		if !t.purge {
			return false
		}
		t.records[t.first].gone = flow.Evicted
		t.unlink(t.first)
	}
	t.links[key] = link{t.last, nobody}
	if t.last == nobody {
		t.first = key
	} else {
		t.links[t.last].after = key
	}
	t.last = key
	t.n++
	return true
}

func (t *table) unlink(key uint32) {
	l := t.links[key]
	if l.before == nobody {
		t.first = l.after
	} else {
		t.links[l.before].after = l.after
	}
	if l.after == nobody {
		t.last = l.before
	} else {
		t.links[l.after].before = l.before
	}
	t.links[key] = unlinked
	t.n--
}

// forget takes the records of all keys below n away.
func (t *table) forget(n uint32) {
	for key := range t.records[:n] {
		if r := &t.records[key]; r.expires != 0 && r.gone == flow.Stayed {
			r.gone = flow.Forgotten
		}
		if t.size > 0 && t.links[key] != unlinked {
			t.unlink(uint32(key))
		}
	}
}
