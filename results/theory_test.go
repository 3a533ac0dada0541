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
		Phi        float64
		Definition string
		Alpha      float64
	}
	Value     any // a number or a list of them
	Tolerance float64
	SE        float64

	compared int // how often it was
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

// check compares with what the row says. With a tolerance of 0 it must be equal, but
// for the digits of files.
func (k *known) check(t *testing.T, got, want float64) {
	t.Helper()
	near := math.Abs(got-want) <= k.Tolerance*max(1, math.Abs(want))+1e-9
	if k.record(t, want, got, 0, near); !near {
		t.Errorf("%s: got %.10g, want %.10g", k.Metric, got, want)
	}
}

// checkMean compares with the mean of replications: their 99 % interval, widened by
// what the row's own error is, or the tolerance must hold it.
func (k *known) checkMean(t *testing.T, replications []float64) {
	t.Helper()
	e := EstimateOf(replications, "")
	half := e.Half() * 2.9467 / 2.1314 // Student t of 15 degrees of freedom, 99 % for 95 %
	off := math.Abs(e.Mean - k.number())
	k.record(t, k.number(), e.Mean, half, off <= math.Hypot(half, 2.576*k.SE))
	if *theoryRecord == "" && off > half && off > k.Tolerance*k.number() {
		t.Errorf("%s: got %.6g +- %.2g, want %.6g", k.Metric, e.Mean, half, k.number())
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
		"ar1": checkCorrelated, "p2": checkMarkers, "dds": checkSketch,
	}
	for _, k := range file.Rows {
		family, _, _ := strings.Cut(k.ID, "-")
		t.Run(k.ID, func(t *testing.T) { checks[family](t, &k) }) // panics on a row that nothing checks
	}
}

func checkFairness(t *testing.T, k *known) {
	x := numbers(k.Params.X)
	var out values
	imbalance(&out, "", x)
	of := func(name string) float64 {
		return out[slices.IndexFunc(out, func(v value) bool { return v.name == name })].x
	}
	n := float64(len(x))
	switch k.Metric {
	case "herfindahl": // the sum of the squared shares
		k.check(t, 1/(n*of("jain")), k.number())
	case "cov_sample": // with the standard deviation of a sample
		k.check(t, of("cov")*math.Sqrt(n/(n-1)), k.number())
	default:
		k.check(t, of(strings.Replace(k.Metric, "peak_to_mean", "max_over_mean", 1)), k.number())
	}
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

// checkStudent finds the quantile again in what an estimate may be off: that over the
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
	k.check(t, e.OneSided((1-k.Params.Confidence)/2)/math.Sqrt(squares/float64(n-1)/float64(n)), k.number())
}

func checkInterval(t *testing.T, k *known) {
	e := EstimateOf(numbers(k.Params.X), "")
	want := numbers(k.Value)
	k.check(t, e.Mean, want[0])
	k.check(t, e.Half(), want[1])
}

// checkCoverage counts how often the interval holds the mean of what is drawn.
func checkCoverage(t *testing.T, k *known) {
	normal := strings.HasPrefix(k.Params.Data, "normal")
	const replications, intervals = 16, 1000
	var shares []float64
	x := make([]float64, k.Params.N)
	some := EstimateOf(append(make([]float64, k.Params.N-1), 1), "")
	wider := some.OneSided((1-k.Params.Confidence)/2) / some.Half() // than one of 95 %
	for r := range uint64(replications) {
		u := sim.NewStream(1, r, salted(k.ID))
		held := 0
		for range intervals {
			for i := range x {
				x[i] = -math.Log(1-u.Float64()) - 1
				if normal {
					x[i] = math.Sqrt2 * math.Erfinv(2*u.Float64()-1)
				}
			}
			if e := EstimateOf(x, ""); math.Abs(e.Mean) <= wider*e.Half() {
				held++
			}
		}
		shares = append(shares, float64(held)/intervals)
	}
	k.checkMean(t, shares)
}

// checkCorrelated measures how much the mean of a correlated series varies: n times
// its variance, for which independent values would have that of one.
func checkCorrelated(t *testing.T, k *known) {
	const replications, series = 16, 400
	n, phi := k.Params.N, k.Params.Phi
	var variances []float64
	for r := range uint64(replications) {
		u := sim.NewStream(1, r, salted(k.ID))
		noise := func() float64 { return math.Sqrt2 * math.Erfinv(2*u.Float64()-1) }
		sum := 0.0
		for range series {
			x := make([]float64, n)
			x[0] = noise() / math.Sqrt(1-phi*phi) // as if it had long gone on
			for i := 1; i < n; i++ {
				x[i] = phi*x[i-1] + noise()
			}
			e := EstimateOf(x, "")
			sum += float64(n) * e.Mean * e.Mean / series
		}
		variances = append(variances, sum)
	}
	k.checkMean(t, variances)
}

// checkQuantile uses hundredths, which four digits keep apart. Histograms know the
// quantile of the empirical distribution; other definitions, which interpolate, are
// computed from the same values for comparison (Hyndman and Fan 1996).
func checkQuantile(t *testing.T, k *known) {
	x := numbers(k.Params.X)
	if first, ok := between[k.Params.Definition]; ok {
		slices.Sort(x)
		n := float64(len(x))
		h := min(max(first(n, k.Params.P), 1), n)
		low := math.Floor(h)
		k.check(t, x[int(low)-1]+(h-low)*(x[int(math.Ceil(h))-1]-x[int(low)-1]), k.number())
		return
	}
	h := newTimings(4)
	for _, v := range x {
		h.add(time.Duration(math.Round(100 * v)))
	}
	k.check(t, 1e7*h.quantile(k.Params.P), k.number())
}

// between is at which place among n values in order, from 1, the p-quantile is.
var between = map[string]func(n, p float64) float64{
	"type6": func(n, p float64) float64 { return (n + 1) * p },
	"type7": func(n, p float64) float64 { return (n-1)*p + 1 },
	"type8": func(n, p float64) float64 { return (n+1.0/3)*p + 1.0/3 },
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
