package results_test

import (
	"io"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/results/internal/sample"
)

func textOf(t *testing.T, r *results.Result, opt results.TextOptions) string {
	t.Helper()
	return string(write(t, func(w io.Writer, r *results.Result) error { return results.Text(w, r, opt) }, r))
}

// TestOneReplicationHasNoIntervals says so once.
func TestOneReplicationHasNoIntervals(t *testing.T) {
	r := sample.Ramps()
	r.Replications = 1
	for i := range r.Variants {
		for k := range r.Variants[i].Metrics {
			m := &r.Variants[i].Metrics[k]
			m.Values = m.Values[:1]
			m.Estimate = results.EstimateOf(m.Values, m.Unit)
		}
	}
	r.Comparisons = results.Compare(r.Variants)
	got := textOf(t, r, results.TextOptions{})
	if n := strings.Count(got, "interval"); n != 1 {
		t.Errorf("%d times about intervals:\n%s", n, got)
	}
	if strings.Contains(got, "±") {
		t.Errorf("an interval:\n%s", got)
	}
}

func TestWarningsStandOnce(t *testing.T) {
	r := sample.Storm()
	r.Warnings = append(r.Warnings, r.Warnings...)
	if n := strings.Count(textOf(t, r, results.TextOptions{}), "warning: "); n != 1 {
		t.Errorf("%d warnings", n)
	}
	if n := strings.Count(textOf(t, r, results.TextOptions{Warned: true}), "warning: "); n != 0 {
		t.Errorf("%d warnings to a reader who has seen them", n)
	}
}

// TestNobodyComes keeps the rows of a storm in which no variant has values.
func TestNobodyComes(t *testing.T) {
	r := sample.Ramps()
	r.Variants = r.Variants[14:15]
	r.Variants[0].Against = ""
	r.Comparisons = nil
	got := textOf(t, r, results.TextOptions{})
	for _, want := range []string{"level after", "no connection", "got no new connection until the end"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
