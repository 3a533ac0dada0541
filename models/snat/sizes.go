package snat

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// SizesPolicy says how many clients sit behind each of a site's addresses.
type SizesPolicy interface {
	// Weights returns the relative sizes of n groups; u gives uniform numbers.
	Weights(n int, u *sim.Stream) []float64
}

// SizesTable lists the laws of group sizes.
var SizesTable = flow.Table[SizesPolicy]{
	{Name: "equal", Doc: "the same number of clients behind each address", New: func() SizesPolicy { return &Equal{} }},
	{Name: "zipf", Doc: "the k-th group in proportion to 1/k^exponent", New: func() SizesPolicy { return &Zipf{Exponent: 1} }},
	{Name: "pareto", Doc: "drawn from a Pareto law: a few large groups, many small ones", New: func() SizesPolicy { return &Pareto{Alpha: 1.1} }},
	{Name: "listed", Doc: "the relative sizes given", New: func() SizesPolicy { return &Listed{} }},
	{Name: "residential", Doc: "households of 1 to 5, each behind an address (a modelling choice)", New: func() SizesPolicy { return &Residential{} }},
	{Name: "branch", Doc: "branch offices of 5, 10, 20, 50, 100 and 400, or as listed (a modelling choice)", New: func() SizesPolicy { return &Branch{Of: []float64{5, 10, 20, 50, 100, 400}} }},
	{Name: "heavy-tail", Doc: "Pareto as far as a largest size (a modelling choice)", New: func() SizesPolicy { return &HeavyTail{Alpha: 1.1, Max: 2000} }},
	{Name: "single-proxy", Doc: "most behind one proxy, the others in households (a modelling choice)", New: func() SizesPolicy { return &SingleProxy{Share: 0.6} }},
	{Name: "activesync", Doc: "phones behind the few addresses of mobile operators (a modelling choice)", New: func() SizesPolicy { return &ActiveSync{Operators: 5} }},
	{Name: "log", Doc: "in proportion to the requests per address in an access log", New: func() SizesPolicy { return &FromLog{} }},
}

// Equal gives every address the same number of clients.
type Equal struct{}

// Weights implements SizesPolicy.
func (*Equal) Weights(n int, _ *sim.Stream) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// Zipf gives the k-th address clients in proportion to 1/k^Exponent.
type Zipf struct {
	Exponent float64 `yaml:"exponent" doc:"0 to 10; 1 is Zipf's law"`
}

// Validate checks the parameters.
func (z *Zipf) Validate() []flow.Problem {
	if !(z.Exponent >= 0 && z.Exponent <= 10) {
		return []flow.Problem{{Path: "exponent", Text: fmt.Sprintf("%v is not between 0 and 10", z.Exponent)}}
	}
	return nil
}

// Weights implements SizesPolicy.
func (z *Zipf) Weights(n int, _ *sim.Stream) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / sim.Pow(float64(i+1), z.Exponent)
	}
	return w
}

// Pareto draws the group sizes from P(size > x) = x^-Alpha, anew in each
// replication. Published figures say that most NAT devices hide a few hosts
// and a few hide very many (Casado and Freedman, NSDI 2007); the default 1.1
// is a modelling choice.
type Pareto struct {
	Alpha float64 `yaml:"alpha" doc:"tail index, above 0 to 10; smaller is more uneven"`
}

// Validate checks the parameters.
func (p *Pareto) Validate() []flow.Problem {
	if !(p.Alpha >= 0.1 && p.Alpha <= 10) {
		return []flow.Problem{{Path: "alpha", Text: fmt.Sprintf("%v is not between 0.1 and 10", p.Alpha)}}
	}
	return nil
}

// Weights implements SizesPolicy.
func (p *Pareto) Weights(n int, u *sim.Stream) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = sim.Pow(1-u.Float64(), -1/p.Alpha)
	}
	return w
}

// Listed gives the groups the relative sizes of a list.
type Listed struct {
	Of []float64 `yaml:"of" doc:"relative sizes, one per address"`
}

// Validate checks the parameters.
func (l *Listed) Validate() []flow.Problem {
	for i, x := range l.Of {
		if !(x > 0 && x <= 1e12) {
			return []flow.Problem{{Path: fmt.Sprintf("of[%d]", i), Text: fmt.Sprintf("%v is not a size above 0", x)}}
		}
	}
	if len(l.Of) == 0 {
		return []flow.Problem{{Path: "of", Text: "the list is empty", Hint: "write of: [60, 20, 10, 10]"}}
	}
	return nil
}

// Weights implements SizesPolicy; the list has n elements.
func (l *Listed) Weights(int, *sim.Stream) []float64 { return l.Of }

// FromLog gives the groups sizes in proportion to the requests per address in
// an access log.
type FromLog struct {
	File string `yaml:"file" doc:"the access log"`

	Requests []float64 `yaml:"-"` // per address, in order of first appearance
}

// Validate checks the parameters.
func (l *FromLog) Validate() []flow.Problem {
	if l.File == "" {
		return []flow.Problem{{Path: "file", Text: "the log is missing"}}
	}
	return nil
}

// Weights implements SizesPolicy; the log has n addresses.
func (l *FromLog) Weights(int, *sim.Stream) []float64 { return l.Requests }

// groups returns how many addresses a policy fixes by itself for so many
// clients, 0 if none.
func groups(p SizesPolicy, clients int) int {
	switch p := p.(type) {
	case counted:
		return p.addresses(clients)
	case *Listed:
		return len(p.Of)
	case *FromLog:
		return len(p.Requests)
	}
	return 0
}

// apportion divides total clients among groups in proportion to their weights
// by the method of largest remainders, the first of equals first. While there
// are enough clients, no group is left empty: one whose part is less than a
// client gets one, and the others share the rest in proportion.
func apportion(total int, weights []float64) []int {
	n := len(weights)
	sizes := make([]int, n)
	left, sum := total, 0.0
	for _, w := range weights {
		sum += w
	}
	for small := total >= n; small; {
		small = false
		clients, weight := left, sum // the same for all groups of a round
		for i, w := range weights {
			if sizes[i] == 0 && float64(clients)*w < weight {
				sizes[i], small = 1, true
				left--
				sum -= w
			}
		}
	}
	type part struct {
		group     int
		remainder float64
	}
	var parts []part
	given := 0
	for i, w := range weights {
		if sizes[i] > 0 {
			continue
		}
		exact := float64(left) * w / sum
		whole := math.Floor(exact)
		sizes[i] = int(whole)
		given += int(whole)
		parts = append(parts, part{i, exact - whole})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.remainder, a.remainder) })
	for k := 0; given < left; k++ {
		sizes[parts[k%len(parts)].group]++
		given++
	}
	return sizes
}
