package results

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Start says how the warm-up was found.
type Start struct {
	Pilots int     // runs that were looked at
	Span   float64 // how much of them, in seconds
	Over   bool    // the start-up ends within half of that
}

// A Precision says what decided about the number of replications.
type Precision struct {
	Metric string
	Until  float64 // largest half width that was asked for, relative to the mean
	Max    int     // replications at most
	// Reached is the largest half width, relative to the mean, among the variants; NaN
	// if none has the metric.
	Reached float64
	Lacking []string // variants that do not have it
}

// Relative is half the interval's width relative to the mean: 0 of an interval
// without width, infinite around 0, NaN if there is no interval.
func (e Estimate) Relative() float64 {
	if half := e.Half(); half != 0 {
		return half / math.Abs(e.Mean)
	}
	return 0
}

// Method says how it was measured, as far as the scenario left that open.
func (r *Result) Method() (sentences []string) {
	sentences = append(sentences, r.Settled...)
	if s := r.Start; s != nil {
		sentences = append(sentences, fmt.Sprintf("Warm-up: %s, found by MSER-5 in the first %s of %s.",
			unbroken(Seconds.Human(r.Warmup)), unbroken(Seconds.Human(s.Span)), counted(s.Pilots, "pilot run")))
	}
	if p := r.Precision; p != nil && p.Reached <= p.Until {
		sentences = append(sentences, fmt.Sprintf("Replications: %d, with which %s is known to %s.", r.Replications, p.Metric, unbroken("± "+Percent.Human(p.Reached))))
	}
	if r.Batches > 0 {
		sentences = append(sentences, fmt.Sprintf("Intervals are those of the means of %d parts of one run.", r.Batches))
	}
	return sentences
}

// fewReplications is below how many an interval is doubtful: of values that are
// distributed exponentially, 88 % of the intervals of 5 contain the mean and not 95 %.
const fewReplications = 5

// Doubts says why intervals may not be trusted.
func (r *Result) Doubts() (list []string) {
	doubt := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if s := r.Start; s != nil && !s.Over {
		doubt("the start-up may last longer than the warm-up of %s: MSER-5 finds no end of it in the first half of %s (lengthen duration, or give warmup)",
			Seconds.Human(r.Warmup), Seconds.Human(s.Span))
	}
	if p := r.Precision; p != nil {
		switch {
		case math.IsNaN(p.Reached):
			doubt("no variant has %s, which was to decide about the number of replications", p.Metric)
		case p.Reached > p.Until:
			doubt("after %d replications, the most that replications.max allows, %s is known to ± %s and not to ± %s", r.Replications, p.Metric, Percent.Human(p.Reached), Percent.Human(p.Until))
		case len(p.Lacking) > 0:
			doubt("%s does not exist in %s, which did not take part in deciding about the number of replications", p.Metric, strings.Join(p.Lacking, ", "))
		}
	}
	if n := r.Replications; n > 1 && n < fewReplications {
		doubt("%d replications are few: an interval of fewer than %d assumes that values are distributed normally, and is too narrow where they are not", n, fewReplications)
	}
	if r.Batches > 0 {
		r.doubtBatches(doubt)
	}
	return list
}

// doubtBatches tests whether parts of one run are independent, in the metrics that
// readers look at first and in those that are limited.
func (r *Result) doubtBatches(doubt func(format string, args ...any)) {
	names := []string{"response_time.mean"}
	for _, x := range r.Expectations {
		if !x.Windowed && !slices.Contains(names, x.Metric) {
			names = append(names, x.Metric)
		}
	}
	for _, v := range r.Variants {
		for _, name := range names {
			m, ok := v.Metrics.Get(name)
			if !ok || len(m.Values) != r.Batches {
				continue
			}
			values := slices.DeleteFunc(slices.Clone(m.Values), math.IsNaN)
			if len(values) < r.Batches {
				doubt("variant %s: %d of the %d parts have no %s: the run is too short for so many", v.Name, r.Batches-len(values), r.Batches, name)
				continue
			}
			// 1.645: of independent parts, one series in twenty is above.
			if c, errors := correlation(values); errors > 1.645 {
				doubt("variant %s: %s in one part goes with that in the next (correlation %.2f), so that its interval is too narrow: lengthen duration, or lower batches", v.Name, name, c)
			}
		}
	}
}
