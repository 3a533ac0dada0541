package experiment

import "lbsim/scenarios"

// A bracket is what formulas say of a candidate.
type bracket struct {
	// number is the smallest of which they say that the objectives hold, in normal
	// operation and with as much down as there may be; the most that are asked for if
	// none does.
	number int
	// counted is the one that they give if as many single servers are down as hosts may
	// be; 0 if none does.
	counted int
	cores   int // of each
}

// bracket returns where the search for a number of a candidate begins.
func (s *Size) bracket(c, year int) (b bracket) {
	count := s.sizing.CountOf(c)
	k := max(s.sizing.Survive.Hosts, s.sizing.Survive.Servers)
	for n := count.Low; n <= count.High; n++ {
		f, reason, err := s.open(&scenarios.Case{Candidate: c, Count: n, Load: s.years[year].Load})
		if err != nil || reason != "" {
			continue
		}
		b.cores = f.Cores(s.Base)
		if b.counted == 0 && s.holds(f.Forecast(s.Base, k)) {
			b.counted = n
		}
		if s.holds(f.Forecast(s.Base, s.lostOf(f))) {
			b.number = n
			return b
		}
	}
	b.number = count.High
	return b
}

// holds reports whether a forecast keeps the objectives, as far as formulas tell.
func (s *Size) holds(x scenarios.Forecast) bool {
	if x.Utilization >= 1 {
		return false
	}
	for i := range s.out.Objectives {
		o := &s.out.Objectives[i]
		if v, ok := x.Value(o.Metric); ok && (v >= o.Below || v <= o.Above) { // false for limits that are NaN
			return false
		}
	}
	return true
}
