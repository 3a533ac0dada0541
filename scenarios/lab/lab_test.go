package lab

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

const twoVariants = `name: two
duration: 40s
warmup: 5s
seed: 3
sites: [{name: staff, clients: 300}]
traffic: [{name: mail, from: [staff], arrivals: {kind: poisson, rate: 30/s}, connections: {lifetime: {kind: exponential, mean: 4s}}}]
balancer:
  product: haproxy
  services: [{name: mail, scheduler: round-robin, health: {kind: tcp, every: 1s, fall: 2, rise: 2}, servers: ["ex[1-3]"]}]
servers: [{names: "ex[1-3]"}]
timeline: [{at: 12s, fail: ex3}, {at: 20s, recover: ex3}]
variants:
  - {name: turns}
  - {name: random, set: {balancer.services.mail.scheduler: {kind: random, choices: 2}}}
expect:
  - {metric: storm.peak_factor, below: 5, in: [random]}
  - {metric: connections.mean, above: 1, between: [10s, 20s]}
`

// Both sides of both variants are in the result, and are held to what the scenario
// expects of their variant; what draws random numbers picks servers by chance.
func TestOutcome(t *testing.T) {
	o, err := Run(t.Context(), load(t, twoVariants), Options{Repetitions: 3, Seeds: 2, perform: other()})
	if err != nil {
		t.Fatal(err)
	}
	var names, expected []string
	for _, v := range o.Result.Variants {
		names = append(names, v.Name)
	}
	if got := strings.Join(names, "; "); got != "turns, real; turns, simulated; random, real; random, simulated" {
		t.Errorf("variants %s", got)
	}
	for _, e := range o.Result.Expectations {
		expected = append(expected, e.Metric+" "+e.Variant+" "+e.Verdict.String())
	}
	want := "storm.peak_factor random, real held; storm.peak_factor random, simulated held; connections.mean turns, real held; " +
		"connections.mean turns, simulated held; connections.mean random, real held; connections.mean random, simulated held"
	if got := strings.Join(expected, "; "); got != want {
		t.Errorf("expectations %s", got)
	}
	turns, random := o.Variants[0], o.Variants[1]
	for _, r := range turns.Rows {
		if j, _ := r.Judge(); j != Inside || r.Real.N != 3 || r.Simulated.N != 6 {
			t.Errorf("%+v", r)
		}
	}
	if len(turns.Rows) < 10 || !turns.Rows[0].Windowed || random.Rows[0].Metric != "storm.peak_factor" {
		t.Errorf("rows %+v, %+v", turns.Rows, random.Rows[0])
	}
	if same, all, chance := turns.picks(); same != all || all < 3000 || chance {
		t.Errorf("turns: %d of %d, %v", same, all, chance)
	}
	if same, all, chance := random.picks(); same > all*2/3 || !chance {
		t.Errorf("random: %d of %d, %v", same, all, chance)
	}
}

// The files of an outcome repeat its simulated side, in every connection.
func TestFilesRepeatSimulation(t *testing.T) {
	o, err := Run(t.Context(), load(t, twoVariants), Options{Repetitions: 2, Seeds: 2, Variant: "random", perform: other()})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, f := range o.Files {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	src, err := scenarios.FromFile(filepath.Join(folder, o.Files[0].Name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := scenarios.Load(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := experiment.Run(t.Context(), f, experiment.Options{Assignments: true})
	if err != nil {
		t.Fatal(err)
	}
	simulated := o.Runs()[1]
	for i, runs := range again.Runs() {
		for k, run := range runs {
			var got, want bytes.Buffer
			if err := errors.Join(run.Assignments.Write(&got, 0, ""), simulated[2*i+k].Assignments.Write(&want, 0, "")); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() || got.Len() < 1000 || run.Kernel != simulated[2*i+k].Kernel {
				t.Errorf("repetition %d, seed %d: the run is another one", i+1, k+1)
			}
		}
	}
}

// A simulation does what the timeline says when it was really done.
func TestActed(t *testing.T) {
	p := &load(t, twoVariants).Variants[0]
	o := planned(p, []Arrival{{Source: netip.MustParseAddr("127.1.0.1"), Hold: time.Second}})
	o.Marks = []Mark{
		{At: 11 * time.Second, Kind: flow.Recovered}, {At: 12034567891, Kind: flow.Failed, Server: 2}, {At: 13 * time.Second, Kind: flow.MarkedDown, Server: 2},
		{At: 20100 * time.Millisecond, Kind: flow.MarkedUp, Server: 2},
	}
	r, err := newReplay(p, "simulated", []*Observation{o, planned(p, o.Arrivals)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]time.Duration{{12034567891, 20 * time.Second}, {12 * time.Second, 20 * time.Second}} {
		if got := r.file.Variants[i].Config.Timeline; got[0].At != want[0] || got[1].At != want[1] {
			t.Errorf("repetition %d: at %v and %v, want %v", i+1, got[0].At, got[1].At, want)
		}
	}
}

// What cannot be run is said before anything runs.
func TestRefused(t *testing.T) {
	for set, want := range map[string]string{
		"balancer.product=kemp":               "haproxy and nginx",
		"duration=2h":                         "takes as long as",
		"traffic.mail.arrivals.rate=20000/s":  "more than 200000 arrivals",
		"traffic.mail.arrivals.rate=0.0001/s": "nobody comes",
	} {
		path, value, _ := strings.Cut(set, "=")
		f, err := scenarios.Load(scenarios.Source{Name: "test.yaml", Text: []byte(twoVariants)}, []scenarios.Setting{{Flag: "--set", Path: path, Value: value}})
		if err != nil {
			t.Fatal(err)
		}
		performed := false
		_, err = Run(t.Context(), f, Options{Repetitions: 1, Seeds: 1, perform: func(context.Context, *scenarios.Plan, []Arrival, *Options) (*performance, error) {
			performed = true
			return nil, errors.New("performed")
		}})
		if performed || !errors.As(err, new(InputError)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", set, err, want)
		}
	}
	if _, err := Run(t.Context(), load(t, twoVariants), Options{Variant: "turn"}); err == nil || !strings.Contains(err.Error(), `there is no variant "turn"`) {
		t.Error(err)
	}
}
