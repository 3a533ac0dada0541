package sched

import (
	"slices"

	"lbsim/models/lb"
)

// usable is a list of the usable members, brought up to date when a decision is
// due. Where full members are passed over, nearly every connection takes one
// off the list or puts it back: what has not changed in the end costs nothing,
// and a few changes among equal weights do not mean a look at all members.
type usable struct {
	view  *lb.View
	list  []int32
	equal bool // all of the same weight
	stale bool // the list is to be built anew

	listed  []int64 // weights as in the list, by member; 0 if not in it
	changed []int32 // members of which something may be different from that
	noted   []bool  // by member: is in changed
}

// fewChanges are so few that they are put into the list one by one.
const fewChanges = 8

func newUsable(v *lb.View) usable {
	n := len(v.Members)
	return usable{
		view: v, list: make([]int32, 0, n), stale: true,
		listed: make([]int64, n), changed: make([]int32, 0, n), noted: make([]bool, n),
	}
}

// Changed implements lb.Membership.
func (u *usable) Changed(m int) {
	if !u.noted[m] {
		u.noted[m] = true
		u.changed = append(u.changed, int32(m))
	}
}

// weightOf is a member's weight if it is usable, else 0.
func (u *usable) weightOf(m int32) int64 {
	if v := &u.view.Members[m]; v.Usable {
		return v.Weight
	}
	return 0
}

// fresh brings the list up to date and reports whether it has changed.
func (u *usable) fresh() bool {
	if !u.stale && len(u.changed) == 0 {
		return false
	}
	return u.update()
}

func (u *usable) update() bool {
	n := 0
	for _, m := range u.changed {
		u.noted[m] = false
		if u.weightOf(m) != u.listed[m] {
			u.changed[n] = m
			n++
		}
	}
	changed := u.changed[:n]
	u.changed = u.changed[:0]
	switch {
	case u.stale || n > fewChanges || !u.equal || len(u.list) == 0:
		if !u.stale && n == 0 {
			return false
		}
		u.build()
	case n == 0:
		return false
	default:
		for _, m := range changed {
			u.patch(m)
		}
		if !u.equal || len(u.list) == 0 {
			u.build()
		}
	}
	return true
}

// patch puts a change of one member into the list, which is one of equals.
func (u *usable) patch(m int32) {
	before, now := u.listed[m], u.weightOf(m)
	u.listed[m] = now
	at, _ := slices.BinarySearch(u.list, m)
	switch {
	case now == 0:
		u.list = slices.Delete(u.list, at, at+1)
		return
	case before == 0:
		u.list = slices.Insert(u.list, at, m)
	}
	for _, other := range [...]int32{u.list[0], u.list[len(u.list)-1]} {
		u.equal = u.equal && now == u.listed[other]
	}
}

func (u *usable) build() {
	u.stale = false
	u.list = u.list[:0]
	u.equal = true
	for m := range u.view.Members {
		w := u.weightOf(int32(m))
		u.listed[m] = w
		if w > 0 {
			u.list = append(u.list, int32(m))
			u.equal = u.equal && w == u.listed[u.list[0]]
		}
	}
}
