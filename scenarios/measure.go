package scenarios

import (
	"fmt"
	"strconv"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
)

// Replications say how often a scenario is repeated: a number of times or, with
// Until, as often as it takes to know a metric well.
type Replications struct {
	// Count is the number, where it is given as such.
	Count int
	// Until is how far the 95 % interval of the mean over the replications may reach
	// to either side, relative to the mean.
	Until flow.Share `yaml:"until" doc:"largest half width of the metric's 95 % interval, relative to its mean; over 0%, at most 100%"`
	// Of is the metric, of the run or by its path of a part. It must be known so well
	// in every variant that has it.
	Of string `yaml:"of" doc:"metric that is to be known so well, in every variant that has it"`
	// Min is how many replications are made before the first look, from 3 on: the
	// spread of a few says little, and who stops at once stops by chance.
	Min int `yaml:"min" doc:"replications before the first look at the interval, at least 3"`
	// Max is how many are made at most.
	Max int `yaml:"max" doc:"most replications that are made"`
}

// SetDefaults makes it one replication, or from 10 to 200 until a metric is known.
func (r *Replications) SetDefaults() { *r = Replications{Count: 1, Min: 10, Max: 200} }

// FromScalar implements strict.Shorthand.
func (r *Replications) FromScalar(text string) (err error) {
	r.SetDefaults()
	r.Count, err = strict.ParseInt(text)
	return err
}

// Abbreviation implements strict.Abbreviated.
func (r *Replications) Abbreviation() (text string, ok bool) {
	return strconv.Itoa(r.Count), r.Until == 0
}

// ScalarPattern implements strict.Patterned.
func (r *Replications) ScalarPattern() string { return `^[1-9][0-9]*$` }

// Sequential reports whether what comes out decides how many are made.
func (r *Replications) Sequential() bool { return r.Until > 0 }

// Most is how many are made, or how many at most.
func (r *Replications) Most() int {
	if r.Sequential() {
		return r.Max
	}
	return r.Count
}

// check returns what is wrong.
func (r *Replications) check(bad func(path, hint, format string, args ...any)) {
	switch {
	case !r.Sequential():
		if r.Count < 1 || r.Count > MaxReplications {
			bad("replications", "", "%d is not between 1 and %d", r.Count, MaxReplications)
		}
		return
	case r.Max < 3 || r.Max > MaxReplications:
		bad("replications.max", "", "%d is not between 3 and %d", r.Max, MaxReplications)
	case r.Min < 3 || r.Min > r.Max:
		bad("replications.min", "", "%d is not between 3 and max (%d)", r.Min, r.Max)
	}
	if r.Of == "" {
		bad("replications", "write of: response_time.p95, or another metric", "which metric is to be known to ± %s?", strict.FormatShare(r.Until))
	}
}

// checkReplications checks what of the replications only the document tells, and
// the name of the metric.
func (l *loader) checkReplications(doc *strict.Document, s *Scenario, unread strict.Diagnostics) {
	r := &s.Replications
	if n := doc.Lookup("replications"); n != nil && !r.Sequential() && !unread.Hide(doc.Path("replications")) {
		if _, number := n.Text(); !number {
			l.bad(doc, "replications", "when are there enough?", "write a number, or {until: 5%, of: response_time.p95, max: 200}")
		}
	}
	if r.Sequential() && r.Of != "" {
		l.metric(doc, "replications.of", r.Of)
	}
	if s.Sizing != nil && s.Warmup.Auto {
		l.bad(doc, "warmup", "what is measured for sizing begins at a given time", "write a duration, or leave sizing to a file of its own")
	}
}

// Warmup is the time at the start that is not measured: a duration, or auto.
type Warmup struct {
	// Auto leaves it to the pilot runs of package experiment. Time is then what they
	// have found, 0 before.
	Auto bool
	Time time.Duration
}

const autoWarmup = "auto"

// ParseScalar implements strict.Scalar.
func (w *Warmup) ParseScalar(text string) (err error) {
	*w = Warmup{Auto: text == autoWarmup}
	if !w.Auto {
		w.Time, err = strict.ParseDuration(text)
	}
	return err
}

// FormatScalar implements strict.Scalar.
func (w *Warmup) FormatScalar() string {
	if w.Auto {
		return autoWarmup
	}
	return strict.FormatDuration(w.Time)
}

// ScalarPattern implements strict.Patterned.
func (w *Warmup) ScalarPattern() string {
	return "^auto$|^0$|" + strict.DurationPattern
}

// Bounds on the batches of one long run. Of 5, the spread is known badly; more than
// 40 would be so short that they depend on one another, for an interval that is
// hardly narrower (Schmeiser, "Batch size effects in the analysis of simulation
// output", Operations Research 30, 1982).
const minBatches, maxBatches = 5, 40

// Spans are all times that are measured by themselves: the Windows and, after them,
// the batches.
func (s *Scenario) Spans() [][2]time.Duration {
	spans := s.Windows()
	measured, n := s.Duration-s.Warmup.Time, time.Duration(s.Batches)
	for i := range n {
		spans = append(spans, [2]time.Duration{s.Warmup.Time + measured/n*i, s.Warmup.Time + measured/n*(i+1)})
	}
	return spans
}

// checkBatches checks the number of batches against all else.
func (s *Scenario) checkBatches(bad func(path, hint, format string, args ...any)) {
	switch {
	case s.Batches == 0:
	case s.Batches < minBatches || s.Batches > maxBatches:
		bad("batches", "20 are usual", "%d is not between %d and %d", s.Batches, minBatches, maxBatches)
	case s.Replications.Most() > 1:
		bad("batches", "drop batches, or replications", "batches are for one long run, and there are up to %d replications", s.Replications.Most())
	case s.Duration > 0 && s.Duration-s.Warmup.Time < time.Duration(s.Batches)*time.Second:
		bad("batches", "", "%d batches of what is measured (%s) are shorter than a second", s.Batches, strict.FormatDuration(s.Duration-s.Warmup.Time))
	}
}

// WithWarmup returns the file with a warm-up that was found, in all its variants.
func (f *File) WithWarmup(d time.Duration) *File {
	c := *f
	change := func(s *Scenario) *Scenario {
		changed := *s
		changed.Warmup.Time = d
		return &changed
	}
	c.Scenario = change(f.Scenario)
	c.Variants = append([]Plan(nil), f.Variants...)
	for i := range c.Variants {
		c.Variants[i].Scenario = change(f.Variants[i].Scenario)
	}
	return &c
}

// Pilot is the time that pilot runs for warmup: auto look at: up to the first thing
// that happens in any variant, or else all of the duration.
func (f *File) Pilot() time.Duration {
	span := f.Scenario.Duration
	for i := range f.Variants {
		c := &f.Variants[i].Config
		for _, a := range c.Timeline {
			if a.At > 0 {
				span = min(span, a.At)
			}
		}
		for k := range c.Traffic {
			if p := c.Traffic[k].Peak; p != nil && p.At > 0 {
				span = min(span, p.At)
			}
		}
	}
	return span
}

// checkPilot refuses warmup: auto where there is next to nothing to look at.
func (l *loader) checkPilot(doc *strict.Document, f *File) {
	if span := f.Pilot(); f.Scenario.Warmup.Auto && span < minPilot {
		l.bad(doc, "warmup", fmt.Sprintf("the start cannot be told from %s, the time until something happens or the end", strict.FormatDuration(span)),
			"write a duration, or let it happen later")
	}
}

// minPilot is the shortest time in which the end of the start is looked for. Its
// thousandth is a sample.
const minPilot = 10 * time.Second
