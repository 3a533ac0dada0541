package experiment

import (
	"context"
	"fmt"
	"slices"

	"lbsim/results"
	"lbsim/scenarios"
)

// SweepOptions say what a sweep is.
type SweepOptions struct {
	Axes []Axis
	// Samples is the size of a Latin hypercube sample; 0 stands for the grid of all
	// combinations.
	Samples int
	// Metrics are those to show; none stands for the scenario's tables and
	// expectations, or else for those that matter.
	Metrics []string
	// Version and Command are told in the results.
	Version, Command string
	// Parallel is how many points are read at a time; 0 means one per core.
	Parallel int
}

// A Sweep is a scenario and the points at which to run it, all of which were read
// and found right. Its replications are cells, numbered by point, variant and
// replication.
type Sweep struct {
	SweepPlan
	// Events is about how many events all runs have together.
	Events float64
	// Base is the scenario as it stands.
	Base *scenarios.File

	src      scenarios.Source
	settings []scenarios.Setting
	files    [][]string // that the points name
	memory   float64    // of the largest run
}

// SweepPlan is what all shards of a sweep have in common, and all that it takes
// besides the runs to make its result.
type SweepPlan struct {
	Version string         `json:"version"`
	Command string         `json:"command"`
	Axes    []results.Axis `json:"axes"`
	Sampled bool           `json:"sampled,omitempty"`
	// Whole: the runs of each point decide about its warm-up, its replications or both.
	Whole    bool       `json:"whole,omitempty"`
	Until    *rule      `json:"until,omitempty"` // nil if the number of replications is given
	Points   [][]string `json:"points"`
	Metrics  []string   `json:"metrics,omitempty"`
	Outline  *outline   `json:"outline"`
	Source   string     `json:"source"`
	Warnings []string   `json:"warnings,omitempty"`
}

// NewSweep reads the scenario at every point. The error is a strict.Diagnostics
// with what is wrong with the scenario, or at the first point where something is;
// or a SweepError.
func NewSweep(ctx context.Context, src scenarios.Source, settings []scenarios.Setting, o SweepOptions) (*Sweep, error) {
	if len(o.Metrics) > 0 {
		names := "[" + joined(o.Metrics) + "]"
		settings = append(slices.Clone(settings), scenarios.Setting{Flag: "--metric", Path: "tables", Value: names})
	}
	base, err := scenarios.Load(src, settings)
	if err != nil {
		return nil, err
	}
	shown, err := base.Show()
	if err != nil {
		return nil, err
	}
	s := &Sweep{src: src, settings: settings, Base: base}
	s.SweepPlan = SweepPlan{
		Version: o.Version, Command: o.Command, Sampled: o.Samples > 0, Outline: newOutline(base), Source: string(shown),
	}
	if base.Scenario.Replications.Sequential() {
		s.Until = newRule(base)
	}
	s.Whole = base.Scenario.Warmup.Auto || s.Until != nil
	if err := s.setPoints(o); err != nil {
		return nil, err
	}
	s.Metrics = shownMetrics(base.Scenario)
	return s, s.readPoints(ctx, base, o.Parallel)
}

func joined(names []string) (list string) {
	for i, name := range names {
		if i > 0 {
			list += ", "
		}
		list += name
	}
	return list
}

