package persist

import (
	"time"

	"lbsim/sim"
)

// table holds one record per key. Keys are small integers, so a record costs
// 16 bytes whether it is in use or not.
type table struct {
	timeout time.Duration
	records []record
}

type record struct {
	expires sim.Time // 0: none was ever stored
	member  int32
}

func newTable(keys int, timeout time.Duration) table {
	return table{timeout, make([]record, keys)}
}

// lookup finds a record that has not expired: at the very instant of its
// expiry it has.
func (t *table) lookup(key uint32, now sim.Time) (member int, ok bool) {
	r := t.records[key]
	return int(r.member), r.expires > now
}

// store sets the record and starts its time-out anew.
func (t *table) store(key uint32, member int, now sim.Time) {
	t.records[key] = record{now.Add(t.timeout), int32(member)}
}
