package sched

import (
	"hash/crc32"
	"net/netip"
	"strconv"

	"lbsim/models/lb"
)

// IPHash picks by the first three octets of an IPv4 source address, or all of
// an IPv6 one, as ip_hash of nginx 1.31 does
// (ngx_http_upstream_ip_hash_module.c): a /24 shares one server. When that
// server is not usable the hash goes on from where it was.
type IPHash struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*IPHash) NewScheduler(env lb.Env) lb.Scheduler {
	octets := make([]byte, 0, 16) // which would escape if it were the function's own
	return newNginxHash(env, 89, ipHash, func(q *lb.Query) []byte {
		octets = ipHashed(octets[:0], env.Addrs[q.Addr])
		return octets
	})
}

// nginxHash is one of nginx's hashes without a ring: a number modulo the sum
// of the configured weights, through which all servers' weights are walked,
// and another number when the server there is not usable. After 20 tries round
// robin decides.
type nginxHash struct {
	env       lb.Env
	sums      sums // of the weights
	stale     bool // the sums are not what the view says
	otherwise lb.Scheduler
	start     uint32
	// key is what is hashed; nothing leaves the decision to round robin.
	key func(q *lb.Query) []byte
	// rehash returns the number of try n, from 0, given the one before.
	rehash func(key []byte, n int, before uint32) uint32
}

func newNginxHash(env lb.Env, start uint32, rehash func([]byte, int, uint32) uint32, key func(*lb.Query) []byte) lb.Scheduler {
	return &nginxHash{
		env: env, start: start, key: key, rehash: rehash, otherwise: newNginxSmooth(env),
		stale: true,
	}
}

// Failed implements lb.FailureCounter: round robin counts them.
func (h *nginxHash) Failed(m int) { h.otherwise.(lb.FailureCounter).Failed(m) }

// Changed implements lb.Membership.
func (h *nginxHash) Changed(m int) {
	h.stale = true
	h.otherwise.(lb.Membership).Changed(m)
}

func (h *nginxHash) Pick(q *lb.Query) int {
	if h.stale {
		h.stale = false
		h.sums.clear()
		for _, v := range h.env.View.Members {
			h.sums.add(v.Base)
		}
		h.sums.ready()
	}
	sum := h.sums.total()
	if sum == 0 {
		return -1
	}
	key := h.key(q)
	if len(key) == 0 {
		return h.otherwise.Pick(q)
	}
	x := h.start
	for n := range nginxTries {
		x = h.rehash(key, n, x)
		m := h.sums.find(int64(x) % sum)
		if h.env.View.Members[m].Usable {
			return m
		}
	}
	return h.otherwise.Pick(q)
}

// hashOf implements byHash. nginx has no levels to choose by a hash: any will do.
func (h *nginxHash) hashOf(q *lb.Query) (uint64, bool) {
	key := h.key(q)
	hash := uint64(len(key))
	for _, b := range key {
		hash = splitMix64(hash ^ uint64(b))
	}
	return hash, len(key) > 0
}

// ipHashed appends what ip_hash looks at in an address.
func ipHashed(b []byte, a netip.Addr) []byte {
	a = a.Unmap()
	octets := a.As16()
	if a.Is4() {
		return append(b, octets[12:15]...)
	}
	return append(b, octets[:]...)
}

// ipHash continues the hash with the octets.
func ipHash(octets []byte, _ int, x uint32) uint32 {
	for _, o := range octets {
		x = (x*113 + uint32(o)) % 6271
	}
	return x
}

// newCRCHash returns nginx's hash without consistent
// (ngx_http_upstream_hash_module.c).
func newCRCHash(env lb.Env, text func(*lb.Query) []byte) lb.Scheduler {
	return newNginxHash(env, 0, func(key []byte, n int, x uint32) uint32 { return x + crcKey(key, n) }, text)
}

// addressText returns the dotted text of the source address.
func addressText(addrs []netip.Addr) func(*lb.Query) []byte {
	text := make([]byte, 0, 48) // which would escape if it were the function's own
	return func(q *lb.Query) []byte {
		text = addrs[q.Addr].Unmap().AppendTo(text[:0])
		return text
	}
}

// crcKey is 15 bits of the CRC-32 of the try's number, but for the first, and
// the key.
func crcKey(key []byte, n int) uint32 {
	return crc32.Update(tryCRC[n], crc32.IEEETable, key) >> 16 & 0x7fff
}

// tryCRC is the CRC-32 of each try's number in decimal; of nothing for try 0.
var tryCRC = func() (crc [nginxTries]uint32) {
	for n := 1; n < len(crc); n++ {
		crc[n] = crc32.ChecksumIEEE([]byte(strconv.Itoa(n)))
	}
	return crc
}()

// Basis implements lb.SchedulerPolicy.
func (*IPHash) Basis() lb.Basis { return lb.ByHash }
