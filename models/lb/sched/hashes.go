package sched

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"net/netip"

	"lbsim/models/flow"
)

// Hashes lists the hash functions of source addresses.
var Hashes = flow.Table[func(netip.Addr) uint64]{
	{Name: "splitmix64", Doc: "SplitMix64 of the address as a number", New: func() func(netip.Addr) uint64 { return hashSplitMix }},
	{Name: "fnv1a", Doc: "FNV-1a, 32 bits, of the address bytes, big-endian", New: func() func(netip.Addr) uint64 { return hashBytes }},
	{Name: "fnv1a-text", Doc: "FNV-1a, 32 bits, of the dotted text", New: func() func(netip.Addr) uint64 { return hashText }},
	{Name: "address", Doc: "the address as a number, unhashed, as HAProxy's balance source with a map does", New: func() func(netip.Addr) uint64 { return addressNumber }},
	{Name: "avalanche", Doc: "HAProxy's avalanche of the address as a number, for its ring", New: func() func(netip.Addr) uint64 { return hashAvalanche }},
	{Name: "xxhash64", Doc: "XXH64 of the dotted text, as in Envoy", New: func() func(netip.Addr) uint64 { return hashXX }},
	{Name: "crc32", Doc: "CRC-32 of the dotted text, as in nginx", New: func() func(netip.Addr) uint64 { return hashCRC }},
	{Name: "ipvs", Doc: "256 buckets by multiplication, as in the sh of Linux 4.12 and later", New: func() func(netip.Addr) uint64 { return hashIPVS }},
	{Name: "ipvs-old", Doc: "256 buckets by multiplication, as in the sh of older kernels", New: func() func(netip.Addr) uint64 { return hashIPVSOld }},
}

// addressNumber is an IPv4 address as a number, and the exclusive or of the
// four words of an IPv6 address.
func addressNumber(a netip.Addr) uint64 {
	a = a.Unmap()
	if a.Is4() {
		b := a.As4()
		return uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	var x uint32
	for i := 0; i < 16; i += 4 {
		x ^= binary.BigEndian.Uint32(b[i:])
	}
	return uint64(x)
}

func hashSplitMix(a netip.Addr) uint64 { return splitMix64(addressNumber(a)) }

func hashBytes(a netip.Addr) uint64 {
	a = a.Unmap()
	return fnv1a(string(a.AsSlice()))
}

func hashText(a netip.Addr) uint64 { return fnv1a(a.Unmap().String()) }

func hashAvalanche(a netip.Addr) uint64 { return uint64(avalanche(uint32(addressNumber(a)))) }

func hashXX(a netip.Addr) uint64 { return xxHash64([]byte(a.Unmap().String()), 0) }

func hashCRC(a netip.Addr) uint64 {
	return uint64(crc32.ChecksumIEEE([]byte(a.Unmap().String())))
}

// hashIPVS is hash_32 of Linux (include/linux/hash.h) for 8 bits, as ip_vs_sh.c
// uses it.
func hashIPVS(a netip.Addr) uint64 { return uint64(uint32(addressNumber(a)) * 0x61c88647 >> 24) }

func hashIPVSOld(a netip.Addr) uint64 { return addressNumber(a) * 2654435761 & 255 }

// splitMix64 is one step of SplitMix64 (Steele, Lea, Flood 2014) from x.
func splitMix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func fnv1a(s string) uint64 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return uint64(h)
}

func fnv1a64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// TextHashes lists the hash functions of what requests carry.
var TextHashes = flow.Table[func(string) uint64]{
	{Name: "splitmix64", Doc: "SplitMix64 of FNV-1a, 64 bits", New: func() func(string) uint64 { return func(s string) uint64 { return splitMix64(fnv1a64(s)) } }},
	{Name: "fnv1a", Doc: "FNV-1a, 32 bits", New: func() func(string) uint64 { return fnv1a }},
	{Name: "xxhash64", Doc: "XXH64, as in Envoy", New: func() func(string) uint64 { return func(s string) uint64 { return xxHash64([]byte(s), 0) } }},
	{Name: "crc32", Doc: "CRC-32, as in nginx and HAProxy", New: func() func(string) uint64 { return func(s string) uint64 { return uint64(hashCRC32(s)) } }},
	{Name: "crc32-avalanche", Doc: "the same with HAProxy's avalanche", New: func() func(string) uint64 { return avalancheOf(hashCRC32) }},
	{Name: "sdbm", Doc: "HAProxy's default", New: func() func(string) uint64 { return func(s string) uint64 { return uint64(hashSDBM(s)) } }},
	{Name: "sdbm-avalanche", Doc: "HAProxy's default for its ring", New: func() func(string) uint64 { return avalancheOf(hashSDBM) }},
	{Name: "djb2", Doc: "Bernstein's hash, as in HAProxy", New: func() func(string) uint64 { return func(s string) uint64 { return uint64(hashDJB2(s)) } }},
	{Name: "djb2-avalanche", Doc: "the same with HAProxy's avalanche", New: func() func(string) uint64 { return avalancheOf(hashDJB2) }},
	{Name: "wt6", Doc: "Willy Tarreau's hash, as in HAProxy", New: func() func(string) uint64 { return func(s string) uint64 { return uint64(hashWT6(s)) } }},
	{Name: "wt6-avalanche", Doc: "the same with HAProxy's avalanche", New: func() func(string) uint64 { return avalancheOf(hashWT6) }},
}

// avalancheOf applies HAProxy's avalanche to a hash. In HAProxy, hash-type
// consistent asks for it, hash-type consistent sdbm does not.
func avalancheOf(hash func(string) uint32) func(string) uint64 {
	return func(s string) uint64 { return uint64(avalanche(hash(s))) }
}

func hashCRC32(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }

// The hashes of HAProxy (src/hash.c), of 32 bits.

func hashSDBM(s string) (h uint32) {
	for i := range len(s) {
		h = uint32(s[i]) + h<<6 + h<<16 - h
	}
	return h
}

func hashDJB2(s string) uint32 {
	h := uint32(5381)
	for i := range len(s) {
		h = h*33 + uint32(s[i])
	}
	return h
}

func hashWT6(s string) uint32 {
	a, b := uint32(0xa53c965a), uint32(0x5ca6953a)
	turnA, turnB := 6, 18
	for i := range len(s) {
		a, b = ^(a ^ uint32(s[i])), ^(b + uint32(s[i]))
		a, b = bits.RotateLeft32(b, turnA), bits.RotateLeft32(a, turnB)
		mixed := (a>>16 ^ b) & 0xffff
		turnA, turnB = int(mixed&31), int(mixed>>11)
	}
	return a ^ b
}

// murmur2 is the 64-bit MurmurHash2 (Appleby) as GNU's C++ library has it, the
// other hash of Envoy's rings.
func murmur2(b []byte, seed uint64) uint64 {
	const mul = 0xc6a4a7935bd1e995
	mix := func(x uint64) uint64 { return x ^ x>>47 }
	h := seed ^ uint64(len(b))*mul
	for ; len(b) >= 8; b = b[8:] {
		h = (h ^ mix(binary.LittleEndian.Uint64(b)*mul)*mul) * mul
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		h = (h ^ binary.LittleEndian.Uint64(last[:])) * mul
	}
	return mix(mix(h) * mul)
}

// envoyMurmurSeed is the seed that Envoy gives it.
const envoyMurmurSeed = 0xc70f6907
