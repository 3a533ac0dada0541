package results

import (
	"slices"
	"strings"
)

// Sweep is a scenario at many points: each point gives some of its values
// others. All points see the same random numbers.
type Sweep struct {
	Scenario, About string
	Version         string
	Seed            uint64
	Replications    int
	Duration        float64 // simulated seconds of each replication
	Warmup          float64
	Source          string // the scenario as it stands, without what the points change
	Command         string // repeats the sweep
	// Axes are what the points change. The points are every combination of their
	// values, the first axis the slowest, or a Latin hypercube sample if Sampled.
	Axes    []Axis
	Sampled bool
	// Metrics are those to show; none stands for those that matter.
	Metrics []string
	// Variants are the axes of the scenario's own variants, if it has several: those
	// of its grid, or one of their names.
	Variants []Axis
	Points   []Point
	Warnings []string
	// Fewest are the replications of the point that has fewest, where Replications are
	// those of the point that has most; 0 if all have as many.
	Fewest int
}

// Point is the outcome of a sweep at one point.
type Point struct {
	At           []string // by axis
	Variants     []Variant
	Comparisons  []Comparison // of the metrics to show
	Expectations []Expectation
	// How it was measured there, as of a Result.
	Replications int
	Warmup       float64
	Start        *Start
	Precision    *Precision
}

// mostShown is how many metrics are shown if nobody asks for any.
const mostShown = 6

// Result presents the sweep as one result, whose variants are the variants of all
// points. Of a sample, each is called by the number of its point.
func (s *Sweep) Result() *Result {
	r := &Result{
		Scenario: s.Scenario, About: s.About, Version: s.Version, Seed: s.Seed, Replications: s.Replications,
		Duration: s.Duration, Warmup: s.Warmup, Source: s.Source, Command: s.Command,
		Tables: s.Metrics, Points: len(s.Points), Warnings: s.Warnings, Fewest: s.Fewest, Settled: s.settled(),
	}
	axes := append(slices.Clone(s.Axes), s.Variants...)
	if s.Sampled {
		for _, a := range axes {
			r.Sampled = append(r.Sampled, a.Name)
		}
	} else {
		r.Axes = axes
	}
	for i := range s.Points {
		p := &s.Points[i]
		name := s.name(p.At)
		if s.Sampled {
			name = "point " + Plain.Human(float64(i+1))
		}
		call := func(variant string) string {
			if len(s.Variants) == 0 || variant == "" {
				return name
			}
			return name + ", " + variant
		}
		for _, v := range p.Variants {
			at := v.At
			if len(at) == 0 && len(s.Variants) > 0 {
				at = []string{v.Name}
			}
			v.At = append(slices.Clone(p.At), at...)
			if v.Name = call(v.Name); v.Against != "" {
				v.Against = call(v.Against)
			}
			r.Variants = append(r.Variants, v)
		}
		for _, c := range p.Comparisons {
			c.Base, c.Other = call(c.Base), call(c.Other)
			r.Comparisons = append(r.Comparisons, c)
		}
		for _, x := range p.Expectations {
			x.Variant = call(x.Variant)
			r.Expectations = append(r.Expectations, x)
		}
	}
	if len(r.Tables) == 0 {
		for _, row := range r.KeyRows() {
			r.Tables = append(r.Tables, row.Metric)
		}
		r.Tables = r.Tables[:min(len(r.Tables), mostShown)]
	}
	r.Plots = s.figures()
	return r
}

// name tells a point by its values, each with the last word of its path, or all of
// it where others end alike.
func (s *Sweep) name(at []string) string {
	last := func(a Axis) string { return a.Name[strings.LastIndexByte(a.Name, '.')+1:] }
	var parts []string
	for i, a := range s.Axes {
		name := last(a)
		for k, b := range s.Axes {
			if k != i && last(b) == name {
				name = a.Name
				break
			}
		}
		parts = append(parts, name+"="+at[i])
	}
	return strings.Join(parts, ", ")
}

// MostLines is how many lines a figure can tell apart.
const MostLines = 8

// figures are those that show this kind of sweep best: over an axis of numbers
// curves, over several axes maps, and where many things change at a time, each by
// itself.
func (s *Sweep) figures() []string {
	lines := 1
	for _, a := range append(slices.Clone(s.Axes[1:]), s.Variants...) {
		lines *= len(a.Values)
	}
	switch curved := lines <= MostLines && Numeric(s.Axes[0].Values); {
	case s.Sampled:
		return []string{"scatter"}
	case curved && len(s.Axes) == 1:
		return []string{"curves"}
	case curved:
		return []string{"heat-map", "curves"}
	case lines == 1:
		return []string{"scatter"}
	}
	return []string{"heat-map", "scatter"}
}

// eachVariant calls f for the variants of all points, in order.
func (s *Sweep) eachVariant(f func(point int, v *Variant)) {
	for i := range s.Points {
		for k := range s.Points[i].Variants {
			f(i, &s.Points[i].Variants[k])
		}
	}
}

// Compare settles which metrics are shown, keeps of the comparisons of each
// point's variants those of them, and warns of variants that are the same
// everywhere.
func (s *Sweep) Compare(points [][]Comparison) {
	s.warnOfSame()
	if len(s.Metrics) == 0 {
		s.Metrics = s.Result().Tables
	}
	for i, all := range points {
		for _, c := range all {
			if slices.Contains(s.Metrics, c.Metric) {
				s.Points[i].Comparisons = append(s.Points[i].Comparisons, c)
			}
		}
	}
}

// warnOfSame names the variants in which the points change nothing: most likely
// they set the same values themselves.
func (s *Sweep) warnOfSame() {
	first := s.Points[0].Variants
	var same []string
	for k := range first {
		differs := func(p Point) bool { return p.Variants[k].Fingerprint != first[k].Fingerprint }
		if len(s.Points) > 1 && !slices.ContainsFunc(s.Points, differs) {
			same = append(same, first[k].Name)
		}
	}
	switch {
	case len(same) > 0 && len(first) == 1:
		s.Warnings = append(s.Warnings, "every point has the same events: what is varied has no effect on them")
	case len(same) > 0:
		s.Warnings = append(s.Warnings, "the same at every point: "+strings.Join(same, "; ")+" (what is varied has no effect there; a variant may set it itself)")
	}
}
