package models_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// held is a world whose clients open a connection each at the start and keep
// it: balls into bins.
func held(site snat.Site, servers int, policy lb.SchedulerPolicy) models.Config {
	site.Name = "clients"
	c := models.Config{
		Sites:   []snat.Site{site},
		Traffic: []traffic.Stream{{Name: "held", From: []string{"clients"}, Connections: &traffic.Connections{PerClient: 1}, Retry: traffic.Retry{Attempts: 1}}},
	}
	addServers(&c, servers, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, policy)
	return c
}

// spread is how much weight each server has.
type spread []float64

// spreads draws n times who sits where, and weighs each client.
func spreads(t *testing.T, c models.Config, n int, weight func(flow.ClientID) float64) (all []spread) {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	n = int(float64(n) * theory.Part())
	for i := range n {
		w := build(t, c, t.Name(), i, nil)
		run(t, w, 0)
		s := make(spread, len(c.Servers))
		w.Conns(func(_ flow.ConnID, c *flow.Conn) { s[c.Server] += weight(c.Client) })
		all = append(all, s)
	}
	return all
}

func one(flow.ClientID) float64 { return 1 }

func (s spread) maxOverMean() float64 { return slices.Max(s) / mean(s) }

func (s spread) cov2() float64 { return variance(s) / (mean(s) * mean(s)) }

// each applies a statistic to every draw.
func each(all []spread, of func(spread) float64) (x []float64) {
	for _, s := range all {
		x = append(x, of(s))
	}
	return x
}

func share(all []spread, of func(spread) bool) []float64 {
	return each(all, func(s spread) float64 {
		if of(s) {
			return 1
		}
		return 0
	})
}

func params[T any](t *testing.T, id string) (p T) {
	t.Helper()
	if err := json.Unmarshal(known.Row(t, id).Params, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// Connections to random servers, and to the better of two random ones.
func TestBallsIntoBins(t *testing.T) {
	type bins struct {
		Balls, Bins int
		Samples     string
	}
	check := func(id, variant string, policy lb.SchedulerPolicy, statistic func(spread) float64) {
		t.Run(strings.TrimSpace(id+" "+variant), func(t *testing.T) {
			t.Parallel()
			p := params[bins](t, id)
			draws := min(10_000, max(50, 500_000/p.Balls))
			all := spreads(t, held(snat.Site{Clients: p.Balls}, p.Bins, policy), draws, one)
			known.Check(t, id, each(all, statistic))
		})
	}
	for _, id := range known.WithPrefix("bins-") {
		check(id, "", &sched.Random{}, spread.maxOverMean)
	}
	// An address of one's own falls on a random server, too, under any hash.
	for _, h := range sched.Hashes.Names() {
		check("bins-100-4-Emax", h, &sched.SourceHash{Hash: h, Hashing: sched.Hashing{Table: "map"}}, spread.maxOverMean)
	}
	for _, prefix := range []string{"bins2-", "binsmc-"} {
		for _, id := range known.WithPrefix(prefix) {
			two := &sched.TwoChoices{Replace: params[bins](t, id).Samples == "with replacement"}
			check(id, "", two, func(s spread) float64 { return slices.Max(s) })
		}
	}
}

// Groups of clients that share an address go where its hash says.
func TestSourceHashOfUnequalGroups(t *testing.T) {
	statistics := map[string]func([]spread) []float64{
		"E_max_over_mean": func(all []spread) []float64 { return each(all, spread.maxOverMean) },
		"E_cov2":          func(all []spread) []float64 { return each(all, spread.cov2) },
		"E_jain":          func(all []spread) []float64 { return each(all, func(s spread) float64 { return 1 / (1 + s.cov2()) }) },
		"P_ge_1.5":        func(all []spread) []float64 { return share(all, func(s spread) bool { return s.maxOverMean() >= 1.5 }) },
		"P_ge_2":          func(all []spread) []float64 { return share(all, func(s spread) bool { return s.maxOverMean() >= 2 }) },
		"E_idle_servers": func(all []spread) []float64 {
			return each(all, func(s spread) float64 {
				return float64(len(s) - len(slices.DeleteFunc(slices.Clone(s), func(x float64) bool { return x == 0 })))
			})
		},
	}
	for groups := range 4 {
		for _, servers := range []int{2, 4} {
			prefix := fmt.Sprintf("snat-%d-%d-", groups, servers)
			t.Run(prefix, func(t *testing.T) {
				t.Parallel()
				ids := known.WithPrefix(prefix)
				sizes := params[struct {
					Sizes []float64 `json:"group_sizes"`
				}](t, ids[0]).Sizes
				// As small as they can be in the same proportion: only that counts.
				divisor, total := 0, 0
				for _, s := range sizes {
					divisor = gcd(divisor, int(s))
				}
				for g := range sizes {
					sizes[g] /= float64(divisor)
					total += int(sizes[g])
				}
				nat := &snat.NAT{Addresses: len(sizes), Pooling: snat.Paired, Sizes: &snat.Listed{Of: sizes}}
				policy := &sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}}
				all := spreads(t, held(snat.Site{Clients: total, NAT: nat}, servers, policy), 5000, one)
				for _, id := range ids {
					if name := strings.TrimPrefix(id, prefix); servers == 2 && (name == "P_ge_2" || name == "E_idle_servers") {
						continue // TestAllOnOneServer
					}
					t.Run(id, func(t *testing.T) { known.Check(t, id, statistics[strings.TrimPrefix(id, prefix)](all)) })
				}
			})
		}
	}
}

