package sched

import (
	"lbsim/models/lb"
	"lbsim/sim"
)

// envoyLeast is LEAST_REQUEST of Envoy with full scan
// (source/extensions/load_balancing_policies/least_request): a member drawn at
// random from those with the fewest requests. With unequal weights or in a slow
// start it is a schedule by deadlines with weight/(requests+1)^bias, where
// the request under way does not count yet.
//
// Envoy scans all hosts; here the members are kept sorted by their count, so
// that those with the fewest are the head of a list. A count that changes by
// one swaps its member with the last or first of the same count.
type envoyLeast struct {
	*envoy
	EnvoySchedule
	rand   *sim.Stream
	sorted []int32 // usable members by count
	place  []int32 // in sorted, by member; absent if it is not in it
	count  []int32 // of connections, by member, as sorted
	below  []int32 // how many of sorted have less than so many connections
}

func newEnvoyLeast(env lb.Env, p EnvoySchedule) lb.Scheduler {
	n := len(env.View.Members)
	l := &envoyLeast{envoy: newEnvoy(env, p.Start), EnvoySchedule: p, rand: env.Rand, place: make([]int32, n), count: make([]int32, n), below: make([]int32, 1)}
	l.envoy.rule = l
	return l
}

func (l *envoyLeast) alike([]int32) int {
	least := l.count[l.sorted[0]]
	return int(l.sorted[l.rand.IntN(int(l.below[least+1]))])
}

// refreshed sorts the members by counting.
func (l *envoyLeast) refreshed(list []int32) {
	for m := range l.place {
		l.place[m] = absent
	}
	l.sorted = append(l.sorted[:0], list...)
	if len(list) == 0 {
		return
	}
	clear(l.below)
	for _, m := range list {
		l.count[m] = l.view.Members[m].Active
		for int(l.count[m])+1 >= len(l.below) {
			l.below = append(l.below, 0)
		}
		l.below[l.count[m]+1]++
	}
	for c := 1; c < len(l.below); c++ {
		l.below[c] += l.below[c-1]
	}
	for _, m := range list {
		i := l.below[l.count[m]]
		l.below[l.count[m]]++
		l.sorted[i], l.place[m] = m, i
	}
	copy(l.below[1:], l.below) // each was moved to the end of its count
	l.below[0] = 0
}

// reach extends below to count c, which is above all members' counts.
func (l *envoyLeast) reach(c int32) {
	for int(c)+1 >= len(l.below) {
		l.below = append(l.below, l.below[len(l.below)-1])
	}
}

// Counted implements lb.Tracker.
func (l *envoyLeast) Counted(m int) {
	if l.stale || l.place[m] == absent {
		return
	}
	to := l.view.Members[m].Active
	l.reach(to)
	for l.count[m] < to {
		l.count[m]++
		l.below[l.count[m]]-- // m becomes the first of the next count
		l.swap(m, l.below[l.count[m]])
	}
	for l.count[m] > to {
		l.swap(m, l.below[l.count[m]])
		l.below[l.count[m]]++ // m becomes the last of the count below
		l.count[m]--
	}
}

func (l *envoyLeast) swap(m int, to int32) {
	i, other := l.place[m], l.sorted[to]
	l.sorted[i], l.place[other] = other, i
	l.sorted[to], l.place[m] = int32(m), to
}
