package sched

import (
	"time"

	"lbsim/models/lb"
	"lbsim/sim"
)

// envoyEWMA is Envoy's extension peak_ewma (peak_ewma_lb.cc, cost.cc). The two
// draws come from one random number: the second is moved on by one place if it
// equals the first, and the number's lowest bit decides between equal costs.
// With an even number of members that bit also says whether the first draw is
// even; so of two members that have not answered yet always the second is
// picked.
type envoyEWMA struct {
	usable
	rand       *sim.Stream
	decay      float64 // nanoseconds
	defaultRTT float64 // milliseconds
	averages   []average
	counted    sim.Time // when answers were counted last
	counts     int      // how often they have been
}

// average is one member's moving average. Envoy puts answers aside and counts
// them all at once; to count them at once and show the result later is the same.
type average struct {
	shown  float64 // milliseconds
	fresh  float64 // with the answers since counts was counts
	stamp  sim.Time
	counts int
}

// These are not in the policy because the product's users hardly ever see them.
const (
	envoyAggregation = sim.Time(100 * time.Millisecond)
	envoyPenalty     = 1e6 // milliseconds
)

func newEnvoyEWMA(env lb.Env, decay, defaultRTT time.Duration) lb.Scheduler {
	return &envoyEWMA{
		usable: newUsable(env.View), rand: env.Rand, decay: float64(decay), defaultRTT: float64(defaultRTT) / 1e6,
		averages: make([]average, len(env.View.Members)), counted: env.Now(),
	}
}

// Answered implements lb.Feedback.
func (e *envoyEWMA) Answered(m int, took time.Duration, now sim.Time) {
	if took <= 0 {
		return
	}
	a := e.at(m)
	ms := float64(took) / 1e6
	switch dt := now - a.stamp; {
	case a.fresh == 0 || dt <= 0:
		a.fresh = ms
	default:
		w := sim.Exp(-float64(dt) / e.decay)
		a.fresh = float64((1-w)*ms) + float64(w*a.fresh)
	}
	a.stamp = now
}

// at returns the average of a member with all that has been counted.
func (e *envoyEWMA) at(m int) *average {
	a := &e.averages[m]
	if a.counts != e.counts {
		a.shown, a.counts = a.fresh, e.counts
	}
	return a
}

func (e *envoyEWMA) cost(m int32) float64 {
	rtt, active := e.at(int(m)).shown, float64(e.view.Members[m].Active)
	switch {
	case rtt > 0:
		return rtt * (active + 1)
	case active > 0:
		return envoyPenalty + active // it has requests and does not answer
	}
	return e.defaultRTT
}

func (e *envoyEWMA) Pick(q *lb.Query) int {
	if q.Now-e.counted >= envoyAggregation {
		e.counted = q.Now
		e.counts++
	}
	e.fresh()
	n := uint64(len(e.list))
	switch n {
	case 0:
		return -1
	case 1:
		return int(e.list[0])
	}
	r := e.rand.Uint64()
	i, j := r%n, (r>>16)%n
	if i == j {
		j = (j + 1) % n
	}
	a, b := e.list[i], e.list[j]
	ca, cb := e.cost(a), e.cost(b)
	if ca < cb || ca == cb && r&1 == 1 {
		return int(a)
	}
	return int(b)
}
