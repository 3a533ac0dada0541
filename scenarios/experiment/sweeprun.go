package experiment

import (
	"context"
	"errors"
	"sync"

	"lbsim/results"
	"lbsim/scenarios"
)

// Run makes the runs of a shard that the store does not have, and keeps each there
// as soon as it is made. It returns how many the shard has, and how many of them
// were there already. The error is that of Run of a scenario, or of the store.
func (s *Sweep) Run(ctx context.Context, store *Store, shard Shard, o Options) (all, before int, err error) {
	keys, err := s.keys(store)
	if err != nil {
		return 0, 0, err
	}
	var missing []cell
	left := make([]int, len(s.Points)) // cells to run, by point
	for i := shard.Index; i < s.Runs(); i += shard.Count {
		c := s.cell(i)
		if all++; store.Has(keys[c.point], c.variant, c.replication) {
			before++
			continue
		}
		missing = append(missing, c)
		left[c.point]++
	}
	g := newGuard(s.memory, &o)
	points := points{sweep: s, left: left, files: make(map[int]*point)}
	errs := make([]error, len(missing))
	err = forEach(ctx, len(missing), o, func(ctx context.Context, i int) error {
		c := missing[i]
		f, err := points.take(c.point)
		var run *results.Run
		if err == nil {
			run, err = replicate(ctx, g, f, c.variant, c.replication, o)
		}
		if err == nil {
			err = store.Put(keys[c.point], c.variant, c.replication, run)
		}
		points.done(c.point)
		errs[i] = err
		return err
	})
	for _, e := range errs { // the first by place that was not just stopped by another
		if e != nil && !errors.Is(e, context.Canceled) {
			return all, before, e
		}
	}
	return all, before, err
}

// Kept counts the runs of a shard that the store has.
func (s *Sweep) Kept(store *Store, shard Shard) (n int) {
	keys, err := s.keys(store)
	if err != nil {
		return 0
	}
	for i := shard.Index; i < s.Runs(); i += shard.Count {
		if c := s.cell(i); store.Has(keys[c.point], c.variant, c.replication) {
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
	return s.Gather(func(point, variant, replication int) (*results.Run, error) {
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

// points holds the scenario at those points whose runs are under way.
type points struct {
	sweep *Sweep
	mu    sync.Mutex
	left  []int // runs to come, by point
	files map[int]*point
}

type point struct {
	once sync.Once
	file *scenarios.File
	err  error
}

// take returns the scenario at a point.
func (p *points) take(i int) (*scenarios.File, error) {
	p.mu.Lock()
	one := p.files[i]
	if one == nil {
		one = &point{}
		p.files[i] = one
	}
	p.mu.Unlock()
	one.once.Do(func() { one.file, one.err = scenarios.Load(p.sweep.src, p.sweep.at(i)) })
	return one.file, one.err
}

// done says that a run of a point is over. After the last, the scenario there is
// not needed any more.
func (p *points) done(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left[i]--; p.left[i] == 0 {
		delete(p.files, i)
	}
}
