package sched

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SourceHash picks a member by a hash of the source address that the balancer
// sees, so that an address keeps its server for as long as the set of usable
// members does not change.
type SourceHash struct {
	// Hash is the hash function: one of Hashes.
	Hash string `yaml:"hash" doc:"splitmix64, fnv1a (of the address bytes), fnv1a-text (of the dotted text) or address (the number itself)"`
	// Table turns a hash into a member: map is a list of the usable members
	// with as many places each as their weights say, indexed by hash mod length.
	Table string `yaml:"table" doc:"map: hash modulo the sum of the weights"`
}

// Hashes lists the hash functions.
var Hashes = flow.Table[func(netip.Addr) uint64]{
	{Name: "splitmix64", Doc: "SplitMix64 of the address as a number", New: func() func(netip.Addr) uint64 { return hashSplitMix }},
	{Name: "fnv1a", Doc: "FNV-1a, 32 bits, of the address bytes, big-endian", New: func() func(netip.Addr) uint64 { return hashBytes }},
	{Name: "fnv1a-text", Doc: "FNV-1a, 32 bits, of the dotted text", New: func() func(netip.Addr) uint64 { return hashText }},
	{Name: "address", Doc: "the address as a number, unhashed, as HAProxy's balance source with a map does", New: func() func(netip.Addr) uint64 { return addressNumber }},
}

// Validate checks the parameters.
func (p *SourceHash) Validate() []flow.Problem {
	var ps []flow.Problem
	if _, ok := Hashes.Lookup(p.Hash); !ok {
		ps = append(ps, flow.Problem{Path: "hash", Text: fmt.Sprintf("%q is not one of splitmix64, fnv1a, fnv1a-text, address", p.Hash)})
	}
	if p.Table != "map" {
		ps = append(ps, flow.Problem{Path: "table", Text: fmt.Sprintf("%q is not one of map", p.Table)})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *SourceHash) NewScheduler(env lb.Env) lb.Scheduler {
	hash, _ := Hashes.Lookup(p.Hash)
	h := &sourceHash{usable: newUsable(env.View), was: make([]bool, len(env.View.Members)), hashes: make([]uint64, len(env.Addrs))}
	for i, a := range env.Addrs {
		h.hashes[i] = hash(a)
	}
	return h
}

type sourceHash struct {
	usable
	was    []bool   // usable, as in the table
	hashes []uint64 // by flow.AddrID
	slots  []int32
}

// Changed implements lb.Membership. A weight that a ramp changes leaves the
// table alone: otherwise every step would move clients.
func (h *sourceHash) Changed(m int) {
	if h.was[m] != h.view.Members[m].Usable {
		h.stale = true
	}
}

func (h *sourceHash) Pick(q *lb.Query) int {
	if h.fresh() {
		for m := range h.was {
			h.was[m] = h.view.Members[m].Usable
		}
		h.slots = staticSlots(h.slots, h.view, h.list)
	}
	if len(h.slots) == 0 {
		return -1
	}
	return int(h.slots[h.hashes[q.Addr]%uint64(len(h.slots))])
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

func hashSplitMix(a netip.Addr) uint64 {
	x := addressNumber(a) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func hashBytes(a netip.Addr) uint64 {
	a = a.Unmap()
	return fnv1a(string(a.AsSlice()))
}

func hashText(a netip.Addr) uint64 { return fnv1a(a.Unmap().String()) }

func fnv1a(s string) uint64 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return uint64(h)
}
