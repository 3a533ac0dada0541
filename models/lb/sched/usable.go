package sched

import "lbsim/models/lb"

// usable is a list of the usable members, rebuilt when membership changes and
// a decision is due.
type usable struct {
	view  *lb.View
	list  []int32
	equal bool // all of the same weight
	stale bool
}

func newUsable(v *lb.View) usable {
	return usable{view: v, list: make([]int32, 0, len(v.Members)), stale: true}
}

// Changed implements lb.Membership.
func (u *usable) Changed(int) { u.stale = true }

// fresh rebuilds the list if needed and reports whether it did.
func (u *usable) fresh() bool {
	if !u.stale {
		return false
	}
	u.stale = false
	u.list = u.list[:0]
	u.equal = true
	for m := range u.view.Members {
		if v := &u.view.Members[m]; v.Usable {
			u.list = append(u.list, int32(m))
			u.equal = u.equal && v.Weight == u.view.Members[u.list[0]].Weight
		}
	}
	return true
}
