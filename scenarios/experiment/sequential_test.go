package experiment_test

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// oneServer is a queue with one server: the mean stay is 10 ms / (1 - load).
const oneServer = `
name: one-server
duration: 2m
warmup: 10s
traffic: [{name: web, arrivals: {kind: poisson, rate: 80/s}, demand: {kind: exponential, mean: 10ms}}]
servers: [{name: a, cores: 1}]
`

// The number of replications is the smallest from min on with which every variant is
// known well enough, on any number of cores.
func TestReplicationsUntil(t *testing.T) {
	src := scenarios.Source{Name: "mine.yaml", Text: []byte(oneServer +
		"variants: [{name: busy}, {name: calm, set: {traffic.web.arrivals.rate: 40/s}}]\n")}
	const until = "{until: 6%, of: response_time.mean, min: 4, max: 100}"
	one := perform(t, load(t, src, "replications", until), experiment.Options{Parallel: 1})
	four := perform(t, load(t, src, "replications", until), experiment.Options{Parallel: 4})
	if !bytes.Equal(summary(t, one), summary(t, four)) {
		t.Error("the summary depends on how many replications run at a time")
	}
	n := one.Result.Replications
	if n <= 4 || n == 100 {
		t.Fatalf("%d replications were made, want more than the first look and less than the most", n)
	}
	if p := one.Result.Precision; p.Reached > 0.06 || one.Result.Doubts() != nil {
		t.Errorf("known to %.3g, want 0.06 or better; doubts %q", p.Reached, one.Result.Doubts())
	}
	given := perform(t, load(t, src, "replications", strconv.Itoa(n)), experiment.Options{}).Result
	fewer := perform(t, load(t, src, "replications", strconv.Itoa(n-1)), experiment.Options{}).Result
	worst := func(o int) float64 {
		r := given
		if o < n {
			r = fewer
		}
		m := 0.0
		for _, v := range r.Variants {
			x, _ := v.Metrics.Get("response_time.mean")
			m = max(m, x.Relative())
		}
		return m
	}
	if worst(n) > 0.06 || worst(n-1) <= 0.06 {
		t.Errorf("%d replications are known to %.4f and %d to %.4f; the first below 0.06 was to be found", n-1, worst(n-1), n, worst(n))
	}
	for v := range given.Variants {
		if given.Variants[v].Fingerprint != one.Result.Variants[v].Fingerprint {
			t.Errorf("%s: %d replications until something is known differ from %d that were asked for", given.Variants[v].Name, n, n)
		}
	}
}

// What cannot be known is said.
func TestReplicationsThatDoNotSuffice(t *testing.T) {
	src := scenarios.Source{Name: "mine.yaml", Text: []byte(oneServer)}
	for until, want := range map[string]string{
		"{until: 0.1%, of: response_time.mean, min: 3, max: 5}": "after 5 replications",
		"{until: 5%, of: storm.peak_factor, min: 5, max: 9}":    "no variant has storm.peak_factor",
	} {
		r := perform(t, load(t, src, "replications", until), experiment.Options{}).Result
		if r.Replications != 5 || !strings.Contains(strings.Join(r.Warnings, "\n"), want) {
			t.Errorf("%s: %d replications, warnings %q, want 5 and %q", until, r.Replications, r.Warnings, want)
		}
	}
}

// Connections of a mean life of a minute begin with none: their number is within
// 5 % of where it leads after 3 minutes, within 0.2 % after 6.
func TestWarmupAuto(t *testing.T) {
	const slow = `
name: slow-start
duration: 1h
warmup: auto
traffic: [{name: mail, arrivals: {kind: poisson, rate: 20/s}, connections: {lifetime: {kind: exponential, mean: 1m}}}]
servers: [{name: a, cores: 1}]
`
	src := scenarios.Source{Name: "mine.yaml", Text: []byte(slow)}
	r := perform(t, load(t, src), experiment.Options{}).Result
	if r.Start == nil || !r.Start.Over || r.Warmup < 150 || r.Warmup > 500 {
		t.Fatalf("the warm-up is %v s (%+v), want between 150 and 500", r.Warmup, r.Start)
	}
	if again := perform(t, load(t, src), experiment.Options{Parallel: 1}).Result; again.Warmup != r.Warmup {
		t.Errorf("the warm-up is %v s the second time, %v s the first", again.Warmup, r.Warmup)
	}
	given := perform(t, load(t, src, "warmup", time.Duration(r.Warmup*1e9).String()), experiment.Options{}).Result
	if given.Variants[0].Fingerprint != r.Variants[0].Fingerprint {
		t.Error("a warm-up that was found gives other results than the same one given")
	}
	// What happens later plays no part; a life of ten minutes is not over by half an hour.
	cut := load(t, src, "timeline", "[{at: 10m, fail: a}]")
	if span := cut.Pilot(); span != 10*time.Minute {
		t.Errorf("pilot runs last %v, want as long as nothing happens", span)
	}
	long := perform(t, load(t, src, "traffic.mail.connections.lifetime.mean", "1h"), experiment.Options{}).Result
	if long.Start.Over || len(long.Warnings) == 0 {
		t.Errorf("a start-up longer than the run is over after %v s; warnings %q", long.Warmup, long.Warnings)
	}
}

// The interval of batches of one long run holds the mean and is about as wide as
// that of as many replications as long as one of them.
func TestBatchesOfOneRun(t *testing.T) {
	src := scenarios.Source{Name: "mine.yaml", Text: []byte(oneServer)}
	long := perform(t, load(t, src, "duration", "3610s", "batches", "20", "traffic.web.arrivals.rate", "50/s"), experiment.Options{}).Result
	short := perform(t, load(t, src, "duration", "190s", "replications", "20", "traffic.web.arrivals.rate", "50/s"), experiment.Options{}).Result
	a, _ := long.Variants[0].Metrics.Get("response_time.mean")
	b, _ := short.Variants[0].Metrics.Get("response_time.mean")
	if a.N != 20 || a.Low > 0.020 || a.High < 0.020 {
		t.Errorf("the interval of batches is %+v, want 20 ms in it", a.Estimate)
	}
	if ratio := a.Half() / b.Half(); ratio < 0.5 || ratio > 2 {
		t.Errorf("batches give ± %v, replications ± %v", a.Half(), b.Half())
	}
	if m, _ := long.Variants[0].Metrics.Get("arrived"); !math.IsNaN(m.Low) {
		t.Errorf("a count has an interval: %+v", m.Estimate)
	}
	if len(long.Warnings) != 0 {
		t.Errorf("warnings %q", long.Warnings)
	}
}