// shownMetrics are those that the scenario has tables of or expects something of.
func shownMetrics(s *scenarios.Scenario) (names []string) {
	names = slices.Clone(s.Tables)
	if len(names) > 0 {
		return names
	}
	for i := range s.Expect {
		if name := s.Expect[i].Metric; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// setPoints makes the list of points.
func (s *Sweep) setPoints(o SweepOptions) (err error) {
	switch {
	case len(o.Axes) == 0:
		return refuse("nothing is varied: give --vary path=1..10, once for each value to change")
	case len(o.Axes) > maxAxes:
		return refuse("%d values are varied; at most %d can be", len(o.Axes), maxAxes)
	case o.Samples < 0 || o.Samples > maxPoints || o.Samples == 1:
		return refuse("--samples %d is not between 2 and %d", o.Samples, maxPoints)
	}
	for i := range o.Axes {
		a := &o.Axes[i]
		if slices.ContainsFunc(o.Axes[:i], func(b Axis) bool { return b.Path == a.Path }) {
			return refuse("--vary %s is there twice: write all its values in one", a.Path)
		}
		values := a.Values
		if s.Sampled {
			values = []string{a.label()}
		}
		s.Axes = append(s.Axes, results.Axis{Name: a.Path, Values: values})
	}
	if s.Sampled {
		s.Points = hypercube(o.Axes, o.Samples, s.Outline.Seed)
	} else if s.Points, err = grid(o.Axes); err != nil {
		return err
	}
	switch n := len(s.Points) * len(s.Outline.Variants); {
	case n > maxPoints:
		return refuse("%d points of %d variants each are too many; at most %d are possible together", len(s.Points), len(s.Outline.Variants), maxPoints)
	case n*s.Outline.Replications > maxRuns:
		return refuse("%d points x %d variants x %d replications are too many; at most %d runs are possible",
			len(s.Points), len(s.Outline.Variants), s.Outline.Replications, maxRuns)
	}
	return nil
}

// at returns the settings of a point.
func (s *Sweep) at(point int) []scenarios.Setting {
	list := slices.Clone(s.settings)
	for a, value := range s.Points[point] {
		list = append(list, scenarios.Setting{Flag: "--vary", Path: s.Axes[a].Name, Value: value})
	}
	return list
}

// readPoints reads the scenario at all points, of which it keeps little.
func (s *Sweep) readPoints(ctx context.Context, base *scenarios.File, parallel int) error {
	n := len(s.Points)
	events, memory, warnings, errs := make([]float64, n), make([]float64, n), make([][]string, n), make([]error, n)
	s.files = make([][]string, n)
	o := Options{Parallel: parallel}
	newGuard(0, &o)
	err := forEach(ctx, n, o, func(_ context.Context, i int) error {
		f, err := scenarios.Load(s.src, s.at(i))
		if err != nil {
			errs[i] = err
			return err
		}
		if got := newOutline(f); !sameVariants(got, s.Outline) {
			errs[i] = refuse("--vary changes the variants of the scenario, which must be the same at all points")
			return errs[i]
		}
		events[i], memory[i], warnings[i], s.files[i] = f.Events, mostMemory(f), warningsOf(f), f.Files
		return nil
	})
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	if err != nil {
		return err
	}
	for i := range n {
		s.Events += events[i]
		s.memory = max(s.memory, memory[i])
	}
	if s.Events > maxSweepEvents {
		return refuse("all runs together have about %.2g events, more than %.2g: lower replications or duration, or drop points", s.Events, maxSweepEvents)
	}
	s.collect(warningsOf(base), warnings)
	return nil
}

func sameVariants(a, b *outline) bool {
	return slices.EqualFunc(a.Variants, b.Variants, func(x, y outlineVariant) bool { return x.Name == y.Name && x.Against == y.Against })
}

// collect gathers the warnings: those of the scenario as it stands, and those of
// points that are new.
func (s *Sweep) collect(base []string, points [][]string) {
	for i := range points {
		points[i] = slices.DeleteFunc(points[i], func(text string) bool { return slices.Contains(base, text) })
	}
	s.Warnings = append(slices.Clone(base), s.atPoints(points)...)
}

// atPoints lists what is said of points, each with the first point that it is said of.
func (s *SweepPlan) atPoints(points [][]string) (list []string) {
	const most = 20
	type found struct {
		text         string
		first, count int
	}
	var all []found
	index := map[string]int{}
	for i, texts := range points {
		for _, text := range texts {
			k, ok := index[text]
			if !ok {
				k = len(all)
				index[text] = k
				all = append(all, found{text: text, first: i})
			}
			all[k].count++
		}
	}
	for i, x := range all {
		if i == most {
			return append(list, fmt.Sprintf("%d more warnings at single points", len(all)-most))
		}
		where := "at " + s.name(x.first)
		if x.count > 1 {
			where += fmt.Sprintf(" and %d more points", x.count-1)
		}
		list = append(list, where+": "+x.text)
	}
	return list
}

func warningsOf(f *scenarios.File) (texts []string) {
	for _, w := range f.Warnings {
		text := w.Text
		if w.Hint != "" {
			text += " (" + w.Hint + ")"
		}
		texts = append(texts, text)
	}
	return texts
}

// name tells a point by its values.
func (s *SweepPlan) name(point int) (text string) {
	for a, value := range s.Points[point] {
		if a > 0 {
			text += ", "
		}
		text += s.Axes[a].Name + "=" + value
	}
	return text
}

// eventsPerSecond is about how many events a core computes in a second.
const eventsPerSecond = 5e6

// Computing is about how long one core computes all runs, in seconds.
func (s *Sweep) Computing() float64 { return s.Events / eventsPerSecond }

// Runs is the number of cells.
func (s *SweepPlan) Runs() int {
	return len(s.Points) * len(s.Outline.Variants) * s.Outline.Replications
}

func (s *SweepPlan) cell(i int) Cell {
	n, v := s.Outline.Replications, len(s.Outline.Variants)
	return Cell{i / n / v, i / n % v, i % n}
}

// gather makes the result of the runs, which get returns. methods are those of the
// points, nil unless they are Whole.
func (s *SweepPlan) gather(methods []pointMethod, get func(point, variant, replication int) (*results.Run, error)) (*results.Sweep, error) {
	o := s.Outline
	out := &results.Sweep{
		Scenario: o.Scenario, About: o.About, Version: s.Version, Seed: o.Seed, Replications: o.Replications,
		Duration: o.Duration, Warmup: o.Warmup, Source: s.Source, Command: s.Command,
		Axes: s.Axes, Sampled: s.Sampled, Metrics: s.Metrics, Variants: o.Axes, Warnings: slices.Clone(s.Warnings),
	}
	if len(o.Axes) == 0 && len(o.Variants) > 1 {
		a := results.Axis{Name: "variant"}
		for _, v := range o.Variants {
			a.Values = append(a.Values, v.Name)
		}
		out.Variants = []results.Axis{a}
	}
	compared, doubts := make([][]results.Comparison, len(s.Points)), make([][]string, len(s.Points))
	for p, at := range s.Points {
		here := *o
		method := pointMethod{Warmup: o.Warmup, Replications: o.Replications}
		if s.Whole {
			method = methods[p]
			here.Warmup, here.Replications = method.Warmup, method.Replications
		}
		runs := make([][]*results.Run, len(o.Variants))
		for v := range runs {
			for r := range method.Replications {
				run, err := get(p, v, r)
				if err != nil {
					return nil, err
				}
				runs[v] = append(runs[v], run)
			}
		}
		one := here.gather(runs)
		if one.Start = method.Start; s.Until != nil {
			one.Precision = s.Until.reached(runs, method.Replications)
		}
		compared[p], doubts[p] = one.Comparisons, one.Doubts()
		out.Points = append(out.Points, results.Point{
			At: at, Variants: one.Variants, Expectations: one.Expectations,
			Replications: one.Replications, Warmup: one.Warmup, Start: one.Start, Precision: one.Precision,
		})
	}
	out.Settle()
	out.Compare(compared)
	out.Warnings = append(out.Warnings, s.doubtsOf(doubts)...)
	return out, nil
}

// doubtsOf lists what is doubtful of points. What is so of all is said of none.
func (s *SweepPlan) doubtsOf(points [][]string) (list []string) {
	everywhere := slices.DeleteFunc(slices.Clone(points[0]), func(text string) bool {
		return slices.ContainsFunc(points, func(texts []string) bool { return !slices.Contains(texts, text) })
	})
	for i := range points {
		points[i] = slices.DeleteFunc(points[i], func(text string) bool { return slices.Contains(everywhere, text) })
	}
	return append(everywhere, s.atPoints(points)...)
}
