package sched

import (
	"slices"

	"lbsim/models/lb"
)

// smooth is smooth weighted round robin, as in nginx
// (src/http/ngx_http_upstream_round_robin.c): every usable member gains its
// weight, the richest is picked and pays the sum of what was gained; the first
// listed of equals wins.
//
// That takes a look at all members. But when the credits are what they were as
// many picks ago as the weights in lowest terms add up to, all that follows is
// a repetition: then it is replayed, until something changes.
type smooth struct {
	view   *lb.View
	credit []int64
	// gain returns what a member gains in a pass. It is told the member's
	// weight, and may return less.
	gain func(m int, weight int64) int64

	picks    []int32 // since credit was start
	start    []int64
	weight   []int64 // of the usable members at that time, 0 for others
	sum      int64   // of them
	period   int     // picks that may make a repetition; 0: to be found out
	replayed int     // how many of picks have been replayed since credit was start
	repeats  bool
}

// longest bounds the memory for a repetition. While a slow start goes on,
// weights have hardly a divisor.
const longest = 1 << 20

func newSmooth(v *lb.View, gain func(m int, weight int64) int64) smooth {
	n := len(v.Members)
	return smooth{view: v, credit: make([]int64, n), gain: gain, start: make([]int64, n), weight: make([]int64, n)}
}

func (s *smooth) pick() int {
	if s.repeats {
		if s.replayed == len(s.picks) {
			s.replayed = 0
		}
		s.replayed++
		return int(s.picks[s.replayed-1])
	}
	if s.period == 0 {
		s.begin()
	}
	best, sum, less := -1, int64(0), false
	for m := range s.view.Members {
		v := &s.view.Members[m]
		if !v.Usable {
			continue
		}
		w := s.gain(m, v.Weight)
		less = less || w != v.Weight
		s.credit[m] += w
		sum += w
		if best < 0 || s.credit[m] > s.credit[best] {
			best = m
		}
	}
	if best >= 0 {
		s.credit[best] -= sum
		s.record(best, less)
	}
	return best
}

// bound accounts for a connection that persistence sends to member m, as nginx
// does with sticky: all gain their weights as for any pick, and m pays for it,
// unless it is in debt already by what the others weigh together, usable or not.
// So it makes good for one such connection in a row and not for more (a comment
// in nginx's source says so).
func (s *smooth) bound(m int) {
	limit, standby := int64(0), s.view.Members[m].Backup
	for k := range s.view.Members {
		if v := &s.view.Members[k]; k != m && v.Backup == standby {
			limit -= v.Base * lb.FullWeight
		}
	}
	s.changed()
	if s.credit[m] <= limit {
		return
	}
	sum := int64(0)
	for k := range s.view.Members {
		if v := &s.view.Members[k]; v.Usable {
			w := s.gain(k, v.Weight)
			s.credit[k] += w
			sum += w
		}
	}
	s.credit[m] -= sum
}

// record remembers a pick, unless some member gained less than its weight.
func (s *smooth) record(m int, less bool) {
	if less {
		s.period = 0
		return
	}
	if s.period > longest {
		return
	}
	s.picks = append(s.picks, int32(m))
	if len(s.picks) < s.period {
		return
	}
	if slices.Equal(s.credit, s.start) {
		s.repeats, s.replayed = true, 0
	} else {
		s.period = 0
	}
}

// begin begins to look for a repetition.
func (s *smooth) begin() {
	copy(s.start, s.credit)
	s.picks, s.sum = s.picks[:0], 0
	divisor := int64(0)
	for m := range s.view.Members {
		s.weight[m] = 0
		if v := &s.view.Members[m]; v.Usable {
			s.weight[m] = v.Weight
			s.sum += v.Weight
			divisor = gcd(divisor, v.Weight)
		}
	}
	if divisor == 0 {
		return
	}
	s.period = int(min(s.sum/divisor, longest+1))
	if s.period <= longest {
		s.picks = slices.Grow(s.picks, s.period)
	}
}

// changed is to be called when a member or its gain has changed.
func (s *smooth) changed() {
	if s.repeats {
		s.repeats = false
		for m, w := range s.weight {
			s.credit[m] = s.start[m] + int64(s.replayed)*w
		}
		for _, m := range s.picks[:s.replayed] {
			s.credit[m] -= s.sum
		}
	}
	s.period = 0
}
