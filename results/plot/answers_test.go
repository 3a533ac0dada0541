package plot

import (
	"errors"
	"strings"
	"testing"

	"lbsim/results"
)

// A panel for each variant, with the same axes: who gets no answers any more has
// a line at the bottom of the one panel and not at its top.
func TestAnswersOverTime(t *testing.T) {
	variant := func(name string, answers ...float64) results.Variant {
		s := results.Series{Metric: "answers", Unit: "1/s", Step: 10, Mean: answers, Min: answers, Max: answers}
		return results.Variant{Name: name, Series: []results.Series{s}}
	}
	r := &results.Result{Duration: 60, Replications: 1, Variants: []results.Variant{
		variant("recovers", 260, 258, 90, 80, 255, 261), variant("does not", 260, 258, 90, 0, 0, 0),
	}}
	p, err := answersOverTime.Draw(r)
	if err != nil {
		t.Fatal(err)
	}
	apart(t, p)
	var words []string
	for _, w := range wordsOf(t, p) {
		words = append(words, w.text)
	}
	all := strings.Join(words, "|")
	for _, want := range []string{"recovers", "does not", "answers per second", "300"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in %s", want, all)
		}
	}
	if _, err := answersOverTime.Draw(&results.Result{Variants: []results.Variant{variant("nothing", 0, 0)}}); !errors.Is(err, ErrNothing) {
		t.Errorf("no answers at all: %v", err)
	}
}
