package sched

import (
	"hash/crc32"
	"net/netip"
	"slices"
	"strconv"

	"lbsim/models/lb"
)

// IPHash picks by the first three octets of an IPv4 source address, or all of
// an IPv6 one, as ip_hash of nginx 1.31 does
// (ngx_http_upstream_ip_hash_module.c): a /24 shares one server. When that
// server is not usable the hash goes on from where it was.
type IPHash struct{}

// NewScheduler implements lb.SchedulerPolicy.
func (*IPHash) NewScheduler(env lb.Env) lb.Scheduler { return newNginxHash(env, 89, ipHash) }

// nginxHash is one of nginx's hashes without a ring: a number modulo the sum
// of the configured weights, through which all servers' weights are walked,
// and another number when the server there is not usable. After 20 tries round
// robin decides.
type nginxHash struct {
	env       lb.Env
	upTo      []int64 // sums of the weights
	stale     bool    // the sums are not what the view says
	otherwise lb.Scheduler
	start     uint32
	// rehash returns the number of try n, from 0, given the one before.
	rehash func(a netip.Addr, n int, before uint32) uint32
}

func newNginxHash(env lb.Env, start uint32, rehash func(netip.Addr, int, uint32) uint32) lb.Scheduler {
	return &nginxHash{
		env: env, start: start, rehash: rehash, otherwise: newNginxSmooth(env),
		upTo: make([]int64, len(env.View.Members)), stale: true,
	}
}

// Changed implements lb.Membership.
func (h *nginxHash) Changed(int) { h.stale = true }

func (h *nginxHash) Pick(q *lb.Query) int {
	if h.stale {
		h.stale = false
		var sum int64
		for m := range h.upTo {
			sum += h.env.View.Members[m].Base
			h.upTo[m] = sum
		}
	}
	sum := h.upTo[len(h.upTo)-1]
	if sum == 0 {
		return -1
	}
	x := h.start
	for n := range nginxTries {
		x = h.rehash(h.env.Addrs[q.Addr], n, x)
		m, _ := slices.BinarySearch(h.upTo, int64(x)%sum+1)
		if h.env.View.Members[m].Usable {
			return m
		}
	}
	return h.otherwise.Pick(q)
}

// ipHash continues the hash with the address.
func ipHash(a netip.Addr, _ int, x uint32) uint32 {
	a = a.Unmap()
	b := a.As16()
	octets := b[:]
	if a.Is4() {
		octets = b[12:15]
	}
	for _, o := range octets {
		x = (x*113 + uint32(o)) % 6271
	}
	return x
}

// newCRCHash returns nginx's hash $remote_addr (ngx_http_upstream_hash_module.c).
func newCRCHash(env lb.Env) lb.Scheduler {
	text := make([]byte, 0, 48) // which would escape if it were the function's own
	return newNginxHash(env, 0, func(a netip.Addr, n int, x uint32) uint32 {
		text = a.Unmap().AppendTo(text[:0])
		return x + crcKey(text, n)
	})
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
