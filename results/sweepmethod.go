package results

import (
	"fmt"
	"math"
)

// Settle finds what all points together have of replications and warm-up, where the runs
// of each point have decided about them.
func (s *Sweep) Settle() {
	fewest, most, warmup := math.MaxInt, 0, 0.0
	for i := range s.Points {
		p := &s.Points[i]
		fewest, most = min(fewest, p.Replications), max(most, p.Replications)
		warmup = max(warmup, p.Warmup)
	}
	s.Replications, s.Warmup, s.Fewest = most, warmup, 0
	if fewest < most {
		s.Fewest = fewest
	}
}

// settled says how it was measured, as far as the scenario left that open.
func (s *Sweep) settled() (sentences []string) {
	first := &s.Points[0]
	if first.Start != nil {
		low, high := math.Inf(1), 0.0
		for i := range s.Points {
			low, high = min(low, s.Points[i].Warmup), max(high, s.Points[i].Warmup)
		}
		length := Seconds.Human(high)
		if low < high {
			length = Seconds.Human(low) + " to " + length
		}
		sentences = append(sentences, fmt.Sprintf("Warm-up: %s, found by MSER-5 at each point in the first %s of %s.",
			unbroken(length), unbroken(Seconds.Human(first.Start.Span)), counted(first.Start.Pilots, "pilot run")))
	}
	if p := first.Precision; p != nil {
		sentences = append(sentences, fmt.Sprintf("Replications: at each point as many as it takes to know %s to %s, at most %d.", p.Metric, unbroken("± "+Percent.Human(p.Until)), p.Max))
	}
	return sentences
}

// Made says how many replications were made: 10, or 10 to 35 where the points of a sweep
// differ.
func (r *Result) Made() string {
	words := Plain.Human(float64(r.Replications))
	if r.Fewest > 0 {
		return Plain.Human(float64(r.Fewest)) + " to " + words
	}
	return words
}
