package experiment

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"lbsim/models"
	"lbsim/scenarios"
)

// Bounds on what running takes. Package scenarios refuses what can be foreseen
// to be too much; these stop what could not.
const (
	// maxEvents bounds the events of a replication: some hours of computing.
	maxEvents = 100_000_000_000
	// maxPending bounds the events that wait in a replication.
	maxPending = 12_000_000
	// large is how many connections and requests under way make a replication
	// a large one, which takes a hundred megabytes and more. Only maxLarge of
	// them run at a time, the others wait for their turn.
	large    = 250_000
	maxLarge = 4
	// maxMemory bounds what the replications under way are expected to take
	// together, in bytes.
	maxMemory = 8e9
	// bytesPerRow is what the record of a connection takes, with what is copied
	// and spare as the record grows; maxRows is the bound on all records.
	bytesPerRow = 150
	maxRows     = 4e9
	// looks is how often a replication looks at these bounds and whether it
	// is to stop.
	looks = 10_000
)

// guard keeps what the replications take within bounds.
type guard struct {
	turns chan struct{}
	rows  atomic.Int64 // recorded connection attempts of all replications
}

// newGuard settles how many replications run at a time, of which each takes so
// many bytes at most.
func newGuard(memory float64, o *Options) *guard {
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	o.Parallel = max(1, min(o.Parallel, int(maxMemory/max(1, memory))))
	return &guard{turns: make(chan struct{}, maxLarge)}
}

// mostMemory is what a replication of the largest variant takes, in bytes.
func mostMemory(f *scenarios.File) (most float64) {
	for i := range f.Variants {
		most = max(most, f.Variants[i].Memory)
	}
	return most
}

// run runs a world in slices, which changes nothing in the world. rec tells how many
// rows its record has.
func (g *guard) run(ctx context.Context, w *models.World, rec interface{ Rows() int }, until time.Duration) error {
	var due uint64 // events after which to count again
	rows := 0
	isLarge := false
	for i := range time.Duration(looks) {
		if err := w.Run(until/looks*i + until%looks*i/looks); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		fired := w.Engine().Stats().Fired
		all := g.rows.Add(int64(rec.Rows() - rows))
		rows = rec.Rows()
		switch {
		case all*bytesPerRow > maxRows:
			return TooLargeError{fmt.Sprintf("a record of more than %d connection attempts, at %v, would take more than %.0f GB of memory; leave it out, or let clients wait before they try again", all, w.Engine().Now(), maxRows/1e9)}
		case fired > maxEvents:
			return TooLargeError{fmt.Sprintf("more than %d events by %v: some hours of computing; shorten duration or lower the rates", int64(maxEvents), w.Engine().Now())}
		case w.Engine().Pending() > maxPending:
			return TooLargeError{fmt.Sprintf("more than %d events wait at %v: the servers cannot keep up with the traffic and its retries", maxPending, w.Engine().Now())}
		}
		if isLarge || fired < due {
			continue
		}
		// Counting takes time in proportion to what is counted, and an event
		// adds one thing at most.
		requests, connections := w.Present()
		due = fired + uint64(max(100_000, 4*(requests+connections)))
		if requests+connections < large {
			continue
		}
		isLarge = true
		select {
		case g.turns <- struct{}{}:
			defer func() { <-g.turns }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.Run(until)
}
