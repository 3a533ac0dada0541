package plot

import (
	"slices"
	"testing"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

// TestStormsSayWhatIsMissing finds words where a variant has no dot.
func TestStormsSayWhatIsMissing(t *testing.T) {
	r := sample.Ramps()
	p, err := stormByVariant.Draw(r)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, w := range wordsOf(t, p) {
		have = append(have, w.text)
	}
	for _, want := range []string{"no storm", "no connection", "not within the run", "298 ± 12 s (7 of 10 runs)"} {
		if !slices.Contains(have, want) {
			t.Errorf("no words %q", want)
		}
	}
}

// TestStormsOfFewVariants draws one and two of them, without intervals.
func TestStormsOfFewVariants(t *testing.T) {
	for n := 1; n <= 2; n++ {
		r := sample.Ramps()
		r.Variants = r.Variants[:n]
		r.Replications = 1
		for i := range r.Variants {
			for k := range r.Variants[i].Metrics {
				m := &r.Variants[i].Metrics[k]
				m.Values = m.Values[:1]
				m.Estimate = results.EstimateOf(m.Values, m.Unit)
			}
		}
		p, err := stormByVariant.Draw(r)
		if err != nil {
			t.Fatal(err)
		}
		apart(t, p)
	}
}
