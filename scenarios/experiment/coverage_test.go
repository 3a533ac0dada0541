package experiment_test

import (
	"flag"
	"fmt"
	"strconv"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

var validate = flag.Bool("validate", false, "make the long form of tests that count how often intervals are right")

// Intervals of 95 % over 10 replications hold the mean response time that formulas
// give in 95 % of all cases: in 93 to 97 % of 1000 (make validate), whose share has a
// standard deviation of 0.7 %. The short form has 150, with 1.8 %.
func TestCoverage(t *testing.T) {
	const perInterval = 10
	intervals, low, high := 150, 0.89, 0.995
	if *validate {
		intervals, low, high = 1000, 0.93, 0.97
	}
	for _, x := range []struct {
		name        string
		rate, cores int
		mean        float64
	}{
		{"M/M/1, load 0.5", 50, 1, 0.020},       // 10 ms / (1 - 0.5)
		{"M/M/4, load 0.7", 280, 4, 0.01357212}, // Erlang C: 10 ms x (1 + 0.428654 / 1.2)
	} {
		src := scenarios.Source{Name: "mine.yaml", Text: fmt.Appendf(nil, `
name: queue
duration: 25s
warmup: 5s
sites: [{name: all, clients: 10}]
traffic: [{name: web, from: [all], arrivals: {kind: poisson, rate: %d/s}, demand: {kind: exponential, mean: 10ms}}]
servers: [{name: a, cores: %d}]
`, x.rate, x.cores)}
		r := perform(t, load(t, src, "replications", strconv.Itoa(intervals*perInterval)), experiment.Options{}).Result
		m, _ := r.Variants[0].Metrics.Get("response_time.mean")
		held := 0
		for i := range intervals {
			e := results.EstimateOf(m.Values[i*perInterval:(i+1)*perInterval], "s")
			if e.Low <= x.mean && x.mean <= e.High {
				held++
			}
		}
		share := float64(held) / float64(intervals)
		t.Logf("%s: %.1f %% of %d intervals hold %.6g ms; the mean of all is %.6g ± %.2g ms", x.name, 100*share, intervals, 1e3*x.mean, 1e3*m.Mean, 1e3*m.Half())
		if share < low || share > high {
			t.Errorf("%s: %.1f %% of %d intervals hold the mean, want %.0f to %.0f %%", x.name, 100*share, intervals, 100*low, 100*high)
		}
	}
}
