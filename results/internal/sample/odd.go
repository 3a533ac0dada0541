package sample

import (
	"math"

	"lbsim/results"
)

// Minimal is the smallest useful result: one variant, one replication, so that
// there are no intervals.
func Minimal() *results.Result {
	one := func(name, unit string, v float64) results.Metric {
		return results.Metric{Name: name, Values: []float64{v}, Estimate: results.EstimateOf([]float64{v}, unit)}
	}
	return &results.Result{
		Scenario: "small", Version: "0.1.0", Seed: 7, Replications: 1, Duration: 600, Source: "name: small\n", Command: "lbsim run small.yaml",
		Variants: []results.Variant{{
			Name: "base", Fingerprint: 0xff, Events: 1234,
			Metrics: results.Metrics{
				one("arrived", "", 54021), one("response_time.mean", "s", 0.01234), one("response_time.p99", "s", 0.05678),
				one("utilization", "", 0.7512), one("rejected_share", "", 0.0000321), one("availability", "", 0.99987),
			},
			Services: []results.Service{{Name: "http", Servers: []results.Server{{Name: "a", Metrics: results.Metrics{one("users", "", 12), one("share", "", 1)}}}}},
		}},
	}
}

// Unknown is a result in which nothing could be measured.
func Unknown() *results.Result {
	nan := math.NaN()
	none := results.EstimateOf([]float64{nan, nan}, "s")
	m := results.Metrics{{Name: "response_time.p99", Estimate: none, Values: []float64{nan, nan}}}
	gaps := []float64{nan, nan, nan}
	v := func(name string) results.Variant {
		return results.Variant{
			Name: name, Metrics: m,
			Services: []results.Service{{Name: "http", Metrics: m, Servers: []results.Server{{Name: "a", Metrics: m}, {Name: "b"}}}, {Name: "empty"}},
			Series:   []results.Series{{Metric: "connections", Service: "http", Server: "a", Step: 1, Mean: gaps, Min: gaps, Max: gaps}},
		}
	}
	return &results.Result{
		Scenario: "nothing", Replications: 2, Variants: []results.Variant{v("a"), v("b")},
		Comparisons:  []results.Comparison{{Metric: "response_time.p99", Base: "a", Other: "b", Difference: none}},
		Expectations: []results.Expectation{{Metric: "response_time.p99", Below: 1, Above: nan, Variant: "a", Value: none}},
	}
}

// compareWithFirst compares every variant with the first.
func compareWithFirst(variants []results.Variant) {
	for i := range variants[1:] {
		variants[i+1].Against = variants[0].Name
	}
}
