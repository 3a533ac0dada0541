package lab

import (
	"bytes"
	"flag"
	"io"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/scenarios/experiment"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// An outcome as a table for a terminal and for a document, and as JSON.
func TestText(t *testing.T) {
	nothing := rangeOf(nil)
	o := &Outcome{
		Outcome: experiment.NewOutcome(&results.Result{Scenario: "storm-lab", Version: "1", Seed: 7}, nil),
		Variants: []Variant{{
			Name: "crash", Balancer: "HAProxy version 2.6.12", Arrivals: 1234, Duration: 30 * time.Second, Seeds: 5, Late: 1234567 * time.Nanosecond,
			Rows: []Row{
				{Metric: "storm.peak_factor", Asked: true, Real: rangeOf([]float64{3.9, 4, 3.95}), Simulated: rangeOf([]float64{3.9, 3.96})},
				{Metric: "response_time.p95", Asked: true, Windowed: true, Between: [2]float64{10, 20}, Real: rangeOf([]float64{0.2, 0.21}), Simulated: rangeOf([]float64{0.205, 0.3})},
				{Metric: "detection.time", Real: rangeOf([]float64{1.5, 1.75}), Simulated: rangeOf([]float64{1, 1.25})},
				{Metric: "drain.time", Real: nothing, Simulated: rangeOf([]float64{math.NaN(), 3})},
				{Metric: "connections.mean", Real: rangeOf([]float64{511, 511.1}), Simulated: rangeOf([]float64{511.2, 511.3})},
				{Metric: "rejected_share", Real: rangeOf([]float64{0, 0}), Simulated: rangeOf([]float64{0.01})},
				{Metric: "share", Service: "mail", Server: "ex1", Real: rangeOf([]float64{0.25, 0.25}), Simulated: rangeOf([]float64{0.25 + 1e-15})},
			},
			Agreements: []Agreement{
				{Before: Picks{1000, 1000}, After: Picks{150, 200}, Differing: []Differing{{12345 * time.Millisecond, 1003, "ex1", "ex2"}, {13 * time.Second, 1010, "", "ex2"}}},
				{Before: Picks{600, 1234}, Random: true, Differing: []Differing{{time.Second, 3, "ex1", "ex2"}}},
			},
			Warnings: []string{"traffic mail: in the lab nobody tries again"},
		}, {
			Name: "drain | one run", Balancer: "nginx version: nginx/1.22.1", Arrivals: 1, Duration: time.Minute, Seeds: 1,
			Rows: []Row{
				{Metric: "drain.time", Real: rangeOf([]float64{3}), Simulated: rangeOf([]float64{3.3})},
				{Metric: "detection.time", Real: rangeOf([]float64{3}), Simulated: rangeOf([]float64{3})},
				{Metric: "reset_share", Real: rangeOf([]float64{3}), Simulated: rangeOf([]float64{3})},
			},
			Agreements: []Agreement{{Before: Picks{1, 1}}},
		}},
	}
	for name, write := range map[string]func(io.Writer) error{"outcome.txt": o.Text, "outcome.md": o.Markdown, "outcome.json": o.JSON} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", name, &got, want)
		}
	}
}

// What no server had when the run ended counts for no agreement; what no server would
// take does.
func TestAgreementCounts(t *testing.T) {
	one := Arrival{Source: netip.MustParseAddr("127.1.0.1"), Hold: time.Second}
	o := planned(&load(t, twoVariants).Variants[0], []Arrival{one, one, one})
	for i, outcome := range []flow.Outcome{flow.Accepted, flow.Rejected, flow.Completed} {
		o.Visits[i].Outcome = outcome
	}
	o.Visits[2].Server = 1
	o.Marks = []Mark{{At: time.Second, Kind: flow.Failed}}
	r, err := newReplay(&load(t, twoVariants).Variants[0], "simulated", []*Observation{o}, 1)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := r.simulate(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	a := agreementOf(o, runs[0], []string{"ex1", "ex2", "ex3"})
	if a.Before.All != 2 || a.After.All != 0 || len(a.Differing) == 0 || a.Differing[0].Real != "" {
		t.Errorf("%+v", a)
	}
}
