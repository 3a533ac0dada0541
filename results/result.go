package results

import (
	"math"

	"lbsim/models/flow"
)

// Result is everything that a report may use: what was run, and what came out,
// over all variants and replications.
type Result struct {
	Scenario     string
	About        string
	Version      string
	Seed         uint64
	Replications int
	Duration     float64 // simulated seconds of each replication
	Warmup       float64 // of these, seconds before anything is measured
	Start        *Start  // how that was found, nil if it was given
	// Precision is what decided about the number of replications, nil if that was given.
	Precision *Precision
	Batches   int      // parts of the only replication that the intervals are of; 0: of replications
	Source    string   // the scenario as it was run
	Command   string   // repeats the run
	Tables    []string // metrics that a grid is shown in
	Plots     []string
	Axes      []Axis // of the grid that the variants are; nil if they are a list
	// Points is how many points the variants belong to, if they are those of a
	// sweep; 0 if not.
	Points int
	// Fewest is that of a sweep, whose points may differ in their replications.
	Fewest int
	// Settled says what the runs of each point of a sweep decided about how to measure.
	Settled []string
	// Sampled names what the variants' places give the values of, where they are
	// those of a sample and not of a grid.
	Sampled      []string
	Variants     []Variant
	Comparisons  []Comparison
	Expectations []Expectation
	Warnings     []string
	// WhatIf is what exchanges over the network take by themselves, nil if the
	// scenario has none.
	WhatIf *flow.WhatIf
	// Sizing is the answer of lbsim size, nil of other commands. The variants are then
	// the states of the plan that was found.
	Sizing *Sizing

	pairs map[[3]string]*Comparison // by metric, base and other
}

// Axis is one of the ways in which the variants of a grid differ. Every
// combination of the axes' values is a variant; the first axis is the slowest.
type Axis struct {
	Name   string
	Values []string
}

// Variant is the outcome of one variant.
type Variant struct {
	Name string
	// At are the variant's values on the axes of a grid.
	At []string
	// Against names the variant that this one is compared with, "" if it is
	// compared with none.
	Against     string
	Fingerprint uint64 // over all replications
	Events      uint64
	Metrics     Metrics
	Services    []Service
	VMs         []Part
	Classes     []Part // of virtual machines
	Databases   []Part
	Series      []Series
	Marks       []Mark // of the first replication
	Unlisted    int    // events of that beyond those
	// Placement is where virtual machines and databases were in the first
	// replication, nil if there are none or too many to show.
	Placement *Placement
	// GroupSizes is the number of clients behind each source address, in the
	// first replication.
	GroupSizes []int
}

// Service is the outcome of one virtual service.
type Service struct {
	Name    string
	Metrics Metrics
	Servers []Server
}

// Server is the outcome of one server of a service.
type Server struct {
	Name    string
	Metrics Metrics
}

// Estimate is a mean over replications with its 95 % Student t interval.
type Estimate struct {
	Mean float64 // NaN where there was nothing to measure
	Low  float64 // NaN with fewer than two values
	High float64
	N    int // replications that gave a value
	Unit string
}

// Half is half the width of the interval, NaN if there is none.
func (e Estimate) Half() float64 { return (e.High - e.Low) / 2 }

// Known reports whether there is a value.
func (e Estimate) Known() bool { return !math.IsNaN(e.Mean) }

// Metric is a named estimate; its values by replication serve comparisons.
type Metric struct {
	Name string
	Estimate
	Values []float64 // by replication, NaN where there was nothing to measure
}

// Metrics is a list of metrics in the order in which reports show them.
type Metrics []Metric

// Get returns the metric of that name.
func (m Metrics) Get(name string) (Metric, bool) {
	for i := range m {
		if m[i].Name == name {
			return m[i], true
		}
	}
	return Metric{}, false
}

// Comparison is the difference between two variants in one metric, paired by
// replication: both saw the same clients and arrivals.
type Comparison struct {
	Metric      string
	Base, Other string
	Difference  Estimate // other minus base
	// P is how likely a difference at least as far from 0 is by chance, corrected for
	// all comparisons that are shown side by side, or, of a metric that is not, for all
	// variants that are compared with the same base (Holm); NaN with fewer than two
	// replications.
	P float64
	// Significant says that P is below 0.05: of a comparison that is a family of its own,
	// that the interval does not contain 0.
	Significant bool
	// Perhaps says that it would be if it were a family of its own, and is not in that
	// of the comparisons, Among so many, that are shown side by side.
	Perhaps bool
	Among   int
	// Saved is the share of the difference's variance that it does not have because both
	// saw the same clients: 1 - Var(other - base) / (Var other + Var base). It is negative
	// where that made differences vary more, and NaN where neither varies.
	Saved float64

	alone float64 // the probability of this comparison by itself; NaN as of P
}

// Verdict is what became of an expectation.
type Verdict uint8

// The verdicts.
const (
	CannotTell Verdict = iota // the interval straddles the limit
	Held
	Missed
)

// String returns the verdict in words.
func (v Verdict) String() string { return [...]string{"cannot tell", "held", "missed"}[v] }

// Expectation is a limit that a scenario sets to a metric, and the verdict.
type Expectation struct {
	Metric   string
	Below    float64 // NaN if it has no upper limit
	Above    float64 // NaN if it has no lower limit
	Between  [2]float64
	Windowed bool // Between, in simulated seconds, applies
	Variant  string
	Value    Estimate
	Verdict  Verdict
	// More is how many more replications would probably decide, for CannotTell.
	More int
}

// Series is a quantity over simulated time: its mean over the replications and
// the smallest and largest among them. Values are NaN where nothing happened.
type Series struct {
	Metric  string // connections, new_connections, response_time.mean, response_time.p95, answers, ...
	Unit    string
	Service string
	Server  string // "" for the service as a whole
	Start   float64
	Step    float64 // seconds; value k is for [Start+k*Step, Start+(k+1)*Step)
	Mean    []float64
	Min     []float64
	Max     []float64
}

// Mark is an event on the time axis.
type Mark struct {
	At      float64
	Kind    string // fail, recover, down, up, ramp-end, out, back, set, level
	Service string
	Server  string
	Actor   string
	Text    string
}
