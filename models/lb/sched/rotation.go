package sched

import "lbsim/models/lb"

// rotation is a list of the members that a product keeps in its table: those
// that are up and have a weight, were they full or not.
type rotation struct {
	view  *lb.View
	list  []int32
	in    []bool
	base  []int64 // weights as configured
	free  []bool  // in, and not full
	frees int     // how many are free
	stale bool    // the list is not what in says
}

func newRotation(v *lb.View) rotation {
	n := len(v.Members)
	r := rotation{view: v, in: make([]bool, n), base: make([]int64, n), free: make([]bool, n), list: make([]int32, 0, n), stale: true}
	for m := range r.in {
		r.Changed(m)
	}
	return r
}

// Changed implements lb.Membership.
func (r *rotation) Changed(m int) {
	v := &r.view.Members[m]
	if in := stays(v, r.in[m]); in != r.in[m] || v.Base != r.base[m] {
		r.in[m], r.base[m], r.stale = in, v.Base, true
	}
	if v.Usable != r.free[m] {
		r.free[m] = v.Usable
		if v.Usable {
			r.frees++
		} else {
			r.frees--
		}
	}
}

// stays reports whether a member belongs to the tables: as long as it is
// usable, and while it is full or is passed over for one connection that it did
// not take, if it was in them before. Without a weight it is in none.
func stays(v *lb.Member, before bool) bool {
	return v.Usable || before && (v.Full() || v.Tried) && v.Base > 0 && v.Weight > 0
}

func (r *rotation) isFree(m int32) bool { return r.free[m] }

// fresh rebuilds the list if needed and reports whether it did.
func (r *rotation) fresh() bool {
	if !r.stale {
		return false
	}
	r.stale = false
	r.list = r.list[:0]
	for m, in := range r.in {
		if in {
			r.list = append(r.list, int32(m))
		}
	}
	return true
}