// It happens once in a hundred times that all groups go to one of two servers, and
// the other has none: it takes more draws to see how often, of a client for each
// group that weighs as much.
func TestAllOnOneServer(t *testing.T) {
	for groups := range 4 {
		prefix := fmt.Sprintf("snat-%d-2-", groups)
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			sizes := params[struct {
				Sizes []float64 `json:"group_sizes"`
			}](t, prefix+"P_ge_2").Sizes
			draws := 5000
			if !theory.Brief() {
				draws = int(1000 / known.Row(t, prefix+"P_ge_2").Number())
			}
			config := held(snat.Site{Clients: len(sizes)}, 2, &sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}})
			all := spreads(t, config, draws, func(c flow.ClientID) float64 { return sizes[c] })
			alone := share(all, func(s spread) bool { return min(s[0], s[1]) == 0 })
			for _, metric := range []string{"P_ge_2", "E_idle_servers"} {
				t.Run(prefix+metric, func(t *testing.T) { known.CheckBriefly(t, prefix+metric, alone) })
			}
		})
	}
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// Groups of sizes in proportion to 1/rank^exponent. As whole numbers of clients
// they would be a little off, so a single client stands for each and weighs as
// much as its group.
func TestSourceHashOfZipfGroups(t *testing.T) {
	for _, c := range []struct {
		groups, servers int
		exponent        float64
	}{{200, 4, 1}, {1000, 4, 1}, {200, 4, 1.5}, {1000, 10, 1}} {
		prefix := fmt.Sprintf("snatz-%d-%.1f-%d-", c.groups, c.exponent, c.servers)
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			config := held(snat.Site{Clients: c.groups}, c.servers, &sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}})
			all := spreads(t, config, 4000, func(c2 flow.ClientID) float64 { return math.Pow(float64(c2+1), -c.exponent) })
			t.Run(prefix+"max", func(t *testing.T) { known.Check(t, prefix+"max", each(all, spread.maxOverMean)) })
			t.Run(prefix+"cov2", func(t *testing.T) { known.Check(t, prefix+"cov2", each(all, spread.cov2)) })
			t.Run(prefix+"p95", func(t *testing.T) { known.Check(t, prefix+"p95", batches(each(all, spread.maxOverMean), 20, 0.95)) })
		})
	}
}

// batches returns the p-quantiles of n parts of x. Of so few values the nearest rank
// would be too low on average.
func batches(x []float64, n int, p float64) (q []float64) {
	for part := range slices.Chunk(x, len(x)/n) {
		inOrder := slices.Sorted(slices.Values(part))
		at := p*float64(len(part)+1) - 1
		low := int(at)
		q = append(q, inOrder[low]+(at-float64(low))*(inOrder[low+1]-inOrder[low]))
	}
	return q
}

// A hash modulo the number of usable servers moves most clients when one of
// them comes or goes.
func TestModuloMovesClients(t *testing.T) {
	for _, id := range known.WithPrefix("modulo-") {
		t.Run(id, func(t *testing.T) {
			p := params[struct{ Before, After int }](t, id)
			var moved []float64
			for i := range 5 {
				addrs := build(t, held(snat.Site{Clients: 20_000}, 1, &sched.Random{}), id, i, nil).Population().Addrs
				moved = append(moved, movedShare(addrs, p.Before, p.After))
			}
			known.Check(t, id, moved)
		})
	}
}

func movedShare(addrs []netip.Addr, before, after int) float64 {
	view := lb.View{Members: make([]lb.Member, max(before, after))}
	for m := range view.Members {
		view.Members[m] = lb.Member{Base: 1, Weight: lb.FullWeight, Usable: m < before}
	}
	policy := sched.SourceHash{Hash: "splitmix64", Hashing: sched.Hashing{Table: "map"}}
	hash := policy.NewScheduler(lb.Env{View: &view, Rand: sim.NewStream(1, 0, "unused"), Addrs: addrs})
	first := make([]int, len(addrs))
	for a := range addrs {
		first[a] = hash.Pick(&lb.Query{Addr: flow.AddrID(a)})
	}
	for m := range view.Members {
		view.Members[m].Usable = m < after
		hash.(lb.Membership).Changed(m)
	}
	moved := 0
	for a := range addrs {
		if hash.Pick(&lb.Query{Addr: flow.AddrID(a)}) != first[a] {
			moved++
		}
	}
	return float64(moved) / float64(len(addrs))
}
