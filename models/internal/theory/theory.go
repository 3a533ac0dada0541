// Package theory compares what simulations measure with values that are known
// from formulas, numerical solutions, publications or independent programs.
// Only tests use it.
package theory

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Row is one known value.
type Row struct {
	ID        string          `json:"id"`
	Params    json.RawMessage `json:"params"`
	Value     json.RawMessage `json:"value"` // a number, or a list of them
	Tolerance float64         `json:"tolerance"`
}

// Number returns the row's value.
func (r Row) Number() float64 { return r.Numbers()[0] }

// Numbers returns the row's values if it has several.
func (r Row) Numbers() []float64 {
	var list []float64
	if json.Unmarshal(r.Value, &list) == nil {
		return list
	}
	var x float64
	if err := json.Unmarshal(r.Value, &x); err != nil {
		panic(fmt.Sprintf("theory: the value of %s is not a number: %v", r.ID, err))
	}
	return []float64{x}
}

// Table holds rows by id and remembers which of them were used, so that a row
// that no test exercises does not pass for checked.
type Table struct {
	mu   sync.Mutex
	ids  []string
	rows map[string]Row
	used map[string]bool
}

// Load reads a file {"rows": [...]}.
func Load(name string) *Table {
	data, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var file struct{ Rows []Row }
	if err := json.Unmarshal(data, &file); err != nil {
		panic(fmt.Sprintf("theory: %s: %v", name, err))
	}
	t := &Table{rows: map[string]Row{}, used: map[string]bool{}}
	for _, r := range file.Rows {
		t.ids = append(t.ids, r.ID)
		t.rows[r.ID] = r
	}
	return t
}

// Run runs a package's tests and returns the exit status. A row that no test has
// used is a mistake, unless the tests were chosen on the command line.
func (t *Table) Run(m *testing.M) (code int) {
	code = m.Run()
	for _, name := range []string{"run", "skip", "list", "bench", "fuzz"} {
		if flag.Lookup("test."+name).Value.String() != "" {
			return code
		}
	}
	if left := t.Unused(); code == 0 && len(left) > 0 {
		fmt.Printf("rows of theory.json that no test exercises:\n  %s\n", strings.Join(left, "\n  "))
		code = 1
	}
	return code
}

// Row returns a row, which counts as used.
func (t *Table) Row(tb testing.TB, id string) Row {
	tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.rows[id]
	if !ok {
		tb.Fatalf("there is no row %s", id)
	}
	t.used[id] = true
	return r
}

// Has reports whether there is a row with the id.
func (t *Table) Has(id string) bool { return t.rows[id].ID != "" }

// WithPrefix lists the rows whose ids begin with the prefix.
func (t *Table) WithPrefix(prefix string) (ids []string) {
	for _, id := range t.ids {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Unused lists the rows that no test has asked for.
func (t *Table) Unused() []string {
	return slices.DeleteFunc(slices.Clone(t.ids), func(id string) bool { return t.used[id] })
}

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
	r := t.Row(tb, id)
	CheckNumber(tb, r.Number(), r.Tolerance, replications)
}

// CheckNumber is Check for a number that is part of a row, or from elsewhere.
func CheckNumber(tb testing.TB, want, tolerance float64, replications []float64) {
	tb.Helper()
	confidence := 0.99
	if testing.Short() {
		confidence = 0.9999
	}
	mean, half := Interval(replications, confidence)
	off, width := (mean-want)/math.Abs(want), half/math.Abs(want)
	if want == 0 {
		off, width = mean, half
	}
	tb.Logf("want %.6g, got %.6g: %+.2f %% off, interval +-%.2f %%, tolerance %.2g %%", want, mean, 100*off, 100*width, 100*tolerance)
	if !(math.Abs(mean-want) <= half || math.Abs(off) <= tolerance) {
		tb.Errorf("%.6g +- %.2g does not agree with %.6g, which is %.2f %% away", mean, half, want, 100*off)
	}
	if width > max(3*tolerance, 0.08) && !testing.Short() {
		tb.Errorf("the interval %.6g +- %.2g is too wide to tell anything", mean, half)
	}
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
