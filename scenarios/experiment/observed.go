package experiment

import (
	"lbsim/results"
	"lbsim/scenarios"
)

// What follows is for those who have observed a world that is none of package
// models, and want it recorded and written as one that is.

// Setting is what a recorder has to know of a variant's world, to record every
// connection attempt as well.
func Setting(f *scenarios.File, variant int) results.Setting {
	return setting(f, &f.Variants[variant], Options{Assignments: true})
}

// NewOutcome returns an outcome of runs, by variant and replication, with the result
// that was made of them.
func NewOutcome(r *results.Result, runs [][]*results.Run) *Outcome {
	return &Outcome{Result: r, runs: runs}
}

// Runs are the replications by variant.
func (o *Outcome) Runs() [][]*results.Run { return o.runs }
