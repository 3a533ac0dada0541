package sched

import (
	"hash/crc32"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// The addresses of the vectors.
var vectorAddrs = addrs("10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.10", "203.0.113.7")

func addrs(text ...string) (a []netip.Addr) {
	for _, s := range text {
		a = append(a, netip.MustParseAddr(s))
	}
	return a
}

func TestHashFunctions(t *testing.T) {
	expect(t, "avalanche of 0", avalanche(0), 2874071335)
	expect(t, "avalanche of 1", avalanche(1), 881230262)
	expect(t, "avalanche of 4096", avalanche(4096), 1237450891)
	expect(t, "XXH64 of nothing", xxHash64(nil, 0), 0xef46db3751d8e999)
	expect(t, "XXH64 of a", xxHash64([]byte("a"), 0), 0xd24ec4f1a98c6e5b)
	expect(t, "XXH64 of abc", xxHash64([]byte("abc"), 0), 0x44bc2cf5ad770999)
	expect(t, "XXH64 of 39 bytes", xxHash64([]byte("Nobody inspects the spammish repetition"), 0), 0xfbcea83c8a378bf1)
	expect(t, "CRC-32 of /a", crc32.ChecksumIEEE([]byte("/a")), 0x69707b5c)
	expect(t, "address", addressNumber(vectorAddrs[0]), 167772161)
	for i, want := range [][2]uint64{{177, 39}, {98, 137}, {19, 235}, {234, 162}, {215, 124}} {
		expect(t, "IPVS bucket, old kernel", hashIPVSOld(vectorAddrs[i]), want[0])
		expect(t, "IPVS bucket", hashIPVS(vectorAddrs[i]), want[1])
	}
}

// Three equal servers.
func TestHashVectors(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy lb.SchedulerPolicy
		want   [5]int
	}{
		{"HAProxy source map", hashLike("haproxy", "map", ""), [5]int{2, 0, 1, 0, 2}},
		{"HAProxy source map and avalanche", hashLike("haproxy", "map", "avalanche"), [5]int{0, 2, 2, 0, 1}},
		{"HAProxy ring, no avalanche", hashLike("haproxy", "ring", "address"), [5]int{2, 2, 2, 2, 0}},
		{"HAProxy ring and avalanche", hashLike("haproxy", "ring", ""), [5]int{0, 0, 0, 1, 1}},
		{"nginx ip_hash", &IPHash{}, [5]int{0, 0, 0, 0, 0}},
		{"IPVS sh, old kernel", hashLike("ipvs", "map", "ipvs-old"), [5]int{0, 2, 1, 0, 2}},
		{"IPVS sh", hashLike("ipvs", "map", ""), [5]int{0, 2, 1, 0, 1}},
	} {
		p := newPoolOf(c.policy, vectorAddrs, 1, 1, 1)
		for a, want := range c.want {
			expect(t, c.name+" of "+vectorAddrs[a].String(), p.from(a), want)
		}
	}
}

func hashLike(product, table, hash string) *SourceHash {
	return &SourceHash{Hash: hash, Hashing: Hashing{Like: product, Table: table, Points: 160}}
}

func TestIPHashRetries(t *testing.T) {
	a := addrs("10.0.0.1", "192.168.1.10", "10.0.0.254")
	expect(t, "hash of 192.0.2.10", ipHash(ipHashed(nil, vectorAddrs[3]), 0, 89), 6255)
	expect(t, "hash of 203.0.113.7", ipHash(ipHashed(nil, vectorAddrs[4]), 0, 89), 2592)
	expect(t, "hash of 192.168.1.10", ipHash(ipHashed(nil, a[1]), 0, 89), 154)
	x := uint32(89)
	for n, want := range []uint32{2565, 1753, 5403} {
		x = ipHash(ipHashed(nil, a[0]), n, x)
		expect(t, "hash of 10.0.0.1", x, want)
	}
	p := newPoolOf(&IPHash{}, a, 1, 1, 1)
	expect(t, "192.168.1.10", p.from(1), 1)
	expect(t, "the same /24", p.from(2), p.from(0))
	p.set(0, false)
	expect(t, "second try of 10.0.0.1", p.from(0), 1)
	p.set(1, false)
	expect(t, "some try of 10.0.0.1", p.from(0), 2)
}

