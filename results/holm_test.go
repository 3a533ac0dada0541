package results

import (
	"math"
	"testing"

	"lbsim/sim"
)

func variantOf(name, against string, values ...float64) Variant {
	return Variant{Name: name, Against: against, Metrics: Metrics{{Name: "x", Values: values, Estimate: EstimateOf(values, "")}}}
}

// A paired t test by hand: differences 1 2 3 4 5 have mean 3 and standard error
// sqrt(2.5 / 5); t = 4.2426 with 4 degrees of freedom has p = 0.013236.
func TestCompareOne(t *testing.T) {
	c := Compare([]Variant{variantOf("a", "", 10, 20, 30, 40, 50), variantOf("b", "a", 11, 22, 33, 44, 55)})[0]
	if c.Difference.Mean != 3 || math.Abs(c.P-0.013236) > 1e-5 || !c.Significant {
		t.Errorf("got %+v", c)
	}
	// Variances 250, 302.5 and 2.5.
	if want := 1 - 2.5/552.5; math.Abs(c.Saved-want) > 1e-12 {
		t.Errorf("saved %v, want %v", c.Saved, want)
	}
	same := Compare([]Variant{variantOf("a", "", 1, 1, 1), variantOf("b", "a", 1, 1, 1)})[0]
	if same.P != 1 || same.Significant || !math.IsNaN(same.Saved) {
		t.Errorf("equal values: %+v", same)
	}
	if always := Compare([]Variant{variantOf("a", "", 1, 2, 3), variantOf("b", "a", 2, 3, 4)})[0]; always.P != 0 || !always.Significant || always.Saved != 1 {
		t.Errorf("always one more: %+v", always)
	}
	if single := Compare([]Variant{variantOf("a", "", 1), variantOf("b", "a", 2)})[0]; !math.IsNaN(single.P) || single.Significant {
		t.Errorf("one replication: %+v", single)
	}
}

// Holm's procedure by hand: 0.01, 0.04, 0.03 and 0.005 become 0.03, 0.06, 0.06 and
// 0.02; another base is another family.
func TestHolm(t *testing.T) {
	list := []Comparison{{Base: "a", alone: 0.01}, {Base: "a", alone: 0.04}, {Base: "b", alone: 0.04}, {Base: "a", alone: 0.03}, {Base: "a", alone: 0.005}, {Base: "a", alone: math.NaN()}}
	correct(list)
	for i, want := range []float64{0.03, 0.06, 0.04, 0.06, 0.02} {
		if math.Abs(list[i].P-want) > 1e-12 || list[i].Significant != (want < 0.05) {
			t.Errorf("%d: got %+v, want p = %v", i, list[i], want)
		}
	}
	if list[5].Significant {
		t.Error("what is not known is significant")
	}
}

// Of twenty variants that are no different from the first, some interval alone
// leaves 0 out in many experiments; corrected, something is found in at most one of
// twenty.
func TestFalseDiscoveries(t *testing.T) {
	u := sim.NewStream(1, 0, "holm")
	draw := func() []float64 {
		x := make([]float64, 10)
		for i := range x {
			x[i] = math.Sqrt2 * math.Erfinv(2*u.Float64()-1)
		}
		return x
	}
	const experiments = 400
	alone, corrected := 0, 0
	for range experiments {
		variants := []Variant{variantOf("base", "", draw()...)}
		for i := range 20 {
			variants = append(variants, variantOf(string(rune('a'+i)), "base", draw()...))
		}
		outside, found := false, false
		for _, c := range Compare(variants) {
			outside = outside || c.Difference.Low > 0 || c.Difference.High < 0
			found = found || c.Significant
		}
		if outside {
			alone++
		}
		if found {
			corrected++
		}
	}
	// 0.05 of 400 is 20, with a standard deviation of 4.4; the comparisons share a base.
	if alone < experiments/3 || corrected > 32 {
		t.Errorf("something was found in %d of %d experiments, and in %d after the correction", alone, experiments, corrected)
	}
}

// Of fourteen metrics in which two variants do not differ, some interval alone leaves 0
// out in many experiments; as one family, something is found in at most one of twenty. What
// is found alone, but not in the family, is called perhaps.
func TestTableIsAFamily(t *testing.T) {
	u := sim.NewStream(1, 0, "table")
	variant := func(name, against string) Variant {
		v := Variant{Name: name, Against: against}
		for _, metric := range mainMetrics[:14] {
			x := make([]float64, 10)
			for i := range x {
				x[i] = 10 + math.Sqrt2*math.Erfinv(2*u.Float64()-1)
			}
			v.Metrics = append(v.Metrics, Metric{Name: metric, Values: x, Estimate: EstimateOf(x, "")})
		}
		return v
	}
	const experiments = 400
	alone, corrected := 0, 0
	for range experiments {
		r := Result{Variants: []Variant{variant("a", ""), variant("b", "a")}}
		r.Comparisons = Compare(r.Variants)
		r.Correct()
		var outside, found, perhaps int
		for _, c := range r.Comparisons {
			if c.Difference.Low > 0 || c.Difference.High < 0 {
				outside++
			}
			if c.Significant {
				found++
			}
			if c.Perhaps {
				perhaps++
			}
			if c.Among != 14 {
				t.Fatalf("%s is one of %d", c.Metric, c.Among)
			}
		}
		if outside != found+perhaps {
			t.Fatalf("%d intervals leave 0 out, %d differ and %d perhaps", outside, found, perhaps)
		}
		alone += min(1, outside)
		corrected += min(1, found)
	}
	// 1 - 0.95^14 is 0.51; 0.05 of 400 is 20, with a standard deviation of 4.4.
	if alone < experiments/3 || corrected > 33 {
		t.Errorf("something was found in %d of %d experiments, and in %d after the correction", alone, experiments, corrected)
	}
}
