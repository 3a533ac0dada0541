package sched

import "testing"

// The picks of HAProxy 2.6.12 under balance static-rr with weights 4, 3, 2: all
// up, a in maintenance, all up, a alone, and all up again. While a is alone its
// table still has 4 places, as the weights have nothing in common, so that the
// table that follows is entered where the one of a was left.
func TestStaticRoundRobinKeepsItsPlace(t *testing.T) {
	p := newPool(&StaticRoundRobin{}, 4, 3, 2)
	got := p.turns(20)
	p.set(0, false)
	got += " " + p.turns(17)
	p.set(0, true)
	got += " " + p.turns(40)
	p.set(1, false)
	p.set(2, false)
	got += " " + p.turns(11)
	p.set(2, true)
	p.set(1, true)
	got += " " + p.turns(20)
	expect(t, "static-rr", got, "ababcaabcababcaabcab cbcbbcbcbbcbcbbcb caabcababcaabcababcaabcababcaabcababcaab aaaaaaaaaaa bcaabcababcaabcababc")
}