func TestNginxHashOfKeys(t *testing.T) {
	for key, want := range map[string][]uint32{"/a": {26992}, "/b": {28793}, "/c": {1918}, "alice": {10126}} {
		expect(t, key, crcKey([]byte(key), 0), want[0])
	}
	sum, servers := uint32(0), [3]uint32{}
	for n := range servers {
		sum += crcKey([]byte("/a"), n)
		servers[n] = sum % 3
	}
	expect(t, "tries of /a", servers, [3]uint32{1, 0, 2})
}

func TestKetama(t *testing.T) {
	view := lb.View{Members: make([]lb.Member, 3)}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: true}
	}
	r := &ketama{env: lb.Env{View: &view, Names: []string{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"}}}
	r.renew(nil)
	expect(t, "points", len(r.points), 480)
	accept := func(m int32) bool { return view.Members[m].Usable }
	find := func(key string) int { return r.find(uint64(crc32.ChecksumIEEE([]byte(key))), accept) }
	for key, want := range map[string]int{"/a": 0, "/b": 2, "/c": 1, "alice": 2} {
		expect(t, key, find(key), want)
	}
	var share [3]int
	was := make([]int, 30_000)
	for k := range was {
		was[k] = find("k" + strconv.Itoa(k))
		share[was[k]]++
	}
	expect(t, "split of 30000 keys", share, [3]int{10432, 8980, 10588})
	view.Members[2].Usable = false
	moved := 0
	for k := range was {
		if m := find("k" + strconv.Itoa(k)); m != was[k] {
			moved++
			expect(t, "server of a key that moved", was[k], 2)
		}
	}
	expect(t, "keys that moved", moved, 10588)
}

// fill lays out a Maglev table of given preference lists.
func fill(size uint64, claims func(*preferences, int64, int64) int64, lists []preferences, weights []int64, list ...int32) []int32 {
	return (&maglev{size: size, lists: lists, weight: func(m int32) int64 { return weights[m] }, claims: claims}).lay(nil, list)
}

func TestMaglevVectors(t *testing.T) {
	lists := []preferences{{offset: 3, skip: 4}, {offset: 0, skip: 2}, {offset: 3, skip: 1}}
	for _, c := range []struct {
		name    string
		claims  func(*preferences, int64, int64) int64
		weights []int64
		list    []int32
		want    []int32
	}{
		{"paper", envoyClaims, []int64{1, 1, 1}, []int32{0, 1, 2}, []int32{1, 0, 1, 0, 2, 2, 0}},
		{"paper, without the second", envoyClaims, []int64{1, 1, 1}, []int32{0, 2}, []int32{0, 0, 0, 0, 2, 2, 2}},
		{"Katran v2, equal", katran2Claims, []int64{1, 1, 1}, []int32{0, 1, 2}, []int32{1, 0, 1, 0, 2, 2, 0}},
		{"Katran v1", katran1Claims, []int64{3, 1, 1}, []int32{0, 1, 2}, []int32{0, 0, 1, 0, 0, 2, 1}},
		{"Katran v2", katran2Claims, []int64{3, 1, 1}, []int32{0, 1, 2}, []int32{0, 0, 1, 0, 0, 2, 0}},
	} {
		if got := fill(7, c.claims, lists, c.weights, c.list...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// The slots of each member in a table of 65537.
func TestWeightedMaglevShares(t *testing.T) {
	for like, want := range map[string][3]int{"katran-v1": {21879, 21829, 21829}, "katran-v2": {32769, 16384, 16384}} {
		p := newPoolOf(hashLike(like, "maglev", ""), vectorAddrs, 100, 50, 50)
		p.from(0)
		var got [3]int
		for _, m := range p.Scheduler.(*hasher).table.(*slotTable).slots {
			got[m]++
		}
		expect(t, like, got, want)
	}
}

func TestRendezvousScores(t *testing.T) {
	for _, c := range []struct {
		u      float64
		weight int64
		want   float64
	}{{0.5, 1, 1.4427}, {0.7, 1, 2.8037}, {0.6, 2, 3.9152}} {
		if got := rendezvousScore(c.u, c.weight); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("u %v, weight %d: %v, expected %v", c.u, c.weight, got, c.want)
		}
	}
}

func TestBoundedLoadSlots(t *testing.T) {
	view := &lb.View{Members: make([]lb.Member, 3)}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: true}
	}
	list := []int32{0, 1, 2}
	h, e := newLoadBound(view, 125), newEnvoyBound(view, 125)
	h.renew(list)
	e.renew(list)
	for _, c := range []struct {
		total, allowed int64
		haproxy        [3]int64
		envoy          int64
	}{
		{0, 2, [3]int64{1, 1, 1}, 1}, {5, 8, [3]int64{2, 3, 3}, 3}, {8, 12, [3]int64{4, 4, 4}, 4},
		{9, 13, [3]int64{4, 4, 5}, 5}, {11, 15, [3]int64{5, 5, 5}, 5},
	} {
		h.total, e.total = c.total, c.total
		h.prepare()
		expect(t, "allowed", h.allowed(), c.allowed)
		expect(t, "HAProxy", [3]int64{h.share(0), h.share(1), h.share(2)}, c.haproxy)
		expect(t, "Envoy", e.share(1), c.envoy)
	}
}

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

// Envoy's ring by its other hash: the same sizes, other places.
func TestEnvoyRingOfMurmurHash(t *testing.T) {
	view := newPool(&RoundRobin{}, 1, 1, 1, 1).viewOf()
	names := []string{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"}
	for _, murmur := range []bool{false, true} {
		r := &envoyRing{env: lb.Env{View: view, Names: names}, murmur: murmur}
		r.renew([]int32{0, 1, 2, 3})
		expect(t, "points", len(r.points), 1024)
		want := xxHash64([]byte("10.0.0.3:80_17"), 0)
		if murmur {
			want = murmur2([]byte("10.0.0.3:80_17"), envoyMurmurSeed)
		}
		if !slices.Contains(r.points, point{want, 2}) {
			t.Errorf("murmur %v: no point at the hash of 10.0.0.3:80_17", murmur)
		}
	}
}

func ipvs(table string, fallback bool) *SourceHash {
	p := hashLike("ipvs", table, "")
	p.Fallback = fallback
	return p
}

// IPVS sh: a server of weight 0 keeps a slot, and its clients have no service.
func TestIPVSSourceHashOfWeight0(t *testing.T) {
	all := manyAddrs(1000)
	p := newPoolOf(ipvs("map", false), all, 2, 0, 1)
	with := newPoolOf(ipvs("map", true), all, 2, 0, 1)
	unserved := 0
	for a := range all {
		// Slots a a b c, 64 times.
		want := []int{0, 0, -1, 2}[hashIPVS(all[a])%4]
		expect(t, "sh", p.from(a), want)
		if want < 0 {
			unserved++
		}
		if m := with.from(a); m == 1 || want >= 0 && m != want || m < 0 {
			t.Errorf("sh-fallback: %d where sh has %d", m, want)
		}
	}
	if unserved < 200 || unserved > 300 {
		t.Errorf("%d of 1000 clients have no service", unserved)
	}
	p.view.Members[0].Limit = 1
	p.count(0, 1)
	expect(t, "full", p.from(slices.IndexFunc(all, func(a netip.Addr) bool { return hashIPVS(a)%4 == 0 })), -1)
}

// IPVS mh: a weight of 0 moves nobody else's clients, and nobody when it ends.
func TestIPVSMaglevRemembersWeights(t *testing.T) {
	all := manyAddrs(2000)
	p, with := newPoolOf(ipvs("maglev", false), all, 3, 1, 2), newPoolOf(ipvs("maglev", true), all, 3, 1, 2)
	was := make([]int, len(all))
	var share [3]int
	for a := range all {
		was[a] = p.from(a)
		share[was[a]]++
		expect(t, "with fallback", with.from(a), was[a])
	}
	expect(t, "slots", len(p.Scheduler.(*hasher).table.(*ipvsTable).slots), 4093)
	for m, want := range [3]float64{1000, 333, 667} {
		if math.Abs(float64(share[m])-want) > 70 {
			t.Errorf("member %d has %d of 2000 addresses, expected about %.0f", m, share[m], want)
		}
	}
	for _, p := range []*pool{p, with} {
		p.view.Members[2].Base, p.view.Members[2].Weight = 0, 0
		p.set(2, false)
	}
	for a := range all {
		m, other := p.from(a), with.from(a)
		switch {
		case was[a] != 2:
			expect(t, "others' clients", m, was[a])
			expect(t, "others' clients with fallback", other, was[a])
		case m != -1 || other != 0 && other != 1:
			t.Errorf("clients of weight 0 are with %d and, with fallback, %d", m, other)
		}
	}
	p.view.Members[2].Base, p.view.Members[2].Weight = 2, 2*lb.FullWeight
	p.set(2, true)
	for a := range all {
		expect(t, "after the weight is back", p.from(a), was[a])
	}
}

// How many slots in a row a server claims: 100/50/50 is 2/1/1 in lowest terms;
// 1000 and 1 need 10 bits, of which a table of 4093 leaves 6.
func TestIPVSMaglevTurns(t *testing.T) {
	for _, c := range []struct{ weights, want []int64 }{
		{[]int64{100, 50, 50}, []int64{2, 1, 1}}, {[]int64{1000, 1}, []int64{1000 >> 4, 1}}, {[]int64{5}, []int64{1}},
	} {
		turns, list := make([]int64, len(c.weights)), []int32{}
		for m := range c.weights {
			list = append(list, int32(m))
		}
		ipvsTurns(turns, c.weights, list, 4093)
		if !slices.Equal(turns, c.want) {
			t.Errorf("weights %v claim %v, expected %v", c.weights, turns, c.want)
		}
	}
}

// ring size: scale = min(ceil(minw*min_ring)/minw, max_ring), min 1024.
func TestEnvoyRingSizes(t *testing.T) {
	for _, c := range []struct {
		weights, points []int64
	}{
		{[]int64{1, 1, 1}, []int64{342, 342, 342}}, {[]int64{1, 2, 1}, []int64{256, 512, 256}},
		{[]int64{1, 999}, []int64{2, 1998}}, {same(2000), same(2000)},
	} {
		p := newPool(&RoundRobin{}, c.weights...)
		r := &envoyRing{env: lb.Env{View: p.viewOf(), Names: make([]string, len(c.weights))}}
		var list []int32
		for m := range c.weights {
			list = append(list, int32(m))
		}
		r.renew(list)
		got := make([]int64, len(c.weights))
		for _, p := range r.points {
			got[p.member]++
		}
		if !slices.Equal(got, c.points) {
			t.Errorf("%d servers of weights %v... have %v... points", len(got), c.weights[:2], got[:2])
		}
	}
}

// "Equal Maglev 3 -> 2 at 65537: 21845 lost slots moved plus 26 extra (0.04 %)":
// how many depends on the names, not how few.
func TestMaglevMovesLittleElse(t *testing.T) {
	for _, like := range []string{"none", "envoy", "katran-v2"} {
		p := newPoolOf(hashLike(like, "maglev", ""), vectorAddrs, 1, 1, 1)
		before := slices.Clone(maglevSlots(p))
		p.set(2, false)
		lost, extra := 0, 0
		for i, m := range maglevSlots(p) {
			switch {
			case before[i] == 2:
				lost++
			case before[i] != m:
				extra++
			}
		}
		if lost != 21845 || extra > 65537/500 {
			t.Errorf("%s: %d slots lost and %d others moved", like, lost, extra)
		}
	}
}

// Tables follow a weight that is set at run time, but for HAProxy's map, which
// knows 0 and the first one; IPVS mh is tested above.
func TestTablesFollowWeights(t *testing.T) {
	all := manyAddrs(20_000)
	for _, h := range hashProducts {
		p := newPoolOf(hashLike(h.product, h.table, ""), all, 1, 1)
		p.from(0)
		p.view.Members[1].Base, p.view.Members[1].Weight = 3, 3*lb.FullWeight
		p.changed(1)
		var got float64
		for a := range all {
			got += float64(p.from(a)) / float64(len(all))
		}
		want := 0.75
		if h.product == "haproxy" && h.table == "map" || h.product == "katran-v1" {
			want = 0.5
		}
		if math.Abs(got-want) > 0.1 {
			t.Errorf("%s %s: b has %.3f of the addresses, expected %.3f", h.product, h.table, got, want)
		}
	}
}
