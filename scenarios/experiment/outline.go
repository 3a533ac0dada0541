package experiment

import (
	"math"

	"lbsim/results"
	"lbsim/scenarios"
)

// An outline is what it takes, besides its runs, to make the result of a
// scenario. It is data alone, so that it can be kept in a file.
type outline struct {
	Scenario     string            `json:"scenario"`
	About        string            `json:"about,omitempty"`
	Seed         uint64            `json:"seed"`
	Replications int               `json:"replications"`
	Duration     float64           `json:"duration"`
	Warmup       float64           `json:"warmup"`
	Batches      int               `json:"batches,omitempty"`
	Tables       []string          `json:"tables,omitempty"`
	Plots        []string          `json:"plots,omitempty"`
	Axes         []results.Axis    `json:"axes,omitempty"`
	Variants     []outlineVariant  `json:"variants"`
	Expect       []outlineExpected `json:"expect,omitempty"`
	Windows      int               `json:"windows,omitempty"` // of runs, for expectations; those of batches follow
}

type outlineVariant struct {
	Name    string   `json:"name"`
	Against string   `json:"against,omitempty"`
	At      []string `json:"at,omitempty"`
}

// An outlineExpected is an expectation on a variant.
type outlineExpected struct {
	Metric  string      `json:"metric"`
	Variant int         `json:"variant"`
	Below   *float64    `json:"below,omitempty"` // nil if it has no upper limit
	Above   *float64    `json:"above,omitempty"`
	Between *[2]float64 `json:"between,omitempty"` // nil: all the time that is measured
	Window  int         `json:"window,omitempty"`  // of the runs, which is Between
}

func newOutline(f *scenarios.File) *outline {
	s := f.Scenario
	o := &outline{
		Scenario: s.Name, About: s.About, Seed: s.Seed, Replications: s.Replications.Most(),
		Duration: s.Duration.Seconds(), Warmup: s.Warmup.Time.Seconds(), Batches: s.Batches, Tables: s.Tables, Plots: s.Plots,
	}
	for _, axis := range s.Variants.Axes {
		o.Axes = append(o.Axes, results.Axis{Name: axis.Name, Values: axis.Names()})
	}
	for _, v := range f.Variants {
		o.Variants = append(o.Variants, outlineVariant{v.Name, v.Against, v.At})
	}
	windows := s.Windows()
	if s.Batches > 0 {
		o.Windows = len(windows)
	}
	for i := range s.Expect {
		e := &s.Expect[i]
		x := outlineExpected{Metric: e.Metric, Below: limit(e.Below), Above: limit(e.Above)}
		for k, w := range windows {
			if len(e.Between) == 2 && w[0] == e.Between[0] && w[1] == e.Between[1] {
				x.Between, x.Window = &[2]float64{w[0].Seconds(), w[1].Seconds()}, k
			}
		}
		for v := range f.Variants {
			if len(e.In) == 0 || f.Variants[v].In(e.In) {
				x.Variant = v
				o.Expect = append(o.Expect, x)
			}
		}
	}
	return o
}

func limit(l *scenarios.Limit) *float64 {
	if l == nil {
		return nil
	}
	return &l.Value
}

// Gather makes the result of a scenario of all its runs, by variant and
// replication. Its warnings say why intervals may not be trusted.
func Gather(f *scenarios.File, runs [][]*results.Run) *results.Result {
	o := newOutline(f)
	o.Replications = len(runs[0]) // which may have decided themselves
	r := o.gather(runs)
	r.WhatIf = f.WhatIf()
	r.Warnings = r.Doubts()
	return r
}

// gather makes the result of all runs, by variant and replication.
func (o *outline) gather(runs [][]*results.Run) *results.Result {
	r := &results.Result{
		Scenario: o.Scenario, About: o.About, Seed: o.Seed, Replications: o.Replications,
		Duration: o.Duration, Warmup: o.Warmup, Batches: o.Batches, Tables: o.Tables, Plots: o.Plots, Axes: o.Axes,
	}
	for i, v := range o.Variants {
		r.Variants = append(r.Variants, results.Gather(v.Name, runs[i]))
		r.Variants[i].Against, r.Variants[i].At = v.Against, v.At
		if o.Batches > 0 {
			r.Variants[i].Batch(runs[i][0], o.Windows, o.Batches)
		}
	}
	r.Comparisons = results.Compare(r.Variants)
	r.Correct()
	for i := range o.Expect {
		r.Expectations = append(r.Expectations, o.judge(&o.Expect[i], r, runs))
	}
	return r
}

func (o *outline) judge(e *outlineExpected, r *results.Result, runs [][]*results.Run) results.Expectation {
	x := results.Expectation{Metric: e.Metric, Variant: o.Variants[e.Variant].Name, Below: orNaN(e.Below), Above: orNaN(e.Above)}
	m, _ := r.Variants[e.Variant].Metric(e.Metric)
	if e.Between != nil {
		x.Windowed, x.Between = true, *e.Between
		m = results.WindowMetric(e.Window, e.Metric, runs[e.Variant])
	}
	if m.Name == "" {
		m.Estimate = results.EstimateOf(nil, "")
	}
	x.Judge(m.Estimate)
	if o.Batches > 0 {
		x.More = 0 // what would decide is a longer run
	}
	return x
}

func orNaN(limit *float64) float64 {
	if limit == nil {
		return math.NaN()
	}
	return *limit
}
