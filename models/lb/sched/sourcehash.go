package sched

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// SourceHash picks a member by a hash of the source address that the balancer
// sees, so that an address keeps its server for as long as the set of members
// that are up does not change. The table decides how many addresses move when
// it does. An address whose server is full goes where the table leads next.
type SourceHash struct {
	// Hash is the hash function: one of Hashes, or the one that Like uses.
	Hash string `yaml:"hash" doc:"default (splitmix64, or the product's), splitmix64, fnv1a (of the address bytes), fnv1a-text (of the dotted text), address (the number itself), avalanche, xxhash64, crc32, ipvs, ipvs-old"`
	// Table turns a hash into a member.
	Table string `yaml:"table" doc:"map: hash modulo the sum of the weights; ring: consistent hashing; maglev; rendezvous: highest score"`
	// LoadBound is the greatest load of a member in proportion to its share.
	LoadBound float64 `yaml:"load_bound" doc:"greatest load of a server in proportion to its share, as 1.25; 0: no bound; for ring, maglev and rendezvous"`
	// Points and Size are how fine a ring and a Maglev table are.
	Points int    `yaml:"points" doc:"points of a ring for each unit of weight; products have their own number"`
	Size   int    `yaml:"size" doc:"slots of a maglev table, a prime"`
	Like   string `yaml:"like" doc:"none, or as a product does it: haproxy (map, ring), nginx (map, ring), envoy (ring, maglev, rendezvous), ipvs (map, its sh), katran-v1, katran-v2 (maglev)"`
}

// defaultHash is the value of Hash that leaves the choice to Like.
const defaultHash = "default"

func newSourceHash() lb.SchedulerPolicy {
	return &SourceHash{Hash: defaultHash, Table: "map", Points: 160, Size: 65537, Like: noProduct}
}

// hashProducts tells which tables each product has, and the hash of each.
var hashProducts = []struct {
	product, table, hash string
	build                func(p *SourceHash, env lb.Env) hashTable
}{
	{noProduct, "map", "splitmix64", func(_ *SourceHash, env lb.Env) hashTable { return newMap(configured(env.View)) }},
	{noProduct, "ring", "splitmix64", func(p *SourceHash, env lb.Env) hashTable { return &plainRing{env: env, points: p.Points} }},
	{noProduct, "maglev", "splitmix64", func(p *SourceHash, env lb.Env) hashTable { return newMaglev(env, p.Size, splitMixLists, envoyClaims) }},
	{noProduct, "rendezvous", "splitmix64", func(_ *SourceHash, env lb.Env) hashTable { return newRendezvous(env) }},
	{"haproxy", "map", "address", func(_ *SourceHash, env lb.Env) hashTable { return newMap(original(env.View)) }},
	{"haproxy", "ring", "avalanche", func(_ *SourceHash, env lb.Env) hashTable { return newHAProxyRing(env.View) }},
	{"nginx", "map", "crc32", nil}, // has no table
	{"nginx", "ring", "crc32", func(_ *SourceHash, env lb.Env) hashTable { return &ketama{env: env} }},
	{"envoy", "ring", "xxhash64", func(_ *SourceHash, env lb.Env) hashTable { return &envoyRing{env: env} }},
	{"envoy", "maglev", "xxhash64", func(p *SourceHash, env lb.Env) hashTable { return newMaglev(env, p.Size, envoyLists, envoyClaims) }},
	{"envoy", "rendezvous", "xxhash64", func(_ *SourceHash, env lb.Env) hashTable { return newRendezvous(env) }},
	{"ipvs", "map", "ipvs", func(_ *SourceHash, env lb.Env) hashTable { return newBuckets(env.View) }},
	{"katran-v1", "maglev", "splitmix64", func(p *SourceHash, env lb.Env) hashTable { return newMaglev(env, p.Size, splitMixLists, katran1Claims) }},
	{"katran-v2", "maglev", "splitmix64", func(p *SourceHash, env lb.Env) hashTable { return newMaglev(env, p.Size, splitMixLists, katran2Claims) }},
}

// Validate checks the parameters.
func (p *SourceHash) Validate() []flow.Problem {
	var ps []flow.Problem
	if p.Hash != "" {
		ps = append(ps, oneOf("hash", p.Hash, append([]string{defaultHash}, Hashes.Names()...))...)
	}
	tables := p.tables()
	if len(tables) == 0 {
		return append(ps, checkProduct(p.Like, []string{"haproxy", "nginx", "envoy", "ipvs", "katran-v1", "katran-v2"})...)
	}
	ps = append(ps, oneOf("table", p.Table, tables)...)
	if p.LoadBound != 0 && !(p.LoadBound >= 1 && p.LoadBound <= 1000) {
		ps = append(ps, flow.Problem{Path: "load_bound", Text: fmt.Sprintf("%v is neither 0 nor between 1 and 1000", p.LoadBound)})
	}
	if p.LoadBound != 0 && (p.Table == "map" || p.Like == "nginx") {
		ps = append(ps, flow.Problem{Path: "load_bound", Text: "this table has no load bound"})
	}
	if p.Table == "ring" && (p.Points < 1 || p.Points > 100_000) {
		ps = append(ps, flow.Problem{Path: "points", Text: fmt.Sprintf("%d is not between 1 and 100000", p.Points)})
	}
	if p.Table == "maglev" && !prime(p.Size) {
		ps = append(ps, flow.Problem{Path: "size", Text: fmt.Sprintf("%d is not a prime of at most 5000011", p.Size)})
	}
	return ps
}

func prime(n int) bool {
	for i := 2; i*i <= n; i++ {
		if n%i == 0 {
			return false
		}
	}
	return n > 1 && n <= 5_000_011
}

// tables lists the tables that the product has.
func (p *SourceHash) tables() (names []string) {
	for _, h := range hashProducts {
		if h.product == p.product() {
			names = append(names, h.table)
		}
	}
	return names
}

func (p *SourceHash) product() string {
	if p.Like == "" {
		return noProduct
	}
	return p.Like
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *SourceHash) NewScheduler(env lb.Env) lb.Scheduler {
	hash := p.Hash
	for _, kind := range hashProducts {
		if kind.product != p.product() || kind.table != p.Table {
			continue
		}
		if kind.build == nil {
			return newCRCHash(env)
		}
		if hash == "" || hash == defaultHash {
			hash = kind.hash
		}
		return p.newSourceHash(env, hash, kind.build(p, env))
	}
	panic("sched: source-hash was not validated")
}

func (p *SourceHash) newSourceHash(env lb.Env, hash string, table hashTable) lb.Scheduler {
	h := &sourceHash{rotation: newRotation(env.View), table: table, hashes: make([]uint64, len(env.Addrs)), otherwise: newNginxSmooth(env)}
	f, _ := Hashes.Lookup(hash)
	for i, a := range env.Addrs {
		h.hashes[i] = f(a)
	}
	h.accept = h.isFree
	percent := int64(math.Round(100 * p.LoadBound))
	switch {
	case percent == 0:
	case p.Like == "envoy":
		return &boundedEnvoyHash{h, newEnvoyBound(env.View, percent)}
	default:
		b := &boundedHash{h, newLoadBound(env.View, percent)}
		h.accept = b.accepts
		return b
	}
	if p.Table == "rendezvous" {
		h.home = make([]int32, len(env.Addrs))
	}
	return h
}

// Basis implements lb.SchedulerPolicy.
func (*SourceHash) Basis() lb.Basis { return lb.ByHash }
