package results

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sizing says how many servers of each candidate it takes, and how sure that is.
type Sizing struct {
	// Confidence is the share of all sizings in which the plans are right, or within
	// Indifference, a share of the limit, of being so.
	Confidence, Indifference float64
	// Survive says what may be down, as in "one host"; "" for nothing.
	Survive string
	// Growth is how many times today's traffic there is.
	Growth     float64
	Demand     float64 // at the busiest time, in cores of the scenario's, of the servers that are counted
	Objectives []SizingObjective
	// Years are those for which servers are counted, now first; nil without growth. The
	// last is the one that plans and trials are for.
	Years []SizingYear
	// Plans are the candidates with their smallest numbers, the cheapest first; those
	// of which no number does are last.
	Plans []SizingPlan
	// Tried is what was measured, by candidate, number of servers, state and objective.
	Tried []SizingTrial
	Runs  int // replications that it took
	Notes []string
}

// SizingObjective is a limit that has to be kept in every state.
type SizingObjective struct {
	Metric       string
	Below, Above float64 // NaN if it has no such limit
}

// Words says what is asked.
func (o *SizingObjective) Words() string {
	x := Expectation{Metric: o.Metric, Below: o.Below, Above: o.Above}
	return x.Words()
}

// A SizingYear is how much traffic there is after so many years.
type SizingYear struct {
	After  float64 // years from now
	Load   float64 // times today's traffic
	Demand float64 // cores, as in Sizing
}

// SizingPlan is a candidate with as many as it takes.
type SizingPlan struct {
	Candidate string
	Cores     int
	Price     float64 // of one
	Count     int     // 0: none of those that were tried does
	Cost      float64
	// Closest is, of all objectives in all states, the one that comes closest to its
	// limit.
	Closest *SizingTrial
	// Binds is why one fewer does not do; nil if none fewer was tried, or with Reason.
	Binds *SizingTrial
	// Reason says why fewer, or of a plan without a number why any, cannot be, where
	// that is no objective: no room on the hosts, nothing left.
	Reason string
	// Lost are the counted servers that go with what is down in the worst case.
	Lost int
	// Counted is the number that formulas give if single servers fail in place of hosts,
	// 0 if servers are what may be down, or no number does.
	Counted int
	// CountedLost is how many of Counted servers go down at worst.
	CountedLost int
	// Headroom is how much more traffic the plan stands, as a factor; NaN if that is
	// not known. More: at least as much.
	Headroom float64
	More     bool
	// ByYear is the smallest number that does in each of Years, 0 if none does.
	ByYear []int
}

// SizingTrial is what an objective came to with a number of servers in a state.
type SizingTrial struct {
	Candidate string
	Count     int
	Cost      float64
	State     string
	Objective int
	Value     Estimate
	Verdict   Verdict
	// Close is set if it is within the indifference zone of its limit: the verdict
	// could as well be the other.
	Close bool
}

// margin is how far a value is from its limit, as a share of that, above 0 on the
// right side.
func (o *SizingObjective) margin(value float64) float64 {
	m := math.Inf(1)
	if finite(o.Below) {
		m = min(m, (o.Below-value)/max(math.Abs(o.Below), 1e-300))
	}
	if finite(o.Above) {
		m = min(m, (value-o.Above)/max(math.Abs(o.Above), 1e-300))
	}
	return m
}

// Margin is how far a trial is from its limit, as a share of that; below 0 if it has
// missed it, infinite if nothing was measured.
func (s *Sizing) Margin(t *SizingTrial) float64 {
	if !t.Value.Known() {
		return math.Inf(1)
	}
	return s.Objectives[t.Objective].margin(t.Value.Mean)
}

// Best is the cheapest plan that does, nil if there is none.
func (s *Sizing) Best() *SizingPlan {
	if len(s.Plans) == 0 || s.Plans[0].Count == 0 {
		return nil
	}
	return &s.Plans[0]
}

// Worse reports whether a value is nearer to the objective's limit than another, or
// farther beyond.
func (s *Sizing) Worse(objective int, value, other float64) bool {
	o := &s.Objectives[objective]
	return o.margin(value) < o.margin(other)
}

// OneSided is how far the mean may be from what it estimates, on one side, but for an
// error of that probability (Student t); infinite with fewer than two values.
func (e Estimate) OneSided(error float64) float64 {
	if e.N < 2 {
		return math.Inf(1)
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(e.N - 1)}
	return float64(t.Quantile(1-error) * e.Half() / t.Quantile(0.975))
}
