package experiment

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
)

const sweepText = `name: mine
duration: 30s
warmup: 5s
replications: 2
traffic:
  - {name: web, arrivals: {kind: poisson, rate: 80/s}, demand: {kind: exponential, mean: 10ms}}
balancer:
  services: [{name: web, scheduler: round-robin, servers: [s1, s2]}]
servers: [{name: s1}, {name: s2}]
variants:
  - {name: rr}
  - {name: lc, set: {balancer.services.web.scheduler: least-connections}}
expect: [{metric: response_time.p95, below: 50ms, between: [10s, 20s], in: [lc]}]
`

func planned(t *testing.T, text string, samples int, axes ...string) *Sweep {
	t.Helper()
	src, err := scenarios.FromReader("mine.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	o := SweepOptions{Samples: samples, Version: "test", Command: "lbsim sweep mine.yaml"}
	for _, a := range axes {
		axis, err := ParseAxis(a, samples > 0)
		if err != nil {
			t.Fatal(err)
		}
		o.Axes = append(o.Axes, axis)
	}
	s, err := NewSweep(context.Background(), src, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sweepBytes(t *testing.T, s *results.Sweep) string {
	t.Helper()
	var b strings.Builder
	if err := results.SweepJSON(&b, s); err != nil {
		t.Fatal(err)
	}
	if err := results.SweepCSV(&b, s); err != nil {
		t.Fatal(err)
	}
	if err := results.Text(&b, s.Result(), results.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// In one piece, on one core or many, and merged of any number of shards, also more
// than there are runs: the same bytes.
func TestSweepShards(t *testing.T) {
	s := planned(t, sweepText, 0, "servers.s1.cores=1..3")
	ctx, folder := context.Background(), t.TempDir()
	want := ""
	for _, n := range []int{1, 2, 3, 7, 20} {
		store := NewStore(filepath.Join(folder, "cells", Shard{0, n}.File()), "test")
		parts := filepath.Join(folder, Shard{0, n}.File())
		for i := range n {
			shard := Shard{i, n}
			all, before, err := s.Run(ctx, store, shard, Options{Parallel: 1 + i%3})
			if err != nil || before != 0 || all > (s.Runs()+n-1)/n {
				t.Fatalf("shard %v: %d runs, %d before, %v", shard, all, before, err)
			}
			if err := s.WriteShard(filepath.Join(parts, shard.File()), shard, store); err != nil {
				t.Fatal(err)
			}
		}
		whole, err := s.Result(store)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = sweepBytes(t, whole)
		}
		paths, err := ShardPaths([]string{parts})
		if err != nil || len(paths) != n {
			t.Fatalf("%d files, %v", len(paths), err)
		}
		merged, err := Merge(paths, "test")
		if err != nil {
			t.Fatal(err)
		}
		if sweepBytes(t, whole) != want || sweepBytes(t, merged) != want {
			t.Errorf("%d shards give other bytes", n)
		}
	}
	if !strings.Contains(want, `"other": "lc"`) || !strings.Contains(want, `"held"`) {
		t.Errorf("no comparison or no verdict in\n%s", want[:2000])
	}
}

// A point gives what a run of the scenario with its values gives.
func TestSweepPoint(t *testing.T) {
	s := planned(t, sweepText, 4, "servers.s1.cores=1..3", "traffic.web.arrivals.rate=50/s..120/s")
	store := NewStore(t.TempDir(), "test")
	if _, _, err := s.Run(context.Background(), store, Whole, Options{}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Result(store)
	if err != nil {
		t.Fatal(err)
	}
	f, err := scenarios.Load(s.src, s.at(2))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Run(context.Background(), f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := all.Points[2]
	for i, v := range alone.Result.Variants {
		if got := p.Variants[i]; got.Fingerprint != v.Fingerprint || got.Events != v.Events {
			t.Errorf("%s: fingerprint %x, alone %x", v.Name, got.Fingerprint, v.Fingerprint)
		}
		for k, m := range v.Metrics {
			if got := p.Variants[i].Metrics[k]; got.Name != m.Name || got.Known() != m.Known() || m.Known() && got.Mean != m.Mean {
				t.Errorf("%s: %s is %v, alone %v", v.Name, m.Name, got.Mean, m.Mean)
			}
		}
	}
	if x, y := p.Expectations[0], alone.Result.Expectations[0]; x.Verdict != y.Verdict || x.Value.Mean != y.Value.Mean || x.Between != y.Between {
		t.Errorf("the expectation is %+v, alone %+v", x, y)
	}
}

// What is kept is found by what decides about it: the text, the settings but for
// the number of replications, the files, and the program.
func TestStoreKey(t *testing.T) {
	folder := t.TempDir()
	log := filepath.Join(folder, "access.log")
	src := scenarios.Source{Name: "mine.yaml", Text: []byte(sweepText), Folder: os.DirFS(folder)}
	key := func(build, text, content string, settings ...scenarios.Setting) Key {
		t.Helper()
		if err := os.WriteFile(log, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		src.Text = []byte(text)
		k, err := NewStore(folder, build).Key(src, settings, []string{"access.log"})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first := key("a", "x", "log")
	if key("a", "x", "log", scenarios.Setting{Path: "replications", Value: "9"}) != first {
		t.Error("more replications have another key")
	}
	for what, other := range map[string]Key{
		"program": key("b", "x", "log"), "text": key("a", "y", "log"), "file": key("a", "x", "gol"),
		"setting": key("a", "x", "log", scenarios.Setting{Path: "seed", Value: "9"}),
	} {
		if other == first {
			t.Errorf("another %s has the same key", what)
		}
	}
	if _, err := NewStore(folder, "a").Key(src, nil, []string{"gone.log"}); err == nil {
		t.Error("a file that is gone has a key")
	}
}

// No text makes reading an axis panic, hang or fill the memory.
func FuzzAxis(f *testing.F) {
	for _, text := range []string{"a=1..10", "a=0.1..0.9..0.2", "a=1..64..x2", "a=10ms..50ms..10ms", "a=[x, {y: 1}, 'z']", "a=[", "a=1..2..x1.000000001", "a=-1..1..0.000000001"} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, sampled bool) {
		a, err := ParseAxis(text, sampled)
		if err != nil {
			return
		}
		if len(a.Values) > maxPoints || len(a.Values) == 0 && a.span == nil {
			t.Errorf("%q has %d values", text, len(a.Values))
		}
		for _, u := range []float64{0, 0.5, 1 - 1e-16} {
			if a.at(u) == "" {
				t.Errorf("%q has no value at %v", text, u)
			}
		}
	})
}
