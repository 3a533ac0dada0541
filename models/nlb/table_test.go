package nlb

import (
	"net/netip"
	"slices"
	"testing"

	"lbsim/models/flow"
	"lbsim/sim"
)

// table is a bucket table with its owners.
type table []int8

func newTable(buckets int, weights ...int) table {
	t := make(table, buckets)
	for b := range t {
		t[b] = nobody
	}
	redistribute(t, weights)
	return t
}

func (t table) counts(hosts int) []int {
	n := make([]int, hosts)
	for _, h := range t {
		if h != nobody {
			n[h]++
		}
	}
	return n
}

func expectCounts(t *testing.T, of table, want ...int) {
	t.Helper()
	if got := of.counts(len(want)); !slices.Equal(got, want) {
		t.Errorf("buckets %v, want %v", got, want)
	}
}

// Three equal hosts have 20 buckets each; without the third the others have 30, with
// it 20 again; a fourth takes 15. Nothing moves but what has to.
func TestEqualHostsLeaveAndJoin(t *testing.T) {
	x := newTable(60, 50, 50, 50, 0)
	expectCounts(t, x, 20, 20, 20, 0)
	before := slices.Clone(x)
	if moved := redistribute(x, []int{50, 50, 0, 0}); moved != 20 {
		t.Errorf("%d buckets move when host 3 leaves, want 20", moved)
	}
	expectCounts(t, x, 30, 30, 0, 0)
	for b, h := range before {
		if h != 2 && x[b] != h {
			t.Errorf("bucket %d moves from host %d, which stays, to %d", b, h+1, x[b]+1)
		}
	}
	if moved := redistribute(x, []int{50, 50, 50, 0}); moved != 20 {
		t.Errorf("%d buckets move when host 3 returns, want 20", moved)
	}
	expectCounts(t, x, 20, 20, 20, 0)
	before = slices.Clone(x)
	if moved := redistribute(x, []int{50, 50, 50, 50}); moved != 15 {
		t.Errorf("%d buckets move when host 4 joins, want 15", moved)
	}
	expectCounts(t, x, 15, 15, 15, 15)
	for b, h := range before {
		if x[b] != h && x[b] != 3 {
			t.Errorf("bucket %d moves from host %d to %d, want to 4 or not at all", b, h+1, x[b]+1)
		}
	}
}

// Shares by load weight, to the last bucket.
func TestSharesByWeight(t *testing.T) {
	for _, c := range []struct{ weights, want []int }{
		{[]int{100, 50, 50}, []int{30, 15, 15}},
		{[]int{60, 40}, []int{36, 24}},
		{[]int{30, 30, 30, 10}, []int{18, 18, 18, 6}},
		{[]int{50, 50, 50, 50, 50, 50, 50, 50}, []int{8, 8, 8, 8, 7, 7, 7, 7}},
		{[]int{50, 0, 50}, []int{30, 0, 30}},
		{[]int{0, 0}, []int{0, 0}},
		{[]int{1, 1, 1, 1, 1, 1, 1}, []int{9, 9, 9, 9, 8, 8, 8}},
		{[]int{100, 1}, []int{59, 1}},
	} {
		if got := shares(60, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("weights %v: %v buckets, want %v", c.weights, got, c.want)
		}
	}
}

// Without any host with a weight, nobody has a bucket, and all come back.
func TestNoHostLeft(t *testing.T) {
	x := newTable(60, 50, 50)
	redistribute(x, []int{0, 0})
	expectCounts(t, x, 0, 0)
	redistribute(x, []int{0, 50})
	expectCounts(t, x, 0, 60)
}

// Whatever happens to hosts and weights, each host has its share exactly, no more
// buckets move than the shares demand, and none moves between hosts that keep
// theirs.
func TestFewestBucketsMove(t *testing.T) {
	u := sim.NewStream(1, 0, "test")
	for round := range 2000 {
		buckets, n := 1+u.IntN(100), 1+u.IntN(8)
		weights := make([]int, n)
		draw := func() {
			for h := range weights {
				weights[h] = u.IntN(3) * u.IntN(MaxWeight/2)
			}
		}
		draw()
		x := newTable(buckets, weights...)
		before := x.counts(n)
		free := buckets
		for _, k := range before {
			free -= k
		}
		draw()
		moved := redistribute(x, weights)
		want := shares(buckets, weights)
		expectCounts(t, x, want...)
		least := 0
		for h := range want {
			least += max(0, want[h]-before[h])
		}
		if sum(want) == 0 {
			least = buckets - free // all are taken away
		}
		if moved != least {
			t.Fatalf("round %d: %d buckets move, want %d", round, moved, least)
		}
	}
}

func sum(x []int) (n int) {
	for _, v := range x {
		n += v
	}
	return n
}

// Known answers of the finaliser of MurmurHash3.
func TestFinish(t *testing.T) {
	for key, want := range map[uint32]uint32{0: 0, 1: 0x514e28b7, 0xffffffff: 0x81f16f39, 0xdeadbeef: 0x0de5c6a9} {
		if got := finish(key); got != want {
			t.Errorf("finish(%#x) is %#x, want %#x", key, got, want)
		}
	}
}

// Under network affinity a whole class C network is one client; an address that
// is written as IPv6 is the same address.
func TestNetworksMerge(t *testing.T) {
	var addrs []netip.Addr
	for _, a := range []string{"198.51.100.1", "198.51.100.254", "198.51.101.1", "::ffff:198.51.100.7", "2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"} {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	k := byNetwork(addrs)
	if want := []uint32{0, 0, 1, 0, 2, 2, 3}; !slices.Equal(k.of, want) {
		t.Errorf("networks %v, want %v", k.of, want)
	}
	whole := byAddress(addrs)
	if whole.key(1) == whole.key(0) || whole.hash[0] == whole.hash[1] {
		t.Error("two addresses are one client under single affinity")
	}
	if hashAddr(addrs[0]) != hashAddr(netip.MustParseAddr("::ffff:198.51.100.1")) {
		t.Error("an IPv4 address written as IPv6 is another client")
	}
}

// The hash spreads addresses over the buckets as chance would: neighbours no
// less evenly than others. The statistic has 59 degrees of freedom, and is above
// 98 once in a thousand.
func TestHashIsEven(t *testing.T) {
	count := make([]int, 60)
	const n = 60000
	for i := range uint32(n) {
		count[hashAddr(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))%60]++
	}
	chi := 0.0
	for _, k := range count {
		d := float64(k) - n/60
		chi += d * d / (n / 60)
	}
	if chi > 98 {
		t.Errorf("chi-square of neighbouring addresses is %.1f", chi)
	}
	count = make([]int, 60)
	for i := range uint32(n) {
		count[withPort(hashAddr(netip.MustParseAddr("192.0.2.1")), &flow.Conn{Seq: i})%60]++
	}
	if slices.Min(count) == 0 {
		t.Errorf("the connections of one client miss buckets: %v", count)
	}
}
