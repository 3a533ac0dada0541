package results

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// growing is a sizing over two years: the large servers are cheapest now, the small ones
// at the end, and of the third kind no number does then.
func growing() *Sizing {
	return &Sizing{
		Growth: 1.44, Objectives: []SizingObjective{{Metric: "utilization.max", Below: 0.8, Above: math.NaN()}},
		Years: []SizingYear{{0, 1, 10}, {1, 1.2, 12}, {2, 1.44, 14.4}},
		Plans: []SizingPlan{
			{Candidate: "small", Price: 10, Count: 6, Cost: 60, Headroom: math.NaN(), ByYear: []int{5, 5, 6}},
			{Candidate: "large", Price: 22, Count: 3, Cost: 66, Headroom: 1, ByYear: []int{2, 3, 3}},
			{Candidate: "tiny", Price: 4, Headroom: math.NaN(), ByYear: []int{11, 0, 0}},
		},
	}
}

func TestSizingByYear(t *testing.T) {
	s := growing()
	words := strings.Join(s.Words(), "\n")
	for _, want := range []string{"Bought as the traffic grows, small: 5 now, 6 from year 2 on.", "another plan would be cheaper: now 2 x large."} {
		if !strings.Contains(words, want) {
			t.Errorf("the words lack %q:\n%s", want, words)
		}
	}
	table := s.yearGrid().text(200)
	for _, want := range []string{"year 1    120 %", "none does", "2 x large, 44"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	for _, l := range strings.Split(s.yearGrid().cut(60), "\n") {
		if len([]rune(l)) > 60 {
			t.Errorf("a line of a table for 60 columns has %d:\n%s", len([]rune(l)), l)
		}
	}
	var b bytes.Buffer
	if err := SummaryJSON(&b, &Result{Sizing: s}); err != nil {
		t.Fatal(err)
	}
	var summary struct {
		Sizing struct {
			Years []struct {
				After, Load float64
				Cheapest    string
				Plans       []struct {
					Candidate string
					Count     *int
					Cost      *float64
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &summary); err != nil {
		t.Fatal(err)
	}
	last := summary.Sizing.Years[2]
	if last.After != 2 || last.Load != 1.44 || last.Cheapest != "small" || *last.Plans[0].Count != 6 || *last.Plans[1].Cost != 66 || last.Plans[2].Count != nil {
		t.Errorf("the last year is %+v", last)
	}
}
