package theory

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"sync"
	"testing"
)

// Rows are validated by running the tests that use them with other seeds, while
// every comparison is written down and none fails a test: of hundreds of intervals
// of 99 % some must miss, and whether too many do is judged in the end, by
// TestValidate of this package.
var (
	seed = flag.Uint64("theory.seed", 0, "draw other random numbers for each; 0: those that tests are known to pass with")
	file = flag.String("theory.record", "", "file to which comparisons with rows of theory.json are written instead of being judged")
)

// Validating reports whether comparisons are written down.
func Validating() bool { return *file != "" }

// Brief reports whether simulations that take longer than a test may are to be cut
// short: always, but where rows are validated.
func Brief() bool { return !Validating() }

// Part is what of a simulation as long as that of a test is run for each seed. Twenty
// of them together see more than the test does.
func Part() float64 {
	if Validating() {
		return 0.4
	}
	return 1
}

// Salted returns a name from which a seed is to derive: another one for each seed
// with which rows are validated.
func Salted(name string) string {
	if *seed == 0 {
		return name
	}
	return fmt.Sprintf("%s, seed %d", name, *seed)
}

// Comparison is one with one number of a row.
type Comparison struct {
	Row     string  `json:"row"` // "": a number that no row has
	Test    string  `json:"test"`
	Nth     int     `json:"nth,omitempty"` // of the test
	Theory  float64 `json:"theory"`
	Mean    float64 `json:"mean"`
	Half    float64 `json:"half"`            // half the interval of 99 %; 0: a single number
	N       int     `json:"n"`               // replications
	Slack   float64 `json:"slack,omitempty"` // by how much half the interval is wider for what Theory may itself be off
	Verdict Verdict `json:"verdict"`
}

// Verdict is what comes of a comparison.
type Verdict string

// The verdicts.
const (
	Inside Verdict = "inside" // of the interval
	Near   Verdict = "near"   // outside, and within the row's tolerance
	Miss   Verdict = "miss"   // neither
	Equal  Verdict = "equal"  // a single number, which is within the tolerance

	Differing Verdict = "differs" // it is known why: see differences
)

// differences are rows that are not reproduced, and why.
var differences = map[string]string{
	"maglev-paper-small": "The paper does not say how a ring fills 65,537 slots. Its value for ten times as many, 0.103, " +
		"is that of the ring itself (0.105); for these the ring has the same, a slot for each point of an even grid " +
		"0.39 and a slot for each hash 0.45, and none of them is 0.297.",
}

// Holds reports whether the interval, or the number, agrees with the theory.
func (v Verdict) Holds() bool { return v == Inside || v == Equal }

// verdict is that on what was measured. Rounding is no difference.
func (r *Row) verdict(want, mean, half float64) Verdict {
	off := math.Abs(mean - want)
	digits := rounding * max(1, math.Abs(want))
	near := off <= r.Tolerance*math.Abs(want)+digits
	switch {
	case half == 0 && near:
		return Equal
	case half == 0:
		return Miss
	case off <= half+r.slack(want, half)+digits:
		return Inside
	case near:
		return Near
	}
	return Miss
}

var records struct {
	sync.Mutex
	out *json.Encoder
	nth map[string]int // comparisons of a test so far
}

// record writes a comparison with an interval, or a single number, down.
func record(tb testing.TB, r Row, want, mean, half float64, n int) {
	c := Comparison{Row: r.ID, Theory: want, Mean: mean, Half: half, N: n, Verdict: r.verdict(want, mean, half)}
	if half > 0 {
		c.Slack = r.slack(want, half)
	}
	c.write(tb)
}

// write adds it to the file.
func (c Comparison) write(tb testing.TB) {
	records.Lock()
	defer records.Unlock()
	if records.out == nil {
		f, err := os.Create(*file)
		if err != nil {
			tb.Fatal(err)
		}
		records.out, records.nth = json.NewEncoder(f), map[string]int{}
	}
	c.Test, c.Nth = tb.Name(), records.nth[tb.Name()]
	records.nth[c.Test]++
	if err := records.out.Encode(c); err != nil { // also of a mean that is no number
		tb.Fatal(err)
	}
}
