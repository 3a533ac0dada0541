package sched

import (
	"hash/crc32"
	"math"
	"slices"
	"strconv"
	"strings"

	"lbsim/models/lb"
)

// plainRing is a ring without the particularities of a product: 64 bits, a
// number of points for each unit of configured weight in lowest terms, at
// hashes of the server's name. A hash belongs to the first point at or after
// it.
type plainRing struct {
	ring
	env    lb.Env
	points int // for each unit of weight
}

func (r *plainRing) renew(list []int32) {
	r.clear()
	weights := inLowestTerms(list, list, configured(r.env.View), maxPoints/int64(r.points))
	for i, m := range list {
		name := fnv1a64(r.env.Names[m])
		for i := range int64(r.points) * weights[i] {
			r.add(splitMix64(splitMix64(name)+uint64(i)), m)
		}
	}
	r.sort()
}

// maxPoints bounds a ring: 1000 servers of 1000 points each, and a slow search
// beyond that.
const maxPoints = 1 << 20

// find hashes once more, because an address as a number, or a hash of 32 bits,
// would lie at the beginning of the circle.
func (r *plainRing) find(hash uint64, accept func(m int32) bool) int {
	return r.from(r.atOrAfter(splitMix64(hash)), len(r.ring.points), accept)
}

// ketama is the ring of nginx's hash ... consistent
// (ngx_http_upstream_hash_module.c): 160 points for each unit of weight, at
// CRC-32s of the server's address and port and the point before. It holds all
// servers that are configured: for one that is not usable the next points are
// tried, 20 in all. Other weights mean another configuration.
type ketama struct {
	ring
	env    lb.Env
	weight []int64 // in the ring, by member
}

func (r *ketama) renew([]int32) {
	fresh := false
	for m, v := range r.env.View.Members {
		if m == len(r.weight) {
			r.weight = append(r.weight, 0)
		}
		fresh = fresh || v.Base != r.weight[m]
		r.weight[m] = v.Base
	}
	if !fresh {
		return
	}
	r.clear()
	for m, v := range r.env.View.Members {
		host, port, _ := strings.Cut(r.env.Names[m], ":")
		base := crc32.ChecksumIEEE([]byte(host + "\x00" + port))
		var last uint32
		for range 160 * v.Base {
			last = crc32.Update(base, crc32.IEEETable, []byte{byte(last), byte(last >> 8), byte(last >> 16), byte(last >> 24)})
			r.add(uint64(last)<<32, int32(m))
		}
	}
	r.sort()
}

func (r *ketama) find(hash uint64, accept func(m int32) bool) int {
	return r.from(r.atOrAfter(hash<<32), nginxTries, accept)
}

// nginxTries is after how many servers nginx's hashes leave the choice to
// round robin.
const nginxTries = 20

// envoyRing is RING_HASH of Envoy (source/extensions/load_balancing_policies/
// ring_hash): at least 1024 points and at most 8388608, in proportion to the
// weights so that the lightest has whole points, at XXH64 of
// "name_i", or MurmurHash2 where hash_function says so.
type envoyRing struct {
	ring
	env    lb.Env
	murmur bool // instead of XXH64
	// Kept so that they are not allocated again.
	key     []byte
	weights []int64
}

const (
	envoyRingMin = 1024
	envoyRingMax = 8388608
)

func (r *envoyRing) renew(list []int32) {
	r.weights = r.weights[:0]
	for _, m := range list {
		r.weights = append(r.weights, r.env.View.Members[m].Base)
	}
	r.clear()
	for i, points := range envoyPoints(r.weights) {
		for k := range points {
			r.key = strconv.AppendInt(append(append(r.key[:0], r.env.Names[list[i]]...), '_'), k, 10)
			if r.murmur {
				r.add(murmur2(r.key, envoyMurmurSeed), list[i])
			} else {
				r.add(xxHash64(r.key, 0), list[i])
			}
		}
	}
	r.sort()
}

// envoyPoints returns how many points each of these weights has on the ring.
func envoyPoints(weights []int64) []int64 {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	// The number of points, were all weights given their share of it.
	lightest := float64(slices.Min(weights)) / float64(sum)
	scale := min(math.Ceil(float64(lightest*envoyRingMin))/lightest, envoyRingMax)
	points := make([]int64, len(weights))
	var have, target float64
	for i, w := range weights {
		target += float64(scale * (float64(w) / float64(sum)))
		for ; have < target; have++ {
			points[i]++
		}
	}
	return points
}

func (r *envoyRing) find(hash uint64, accept func(m int32) bool) int {
	return r.from(r.atOrAfter(hash), len(r.points), accept)
}
