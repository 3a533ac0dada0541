package sched

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// LeastResponseTime picks the member with the least response time times
// (1 + connections), per weight: an estimate of when it will be done with what
// it has and the new request. The response time is a moving average over the
// requests of this balancer; a member without any counts as the mean of the
// others. Members of equal cost have turns by smooth weighted round robin.
//
// This is least_time of nginx, open source since 1.31.0
// (src/http/modules/ngx_http_upstream_least_time_module.c). There a member
// without an answer counts as the fastest there can be. Its parameter inflight,
// which counts the time that requests under way have taken so far, is left out;
// header and last_byte are the same here, where an answer comes all at once. The
// weight of the newest answer in nginx's average, 0.05, is known from
// re-implementations only.
//
// LEASTRESPONSETIME of NetScaler is the plain product: active connections times
// the average time to first byte (documentation, "Least response time method").
// A member without connections goes first, however slow. How it averages and
// what weights do is not published: the average is the same as above, and the
// product is divided by the weight.
//
// Because a time that was measured counts for less with time, every decision
// looks at all members, as in nginx.
type LeastResponseTime struct {
	Smoothing float64       `yaml:"smoothing" doc:"what the newest answer counts for in the moving average, 1: it alone"`
	Halving   time.Duration `yaml:"halving" doc:"for each such time that a server is not picked its response time counts half, so that slow ones are tried again; in nginx this is its fail_timeout; 0: never"`
	Cap       time.Duration `yaml:"cap" doc:"longer response times count as this, so that only connections decide; 0: no cap"`
	Step      time.Duration `yaml:"step" doc:"response times are rounded up to steps of this, so that servers that are nearly as fast have turns; 0: they are not"`
	Like      string        `yaml:"like" doc:"none, or as a product does it: nginx (milliseconds, a clock of seconds), netscaler (connections times response time; no halving, cap and step)"`
}

func newLeastResponseTime() lb.SchedulerPolicy {
	return &LeastResponseTime{
		Smoothing: 0.05, Halving: 10 * time.Second, Cap: 5 * time.Second, Step: 20 * time.Millisecond, Like: noProduct,
	}
}

// Validate checks the parameters.
func (p *LeastResponseTime) Validate() []flow.Problem {
	ps := checkProduct(p.Like, []string{"nginx", "netscaler"})
	ps = append(ps, checkSmoothing(p.Smoothing)...)
	for _, d := range []struct {
		path  string
		value time.Duration
		unit  time.Duration // of nginx
	}{{"halving", p.Halving, time.Second}, {"cap", p.Cap, time.Millisecond}, {"step", p.Step, time.Millisecond}} {
		switch {
		case d.value < 0 || d.value > 24*time.Hour:
			ps = append(ps, flow.Problem{Path: d.path, Text: fmt.Sprintf("%v is not between 0 and 24h", d.value)})
		case p.Like == "nginx" && d.value%d.unit != 0:
			ps = append(ps, flow.Problem{Path: d.path, Text: fmt.Sprintf("%v: nginx counts in units of %v", d.value, d.unit)})
		}
	}
	return ps
}

// checkSmoothing finds fault with the weight of the newest value in a moving
// average.
func checkSmoothing(s float64) []flow.Problem {
	if s > 0 && s <= 1 {
		return nil
	}
	return []flow.Problem{{Path: "smoothing", Text: fmt.Sprintf("%v is not above 0 and at most 1", s)}}
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *LeastResponseTime) NewScheduler(env lb.Env) lb.Scheduler {
	n := len(env.View.Members)
	l := &leastTime{
		tieTurns: newTieTurns(env), now: env.Now, smoothing: p.Smoothing, unit: 1, tick: 1, extra: 1,
		times: make([]timed, n), cost: make([]float64, n),
	}
	switch p.Like {
	case "nginx":
		l.unit, l.tick, l.eager = time.Millisecond, sim.Time(time.Second), true
	case "netscaler":
		l.extra = 0
		return l
	}
	l.halving, l.cap, l.step = sim.Time(p.Halving)/l.tick, int64(p.Cap/l.unit), int64(p.Step/l.unit)
	return l
}

// Basis implements lb.SchedulerPolicy.
func (*LeastResponseTime) Basis() lb.Basis { return lb.ByLoad }

// timed is what is known of a member's response times.
type timed struct {
	average int64    // in units; 0: none yet
	checked sim.Time // in ticks: from when its average has been counting for less
}

type leastTime struct {
	tieTurns
	now       func() sim.Time
	smoothing float64
	unit      time.Duration // of response times
	tick      sim.Time      // of the clock
	halving   sim.Time      // in ticks
	cap, step int64         // in units
	extra     int64         // counts with the connections
	eager     bool          // a member that has not answered yet counts as the fastest
	times     []timed
	sum       int64     // of the averages
	known     int64     // how many there are
	cost      []float64 // of the usable members, in this decision
}

// Answered implements lb.Feedback.
func (l *leastTime) Answered(m int, took time.Duration, _ sim.Time) {
	t := &l.times[m]
	last := int64(took / l.unit)
	l.sum -= t.average
	if t.average == 0 {
		t.average = last
		if last > 0 {
			l.known++
		}
	} else {
		mean := float64(float64(last)*l.smoothing) + float64(float64(t.average)*(1-l.smoothing))
		t.average = max(1, int64(0.5+mean))
	}
	l.sum += t.average
}

// Failed implements lb.FailureCounter: a failure counts as a look at the
// member, so that it is not tried sooner because it was slow.
func (l *leastTime) Failed(m int) {
	l.tieTurns.Failed(m)
	l.times[m].checked = l.now() / l.tick
}

// time is the member's response time for this decision, in units.
func (l *leastTime) time(m int, now sim.Time) int64 {
	t := &l.times[m]
	rt := t.average
	if rt == 0 && l.known > 0 && !l.eager {
		rt = l.sum / l.known
	}
	if since := now - t.checked; l.halving > 0 && since > l.halving {
		// nginx: once in fail_timeout, which in its clock of whole seconds is
		// the first second after it.
		period := l.halving
		if l.tick > 1 {
			period++
		}
		rt >>= min(63, uint64(since/period))
	}
	switch {
	case l.cap > 0 && rt > l.cap:
		rt = l.cap
	case l.step > 0:
		rt += l.step - rt%l.step
	}
	return max(1, rt) // or connections would not count
}

func (l *leastTime) Pick(q *lb.Query) int {
	now := q.Now / l.tick
	best, ties := -1, 0
	for m := range l.view.Members {
		v := &l.view.Members[m]
		if !v.Usable {
			continue
		}
		// A quotient of whole numbers: equal costs are equal as floats.
		l.cost[m] = float64(l.time(m, now)*(l.extra+int64(v.Active))) / float64(v.Weight)
		switch {
		case best < 0 || l.cost[m] < l.cost[best]:
			best, ties = m, 1
		case l.cost[m] == l.cost[best]:
			ties++
		}
	}
	if best < 0 {
		return -1
	}
	if ties > 1 {
		least := l.cost[best]
		best = l.among(best, func(m int) bool { return l.cost[m] == least })
	}
	if t := &l.times[best]; now-t.checked > l.halving {
		t.checked = now
	}
	return best
}
