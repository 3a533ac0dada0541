package sched

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"testing"

	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/sim"
)

var known = theory.Load("testdata/theory.json")

func TestMain(m *testing.M) { os.Exit(known.Run(m)) }

func params[T any](t *testing.T, id string) (p T) {
	t.Helper()
	if err := json.Unmarshal(known.Row(t, id).Params, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// manyAddrs returns n addresses, 10.x.y.z.
func manyAddrs(n int) (a []netip.Addr) {
	for i := range n {
		a = append(a, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	return a
}

// Shares of servers of a ring with points at random, by the length of the arcs
// that end at their points.
func TestRingShares(t *testing.T) {
	for _, of := range []string{"10-1", "10-10", "10-100", "10-1000", "100-100", "1000-1000", "4-160"} {
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			p := params[struct {
				Servers int
				Points  int `json:"points_per_server"`
			}](t, "ring-"+of+"-cov")
			var cov2, most, least []float64
			for i := range min(20_000, max(5, 5_000_000/(p.Servers*p.Points))) {
				s := ringShares(p.Servers, p.Points, i)
				var sum float64
				for _, x := range s {
					sum += (x - 1) * (x - 1) / float64(p.Servers)
				}
				cov2 = append(cov2, sum)
				most, least = append(most, slices.Max(s)), append(least, slices.Min(s))
			}
			// The coefficient of variation is of all shares of all rings.
			cov := known.Row(t, "ring-"+of+"-cov")
			known.CheckNumber(t, cov.ID, cov.Number()*cov.Number(), cov2)
			known.Check(t, "ring-"+of+"-max", most)
			known.Check(t, "ring-"+of+"-min", least)
		})
	}
}

// ringShares returns the servers' shares of ring number i, times their number.
func ringShares(servers, points, i int) []float64 {
	env := lb.Env{View: &lb.View{}}
	var list []int32
	for m := range servers {
		env.View.Members = append(env.View.Members, lb.Member{Base: 1})
		env.Names = append(env.Names, theory.Salted("ring "+strconv.Itoa(i)+" server "+strconv.Itoa(m)))
		list = append(list, int32(m))
	}
	r := &plainRing{env: env, points: points}
	r.renew(list)
	s := make([]float64, servers)
	last := r.ring.points[len(r.ring.points)-1].at
	for _, p := range r.ring.points {
		s[p.member] += float64(p.at-last) * 0x1p-64 * float64(servers)
		last = p.at
	}
	return s
}

func TestMaglevTables(t *testing.T) {
	for _, of := range []string{"5-251-1", "10-1009-1", "10-65537-1", "100-65537-1", "1000-65537-1", "1000-65537-10"} {
		t.Run(of, func(t *testing.T) {
			p := params[struct {
				Table   int
				Removed []int
			}](t, "maglev-"+of+"-max")
			var servers int
			fmt.Sscanf(of, "%d-", &servers)
			pool := newPoolOf(&SourceHash{Hashing: Hashing{Table: "maglev", Size: p.Table}}, vectorAddrs, same(servers)...)
			before := slices.Clone(maglevSlots(pool))
			for _, m := range p.Removed {
				pool.set(m, false)
			}
			var changed, forced int
			for i, m := range maglevSlots(pool) {
				if m != before[i] {
					changed++
				}
				if slices.Contains(p.Removed, int(before[i])) {
					forced++
				}
			}
			share := make([]int, servers)
			sum := fnv.New64a()
			for _, m := range before {
				share[m]++
				sum.Write(binary.LittleEndian.AppendUint32(nil, uint32(m)))
			}
			number := func(metric string, got float64) { known.CheckEqual(t, "maglev-"+of+"-"+metric, got) }
			number("max", float64(slices.Max(share)))
			number("min", float64(slices.Min(share)))
			number("changed", float64(changed))
			number("changed_fraction", float64(changed)/float64(p.Table))
			number("forced_fraction", float64(forced)/float64(p.Table))
			known.CheckText(t, "maglev-"+of+"-table_fnv1a64", fmt.Sprintf("%016x", sum.Sum64()))
			known.CheckAtMost(t, "maglev-bound", float64(slices.Max(share)-slices.Min(share)))
		})
	}
}

// maglevSlots returns the pool's table as it is after a pick.
func maglevSlots(p *pool) []int32 {
	p.from(0)
	return p.Scheduler.(*hasher).table.(*slotTable).slots
}

// No server has more than its bound, and no fewer keys are placed for it.
func TestBoundedLoads(t *testing.T) {
	for _, id := range known.WithPrefix("bounded-") {
		p := params[struct {
			Keys, Servers int
			C             float64
		}](t, id)
		for _, policy := range []Hashing{
			{Table: "ring", Points: 1}, {Table: "maglev", Size: 251}, {Table: "rendezvous"}, {Table: "ring", Like: "haproxy"},
		} {
			policy.LoadBound = p.C
			pool := newPoolOf(&SourceHash{Hashing: policy}, manyAddrs(p.Keys), same(p.Servers)...)
			for k := range p.Keys {
				pool.count(pool.from(k), 1)
			}
			most := int32(0)
			for _, v := range pool.view.Members {
				most = max(most, v.Active)
			}
			known.CheckAtMost(t, id, float64(most))
		}
	}
}

// Capacity ceil(1.25 m/n) for connection m on n servers.
func TestCapacityOfBoundedLoads(t *testing.T) {
	for _, c := range []struct{ m, n, want int }{{10, 4, 4}, {9, 3, 4}, {1, 3, 1}} {
		p := newPoolOf(&SourceHash{Hashing: Hashing{Table: "ring", Points: 160, LoadBound: 1.25}}, manyAddrs(1), same(c.n)...)
		for range c.m {
			p.count(p.from(0), 1)
		}
		most := int32(0)
		for _, v := range p.view.Members {
			most = max(most, v.Active)
		}
		expect(t, fmt.Sprintf("%d of one address on %d servers", c.m, c.n), most, int32(c.want))
	}
}

// The best of three draws.
func TestThreeChoices(t *testing.T) {
	const id = "binsmc-1000-1000-d3"
	var most []float64
	for i := range 300 {
		p := newPool(&Random{Choices: 1}, same(1000)...)
		p.Scheduler = (&Random{Choices: 3, Replace: true}).NewScheduler(lb.Env{View: &p.view, Rand: sim.NewStream(1, uint64(i), theory.Salted(t.Name()))})
		m := int32(0)
		for range 1000 {
			b := p.pick()
			p.count(b, 1)
			m = max(m, p.view.Members[b].Active)
		}
		most = append(most, float64(m))
	}
	known.Check(t, id, most)
}

// Weights in every table: the share of the addresses goes with the weight.
func TestHashesFollowWeights(t *testing.T) {
	for _, h := range hashProducts {
		if h.product == "katran-v1" { // barely follows them
			continue
		}
		p := newPoolOf(hashLike(h.product, h.table, ""), manyAddrs(50_000), 1, 2, 1)
		got := make([]float64, 3)
		for a := range 50_000 {
			got[p.from(a)] += 1. / 50_000
		}
		slack := 0.01
		if h.table == "ring" {
			slack = 0.12 // the ring's own unevenness
		}
		for m, want := range []float64{.25, .5, .25} {
			if math.Abs(got[m]-want) > slack {
				t.Errorf("%s %s: member %d has %.3f of the addresses, expected %.3f", h.product, h.table, m, got[m], want)
			}
		}
	}
}

// A server that leaves moves its own addresses only, where the table is
// consistent, and they come back with it.
func TestConsistentTablesMoveOnlyWhatTheyMust(t *testing.T) {
	for _, h := range hashProducts {
		if h.table == "map" || h.table == "maglev" || h.product == "envoy" && h.table == "ring" {
			continue // Envoy's ring changes its size
		}
		const n = 5000
		p := newPoolOf(hashLike(h.product, h.table, ""), manyAddrs(n), same(8)...)
		was := make([]int, n)
		for a := range was {
			was[a] = p.from(a)
		}
		p.set(3, false)
		for a := range was {
			if m := p.from(a); m != was[a] && was[a] != 3 {
				t.Fatalf("%s %s: an address moved from %d to %d when 3 left", h.product, h.table, was[a], m)
			}
		}
		p.set(3, true)
		for a := range was {
			if m := p.from(a); m != was[a] {
				t.Fatalf("%s %s: an address of %d is with %d after 3 came back", h.product, h.table, was[a], m)
			}
		}
	}
}
