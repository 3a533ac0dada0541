package results_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

// stored writes a result and reads it again.
func stored(t *testing.T, r *results.Result) *results.Result {
	t.Helper()
	var summary, values bytes.Buffer
	if err := results.SummaryJSON(&summary, r); err != nil {
		t.Fatal(err)
	}
	if err := results.ReplicationsCSV(&values, r); err != nil {
		t.Fatal(err)
	}
	read, err := results.ReadSummary(&summary)
	if err == nil {
		err = read.ReadReplications(&values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// What two results differ by is the same from their files, but for the digits that these
// have; and with another seed the interval is that of independent runs.
func TestStoredResultsCompare(t *testing.T) {
	a, b := sample.Storm(), sample.Storm()
	a.Variants, b.Variants = a.Variants[:1], b.Variants[1:2]
	fresh, err := results.NewPair(a, b, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	readA, readB := stored(t, a), stored(t, b)
	again, err := results.NewPair(readA, readB, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	want, got := fresh.Result.Comparisons, again.Result.Comparisons
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d comparisons, want %d", len(got), len(want))
	}
	for i, x := range want {
		y := got[i]
		close := func(a, b float64) bool {
			return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-6*(math.Abs(a)+1)
		}
		if y.Metric != x.Metric || y.Difference.N != x.Difference.N || !close(x.Difference.Mean, y.Difference.Mean) || !close(x.Difference.Half(), y.Difference.Half()) || !close(x.Saved, y.Saved) {
			t.Errorf("%s: %+v, want %+v", x.Metric, y, x)
		}
	}
	if a, b := fresh.Result.KeyRows(), again.Result.KeyRows(); len(a) != len(b) || a[0].Metric != b[0].Metric {
		t.Errorf("%d rows are shown of the files, and %d of the results", len(b), len(a))
	}
	readB.Seed++
	independent, err := results.NewPair(readA, readB, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := independent.Text(&text, results.TextOptions{}); err != nil || !strings.Contains(text.String(), "(Welch), as the seeds differ") {
		t.Errorf("%v\n%s", err, &text)
	}
}

// What is no summary is refused, with what is wrong.
func TestReadSummaryRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "no summary", "[]": "no summary", "{}": "its schema", `{"schema": "lbsim.sweep/1"}`: "of a sweep",
		`{"schema": "lbsim.summary/1"}`: "no variants", `{"schema": "lbsim.summary/1", "replications": 0, "variants": [{}]}`: "replications are not between",
		`{"schema": "lbsim.summary/1", "replications": 2, "variants": [{"metrics": 3}]}`: "no summary",
	} {
		if _, err := results.ReadSummary(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	r := stored(t, sample.Few())
	for _, text := range []string{"", "a,b\n", "variant,metric,unit,0\n", "variant,metric,unit,0,1\nother,x,,1,2\n", "variant,metric,unit,0,1\nbase,x,,1\n"} {
		if err := r.ReadReplications(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "replications.csv") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
