package sched

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"

	"lbsim/models/internal/theory"
)

// The Maglev paper (Eisenbud et al. 2016, figure 11) fills a table of lookups by other
// ways, too, and prints how much more than the mean the server with most slots has,
// of one table each: by a ring with 1000 points of each of 1000 servers, and by the
// highest score. It does not state the hashes, nor how a ring fills slots.
func TestTablesOfTheMaglevPaper(t *testing.T) {
	for _, id := range known.WithPrefix("maglev-paper-") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			var p struct {
				Servers, Table int
				Views          int `json:"karger_views"`
			}
			if err := json.Unmarshal(known.Row(t, id).Params, &p); err != nil {
				t.Fatal(err)
			}
			printed := known.Row(t, id).Numbers()
			draws := 4
			if theory.Brief() {
				draws = 2
			}
			var ring, score []float64
			for i := range draws {
				ring = append(ring, slices.Max(ringShares(p.Servers, p.Views, i))-1)
			}
			if p.Table > 100_000 {
				known.CheckNumberBriefly(t, id, printed[0], ring)
			} else {
				known.Differs(t, id, printed[0], ring)
			}
			if theory.Brief() && p.Table > 100_000 {
				return // seconds for each table
			}
			for i := range draws {
				score = append(score, overProvision(p.Servers, p.Table, i))
			}
			known.CheckNumberBriefly(t, id, printed[1], score)
		})
	}
}

// overProvision is how much more than the mean the server with most slots has, if each
// slot goes to the server with the highest score.
func overProvision(servers, slots, draw int) float64 {
	var addrs []netip.Addr
	for i := range slots {
		addrs = append(addrs, netip.AddrFrom4([4]byte{byte(10 + draw), byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	p := newPoolOf(&SourceHash{Hash: "splitmix64", Hashing: Hashing{Table: "rendezvous"}}, addrs, same(servers)...)
	count := make([]float64, servers)
	for i := range slots {
		count[p.from(i)]++
	}
	return slices.Max(count)*float64(servers)/float64(slots) - 1
}
