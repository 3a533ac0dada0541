package results

import (
	"fmt"
	"strings"
)

// A Limit is one expectation over all variants that it applies to.
type Limit struct {
	Text  string         // response_time.p99 < 1 s  (20m-30m)
	Cells []*Expectation // by variant, nil where it does not apply
}

// Limits gathers the expectations of a result by what they demand.
func (r *Result) Limits() []Limit {
	var limits []Limit
	index := map[string]int{}
	for i := range r.Expectations {
		x := &r.Expectations[i]
		text := x.Words()
		k, ok := index[text]
		if !ok {
			k = len(limits)
			index[text] = k
			limits = append(limits, Limit{text, make([]*Expectation, len(r.Variants))})
		}
		for v := range r.Variants {
			if r.Variants[v].Name == x.Variant {
				limits[k].Cells[v] = x
			}
		}
	}
	return limits
}

// Few reports whether the limit is for so few variants that a table of all of
// them would say nothing.
func (l *Limit) Few() bool {
	n := 0
	for _, x := range l.Cells {
		if x != nil {
			n++
		}
	}
	return n <= 2
}

// Words says what is expected.
func (x *Expectation) Words() string {
	t := TermOf(x.Metric)
	var limits []string
	if finite(x.Above) {
		limits = append(limits, "> "+t.Display.HumanLimit(x.Above))
	}
	if finite(x.Below) {
		limits = append(limits, "< "+t.Display.HumanLimit(x.Below))
	}
	s := x.Metric + " " + strings.Join(limits, " and ")
	if x.Windowed {
		s += "  (" + ShortClock(x.Between[0]) + "-" + ShortClock(x.Between[1]) + ")"
	}
	return s
}

// ShortClock leaves out what is zero at the end: 20m for 20m00s.
func ShortClock(seconds float64) string {
	s := Clock(seconds)
	if strings.HasSuffix(s, "m00s") {
		s = strings.TrimSuffix(s, "00s")
	}
	if strings.HasSuffix(s, "h00m") {
		s = strings.TrimSuffix(s, "00m")
	}
	return s
}

// Answer is the result in one sentence: what became of the expectations.
func (r *Result) Answer() string {
	var n [3]int
	for _, x := range r.Expectations {
		n[x.Verdict]++
	}
	switch total := len(r.Expectations); {
	case total == 0:
		return "The scenario states no expectation; read the numbers."
	case total == 1:
		return [...]string{"It cannot be told yet whether the expectation holds.", "The expectation held.", "The expectation was missed."}[r.Expectations[0].Verdict]
	case n[Held] == total:
		return fmt.Sprintf("All %d expectations held.", total)
	case n[Missed] == total:
		return fmt.Sprintf("All %d expectations were missed.", total)
	}
	var parts []string
	for _, p := range [...]struct {
		verdict Verdict
		words   string
	}{{Held, "held"}, {Missed, "missed"}, {CannotTell, "cannot be told yet"}} {
		if n[p.verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[p.verdict], p.words))
		}
	}
	return fmt.Sprintf("Of %d expectations: %s.", len(r.Expectations), strings.Join(parts, ", "))
}

// counted writes "1 variant" or "1,234 variants".
func counted(n int, noun string) string {
	s := Plain.Human(float64(n)) + " " + noun
	if n != 1 {
		s += "s"
	}
	return s
}
