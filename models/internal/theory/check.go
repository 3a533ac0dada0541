package theory

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Check compares independent replications with a row's number. It passes if
// the number lies in the replications' 99 % Student t interval or if their mean
// is within the row's tolerance. An interval that is wider than three
// tolerances, or 8 % if that is more, would hold nearly anything; then the
// simulation was too short to be a test.
//
// With -short, simulations are so short that the interval decides alone. One in
// a hundred would miss, so it is one of 99.99 %, and it may be wide.
func (t *Table) Check(tb testing.TB, id string, replications []float64) {
	tb.Helper()
	t.CheckNumber(tb, id, t.Row(tb, id).Number(), replications)
}

// CheckNumber is Check for a number that follows from a row, such as one of
// several that it lists.
func (t *Table) CheckNumber(tb testing.TB, id string, want float64, replications []float64) {
	tb.Helper()
	compare(tb, t.Row(tb, id), want, replications, testing.Short())
}

// CheckBriefly is Check for a simulation that is much shorter than it would have
// to be, unless rows are validated: like one with -short.
func (t *Table) CheckBriefly(tb testing.TB, id string, replications []float64) {
	tb.Helper()
	t.CheckNumberBriefly(tb, id, t.Row(tb, id).Number(), replications)
}

// CheckNumberBriefly is CheckNumber for such a simulation.
func (t *Table) CheckNumberBriefly(tb testing.TB, id string, want float64, replications []float64) {
	tb.Helper()
	compare(tb, t.Row(tb, id), want, replications, Brief())
}

// CheckNumber is Table.Check for a number that no row has.
func CheckNumber(tb testing.TB, want, tolerance float64, replications []float64) {
	tb.Helper()
	compare(tb, Row{Tolerance: tolerance, Kind: Approx}, want, replications, testing.Short())
}

// compare does what Check says, or, where rows are validated, leaves it to them to
// judge.
func compare(tb testing.TB, r Row, want float64, replications []float64, brief bool) {
	tb.Helper()
	confidence := 0.99
	if brief && !Validating() {
		confidence = 0.9999
	}
	mean, half := Interval(replications, confidence)
	if half < rounding*math.Abs(mean) {
		half = 0
	}
	off, width := (mean-want)/math.Abs(want), half/math.Abs(want)
	if want == 0 {
		off, width = mean, half
	}
	tb.Logf("want %.6g, got %.6g: %+.2f %% off, interval +-%.2f %%, tolerance %.2g %%", want, mean, 100*off, 100*width, 100*r.Tolerance)
	if Validating() {
		record(tb, r, want, mean, half, len(replications))
		return
	}
	if !(math.Abs(mean-want) <= half || math.Abs(off) <= r.Tolerance) {
		tb.Errorf("%.6g +- %.2g does not agree with %.6g, which is %.2f %% away", mean, half, want, 100*off)
	}
	if width > r.widest() && !brief {
		tb.Errorf("the interval %.6g +- %.2g is too wide to tell anything", mean, half)
	}
}

// rounding is how far values may be off for the digits that files have, and sums of
// equal numbers for the order of adding.
const rounding = 1e-9

// widest is how wide an interval may be, half of it and relative to the value,
// before it holds nearly anything.
func (r *Row) widest() float64 { return max(3*r.Tolerance, 0.08) }

// slack is how far a value itself may be from the truth, and at once how far half
// an interval of a simulation that knows the truth may be wider for it. Formulas
// are exact. Where a reference is a simulation with a standard error, the
// difference between the two has the variance of both. A limit, an approximation
// or a printed value may be off by the row's tolerance; so may one of a fluid,
// which has no single connections.
func (r *Row) slack(want, half float64) float64 {
	switch {
	case r.Kind == MC && r.SE > 0:
		return math.Hypot(half, distuv.UnitNormal.Quantile(0.995)*r.SE*math.Abs(want/r.Number())) - half
	case r.Sharp():
		return 0
	}
	return r.Tolerance * math.Abs(want)
}

// Sharp reports whether an interval of 99 % is to hold the row's value 99 times in
// a hundred: not more often, because the value is itself about right only, and not
// less often, because what is measured has no variance and Student's t does not hold.
func (r *Row) Sharp() bool {
	return (r.Kind == Exact || r.Kind == Numeric || r.Kind == MC) &&
		!strings.Contains(r.Model, "(fluid)") && !strings.Contains(r.Note, "third moment infinite")
}

// Interval returns the mean of x and half the width of its Student t interval,
// which is 0 for a single value.
func Interval(x []float64, confidence float64) (mean, half float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	if n < 2 {
		return mean, 0
	}
	var squares float64
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	quantile := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + confidence) / 2)
	return mean, quantile * math.Sqrt(squares/(n-1)/n)
}
