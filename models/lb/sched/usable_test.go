package sched

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lbsim/models/lb"
)

// The list of usable members is, after any changes, what a new one would be.
func TestUsableAgainstANewList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		view := &lb.View{Members: make([]lb.Member, rapid.IntRange(1, 30).Draw(t, "members"))}
		heaviest := rapid.Int64Range(1, 2).Draw(t, "heaviest")
		set := func(m int) {
			v := &view.Members[m]
			v.Weight = rapid.Int64Range(1, heaviest).Draw(t, "weight")
			v.Usable = rapid.Bool().Draw(t, "usable")
		}
		for m := range view.Members {
			set(m)
		}
		u := newUsable(view)
		u.fresh()
		for range 20 {
			before, equal := slices.Clone(u.list), u.equal
			weights := slices.Clone(u.listed)
			for range rapid.IntRange(0, 12).Draw(t, "changes") {
				m := rapid.IntRange(0, len(view.Members)-1).Draw(t, "member")
				set(m)
				u.Changed(m)
			}
			fresh, again := u.fresh(), newUsable(view)
			again.fresh()
			if !slices.Equal(u.list, again.list) || u.equal != again.equal || !slices.Equal(u.listed, again.listed) {
				t.Fatalf("%v equal %v, a new one is %v equal %v", u.list, u.equal, again.list, again.equal)
			}
			same := slices.Equal(before, u.list) && equal == u.equal && slices.Equal(weights, u.listed)
			if fresh == same {
				t.Fatalf("it says %v of a change from %v to %v", fresh, before, u.list)
			}
		}
	})
}
