package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"lbsim/results"
)

// Grid is a result like that of persistence-modes: fourteen modes, four ways of
// address translation, two numbers of servers.
func Grid() *results.Result {
	return GridOf(
		results.Axis{Name: "mode", Values: []string{
			"none", "source-ip", "cookie-insert", "cookie-server", "cookie-hash", "cookie-or-source-ip", "super-http",
			"ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "sip",
		}},
		results.Axis{Name: "nat", Values: []string{"no NAT", "20 groups", "5 groups", "1 group"}},
		results.Axis{Name: "servers", Values: []string{"4 servers", "8 servers"}})
}

// GridOf is a result over any axes, one of whose variants has no broken sessions.
func GridOf(axes ...results.Axis) *results.Result {
	r := &results.Result{
		Scenario: "persistence-modes", Version: "0.1.0", Seed: 1, Replications: 3, Duration: 3600, Warmup: 600,
		About:   "Which persistence keeps sessions whole, and at what cost?",
		Source:  "name: persistence-modes\n",
		Command: "lbsim run persistence-modes",
		Tables:  []string{"imbalance.connections.max_over_mean", "broken_sessions_share"},
		Plots:   []string{"heat-map"},
		Axes:    axes,
	}
	n := 1
	for _, a := range axes {
		n *= len(a.Values)
	}
	first := n / len(axes[0].Values)
	for i := range n {
		at := make([]string, len(axes))
		rest := i
		for a := len(axes) - 1; a >= 0; a-- {
			values := axes[a].Values
			at[a], rest = values[rest%len(values)], rest/len(values)
		}
		v := results.Variant{Name: strings.Join(at, ", "), At: at, Fingerprint: uint64(i) + 1, Events: 1000}
		if i >= first {
			v.Against = r.Variants[i%first].Name
		}
		g := rand.New(rand.NewPCG(uint64(i), 11))
		uneven, broken := 1+math.Exp(3*g.Float64()-2), 0.9*g.Float64()*g.Float64()
		runs := []float64{0.97, 1, 1.04}
		v.Metrics = results.Metrics{
			metric("imbalance.connections.max_over_mean", "", runs, func(x *float64) float64 { return uneven * *x }),
			metric("broken_sessions_share", "", runs, func(x *float64) float64 { return broken * *x }),
		}
		if i == n-1 {
			v.Metrics = v.Metrics[:1]
		}
		v.Services = []results.Service{{Name: "web", Servers: []results.Server{{Name: fmt.Sprintf("s%d", i%8+1), Metrics: v.Metrics[:1]}}}}
		r.Variants = append(r.Variants, v)
	}
	r.Comparisons = results.Compare(r.Variants)
	return r
}
