package experiment

import (
	"context"

	"lbsim/results"
	"lbsim/scenarios"
)

// Run makes the runs of a shard that the store does not have. It returns how many
// the shard has, and how many of them were there already. The error is that of
// Store.Keep.
func (s *Sweep) Run(ctx context.Context, store *Store, shard Shard, o Options) (all, before int, err error) {
	keys, err := s.keys(store)
	if err != nil {
		return 0, 0, err
	}
	if s.Whole {
		return s.wholePoints(ctx, store, keys, shard, o)
	}
	var cells []Cell
	for i := shard.Index; i < s.Runs(); i += shard.Count {
		cells = append(cells, s.cell(i))
	}
	load := func(point int) (*scenarios.File, error) { return scenarios.Load(s.src, s.at(point)) }
	before, err = store.Keep(ctx, Points{Keys: keys, Load: load, Memory: s.memory}, cells, o)
	return len(cells), before, err
}

// Kept counts the runs of a shard that the store has.
func (s *Sweep) Kept(store *Store, shard Shard) (n int) {
	keys, err := s.keys(store)
	if err != nil {
		return 0
	}
	for i := range s.Runs() {
		part := i
		if s.Whole {
			part = s.cell(i).Point
		}
		if c := s.cell(i); part%shard.Count == shard.Index && store.Has(keys[c.Point], c.Variant, c.Replication) {
			n++
		}
	}
	return n
}

// Result makes the result of a sweep all of whose runs are in the store.
func (s *Sweep) Result(store *Store) (*results.Sweep, error) {
	keys, err := s.keys(store)
	if err != nil {
		return nil, err
	}
	var methods []pointMethod
	if s.Whole {
		for p := range s.Points {
			x, err := s.wholePoint(context.Background(), store, keys[p], p, Options{})
			if err != nil {
				return nil, err
			}
			methods = append(methods, x.pointMethod)
		}
	}
	return s.gather(methods, func(point, variant, replication int) (*results.Run, error) {
		return store.Get(keys[point], variant, replication)
	})
}

// keys returns the points' keys in a store.
func (s *Sweep) keys(store *Store) (keys []Key, err error) {
	keys = make([]Key, len(s.Points))
	for i := range keys {
		if keys[i], err = store.Key(s.src, s.at(i), s.files[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
