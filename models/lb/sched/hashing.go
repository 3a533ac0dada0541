package sched

import (
	"fmt"
	"math"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Hashing is what the algorithms that hash have in common: the table that leads
// from a hash to a member. A key keeps its server for as long as the members
// that are up and their configured weights do not change; the table decides how
// many keys move when they do. A key whose server is full goes where the table
// leads next.
type Hashing struct {
	// Table turns a hash into a member.
	Table string `yaml:"table" doc:"map: hash modulo the sum of the weights; ring: consistent hashing; maglev; rendezvous: highest score"`
	// LoadBound is the greatest load of a member in proportion to its share.
	LoadBound float64 `yaml:"load_bound" doc:"greatest load of a server in proportion to its share, as 1.25; 0: no bound; for ring, maglev and rendezvous"`
	// Points and Size are how fine a ring and a Maglev table are.
	Points    int    `yaml:"points" doc:"points of a ring for each unit of weight; products have their own number"`
	PointHash string `yaml:"point_hash" doc:"hash of the points of envoy's ring: xxhash64 or murmur2"`
	Size      int    `yaml:"size" doc:"slots of a maglev table, a prime; 0: 65537, or 4093 like ipvs"`
	Like      string `yaml:"like" doc:"none, or as a product does it: haproxy (map, ring), nginx (map, ring), envoy (ring, maglev, rendezvous); of addresses also ipvs (map: its sh, maglev: its mh), katran-v1, katran-v2 (maglev)"`
}

// defaultHash is the value of Hash that leaves the choice to Like.
const defaultHash = "default"

func newHashing() Hashing {
	return Hashing{Table: "map", Points: 160, PointHash: "xxhash64", Like: noProduct}
}

// A hashProduct is a table of a product, with the hashes of addresses and of
// texts that go with it. A product that does not look into requests has none
// of texts.
type hashProduct struct {
	product, table string
	address, text  string
	build          func(p *Hashing, env lb.Env) hashTable
}

var hashProducts = []hashProduct{
	{noProduct, "map", "splitmix64", "splitmix64", func(_ *Hashing, env lb.Env) hashTable { return newMap(configured(env.View)) }},
	{noProduct, "ring", "splitmix64", "splitmix64", func(p *Hashing, env lb.Env) hashTable { return &plainRing{env: env, points: p.Points} }},
	{noProduct, "maglev", "splitmix64", "splitmix64", func(p *Hashing, env lb.Env) hashTable { return newMaglev(env, p.size(), splitMixLists, envoyClaims) }},
	{noProduct, "rendezvous", "splitmix64", "splitmix64", func(_ *Hashing, env lb.Env) hashTable { return newRendezvous(env) }},
	{"haproxy", "map", "address", "sdbm", func(_ *Hashing, env lb.Env) hashTable { return newMap(original(env.View)) }},
	{"haproxy", "ring", "avalanche", "sdbm-avalanche", func(_ *Hashing, env lb.Env) hashTable { return newHAProxyRing(env.View) }},
	{"nginx", "map", "crc32", "crc32", nil}, // has no table
	{"nginx", "ring", "crc32", "crc32", func(_ *Hashing, env lb.Env) hashTable { return &ketama{env: env} }},
	{"envoy", "ring", "xxhash64", "xxhash64", func(p *Hashing, env lb.Env) hashTable {
		return &envoyRing{env: env, murmur: p.PointHash == "murmur2"}
	}},
	{"envoy", "maglev", "xxhash64", "xxhash64", func(p *Hashing, env lb.Env) hashTable { return newMaglev(env, p.size(), envoyLists, envoyClaims) }},
	{"envoy", "rendezvous", "xxhash64", "xxhash64", func(_ *Hashing, env lb.Env) hashTable { return newRendezvous(env) }},
	{"ipvs", "map", "ipvs", "", func(_ *Hashing, env lb.Env) hashTable { return newBuckets(env.View) }},
	{"ipvs", "maglev", "address", "", func(p *Hashing, env lb.Env) hashTable { return newIPVSMaglev(env, p.size()) }},
	{"katran-v1", "maglev", "splitmix64", "", func(p *Hashing, env lb.Env) hashTable { return newMaglev(env, p.size(), splitMixLists, katran1Claims) }},
	{"katran-v2", "maglev", "splitmix64", "", func(p *Hashing, env lb.Env) hashTable { return newMaglev(env, p.size(), splitMixLists, katran2Claims) }},
}

// check finds fault with the parameters, for a hash of texts or of addresses.
func (p *Hashing) check(texts bool) []flow.Problem {
	var products, tables []string
	for _, h := range hashProducts {
		if texts && h.text == "" {
			continue
		}
		if !slices.Contains(products, h.product) {
			products = append(products, h.product)
		}
		if h.product == p.product() {
			tables = append(tables, h.table)
		}
	}
	if len(tables) == 0 {
		return checkProduct(p.Like, products[1:])
	}
	ps := flow.OneOf("table", p.Table, tables...)
	if p.LoadBound != 0 && !(p.LoadBound >= 1 && p.LoadBound <= 1000) {
		ps = append(ps, flow.Problem{Path: "load_bound", Text: fmt.Sprintf("%v is neither 0 nor between 1 and 1000", p.LoadBound)})
	}
	if p.LoadBound != 0 && (p.Table == "map" || p.Like == "nginx" || p.Like == "ipvs") {
		ps = append(ps, flow.Problem{Path: "load_bound", Text: "this table has no load bound"})
	}
	if p.Table == "ring" && (p.Points < 1 || p.Points > 100_000) {
		ps = append(ps, flow.Problem{Path: "points", Text: fmt.Sprintf("%d is not between 1 and 100000", p.Points)})
	}
	if p.PointHash != "" {
		ps = append(ps, flow.OneOf("point_hash", p.PointHash, "xxhash64", "murmur2")...)
	}
	return append(ps, p.checkSize()...)
}

func (p *Hashing) checkSize() []flow.Problem {
	switch {
	case p.Table != "maglev" || p.Size == 0:
	case p.Like == "ipvs" && !slices.Contains(ipvsPrimes, p.Size):
		return []flow.Problem{{Path: "size", Text: fmt.Sprintf("%d is not one of %v", p.Size, ipvsPrimes)}}
	case !prime(p.Size):
		return []flow.Problem{{Path: "size", Text: fmt.Sprintf("%d is not a prime of at most 5000011", p.Size)}}
	}
	return nil
}

func prime(n int) bool {
	for i := 2; i*i <= n; i++ {
		if n%i == 0 {
			return false
		}
	}
	return n > 1 && n <= 5_000_011
}

func (p *Hashing) product() string {
	if p.Like == "" {
		return noProduct
	}
	return p.Like
}

// size is the number of slots of a Maglev table.
func (p *Hashing) size() int {
	switch {
	case p.Size > 0:
		return p.Size
	case p.Like == "ipvs":
		return 4093
	}
	return 65537
}

// kind returns the table that was chosen.
func (p *Hashing) kind() *hashProduct {
	for i, h := range hashProducts {
		if h.product == p.product() && h.table == p.Table {
			return &hashProducts[i]
		}
	}
	panic("sched: the parameters of a hash were not validated")
}

// checkHash finds fault with the name of a hash function.
func checkHash[F any](name string, known flow.Table[F]) []flow.Problem {
	if name == "" {
		return nil
	}
	return flow.OneOf("hash", name, append([]string{defaultHash}, known.Names()...)...)
}

// hashNamed returns a hash function, or the one that goes with the table.
func hashNamed[F any](name, otherwise string, known flow.Table[F]) F {
	if name == "" || name == defaultHash {
		name = otherwise
	}
	f, _ := known.Lookup(name)
	return f
}

// newHasher returns a scheduler that hashes keys, by this table.
func (p *Hashing) newHasher(env lb.Env, key hashKey, table hashTable) *hasher {
	h := &hasher{rotation: newRotation(env.View), table: table, key: key, otherwise: newNginxSmooth(env)}
	h.accept = h.isFree
	switch p.Like {
	case "nginx":
		h.failing = h.otherwise.(lb.FailureCounter)
	case "haproxy":
		h.walk = table.(walker)
	case "envoy":
		h.rand = env.Rand
	case "ipvs":
		h.otherwise = nil
	}
	percent := int64(math.Round(100 * p.LoadBound))
	switch {
	case percent == 0:
		if p.Table == "rendezvous" || p.Table == "ring" {
			h.home = make([]int32, len(env.Addrs))
		}
	case p.Like == "envoy":
		h.divert = newEnvoyBound(env.View, percent)
	default:
		h.bound = newLoadBound(env.View, percent)
		h.accept = func(m int32) bool { return h.free[m] && h.bound.accepts(m) }
	}
	return h
}
