package server

import (
	"testing"

	"lbsim/models/flow"
	"lbsim/sim"
)

// What one source may have, by the connections of others; the rows are of a fact
// sheet on Exchange.
func TestLimitOfASource(t *testing.T) {
	p := &PerSource{}
	p.SetDefaults()
	for _, c := range []struct {
		name         string
		others, want int
	}{
		{"S2: nobody else", 0, 20}, {"the share begins to tell", 4000, 20}, {"just below", 4001, 19}, {"S4", 4100, 18},
		{"one left", 4950, 1}, {"none left", 4951, 0}, {"S5", 4960, 0}, {"full", 5000, 0},
	} {
		if got := p.limit(c.others); got != c.want {
			t.Errorf("%s: %d beside %d others, want %d", c.name, got, c.others, c.want)
		}
	}
}

// A limit of so many in a minute holds from the first on, and begins anew with
// the next that comes when the minute is over.
func TestMinute(t *testing.T) {
	var m minute
	for _, c := range []struct {
		at   float64
		want bool
	}{{10, true}, {11, true}, {12, true}, {13, false}, {69.9, false}, {70, true}, {129, true}, {129.5, true}, {129.9, false}, {130, true}, {500, true}} {
		if got := m.allows(3.0/60, sim.Time(c.at*1e9)); got != c.want {
			t.Errorf("at %v s: %v", c.at, got)
		}
	}
	if n := aMinute(600.0 / 60); n != 600 {
		t.Errorf("600/min are %d a minute", n)
	}
	for n := range 10_000 {
		if got := aMinute(flow.Rate(float64(n) / 60)); got != n {
			t.Fatalf("%d/min are %d a minute", n, got)
		}
	}
}
