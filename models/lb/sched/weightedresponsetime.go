package sched

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// WeightedResponseTime gives members turns in proportion to
//
//	weight / (response time + step)
//
// where the response time is that of checks: requests that demand nothing but
// wait in the server's queue like any other, so that what they measure is the
// waiting. Under processor sharing nobody waits, and all servers look alike.
//
// It stands for "weighted response time" of KEMP LoadMaster (dl), weighted round
// robin by the response times of health checks, taken about every 15 s
// (documentation, "Scheduling Methods"). Neither the formula nor the order of
// the turns is published: smoothing, step and floor are lbsim's, and turns are
// interleaved as evenly as the weights allow. KEMP may replace the configured
// weights; here both count, so that slow starts work.
//
// A check that was turned away or lost says nothing about time. A member that
// was not measured yet counts as the mean of the others.
type WeightedResponseTime struct {
	Every     time.Duration `yaml:"every" doc:"time between two checks of a server"`
	Smoothing float64       `yaml:"smoothing" doc:"what the newest check counts for in the moving average, 1: it alone"`
	Step      time.Duration `yaml:"step" doc:"added to every response time: the larger, the less differences count"`
	Floor     float64       `yaml:"floor" doc:"part of the share of a server with the mean response time that the slowest keeps, 0 to 1"`
}

func newWeightedResponseTime() lb.SchedulerPolicy {
	return &WeightedResponseTime{Every: 15 * time.Second, Smoothing: 0.25, Step: 200 * time.Millisecond, Floor: 0.01}
}

// Validate checks the parameters.
func (p *WeightedResponseTime) Validate() []flow.Problem {
	ps := checkEvery(p.Every)
	ps = append(ps, checkSmoothing(p.Smoothing)...)
	if p.Step <= 0 || p.Step > time.Hour {
		ps = append(ps, flow.Problem{Path: "step", Text: fmt.Sprintf("%v is not above 0 and at most 1h", p.Step)})
	}
	return append(ps, checkPart("floor", p.Floor)...)
}

// checkEvery finds fault with the time between two questions to a server.
func checkEvery(every time.Duration) []flow.Problem {
	if every >= time.Millisecond && every <= 24*time.Hour {
		return nil
	}
	return []flow.Problem{{Path: "every", Text: fmt.Sprintf("%v is not between 1ms and 24h", every)}}
}

// checkPart finds fault with a part of a whole.
func checkPart(path string, x float64) []flow.Problem {
	if x >= 0 && x <= 1 {
		return nil
	}
	return []flow.Problem{{Path: path, Text: fmt.Sprintf("%v is not between 0 and 1", x)}}
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *WeightedResponseTime) NewScheduler(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	w := &responseWeights{policy: *p, times: make([]time.Duration, n), measured: make([]bool, n)}
	w.strides = newStrides(env.View, w.weight)
	for m := range n {
		w.Changed(m)
	}
	return w
}

// Basis implements lb.SchedulerPolicy.
func (*WeightedResponseTime) Basis() lb.Basis { return lb.ByLoad }

type responseWeights struct {
	*strides
	policy   WeightedResponseTime
	times    []time.Duration // moving averages
	measured []bool
	sum      time.Duration // of the times
	known    int           // how many there are
}

// Every implements lb.Timer.
func (w *responseWeights) Every() time.Duration { return w.policy.Every }

// Timed implements lb.Timer.
func (w *responseWeights) Timed(m int, took time.Duration, ok bool, _ sim.Time) {
	if !ok {
		return
	}
	w.sum -= w.times[m]
	if w.measured[m] {
		took = time.Duration(float64(float64(took)*w.policy.Smoothing) + float64(float64(w.times[m])*(1-w.policy.Smoothing)))
	} else {
		w.measured[m] = true
		w.known++
	}
	w.times[m] = took
	w.sum += took
	w.Changed(m)
}

// weight is in turns per second, or any other unit: only proportions count.
func (w *responseWeights) weight(m int) float64 {
	var mean float64
	if w.known > 0 {
		mean = float64(w.sum) / float64(w.known)
	}
	step := float64(w.policy.Step)
	rt := mean
	if w.measured[m] {
		rt = float64(w.times[m])
	}
	return plainWeight(&w.view.Members[m]) * max(1/(rt+step), w.policy.Floor/(mean+step))
}

func (w *responseWeights) Pick(*lb.Query) int { return w.turn() }
