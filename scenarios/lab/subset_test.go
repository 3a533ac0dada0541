package lab

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"lbsim/scenarios"
)

// Variants of the experiments in which nothing hangs on who is a moment earlier, so
// that real and simulated balancers pick the same server for every arrival, on a
// machine that is as busy as it likes.
var deterministic = []struct{ experiment, variant string }{
	{"weighted-turns", "roundrobin, weights 5 1 1"},
	{"weighted-turns", "nginx, weights 5 1 1"},
	{"weighted-turns", "nginx, weights 10 7 3 1"},
	{"weighted-turns", "nginx least_conn, weights 4 3 2, nobody leaves"},
	{"source-addresses", "source, map"},
	{"source-addresses", "source, consistent"},
	{"source-addresses", "source, map, 12 addresses"},
	{"source-addresses", "nginx ip_hash"},
	{"source-addresses", "nginx hash consistent"},
}

func TestDeterministicPicksAgree(t *testing.T) {
	for _, c := range deterministic {
		t.Run(c.experiment+", "+c.variant, func(t *testing.T) {
			v := conduct(t, c.experiment, c.variant, 1)
			for i, a := range v.Agreements {
				if a.Random || a.Before.Same != a.Before.All || a.After.All > 0 || a.Before.All < 500 {
					t.Errorf("repetition %d: %s\n%+v", i+1, a.words(), a.Differing)
				}
			}
		})
	}
}

// The figures of chance and of time lie near each other. How near they lie on a quiet
// machine is what the README's table says; here only what is far off is ruled out.
func TestFiguresAreNear(t *testing.T) {
	for _, c := range []struct {
		experiment, variant string
		within              map[string]float64 // factor between real and simulated, at most
	}{
		{"rejoin-least-connections", "crash", map[string]float64{"storm.peak_factor": 1.3, "storm.connections": 1.5, "detection.time": 2}},
		{"rejoin-other-methods", "roundrobin, slowstart 8s", map[string]float64{"storm.share_first": 1.7, "detection.time": 2}},
		{"queueing", "one queue", map[string]float64{"response_time.p50": 1.5}},
	} {
		t.Run(c.experiment+", "+c.variant, func(t *testing.T) {
			found := 0
			for _, r := range conduct(t, c.experiment, c.variant, 3).Rows {
				factor, ok := c.within[r.Metric]
				if !ok || r.Service != "" || r.Windowed {
					continue
				}
				found++
				if real, simulated := r.Real.Mean, r.Simulated.Mean; !(real < simulated*factor && simulated < real*factor) {
					t.Errorf("%s: %v, simulated %v", r.Metric, real, simulated)
				}
			}
			if found != len(c.within) {
				t.Errorf("%d metrics are there of %d", found, len(c.within))
			}
		})
	}
}

// conduct makes one real run of a variant of an experiment.
func conduct(t *testing.T, experiment, variant string, seeds int) *Variant {
	t.Helper()
	if testing.Short() {
		t.Skip("a run takes as long as it says")
	}
	for _, e := range Experiments() {
		if e.Name != experiment {
			continue
		}
		file, err := scenarios.Load(e.Source, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range file.Variants {
			if file.Variants[i].Name == variant {
				installed(t, productOf(&file.Variants[i]))
			}
		}
		o, err := Run(t.Context(), file, Options{Repetitions: 1, Seeds: seeds, Variant: variant})
		for patience := 60; errors.Is(err, syscall.EADDRINUSE) && patience > 0; patience-- {
			time.Sleep(time.Second) // another lab runs on this machine
			o, err = Run(t.Context(), file, Options{Repetitions: 1, Seeds: seeds, Variant: variant})
		}
		if err != nil {
			t.Fatal(err)
		}
		return &o.Variants[0]
	}
	t.Fatalf("there is no experiment %s", experiment)
	return nil
}

// Each experiment says what it is about and what is expected of it, in a line that
// is not too long for a list, and which of its figures a table has.
func TestExperimentsExplainThemselves(t *testing.T) {
	for _, e := range Experiments() {
		file, err := scenarios.Load(e.Source, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		text := string(e.Source.Text)
		if e.About == "" || e.About != file.Scenario.About || len(e.About) > 140 {
			t.Errorf("%s: about: %q", e.Name, e.About)
		}
		for _, want := range []string{"\n# Run:      lbsim lab " + e.Name + "\n", "\n# Expected: "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", e.Name, want)
			}
		}
		if file.Scenario.Name != e.Name || len(file.Scenario.Tables) == 0 {
			t.Errorf("%s is called %s and has %d metrics in its table", e.Name, file.Scenario.Name, len(file.Scenario.Tables))
		}
	}
}
