package sched

import (
	"math/bits"
	"net/netip"

	"lbsim/models/lb"
)

// ipvsTable is a table of Linux IPVS. It holds the members in rotation and
// those of weight 0, which are not usable but keep their clients from others.
type ipvsTable struct {
	view  *lb.View
	slots []int32
	lay   func(slots, list []int32) []int32
	// index returns the slot of a hash, and with an offset where sh-fallback
	// and mh-fallback look next.
	index    func(hash uint64, offset int) int
	fallback bool
	list     []int32
}

func (t *ipvsTable) renew(list []int32) { t.slots = t.lay(t.slots, list) }

// quiesce adds the members of weight 0 to those in rotation.
func (t *ipvsTable) quiesce(list []int32, keep func(m int32) bool) []int32 {
	t.list = t.list[:0]
	for m := range t.view.Members {
		switch m := int32(m); {
		case len(list) > 0 && list[0] == m:
			t.list, list = append(t.list, m), list[1:]
		case t.view.Members[m].Base == 0 && !t.view.Members[m].Absent && keep(m):
			t.list = append(t.list, m)
		}
	}
	return t.list
}

func (t *ipvsTable) find(hash uint64, accept func(m int32) bool) int {
	first := t.index(hash, 0)
	if m := t.slots[first]; accept(m) {
		return int(m)
	}
	if !t.fallback {
		return -1
	}
	n := len(t.slots)
	for offset := range n {
		if m := t.slots[t.index(hash, (offset+first)%n)]; accept(m) {
			return int(m)
		}
	}
	// mh draws slots again and again, and may miss the only server that is
	// left; here it is found.
	for _, m := range t.slots {
		if accept(m) {
			return int(m)
		}
	}
	return -1
}

// newBuckets returns the table of sh (net/netfilter/ipvs/ip_vs_sh.c): 256
// buckets that the servers take in turn, each as many in a row as its weight
// says, and one at a weight of 0.
func newBuckets(v *lb.View) hashTable {
	t := &ipvsTable{view: v, index: func(hash uint64, offset int) int { return int(hash+uint64(offset)) & 255 }}
	t.lay = func(slots, list []int32) []int32 {
		list = t.quiesce(list, func(int32) bool { return true })
		slots = slots[:0]
		for len(slots) < 256 {
			for _, m := range list {
				for range max(1, min(v.Members[m].Base, 256)) {
					slots = append(slots, m)
				}
			}
		}
		return slots[:256]
	}
	return t
}

// ipvsPrimes are the sizes that a kernel can be built with for mh; 4093 is the
// default.
var ipvsPrimes = []int{251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071}

// newIPVSMaglev returns the table of mh (net/netfilter/ipvs/ip_vs_mh.c): Maglev,
// where a server claims as many slots in a row as its weight says, in lowest
// terms and made coarser to half the bits of the table's size. The last weight
// above 0 counts, so that a weight of 0 moves nobody else's clients.
//
// Servers are hashed by address and port; a name that is not an address is
// hashed to one.
func newIPVSMaglev(env lb.Env, size int) hashTable {
	last := make([]int64, len(env.View.Members))
	turns := make([]int64, len(env.View.Members))
	for m, v := range env.View.Members {
		last[m] = v.Base
	}
	g := &maglev{
		size: uint64(size), weight: func(m int32) int64 { return turns[m] },
		claims: func(p *preferences, _, _ int64) int64 { return p.weight },
	}
	for _, name := range env.Names {
		at := serverNumber(name)
		g.lists = append(g.lists, preferences{
			offset: uint64(hSipHash(at, mhFirst)) % g.size,
			skip:   uint64(hSipHash(at, mhSecond))%(g.size-1) + 1,
		})
	}
	t := &ipvsTable{view: env.View, index: func(hash uint64, offset int) int {
		return int(uint64(hSipHash(uint32(hash)+uint32(offset), mhFirst)) % uint64(size))
	}}
	t.lay = func(slots, list []int32) []int32 {
		for _, m := range list {
			last[m] = env.View.Members[m].Base
		}
		list = t.quiesce(list, func(m int32) bool { return last[m] > 0 })
		ipvsTurns(turns, last, list, size)
		return g.lay(slots, list)
	}
	return t
}

// ipvsTurns sets how many slots in a row each member of the list claims.
func ipvsTurns(turns, weight []int64, list []int32, size int) {
	divisor, heaviest := int64(0), int64(0)
	for _, m := range list {
		divisor = gcd(divisor, weight[m])
		heaviest = max(heaviest, weight[m])
	}
	shift := max(0, bits.Len64(uint64(heaviest/divisor))-bits.Len(uint(size))/2)
	for _, m := range list {
		turns[m] = max(1, weight[m]/divisor>>shift)
	}
}

// serverNumber is the number that mh hashes for a server, the sum of address and
// port.
func serverNumber(name string) uint32 {
	if at, err := netip.ParseAddrPort(name); err == nil {
		return uint32(addressNumber(at.Addr())) + uint32(at.Port())
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return uint32(addressNumber(a))
	}
	return uint32(fnv1a(name))
}

// The keys of mh's two hashes.
const (
	mhFirst  = 2654435761
	mhSecond = 2654446892
)

// hSipHash is hsiphash of Linux on 64 bits (lib/siphash.c): SipHash-1-3 (Aumasson
// and Bernstein 2012), here of one word of 32 bits, with a key of two equal
// halves, in 32 bits.
func hSipHash(x uint32, key uint64) uint32 {
	v := [4]uint64{0x736f6d6570736575 ^ key, 0x646f72616e646f6d ^ key, 0x6c7967656e657261 ^ key, 0x7465646279746573 ^ key}
	block := 4<<56 | uint64(x)
	v[3] ^= block
	sipRound(&v)
	v[0] ^= block
	v[2] ^= 0xff
	for range 3 {
		sipRound(&v)
	}
	return uint32(v[0] ^ v[1] ^ v[2] ^ v[3])
}

func sipRound(v *[4]uint64) {
	v[0] += v[1]
	v[1] = bits.RotateLeft64(v[1], 13) ^ v[0]
	v[0] = bits.RotateLeft64(v[0], 32)
	v[2] += v[3]
	v[3] = bits.RotateLeft64(v[3], 16) ^ v[2]
	v[0] += v[3]
	v[3] = bits.RotateLeft64(v[3], 21) ^ v[0]
	v[2] += v[1]
	v[1] = bits.RotateLeft64(v[1], 17) ^ v[2]
	v[2] = bits.RotateLeft64(v[2], 32)
}
