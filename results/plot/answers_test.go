package plot

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lbsim/results"
)

// Several servers fail at once and are back at once: that is told in one sentence,
// and the words stay below the panels' titles.
func TestEventsOfSeveral(t *testing.T) {
	var marks []results.Mark
	for i, at := range []float64{240, 241, 300, 301, 311} {
		for _, server := range []string{"web4 of the new pool", "web3 of the new pool"} {
			marks = append(marks, results.Mark{At: at, Kind: []string{"fail", "down", "recover", "up", "level"}[i], Server: server})
		}
	}
	var r results.Result
	r.Duration, r.Replications = 720, 1
	for _, name := range []string{"retries at once", "no retries", "backoff"} {
		s := results.Series{Metric: "answers", Unit: "1/s", Step: 1, Mean: slices.Repeat([]float64{260}, 720)}
		s.Min, s.Max = s.Mean, s.Mean
		r.Variants = append(r.Variants, results.Variant{Name: name, Series: []results.Series{s}, Marks: marks})
	}
	for after := 0.3; after < 4; after += 0.1 { // as the words move, they need more rows or fewer
		f := overTime{axis: func(_, high float64) axis { return countAxis("answers per second", 0, high, panelTicks) }, panels: answerPanels, after: after}
		p, err := f.figure(&r)
		if err != nil {
			t.Fatal(err)
		}
		apart(t, p)
		var words []string
		for _, w := range wordsOf(t, p) {
			words = append(words, w.text)
		}
		for _, want := range []string{"web3 of the new pool, web4 of the new pool fail, down"} {
			if after > 1.5 && !slices.Contains(words, want) {
				t.Errorf("%q is missing in %q", want, words)
			}
		}
	}
}

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
