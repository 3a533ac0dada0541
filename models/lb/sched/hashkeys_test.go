package sched

import (
	"math"
	"slices"
	"testing"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Keys of the sheet, and of Envoy's own test (test/common/common/hash_test.cc).
func TestTextHashes(t *testing.T) {
	for _, c := range []struct {
		hash, text string
		want       uint64
	}{
		{"sdbm", "/a", 3083250}, {"sdbm", "alice", 2441577632}, {"djb2", "/a", 5861557},
		{"crc32", "/a", 0x69707b5c}, {"sdbm-avalanche", "/a", uint64(avalanche(3083250))},
		{"xxhash64", "foo", 3728699739546630719}, {"xxhash64", "foo\nbar", 8917841378505826757}, {"xxhash64", "lyft", 4400747396090729504},
	} {
		hash, _ := TextHashes.Lookup(c.hash)
		expect(t, c.hash+" of "+c.text, hash(c.text), c.want)
	}
	for text, want := range map[string]uint64{
		"foo": 9631199822919835226, "bar": 11474628671133349555, "foo\nbar": 16306510975912980159,
		"lyft": 12847078931730529320, "": 6142509188972423790,
	} {
		expect(t, "MurmurHash2 of "+text, murmur2([]byte(text), envoyMurmurSeed), want)
	}
	expect(t, "wt6 of nothing", hashWT6(""), 0xa53c965a^0x5ca6953a)
}

// texts are the values of a key; a connection has the value of its number, and
// none if there is no such value.
type texts []string

func (x texts) Key(name string) int {
	if name == "missing" {
		return -1
	}
	return 0
}

func (x texts) Value(id flow.ConnID, _ int) (uint32, bool) { return uint32(id), int(id) < len(x) }

func (x texts) Text(_ int, value uint32) string { return x[value] }

// keyed returns a pool whose connection n sends the n-th text, and what is
// picked for each.
func keyed(policy lb.SchedulerPolicy, x texts, weights ...int64) (p *pool, picks []int) {
	p = newPool(policy, weights...)
	names := []string{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"}
	p.Scheduler = policy.NewScheduler(lb.Env{View: &p.view, Rand: sim.NewStream(1, 0, "test"), Names: names[:len(weights)], Keys: x})
	for i := range x {
		p.query.Conn = flow.ConnID(i)
		picks = append(picks, p.pick())
	}
	p.query.Conn = flow.ConnID(len(x))
	return p, picks
}

func urlHash(product, table, hash string) *URLHash {
	return &URLHash{KeyHashing{Hash: hash, Hashing: Hashing{Like: product, Table: table, Points: 160}}}
}

func TestURLHashVectors(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy lb.SchedulerPolicy
		want   []int
	}{
		{"nginx hash", urlHash("nginx", "map", ""), []int{1, 2, 1, 1}},
		{"nginx ketama", urlHash("nginx", "ring", ""), []int{0, 2, 1, 2}},
		{"HAProxy uri, sdbm", urlHash("haproxy", "map", ""), []int{3083250 % 3, (3083250 + 1) % 3, (3083250 + 2) % 3, 2441577632 % 3}},
		{"HAProxy uri, djb2", urlHash("haproxy", "map", "djb2"), []int{5861557 % 3, (5861557 + 1) % 3, (5861557 + 2) % 3, int(hashDJB2("alice") % 3)}},
	} {
		_, got := keyed(c.policy, texts{"/a", "/b", "/c", "alice"}, 1, 1, 1)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// hash-type consistent adds the avalanche, hash-type consistent sdbm does not.
func TestHAProxyRingOfURLs(t *testing.T) {
	x := texts{"/a", "/b", "/c", "alice"}
	r := newHAProxyRing(newPool(&RoundRobin{}, 1, 1, 1).viewOf())
	r.renew([]int32{0, 1, 2})
	for hash, number := range map[string]func(string) uint64{
		"": avalancheOf(hashSDBM), "sdbm": func(s string) uint64 { return uint64(hashSDBM(s)) },
	} {
		_, got := keyed(urlHash("haproxy", "ring", hash), x, 1, 1, 1)
		for i, text := range x {
			want := r.find(number(text), func(int32) bool { return true })
			expect(t, "hash-type consistent "+hash+" of "+text, got[i], want)
		}
	}
}

// Requests without the key go in turn, under Envoy at random.
func TestMissingKeys(t *testing.T) {
	for _, c := range []struct {
		like, table, want string
	}{
		{"none", "ring", "aabacaaaabacaa"}, // smooth round robin
		{"nginx", "map", "aabacaaaabacaa"},
		{"haproxy", "map", "aaabaacaaabaac"}, // its table
	} {
		p, _ := keyed(urlHash(c.like, c.table, ""), nil, 5, 1, 1)
		expect(t, c.like+" "+c.table, p.turns(len(c.want)), c.want)
		header := &HeaderHash{Header: "missing", KeyHashing: urlHash(c.like, c.table, "").KeyHashing}
		p, _ = keyed(header, nil, 5, 1, 1)
		expect(t, c.like+" "+c.table+", a key that nobody has", p.turns(len(c.want)), c.want)
	}
	p, _ := keyed(urlHash("haproxy", "ring", ""), nil, 1, 1, 1)
	if s := shares(p, 48); math.Abs(s[0]-1./3) > 1e-9 || math.Abs(s[1]-1./3) > 1e-9 {
		t.Errorf("a walk round HAProxy's ring of 16 points each: %v", s)
	}
	p, _ = keyed(urlHash("envoy", "maglev", ""), nil, 1, 1, 1)
	for m, share := range shares(p, 30_000) {
		if math.Abs(share-1./3) > 0.01 {
			t.Errorf("envoy: member %d has %.3f of the requests without a key", m, share)
		}
	}
}
