package plot

import (
	"math"
	"slices"
	"strings"
	"testing"

	"lbsim/results/internal/sample"
)

// labelsOf returns the words of an axis' ticks.
func labelsOf(a axis) (labels []string) {
	for _, t := range a.ticks.Ticks(a.low, a.high) {
		if !t.IsMinor() {
			labels = append(labels, t.Label)
		}
	}
	return labels
}

// TestAxesHaveTicks wants some ticks, but not too many, and room for all
// values, however large or small they are.
func TestAxesHaveTicks(t *testing.T) {
	for power := -7; power < 10; power++ {
		for digit := 1.0; digit < 10; digit += 0.3 {
			high := digit * math.Pow10(power)
			for _, a := range []axis{
				countAxis("", 1, high, 5), countAxis("", 0, high, 3), secondsAxis("", high/20, high, 5), secondsAxis("", high/51, high, 4), secondsAxis("", high/9e5, high, 4),
			} {
				labels := labelsOf(a)
				if len(labels) < 2 || len(labels) > 8 {
					t.Errorf("%g: ticks %q", high, labels)
				}
				if a.high < high || a.place(high) > 1 || a.place(high) < 0.4 {
					t.Errorf("%g: the axis ends at %g", high, a.high)
				}
				for i := range labels[1:] {
					if labels[i] == labels[i+1] {
						t.Errorf("%g: ticks %q", high, labels)
					}
				}
			}
		}
	}
}

func TestTimesThatSpanMuch(t *testing.T) {
	for _, c := range []struct {
		low, high     float64
		label, labels string
	}{
		{0.011, 0.5, "time (ms)", "0 200 400 600"},
		{0.12, 3, "time (s)", "0 1 2 3"},
		{0.009, 0.5, "time, log scale", "1 ms 10 ms 100 ms 1 s"},
		{0.001, 1.9, "time, log scale", "1 ms 10 ms 100 ms 1 s"},
		{0.05, 3000, "time, log scale", "10 ms 100 ms 1 s 10 s 100 s 1,000 s"},
	} {
		a := secondsAxis("time", c.low, c.high, 4)
		if got := strings.Join(labelsOf(a), " "); a.label != c.label || got != c.labels {
			t.Errorf("%g to %g: %q with ticks %q", c.low, c.high, a.label, got)
		}
	}
}

// TestResponseTimesThatSpanMuch draws response times from 12 to 800 ms, and the
// same with none below 100 ms.
func TestResponseTimesThatSpanMuch(t *testing.T) {
	r := sample.Storm()
	for _, want := range []string{"response time, log scale", "response time (ms)"} {
		p, err := responseTimeOverTime.Draw(r)
		if err != nil {
			t.Fatal(err)
		}
		apart(t, p)
		if words := wordsOf(t, p); !slices.ContainsFunc(words, func(w writing) bool { return w.text == want }) {
			t.Errorf("no words %q in %v", want, words)
		}
		for i := range r.Variants {
			for _, s := range r.Variants[i].Series {
				for _, values := range [...][]float64{s.Mean, s.Min, s.Max} {
					for k := range values {
						values[k] = max(0.1, values[k])
					}
				}
			}
		}
	}
}
