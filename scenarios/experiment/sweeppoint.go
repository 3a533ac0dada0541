package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"lbsim/results"
	"lbsim/scenarios"
)

// Where the scenario leaves the warm-up or the number of replications to its runs, each
// point of a sweep has its own, as a run of the scenario with its values has: of
// all variants there. Such points are not cut: a shard has whole ones, so that
// what it makes of them does not depend on how many shards there are.

// A pointMethod is what the runs of a point have decided.
type pointMethod struct {
	Warmup       float64        `json:"warmup"`
	Start        *results.Start `json:"start,omitempty"` // nil if the warm-up was given
	Replications int            `json:"replications"`
}

// A pointRuns is a point all of whose runs were made.
type pointRuns struct {
	pointMethod
	runs [][]*results.Run // by variant and replication
	// asked is how many runs it took, also those that turned out to be more than it takes
	// to know the metric; before, how many of them were there.
	asked, before int
}

// wholePoints makes the runs of a shard that the store does not have, point by point.
func (s *Sweep) wholePoints(ctx context.Context, store *Store, keys []Key, shard Shard, o Options) (all, before int, err error) {
	progress, each := o.Progress, s.Runs()/len(s.Points)
	total := each * ((len(s.Points) - shard.Index + shard.Count - 1) / shard.Count)
	o.Progress = nil
	for p := shard.Index; p < len(s.Points); p += shard.Count {
		x, err := s.wholePoint(ctx, store, keys[p], p, o)
		if err != nil {
			return total, before, err
		}
		all += x.asked
		if before += x.before; progress != nil {
			progress((p/shard.Count+1)*each, total)
		}
	}
	return all, before, nil
}

// wholePoint returns the runs of a point, of which it makes those that the store does
// not have.
func (s *Sweep) wholePoint(ctx context.Context, store *Store, key Key, point int, o Options) (*pointRuns, error) {
	f, err := scenarios.Load(s.src, s.at(point))
	if err != nil {
		return nil, err
	}
	x := &pointRuns{runs: make([][]*results.Run, len(f.Variants))}
	if f, x.Start, err = store.settle(ctx, key, f, o); err != nil {
		return nil, err
	}
	points := Points{Keys: []Key{key}, Load: func(int) (*scenarios.File, error) { return f, nil }, Memory: s.memory}
	extended := func(n int) error {
		var cells []Cell
		for v := range x.runs {
			for r := len(x.runs[v]); r < n; r++ {
				cells = append(cells, Cell{Variant: v, Replication: r})
			}
		}
		x.asked += len(cells)
		before, err := store.Keep(ctx, points, cells, o)
		x.before += before
		for _, c := range cells {
			run, err2 := store.Get(key, c.Variant, c.Replication)
			if err = errors.Join(err, err2); err != nil {
				return err
			}
			x.runs[c.Variant] = append(x.runs[c.Variant], run)
		}
		return err
	}
	if rep := &f.Scenario.Replications; rep.Sequential() {
		_, err = newRule(f).sequence(x.runs, extended)
	} else {
		err = extended(rep.Count)
	}
	x.Warmup, x.Replications = f.Scenario.Warmup.Time.Seconds(), len(x.runs[0])
	return x, err
}

// startForm names the form of a kept warm-up.
const startForm = "lbsim.warmup/1 "

type startRecord struct {
	Warmup time.Duration
	Start  *results.Start
}

// settle is Settle, whose answer the store keeps.
func (s *Store) settle(ctx context.Context, key Key, f *scenarios.File, o Options) (*scenarios.File, *results.Start, error) {
	if !f.Scenario.Warmup.Auto {
		return f, nil, nil
	}
	path := filepath.Join(s.folder, string(key), "warmup")
	var kept startRecord
	b, err := os.ReadFile(path)
	if err == nil {
		if b, err = unsealed(b, startForm); err == nil {
			err = json.Unmarshal(b, &kept)
		}
	}
	if err == nil {
		return f.WithWarmup(kept.Warmup), kept.Start, nil
	}
	if !errors.Is(err, errDamaged) && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	f, start, err := Settle(ctx, f, o)
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(startRecord{f.Scenario.Warmup.Time, start})
	if err != nil {
		return nil, nil, err
	}
	return f, start, writeFile(path, sealed(text, startForm))
}
