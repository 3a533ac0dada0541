package experiment

import (
	"cmp"
	"context"
	"math"
	"slices"

	"lbsim/scenarios"
)

// Where clients are mapped to servers, it matters which server, or host, is down: with a
// ring of hashes its neighbour gets all of its clients. Up to mostAlone are taken down one
// after the other, each as often as it takes to decide. Of more, each is down in one pilot
// run, of mostPiloted evenly spread over the list, and those that come out worst are
// taken. Pilot runs have replication numbers that no other run has, so that what decides
// plays no part in the choice.
const (
	mostAlone   = 8
	mostPiloted = 64
)

// worstOf returns the worst of what may be down alone.
func (s *Size) worstOf(ctx context.Context, c scenarios.Case, downs []down) ([]down, error) {
	if len(downs) <= mostAlone {
		return downs, nil
	}
	n := min(len(downs), mostPiloted)
	type outcome struct {
		down
		margin float64
	}
	list := make([]outcome, n)
	for i := range list {
		list[i].down = downs[i*len(downs)/n]
		x := state{name: list[i].name + " down", Case: c}
		x.Down = list[i].servers
		if err := s.measureFrom(ctx, &x, firstPilot, 1); err != nil {
			return nil, err
		}
		list[i].margin = s.least(&x)
	}
	s.piloted = max(s.piloted, n)
	slices.SortStableFunc(list, func(a, b outcome) int { return cmp.Compare(a.margin, b.margin) })
	worst := make([]down, mostAlone)
	for i := range worst {
		worst[i] = list[i].down
	}
	return worst, nil
}

// least is how far a state's means are from their limits, as a share of those, of the
// objective that is closest to its own, or farthest beyond; infinite if nothing was
// measured.
func (s *Size) least(x *state) float64 {
	least := math.Inf(1)
	for i := range s.out.Objectives {
		one := s.cell(x, i)
		least = min(least, s.out.Margin(&one))
	}
	return least
}
