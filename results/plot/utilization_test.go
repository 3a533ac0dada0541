package plot

import (
	"math"
	"slices"
	"strings"
	"testing"

	"lbsim/results"
)

// The busiest server may be another in each replication: of 60 and 80 %, and of 70 and
// 50 %, the busiest has 75 % on average and not 65. A server of two services counts once.
func TestBusyGroup(t *testing.T) {
	server := func(name string, values ...float64) results.Server {
		return results.Server{Name: name, Metrics: results.Metrics{{Name: "utilization", Values: values, Estimate: results.EstimateOf(values, "")}}}
	}
	a, b := server("a", 0.6, 0.7), server("b", 0.8, 0.5)
	v := results.Variant{Services: []results.Service{{Name: "web", Servers: []results.Server{a, b}}, {Name: "mail", Servers: []results.Server{b, a}}}}
	g := busyGroup(&v)
	if !slices.Equal(g.servers, []string{"a", "b"}) || math.Abs(g.dashed-0.65) > 1e-12 {
		t.Errorf("servers %v, mean %g", g.servers, g.dashed)
	}
	if g.low[1] != 0.5 || g.high[1] != 0.8 || !strings.HasPrefix(g.words, "busiest 75 ") {
		t.Errorf("%+v", g)
	}
}

// The limit is that of a sizing, or of an expectation, but not of one on a part of the time.
func TestUtilizationLimits(t *testing.T) {
	nan := math.NaN()
	r := &results.Result{
		Sizing: &results.Sizing{Objectives: []results.SizingObjective{{Metric: "utilization.max", Below: 0.8, Above: nan}, {Metric: "response_time.p95", Below: 0.25, Above: nan}}},
		Expectations: []results.Expectation{
			{Metric: "utilization.max", Below: 0.8, Above: 0.1}, {Metric: "utilization.max", Below: 0.9, Above: nan, Windowed: true},
		},
	}
	if got := utilizationLimits(r); !slices.Equal(got, []float64{0.8, 0.1}) {
		t.Errorf("limits %v, want 0.8 and 0.1", got)
	}
}
