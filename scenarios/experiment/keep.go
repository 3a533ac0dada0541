package experiment

import (
	"context"
	"sync"

	"lbsim/results"
	"lbsim/scenarios"
)

// A Cell is a replication of a variant of one of several scenarios, called points.
type Cell struct{ Point, Variant, Replication int }

// Points are scenarios whose replications a store keeps.
type Points struct {
	Keys []Key // by point
	// Load reads a point, when its first replication is to be made.
	Load func(point int) (*scenarios.File, error)
	// Memory is what the largest replication takes, in bytes.
	Memory float64
	// Made, if not nil, gets each replication that is made, with all that is not kept. It
	// is called from several goroutines.
	Made func(c Cell, run *results.Run)
}

// Keep makes the replications of cells that the store does not have, and puts each
// there as soon as it is made. It returns how many were there before. The error is
// that of Run of a scenario, of reading it, or of the store.
func (s *Store) Keep(ctx context.Context, p Points, cells []Cell, o Options) (before int, err error) {
	var missing []Cell
	left := make([]int, len(p.Keys)) // cells to make, by point
	for _, c := range cells {
		if s.Has(p.Keys[c.Point], c.Variant, c.Replication) {
			before++
			continue
		}
		missing = append(missing, c)
		left[c.Point]++
	}
	g := newGuard(p.Memory, &o)
	open := openPoints{load: p.Load, left: left, files: make(map[int]*openPoint)}
	err = makeAll(ctx, len(missing), o, func(ctx context.Context, i int) error {
		c := missing[i]
		f, err := open.take(c.Point)
		var run *results.Run
		if err == nil {
			run, err = replicate(ctx, g, f, c.Variant, c.Replication, o)
		}
		if err == nil {
			err = s.Put(p.Keys[c.Point], c.Variant, c.Replication, run)
		}
		if err == nil && p.Made != nil {
			p.Made(c, run)
		}
		open.done(c.Point)
		return err
	})
	return before, err
}

// openPoints holds the scenario at those points whose replications are under way.
type openPoints struct {
	load  func(point int) (*scenarios.File, error)
	mu    sync.Mutex
	left  []int // replications to come, by point
	files map[int]*openPoint
}

type openPoint struct {
	once sync.Once
	file *scenarios.File
	err  error
}

// take returns the scenario at a point.
func (p *openPoints) take(i int) (*scenarios.File, error) {
	p.mu.Lock()
	one := p.files[i]
	if one == nil {
		one = &openPoint{}
		p.files[i] = one
	}
	p.mu.Unlock()
	one.once.Do(func() { one.file, one.err = p.load(i) })
	return one.file, one.err
}

// done says that a replication of a point is over. After the last, the scenario
// there is not needed any more.
func (p *openPoints) done(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left[i]--; p.left[i] == 0 {
		delete(p.files, i)
	}
}
