package sched

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// PeakEWMA draws two different usable members at random and picks the one of
// lower load: its response time times (1 + connections). The response time is
// a moving average that jumps to every peak and comes down with time:
//
//	a longer time than the average becomes the average;
//	a shorter one, dt after the last look, counts for 1-exp(-dt/decay) of it;
//	each look counts as a response time of 0.
//
// With each look the clock of dt starts anew. A member that is looked at often
// therefore learns little from an answer that was faster than it thought, and
// forgets by itself: that is how Finagle and Tower do it.
//
// Products, none of which knows weights (without one, the load counts per
// weight):
//
//   - finagle: PeakEwma.scala, October 2024. A member starts without a response
//     time; one that has none and has connections comes last.
//   - linkerd: tower/src/load/peak_ewma.rs. The default response time starts
//     the average.
//   - envoy: the extension peak_ewma (source/extensions/load_balancing_policies/
//     peak_ewma). Its average is an ordinary one: it does not jump to peaks and
//     does not decay unasked. Answers count from the next decision that is at
//     least 100 ms after the last time when answers were counted.
//
// All measure the answers to this balancer's own requests, and only those that
// came: a failure teaches nothing here.
type PeakEWMA struct {
	Decay      time.Duration `yaml:"decay" doc:"after this time without peaks, 63 % of a response time is forgotten"`
	DefaultRTT time.Duration `yaml:"default_rtt" doc:"response time of a server that has not answered yet; 0: that of the product, which is 30ms and with envoy 10ms; finagle has none"`
	Like       string        `yaml:"like" doc:"none, or as a product does it: finagle, linkerd, envoy (an average without peaks)"`
}

const (
	linkerdRTT = 30 * time.Millisecond
	envoyRTT   = 10 * time.Millisecond
	// finaglePenalty is a response time in nanoseconds, Long.MaxValue >> 16.
	finaglePenalty = 140737488355327
)

func newPeakEWMA() lb.SchedulerPolicy { return &PeakEWMA{Decay: 10 * time.Second, Like: noProduct} }

// Validate checks the parameters.
func (p *PeakEWMA) Validate() []flow.Problem {
	ps := checkProduct(p.Like, []string{"finagle", "linkerd", "envoy"})
	if p.Decay <= 0 || p.Decay > 24*time.Hour {
		ps = append(ps, flow.Problem{Path: "decay", Text: fmt.Sprintf("%v is not above 0 and at most 24h", p.Decay)})
	}
	if p.DefaultRTT < 0 || p.DefaultRTT > time.Hour {
		ps = append(ps, flow.Problem{Path: "default_rtt", Text: fmt.Sprintf("%v is not between 0 and 1h", p.DefaultRTT)})
	}
	if p.DefaultRTT > 0 && p.Like == "finagle" {
		ps = append(ps, flow.Problem{Path: "default_rtt", Text: "finagle has none", Hint: "leave it out"})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *PeakEWMA) NewScheduler(env lb.Env) lb.Scheduler {
	if p.Like == "envoy" {
		return newEnvoyEWMA(env, p.Decay, p.rtt(envoyRTT))
	}
	e := &peakEWMA{
		usable: newUsable(env.View), rand: env.Rand, decay: float64(p.Decay), weighted: p.Like != "finagle" && p.Like != "linkerd",
		peaks: make([]peak, len(env.View.Members)),
	}
	if p.Like != "finagle" {
		for m := range e.peaks {
			e.peaks[m] = peak{cost: float64(p.rtt(linkerdRTT)), stamp: env.Now()}
		}
	}
	return e
}

// rtt is the default response time, or the product's.
func (p *PeakEWMA) rtt(product time.Duration) time.Duration {
	if p.DefaultRTT > 0 {
		return p.DefaultRTT
	}
	return product
}

// Basis implements lb.SchedulerPolicy.
func (*PeakEWMA) Basis() lb.Basis { return lb.ByLoad }

// peak is the moving average of one member's response times.
type peak struct {
	cost  float64 // in nanoseconds
	stamp sim.Time
}

// observe learns of a response time, or of a look, which counts as 0.
func (p *peak) observe(rtt, decay float64, now sim.Time) {
	if rtt > p.cost {
		p.cost = rtt
	} else if now > p.stamp {
		w := sim.Exp(-float64(now-p.stamp) / decay)
		p.cost = float64(p.cost*w) + float64(rtt*(1-w))
	}
	p.stamp = now
}

type peakEWMA struct {
	usable
	rand     *sim.Stream
	decay    float64 // nanoseconds
	weighted bool
	peaks    []peak
}

// Answered implements lb.Feedback.
func (e *peakEWMA) Answered(m int, took time.Duration, now sim.Time) {
	e.peaks[m].observe(float64(took), e.decay, now)
}

// load is what decides between two members.
func (e *peakEWMA) load(m int32, now sim.Time) float64 {
	p, pending := &e.peaks[m], float64(e.view.Members[m].Active)
	p.observe(0, e.decay, now)
	if p.cost == 0 && pending > 0 {
		return finaglePenalty + pending
	}
	load := p.cost * (pending + 1)
	if e.weighted {
		load /= float64(e.view.Members[m].Weight)
	}
	return load
}

func (e *peakEWMA) Pick(q *lb.Query) int {
	e.fresh()
	switch n := len(e.list); n {
	case 0:
		return -1
	case 1:
		return int(e.list[0])
	default:
		i, j := drawTwo(e.rand, n)
		a, b := e.list[i], e.list[j]
		if e.load(b, q.Now) < e.load(a, q.Now) {
			return int(b)
		}
		return int(a)
	}
}

// drawTwo draws two different numbers below n, in random order.
func drawTwo(rand *sim.Stream, n int) (i, j int) {
	i = rand.IntN(n)
	if j = rand.IntN(n - 1); j >= i {
		j++
	}
	return i, j
}
