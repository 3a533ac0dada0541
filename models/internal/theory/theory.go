// Package theory compares what simulations measure with values that are known
// from formulas, numerical solutions, publications or independent programs.
// Only tests use it.
//
// Tests look at each row of a package's theory.json with random numbers that are
// the same each time, and fail if one does not agree. That says nothing of how often
// other random numbers would not. So make validate runs the same tests with many
// seeds and counts: an interval of 99 % is to miss in one case of a hundred, and no
// row may do so much more often. What came of it the last time is in testdata, and
// in the README.
package theory

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Row is one known value.
type Row struct {
	ID        string          `json:"id"`
	Model     string          `json:"model"`
	Params    json.RawMessage `json:"params"`
	Metric    string          `json:"metric"`
	Value     json.RawMessage `json:"value"` // a number, or a list of them
	Tolerance float64         `json:"tolerance"`
	Kind      Kind            `json:"kind"`
	SE        float64         `json:"se"`   // standard error of a value that is itself simulated
	Note      string          `json:"note"` // what is particular
}

// Kind is where a value comes from, and so how far from the truth it may be.
type Kind string

// The kinds.
const (
	Exact   Kind = "exact"   // a formula
	Numeric Kind = "numeric" // a chain or an integral that was solved numerically
	Vector  Kind = "vector"  // the output that an algorithm must give for an input
	MC      Kind = "mc"      // an independent simulation; SE is its standard error
	Limit   Kind = "limit"   // what infinitely many servers would do
	Approx  Kind = "approx"  // a formula with a known error
	Paper   Kind = "paper"   // printed in a publication, from its authors' simulation
)

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

// Text returns the row's value if it is a text.
func (r Row) Text() (s string) {
	if err := json.Unmarshal(r.Value, &s); err != nil {
		panic(fmt.Sprintf("theory: the value of %s is not a text: %v", r.ID, err))
	}
	return s
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
