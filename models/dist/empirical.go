package dist

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"lbsim/models/flow"
)

var empirical = flow.Kind[Spec]{
	Name: "empirical",
	Doc:  "one of the given values, as often as its weight says",
	New:  func() Spec { return &Empirical{} },
}

// Empirical draws one of Values, for example measured ones. Weights, if given,
// has one number for each value; only their ratios matter. Some value with a
// positive weight must be longer than 0.
type Empirical struct {
	Values  []time.Duration `yaml:"values"`
	Weights []float64       `yaml:"weights"`
}

// Validate implements flow.Validator.
func (c *Empirical) Validate() (ps []flow.Problem) {
	problem := func(path, text string) { ps = append(ps, flow.Problem{Path: path, Text: text}) }
	switch n := len(c.Values); {
	case n == 0:
		problem("values", "must be given")
	case n > maxValues:
		problem("values", "must be at most 1000000")
	case c.Weights != nil && len(c.Weights) != n:
		problem("weights", "must be as many as values")
	}
	for i, v := range c.Values {
		if v < 0 || v > longest {
			problem("values["+strconv.Itoa(i)+"]", "must be from 0 to 100 years")
		}
	}
	for i, w := range c.Weights {
		if !(w >= 0 && w <= 1e100) {
			problem("weights["+strconv.Itoa(i)+"]", "must be from 0 to 1e100")
		}
	}
	if ps == nil && !c.positive() {
		problem("values", "must have a mean longer than 0")
	}
	return ps
}

// positive reports whether some value above 0 has a weight above 0.
func (c *Empirical) positive() bool {
	for i, v := range c.Values {
		if v > 0 && (c.Weights == nil || c.Weights[i] > 0) {
			return true
		}
	}
	return false
}

// Build implements Spec.
func (c *Empirical) Build() Dist {
	type part struct{ value, weight float64 }
	parts := make([]part, 0, len(c.Values))
	total, sum := 0.0, 0.0
	for i, v := range c.Values {
		p := part{inSeconds(v), 1}
		if c.Weights != nil {
			p.weight = c.Weights[i]
		}
		if p.weight > 0 {
			parts = append(parts, p)
			total += p.weight
			sum += float64(p.weight * p.value)
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.value, b.value) })

	n := len(parts)
	l := &empiricalLaw{
		mean:   sum / total,
		values: make([]float64, n),
		upTo:   make([]float64, n),
		first:  make([]int32, n),
	}
	before, cells := 0.0, 0
	for i, p := range parts {
		before += p.weight
		l.values[i], l.upTo[i] = p.value, before/total
		if i == n-1 {
			l.upTo[i] = math.Inf(1) // whatever the sum was rounded to
		}
		for ; cells < n && float64(cells) <= math.Floor(float64(l.upTo[i]*float64(n))); cells++ {
			l.first[cells] = int32(i)
		}
	}
	return l
}

// An empiricalLaw finds its value by indexed search (Chen and Asau, AIIE
// Transactions 6, 1974): p falls into one of as many equal cells as there are
// values; the search starts at the first value that the cell can mean, and takes
// two steps on average.
type empiricalLaw struct {
	mean   float64
	values []float64 // seconds, rising
	upTo   []float64 // share of the weight of this value and those before it
	first  []int32   // by cell
}

func (l *empiricalLaw) Quantile(p float64) float64 {
	// Rounding cannot make the search start too late: first was filled with
	// this same product, which grows with p.
	i := int(l.first[int(float64(p*float64(len(l.first))))])
	for l.upTo[i] <= p {
		i++
	}
	return l.values[i]
}
func (l *empiricalLaw) Mean() float64 { return l.mean }
