package results

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/sim"
)

// known is a value that the arithmetic here must give; the rows are copied from
// the collection that models/testdata/README.md describes.
type known struct {
	ID, Metric string
	Params     struct {
		X          any // a list of numbers, or "1..100"
		P          float64
		DF, N      int
		Data       string
		Value      uint64
		Confidence float64
		Series     string
	}
	Value     any // a number or a list of them
	Tolerance float64
}

func (k *known) number() float64 { return k.Value.(float64) }

func numbers(list any) (x []float64) {
	if list == "1..100" {
		for i := range 100 {
			x = append(x, float64(i+1))
		}
		return x
	}
	for _, v := range list.([]any) {
		x = append(x, v.(float64))
	}
	return x
}

// check compares with what the row says. With a tolerance of 0 it must
// be equal.
func (k *known) check(t *testing.T, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > k.Tolerance*max(1, math.Abs(want)) {
		t.Errorf("%s: got %.10g, want %.10g", k.Metric, got, want)
	}
}

func TestKnownValues(t *testing.T) {
	data, err := os.ReadFile("testdata/theory.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Rows []known }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	checks := map[string]func(*testing.T, *known){
		"fair": checkFairness, "hdr": checkBucket, "t": checkStudent, "ci": checkInterval, "cov": checkCoverage, "q": checkQuantile, "mser": checkTruncation,
	}
	for _, k := range file.Rows {
		family, _, _ := strings.Cut(k.ID, "-")
		t.Run(k.ID, func(t *testing.T) { checks[family](t, &k) }) // panics on a row that nothing checks
	}
}

func checkFairness(t *testing.T, k *known) {
	var out values
	imbalance(&out, "", numbers(k.Params.X))
	name := strings.Replace(k.Metric, "peak_to_mean", "max_over_mean", 1)
	i := slices.IndexFunc(out, func(v value) bool { return v.name == name })
	k.check(t, out[i].x, k.number())
}

func checkBucket(t *testing.T, k *known) {
	h := newTimings(3)
	place := bucket(k.Params.Value, h.half)
	low, high := uint64(0), top(place, h.half)
	if place > 0 {
		low = top(place-1, h.half) + 1
	}
	want := numbers(k.Value)
	k.check(t, float64(low), want[0])
	k.check(t, float64(high), want[1])
	k.check(t, float64(high-low+1), want[2])
}

// checkStudent finds the quantile again in an interval: its half width over the
// standard error.
func checkStudent(t *testing.T, k *known) {
	n := k.Params.DF + 1
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(float64(i))
	}
	e := EstimateOf(x, "")
	squares := 0.0
	for _, v := range x {
		squares += (v - e.Mean) * (v - e.Mean)
	}
	k.check(t, e.Half()/math.Sqrt(squares/float64(n-1)/float64(n)), k.number())
}

func checkInterval(t *testing.T, k *known) {
	e := EstimateOf(numbers(k.Params.X), "")
	want := numbers(k.Value)
	k.check(t, e.Mean, want[0])
	k.check(t, e.Half(), want[1])
}

// checkCoverage counts how often the interval holds the mean of what is drawn.
func checkCoverage(t *testing.T, k *known) {
	u := sim.NewStream(1, 0, k.ID)
	normal := strings.HasPrefix(k.Params.Data, "normal")
	const intervals = 40_000
	held := 0
	x := make([]float64, k.Params.N)
	for range intervals {
		for i := range x {
			x[i] = -math.Log(1-u.Float64()) - 1
			if normal {
				x[i] = math.Sqrt2 * math.Erfinv(2*u.Float64()-1)
			}
		}
		if e := EstimateOf(x, ""); e.Low <= 0 && 0 <= e.High {
			held++
		}
	}
	k.check(t, float64(held)/intervals, k.number())
}

// checkQuantile uses hundredths, which four digits keep apart.
func checkQuantile(t *testing.T, k *known) {
	h := newTimings(4)
	for _, v := range numbers(k.Params.X) {
		h.add(time.Duration(math.Round(100 * v)))
	}
	k.check(t, 1e7*h.quantile(k.Params.P), k.number())
}

// checkTruncation computes the series: uniform noise of a linear congruential
// generator around a level that an exponential leads to.
func checkTruncation(t *testing.T, k *known) {
	var z, n uint64
	var level, start, scale float64
	if _, err := fmt.Sscanf(k.ID, "mser-%d-%d", &n, &z); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(k.Params.Series, "x_i = round(%g + %g exp(-i/%g)", &level, &start, &scale); err != nil {
		t.Fatal(err)
	}
	x := make([]float64, n)
	for i := range x {
		z = (1103515245*z + 12345) % (1 << 31)
		x[i] = math.Round(1e6*(level+start*math.Exp(-float64(i)/scale)+2*(float64(z)/(1<<31)-0.5))) / 1e6
	}
	if k.Params.X != nil {
		for i, v := range numbers(k.Params.X) {
			if x[i] != v {
				t.Fatalf("observation %d is %v, want %v", i, x[i], v)
			}
		}
	}
	got, want := MSER5(x), numbers(k.Value)
	k.check(t, float64(got.Observations), want[0])
	k.check(t, got.Statistic, want[1])
	k.check(t, got.Mean, want[2])
	if edge := k.ID == "mser-100-7"; got.Edge != edge {
		t.Errorf("the truncation is at the edge: %v, want %v", got.Edge, edge)
	}
}
