package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"lbsim/results"
)

// Imbalance is a result like that of source-ip-imbalance: eight variants, four
// servers, two populations of clients.
func Imbalance() *results.Result {
	names := []string{"source-ip", "cookie", "none", "hash ring", "hash map", "two choices", "round robin", "transparent <SNAT>"}
	return uneven("source-ip-imbalance", names, 4, 20)
}

// Many is a result with a thousand servers; only 64 of them have series.
func Many() *results.Result {
	r := uneven("many-servers", []string{"least connections", "random"}, 1000, 3)
	for i := range r.Variants {
		v := &r.Variants[i]
		g := rand.New(rand.NewPCG(7, uint64(i)))
		for k := range 64 {
			s := results.Series{Metric: "connections", Service: "web", Server: fmt.Sprintf("web%d", k+1), Step: 10}
			for t := range 360 {
				x := 100 + 10*g.NormFloat64()
				if k == 9 && t > 120 && t < 180 {
					x = 0
				} else if k == 9 && t >= 180 && t < 200 {
					x = float64(t-180) * 8
				}
				s.Mean, s.Min, s.Max = append(s.Mean, x), append(s.Min, max(0, x-9)), append(s.Max, x+9)
			}
			v.Series = append(v.Series, s)
		}
		v.Marks = []results.Mark{
			{At: 1205, Kind: "down", Service: "web", Server: "web10", Actor: "web/web10", Text: "is marked down"},
			{At: 1800, Kind: "up", Service: "web", Server: "web10", Actor: "web/web10", Text: "is marked up"},
		}
	}
	return r
}

// Few is a result with 50 servers and as many variants as fit a page.
func Few() *results.Result {
	return uneven("fifty-servers", []string{"source-ip", "cookie", "none"}, 50, 5)
}

func uneven(name string, variants []string, servers, replications int) *results.Result {
	r := &results.Result{
		Scenario: name, Version: "0.1.0", Seed: 42, Replications: replications, Duration: 36000, Warmup: 7200,
		About:   "Most users come through a few NAT addresses. How uneven do the servers get?",
		Source:  "name: " + name + "\n",
		Command: "lbsim run " + name + " --seed 42",
		Plots:   []string{"share-per-server", "users-per-address"},
	}
	for i, v := range variants {
		spread := [...]float64{0.5, 0.02, 0.01, 0.7, 0.6, 0.2, 0.015, 0.5}[i]
		r.Variants = append(r.Variants, unevenVariant(v, uint64(i), spread, servers, replications))
	}
	compareWithFirst(r.Variants)
	r.Comparisons = results.Compare(r.Variants)
	for i, v := range variants {
		x := results.Expectation{Metric: "imbalance.connections.max_over_mean", Below: 1.25, Above: math.NaN(), Variant: v}
		m, _ := r.Variants[i].Metrics.Get(x.Metric)
		x.Judge(m.Estimate)
		r.Expectations = append(r.Expectations, x)
	}
	return r
}

// An unevenRun holds the users, connections and work of one replication by
// server.
type unevenRun struct {
	load     [3][]float64
	response float64
}

func unevenVariant(name string, i uint64, spread float64, servers, replications int) results.Variant {
	runs := make([]unevenRun, replications)
	for k := range runs {
		g := rand.New(rand.NewPCG(uint64(k), 3))
		for q := range runs[k].load {
			for range servers {
				runs[k].load[q] = append(runs[k].load[q], 1000*math.Exp(spread*float64(q+2)/3*g.NormFloat64()))
			}
		}
		runs[k].response = 0.05 + 0.1*spread*g.Float64()
	}
	v := results.Variant{Name: name, Fingerprint: 0x1122334455667700 + i, Events: 1_234_567}
	v.Metrics = append(v.Metrics, metric("arrived", "", runs, func(r *unevenRun) float64 { return 60 * math.Round(sum(r.load[0])) }))
	for q, prefix := range [...]string{"imbalance.", "imbalance.connections.", "imbalance.work."} {
		v.Metrics = append(v.Metrics,
			metric(prefix+"max_over_mean", "", runs, func(r *unevenRun) float64 { return quantile(r.load[q], 1) / sum(r.load[q]) * float64(servers) }),
			metric(prefix+"cov", "", runs, func(r *unevenRun) float64 { return variation(r.load[q]) }),
			metric(prefix+"jain", "", runs, func(r *unevenRun) float64 { return 1 / (1 + math.Pow(variation(r.load[q]), 2)) }),
			metric(prefix+"gini", "", runs, func(r *unevenRun) float64 { return variation(r.load[q]) * 0.55 }))
	}
	v.Metrics = append(v.Metrics,
		metric("response_time.mean", "s", runs, func(r *unevenRun) float64 { return r.response / 4 }),
		metric("response_time.p50", "s", runs, func(r *unevenRun) float64 { return r.response / 6 }),
		metric("response_time.p99", "s", runs, func(r *unevenRun) float64 { return r.response }),
		metric("utilization", "", runs, func(r *unevenRun) float64 { return sum(r.load[2]) / 2000 / float64(servers) }),
		metric("utilization.max", "", runs, func(r *unevenRun) float64 { return quantile(r.load[2], 1) / 2000 }),
		metric("rejected_share", "", runs, func(r *unevenRun) float64 { return max(0, r.response-0.1) / 50 }))
	service := results.Service{Name: "web"}
	for m := range servers {
		share := func(q int) func(*unevenRun) float64 {
			return func(r *unevenRun) float64 { return r.load[q][m] / sum(r.load[q]) }
		}
		service.Servers = append(service.Servers, results.Server{Name: fmt.Sprintf("web%d", m+1), Metrics: results.Metrics{
			metric("users", "", runs, func(r *unevenRun) float64 { return math.Round(r.load[0][m]) }),
			metric("connections", "", runs, func(r *unevenRun) float64 { return math.Round(3 * r.load[1][m]) }),
			metric("share", "", runs, share(1)), metric("work_share", "", runs, share(2)),
			metric("utilization", "", runs, func(r *unevenRun) float64 { return r.load[2][m] / 2000 }),
		}})
	}
	v.Services = []results.Service{service}
	v.GroupSizes = groupSizes(name == "transparent <SNAT>")
	return v
}

// groupSizes has many addresses with one client, offices of 60, carriers of
// 350; with translation there are four addresses for all.
func groupSizes(translated bool) []int {
	if translated {
		return []int{1700, 1650, 1612, 1688}
	}
	g := rand.New(rand.NewPCG(5, 5))
	var sizes []int
	for range 600 {
		sizes = append(sizes, 1+int(g.ExpFloat64()*0.8))
	}
	for range 20 {
		sizes = append(sizes, 60+int(9*g.NormFloat64()))
	}
	return append(sizes, 350, 341, 366, 350, 750, 750)
}

func variation(x []float64) float64 {
	mean := sum(x) / float64(len(x))
	var squares float64
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares/float64(len(x))) / mean
}
