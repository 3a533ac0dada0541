package theory

import "testing"

// CheckEqual compares all numbers of a row with what chance has no part in.
func (t *Table) CheckEqual(tb testing.TB, id string, got ...float64) {
	tb.Helper()
	r := t.Row(tb, id)
	want := r.Numbers()
	if len(got) != len(want) {
		tb.Fatalf("%s: %v has another length than %v", id, got, want)
	}
	for i := range want {
		settle(tb, Comparison{Row: id, Theory: want[i], Mean: got[i], Verdict: r.verdict(want[i], got[i], 0)})
	}
}

// CheckText compares a row that is a text. It counts as 1 if it is equal, else as 0.
func (t *Table) CheckText(tb testing.TB, id, got string) {
	tb.Helper()
	c := Comparison{Row: id, Theory: 1, Mean: 1, Verdict: Equal}
	if want := t.Row(tb, id).Text(); got != want {
		c.Mean, c.Verdict = 0, Miss
		tb.Logf("%s: got %s, want %s", id, got, want)
	}
	settle(tb, c)
}

// CheckAtMost is for a row that is an upper bound.
func (t *Table) CheckAtMost(tb testing.TB, id string, got float64) {
	tb.Helper()
	c := Comparison{Row: id, Theory: t.Row(tb, id).Number(), Mean: got, Verdict: Equal}
	if got > c.Theory {
		c.Verdict = Miss
	}
	settle(tb, c)
}

// CheckBetween is for a row of which simulations show only between which numbers it
// must lie, as an interval of 99 % does or better.
func (t *Table) CheckBetween(tb testing.TB, id string, low, high float64) {
	tb.Helper()
	c := Comparison{Row: id, Theory: t.Row(tb, id).Number(), Mean: (low + high) / 2, Half: (high - low) / 2, N: 2, Verdict: Inside}
	if c.Theory < low || c.Theory > high {
		c.Verdict = Miss
	}
	settle(tb, c)
}

// Differs notes a comparison with a row, or a number of it, that is not reproduced for
// a reason that differences has.
func (t *Table) Differs(tb testing.TB, id string, want float64, replications []float64) {
	tb.Helper()
	why, ok := differences[t.Row(tb, id).ID]
	if !ok {
		tb.Fatalf("%s: it is not known why that differs", id)
	}
	mean, half := Interval(replications, 0.99)
	tb.Logf("%s: got %.4g +- %.2g instead of %.4g. %s", id, mean, half, want, why)
	if Validating() {
		Comparison{Row: id, Theory: want, Mean: mean, Half: half, N: len(replications), Verdict: Differing}.write(tb)
	}
}

// settle writes the comparison down, or fails the test if it does not hold.
func settle(tb testing.TB, c Comparison) {
	tb.Helper()
	c.N = max(1, c.N)
	switch {
	case Validating():
		c.write(tb)
	case !c.Verdict.Holds():
		tb.Errorf("%s: got %.10g +- %.2g, want %.10g", c.Row, c.Mean, c.Half, c.Theory)
	}
}
