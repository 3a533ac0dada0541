package snat

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Group sizes of places that are often met. No distribution of the sizes of
// company sites has been published: all of these are modelling choices, made to
// agree with what is known.

// counted is a SizesPolicy that says itself how many addresses there are.
type counted interface {
	addresses(clients int) int
}

// bounded is a SizesPolicy whose groups depend on how many clients there are in
// all.
type bounded interface {
	within(clients int) SizesPolicy
}

// household draws how many hosts a household has: 1 with probability 0.48, 2
// with 0.30, else 3 to 5. Maier, Schneider and Feldmann (PAM 2011, abstract)
// find several hosts behind up to 52 % of DSL lines.
func household(u float64) float64 {
	switch {
	case u < 0.48:
		return 1
	case u < 0.78:
		return 2
	}
	return 3 + math.Floor(min((u-0.78)/0.22, 0.999)*3)
}

// householdMean is the mean of household.
const householdMean = 0.48*1 + 0.30*2 + 0.22*4

// Residential are households, each behind an address.
type Residential struct{}

func (*Residential) addresses(clients int) int {
	return int(math.Ceil(float64(clients) / householdMean))
}

// Weights implements SizesPolicy.
func (*Residential) Weights(n int, u *sim.Stream) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = household(u.Float64())
	}
	return w
}

// Branch are branch offices, each behind an address.
type Branch struct {
	Of []float64 `yaml:"of" doc:"relative sizes of the offices"`
}

// Validate checks the parameters.
func (b *Branch) Validate() []flow.Problem { return (&Listed{Of: b.Of}).Validate() }

func (b *Branch) addresses(int) int { return len(b.Of) }

// Weights implements SizesPolicy.
func (b *Branch) Weights(int, *sim.Stream) []float64 { return b.Of }

// SingleProxy puts a part of the clients behind one address, a company's proxy,
// and the others in households.
type SingleProxy struct {
	Share flow.Share `yaml:"share" doc:"part of the clients behind the proxy"`
}

// Validate checks the parameters.
func (s *SingleProxy) Validate() []flow.Problem {
	if !(s.Share > 0 && s.Share < 1) {
		return []flow.Problem{{Path: "share", Text: fmt.Sprintf("%g is not between 0 and 1", float64(s.Share))}}
	}
	return nil
}

func (s *SingleProxy) addresses(clients int) int {
	return 1 + int(math.Ceil(float64(clients)*float64(1-s.Share)/householdMean))
}

// Weights implements SizesPolicy.
func (s *SingleProxy) Weights(n int, u *sim.Stream) []float64 {
	w := (&Residential{}).Weights(n, u)
	others := 0.0
	for _, x := range w[1:] {
		others += x
	}
	w[0] = others * float64(s.Share) / float64(1-s.Share)
	return w
}

// ActiveSync are phones behind the few addresses of mobile operators.
type ActiveSync struct {
	Operators int `yaml:"operators" doc:"addresses that carry all phones, 1 to 1000; 3 to 8 are usual"`
}

// Validate checks the parameters.
func (a *ActiveSync) Validate() []flow.Problem {
	if a.Operators < 1 || a.Operators > 1000 {
		return []flow.Problem{{Path: "operators", Text: fmt.Sprintf("%d is not between 1 and 1000", a.Operators)}}
	}
	return nil
}

func (a *ActiveSync) addresses(int) int { return a.Operators }

// Weights implements SizesPolicy.
func (a *ActiveSync) Weights(n int, u *sim.Stream) []float64 { return (&Equal{}).Weights(n, u) }

// HeavyTail draws the group sizes from a Pareto law between 1 and Max: most
// groups are small, and a few carry very many (Casado and Freedman, NSDI 2007,
// abstract), but none without bound: nor does one have more than half of the
// clients before all are scaled to their number.
type HeavyTail struct {
	Alpha float64 `yaml:"alpha" doc:"tail index, above 0 to 10; smaller is more uneven"`
	Max   int     `yaml:"max" doc:"largest group in units of the smallest, 2 to 1000000, and no more than half of the clients"`
}

func (h *HeavyTail) within(clients int) SizesPolicy {
	return &HeavyTail{h.Alpha, max(2, min(h.Max, clients/2))}
}

// Validate checks the parameters.
func (h *HeavyTail) Validate() []flow.Problem {
	ps := (&Pareto{Alpha: h.Alpha}).Validate()
	if h.Max < 2 || h.Max > 1_000_000 {
		ps = append(ps, flow.Problem{Path: "max", Text: fmt.Sprintf("%d is not between 2 and 1000000", h.Max)})
	}
	return ps
}

// Weights implements SizesPolicy by the inverse of the bounded law,
// (1 - u (1 - max^-alpha))^(-1/alpha), in whole numbers.
func (h *HeavyTail) Weights(n int, u *sim.Stream) []float64 {
	w := make([]float64, n)
	tail := 1 - sim.Pow(float64(h.Max), -h.Alpha)
	for i := range w {
		w[i] = math.Floor(sim.Pow(1-float64(u.Float64()*tail), -1/h.Alpha))
	}
	return w
}
