package sched

import (
	"lbsim/models/lb"
)

// maglev is the lookup table of Maglev (Eisenbud et al., NSDI 2016, section
// 3.4). Each member has a preference list of all slots, a permutation that
// starts at offset and goes on by skip; the members take turns, each claiming
// the next slot of its list that is free. How often a member of a weight has a
// turn is left to the products.
type maglev struct {
	size   uint64        // a prime
	lists  []preferences // by member
	weight func(m int32) int64
	claims func(p *preferences, round, heaviest int64) int64
}

// preferences is a member's list of slots and its turns.
type preferences struct {
	offset, skip uint64
	weight       int64
	at           uint64 // slot that comes next
	credit       int64  // what the rule for the turns needs to remember
}

// newMaglev returns a table whose lists come from a hash of each server's name.
func newMaglev(env lb.Env, size int, prefer func(name string) (a, b uint64), claims func(p *preferences, round, heaviest int64) int64) hashTable {
	g := &maglev{size: uint64(size), weight: configured(env.View), claims: claims}
	for _, n := range env.Names {
		a, b := prefer(n)
		g.lists = append(g.lists, preferences{offset: a % g.size, skip: b%(g.size-1) + 1})
	}
	return &slotTable{lay: g.lay}
}

// splitMixLists hashes a name twice by SplitMix64.
func splitMixLists(name string) (a, b uint64) {
	a = splitMix64(fnv1a64(name))
	return a, splitMix64(a)
}

// envoyLists hashes a name twice by XXH64, as Envoy does.
func envoyLists(name string) (a, b uint64) {
	return xxHash64([]byte(name), 0), xxHash64([]byte(name), 1)
}

func (g *maglev) lay(slots, list []int32) []int32 {
	slots = slots[:0]
	for range g.size {
		slots = append(slots, absent)
	}
	heaviest := int64(0)
	for _, m := range list {
		p := &g.lists[m]
		p.at, p.credit, p.weight = p.offset, 0, g.weight(m)
		heaviest = max(heaviest, p.weight)
	}
	free := len(slots)
	for round := int64(1); ; round++ {
		for _, m := range list {
			p := &g.lists[m]
			for range g.claims(p, round, heaviest) {
				for slots[p.at] != absent {
					p.advance(g.size)
				}
				slots[p.at] = m
				p.advance(g.size)
				if free--; free == 0 {
					return slots
				}
			}
		}
	}
}

func (p *preferences) advance(size uint64) {
	if p.at += p.skip; p.at >= size {
		p.at -= size
	}
}

// envoyClaims lets a member take part in a round once its weight times the
// number of the round reaches its target, which then rises by the greatest
// weight (source/extensions/load_balancing_policies/maglev). With equal weights
// that is every round, as in the paper.
func envoyClaims(p *preferences, round, heaviest int64) int64 {
	if round*p.weight < p.credit {
		return 0
	}
	p.credit += heaviest
	return 1
}

// katran1Claims is Katran's first version (katran/lib/MaglevHash.cpp): as many
// slots as the weight in the first round, one in each later round, so that
// weights barely count in a large table.
func katran1Claims(p *preferences, round, _ int64) int64 {
	if round == 1 {
		return p.weight
	}
	return 1
}

// katran2Claims is Katran's second version (katran/lib/MaglevHashV2.cpp): a
// member takes part once its weights have added up to the greatest.
func katran2Claims(p *preferences, _, heaviest int64) int64 {
	p.credit += p.weight
	if p.credit < heaviest {
		return 0
	}
	p.credit -= heaviest
	return 1
}
