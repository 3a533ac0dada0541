package experiment

import (
	"math"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
)

// All looks together spend what is allowed, and no more.
func TestLooksSpendTheError(t *testing.T) {
	for _, most := range []int{4, 5, 40, 1000} {
		d := decision{least: scenarios.LeastReplications, most: most}
		looks := d.looks()
		sum := 0.0
		for k := range looks {
			sum += spent(k, len(looks))
		}
		if math.Abs(sum-1) > 1e-12 || looks[len(looks)-1] != most {
			t.Errorf("up to %d: looks at %v spend %g", most, looks, sum)
		}
	}
}

func TestJudge(t *testing.T) {
	d := decision{kept: 0.025, missed: 0.025, zone: 0.02, least: 4, most: 40}
	below := &results.SizingObjective{Below: 100, Above: math.NaN()}
	above := &results.SizingObjective{Below: math.NaN(), Above: 100}
	for _, c := range []struct {
		what    string
		o       *results.SizingObjective
		values  []float64
		look    int
		want    results.Verdict
		isClose bool
	}{
		{"well below", below, []float64{50, 51, 49, 50}, 0, results.Held, false},
		{"well above", below, []float64{150, 151, 149, 150}, 0, results.Missed, false},
		{"above what it has to be above", above, []float64{150, 151, 149, 150}, 0, results.Held, false},
		{"spread", below, []float64{60, 140, 70, 120}, 0, results.CannotTell, false},
		{"spread to the end, outside the zone", below, []float64{60, 140, 70, 120}, 5, results.CannotTell, false},
		{"spread to the end, within it", below, []float64{60, 140, 70, 128}, 5, results.Held, true},
		{"within the zone, below", below, []float64{99.5, 99.51, 99.49, 99.5}, 0, results.Held, false},
		{"within the zone, about the limit", below, []float64{99.9, 100.3, 99.8, 99.9}, 0, results.Held, true},
		{"within the zone, just beyond", below, []float64{100.2, 99.9, 100.1, 100.2}, 0, results.Missed, true},
		{"nothing was measured", below, []float64{math.NaN(), math.NaN()}, 0, results.Held, false},
		{"one value", below, []float64{50}, 0, results.CannotTell, false},
	} {
		got, isClose := d.judge(c.o, c.values, c.look, 6)
		if got != c.want || isClose != c.isClose {
			t.Errorf("%s: %v, close %v", c.what, got, isClose)
		}
	}
}
