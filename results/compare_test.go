package results

import (
	"math"
	"testing"
)

// TestRoundingIsNoDifference: what two variants differ by because they added the same
// times in another order is no difference, in no replication; what is more is one,
// however small both values are.
func TestRoundingIsNoDifference(t *testing.T) {
	compared := func(base, other []float64) Comparison {
		t.Helper()
		variant := func(name, against string, x []float64) Variant {
			m := Metric{Name: "availability", Values: x, Estimate: EstimateOf(x, "1")}
			return Variant{Name: name, Against: against, Metrics: Metrics{m}}
		}
		list := Compare([]Variant{variant("a", "", base), variant("b", "a", other)})
		if len(list) != 1 {
			t.Fatalf("%d comparisons, want 1", len(list))
		}
		return list[0]
	}
	for _, x := range []struct {
		name        string
		base, other []float64
		mean        float64
		significant bool
	}{
		{"last bit", []float64{0.3, 0.9, 5}, []float64{math.Nextafter(0.3, 1), math.Nextafter(0.9, 1), math.Nextafter(5, 9)}, 0, false},
		{"below the bound", []float64{-2, -2, -2}, []float64{-2 + 1.9e-9, -2 + 1.9e-9, -2 + 1.9e-9}, 0, false},
		{"above the bound", []float64{2, 2, 2}, []float64{2 + 2.1e-9, 2 + 2.1e-9, 2 + 2.1e-9}, 2.1e-9, true},
		{"small values", []float64{1e-12, 1e-12, 1e-12}, []float64{3e-12, 3e-12, 3e-12}, 2e-12, true},
		{"one of three", []float64{1, 1, 1}, []float64{1 + 1e-12, 1 + 1e-12, 1.3}, 0.1, false},
		{"both nothing", []float64{0, 0, 0}, []float64{0, 0, 0}, 0, false},
	} {
		got := compared(x.base, x.other)
		if math.Abs(got.Difference.Mean-x.mean) > 1e-6*x.mean || got.Significant != x.significant {
			t.Errorf("%s: difference %g, significant %v, want %g, %v", x.name, got.Difference.Mean, got.Significant, x.mean, x.significant)
		}
	}
	// A variant that lacks the metric in a replication is not compared in it.
	if got := compared([]float64{1, math.NaN(), 1}, []float64{2, 2, 2}); got.Difference.N != 2 || got.Difference.Mean != 1 {
		t.Errorf("with one value missing: %+v, want a difference of 1 in 2", got.Difference)
	}
}
