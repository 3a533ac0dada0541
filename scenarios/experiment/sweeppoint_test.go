package experiment

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lbsim/results"
	"lbsim/scenarios"
)

// sweptOpen is sweepText with what a scenario may leave to its runs.
var sweptOpen = strings.NewReplacer("warmup: 5s", "warmup: auto", "replications: 2", "replications: {until: 5%, of: response_time.mean, min: 3, max: 40}").Replace(sweepText)

// A point gives what a run of the scenario with its values gives: its warm-up, as many
// replications, and the same numbers.
func TestWholePointIsARun(t *testing.T) {
	s := planned(t, sweptOpen, 0, "traffic.web.arrivals.rate=[40/s, 80/s, 140/s]")
	store, ctx := NewStore(t.TempDir(), "test"), context.Background()
	all, before, err := s.Run(ctx, store, Whole, Options{})
	if err != nil || before != 0 {
		t.Fatal(before, err)
	}
	sweep, err := s.Result(store)
	if err != nil {
		t.Fatal(err)
	}
	made, differ := 0, false
	for i := range sweep.Points {
		p := &sweep.Points[i]
		f, err := scenarios.Load(s.src, s.at(i))
		if err != nil {
			t.Fatal(err)
		}
		one, err := Run(ctx, f, Options{Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r := one.Result; r.Warmup != p.Warmup || *r.Start != *p.Start || r.Replications != p.Replications || r.Precision.Reached != p.Precision.Reached {
			t.Errorf("point %d: %g s and %d replications, the run %g s and %d", i, p.Warmup, p.Replications, r.Warmup, r.Replications)
		}
		for v := range p.Variants {
			a, _ := p.Variants[v].Metrics.Get("response_time.p95")
			b, _ := one.Result.Variants[v].Metrics.Get("response_time.p95")
			if !slices.Equal(a.Values, b.Values) || p.Variants[v].Fingerprint != one.Result.Variants[v].Fingerprint {
				t.Errorf("point %d, %s differs from the run", i, p.Variants[v].Name)
			}
		}
		made += p.Replications * len(p.Variants)
		differ = differ || p.Replications != sweep.Points[0].Replications
	}
	if !differ || made > all {
		t.Errorf("%d runs, %d are in the points, whose numbers differ: %v", all, made, differ)
	}
	if words := strings.Join(sweep.Result().Method(), "\n"); !strings.Contains(words, "found by MSER-5 at each point") || !strings.Contains(words, "as many as it takes to know response_time.mean to ±\u00a05\u00a0%") {
		t.Errorf("the method is\n%s", words)
	}
	if text := sweep.Result().Extent(); !strings.Contains(text, " to ") {
		t.Errorf("the extent is %q", text)
	}
}

// In any number of shards, each with a store of its own, also more than there are points:
// the same bytes. What was kept is not made again.
func TestWholePointsInShards(t *testing.T) {
	s := planned(t, sweptOpen, 0, "servers.s1.cores=1..3")
	ctx, folder, want := context.Background(), t.TempDir(), ""
	for _, n := range []int{1, 2, 5} {
		var paths []string
		for i := range n {
			shard := Shard{i, n}
			store := NewStore(filepath.Join(folder, shard.File()+".cells"), "test")
			for again := range 2 {
				all, before, err := s.Run(ctx, store, shard, Options{Parallel: 1 + i%3})
				if err != nil || before != again*all || s.Kept(store, shard) < all {
					t.Fatalf("shard %v: %d runs, %d before, %v", shard, all, before, err)
				}
			}
			paths = append(paths, filepath.Join(folder, shard.File()))
			if err := s.WriteShard(paths[i], shard, store); err != nil {
				t.Fatal(err)
			}
		}
		merged, err := Merge(paths, "test")
		if err != nil {
			t.Fatal(err)
		}
		got := sweepBytes(t, merged)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d shards give other bytes", n)
		}
	}
	if !strings.Contains(want, `"method": "MSER-5"`) || !strings.Contains(want, `"precision"`) {
		t.Errorf("the summary does not tell how it was measured:\n%s", want[:1000])
	}
}

// A sweep with few replications warns as a run does, and once.
func TestSweepWarnsOfFewReplications(t *testing.T) {
	s := planned(t, sweepText, 0, "servers.s1.cores=1..2")
	store := NewStore(t.TempDir(), "test")
	if _, _, err := s.Run(context.Background(), store, Whole, Options{}); err != nil {
		t.Fatal(err)
	}
	sweep, err := s.Result(store)
	if err != nil {
		t.Fatal(err)
	}
	few := slices.DeleteFunc(slices.Clone(sweep.Warnings), func(text string) bool { return !strings.HasPrefix(text, "2 replications are few") })
	if len(few) != 1 {
		t.Errorf("warnings %q", sweep.Warnings)
	}
	var b strings.Builder
	if err := results.Text(&b, sweep.Result(), results.TextOptions{}); err != nil || !strings.Contains(b.String(), "warning: 2 replications are few") {
		t.Errorf("%v\n%s", err, &b)
	}
}
