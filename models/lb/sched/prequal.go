package sched

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Prequal (Wydrowski, Kleinberg, Rumble, Archer, "Load is not what you should
// balance", NSDI 2024) asks a few servers drawn at random with each request how
// many requests they have in flight and how long such requests take there, and
// decides by answers that it has from before, so that nobody waits for an
// answer. Servers with more requests in flight than most are hot: they are
// avoided, and if all answers come from hot ones, the one with the fewest
// requests is picked. Among the others, the fastest is.
//
// An answer is used only a few times, because the server changes with what it is
// sent. With n servers, answers of m in the pool, p probes and r removals with
// each request, it is (1+d) / ((1-m/n) p - r), at least 1: what keeps the pool
// full if requests spread evenly. Where that is not positive, as with few
// servers, there is no limit. An answer replaces an earlier one of its server.
//
// Constants and rules come from summaries of the paper. The window for the
// quantile is lbsim's; probes in times without requests are left out; of equally
// fast servers, which all are until they have served something, the one with
// fewer requests is picked. Prequal knows no weights: a server that has one
// above 0 counts like any other, and slow starts do nothing.
type Prequal struct {
	Probes     float64       `yaml:"probes" doc:"servers that are asked with each request, on average"`
	Remove     float64       `yaml:"remove" doc:"answers that are thrown away with each request, on average, in turn the oldest and the worst"`
	Pool       int           `yaml:"pool" doc:"answers that are kept at most"`
	Age        time.Duration `yaml:"age" doc:"answers are thrown away when they are as old as this"`
	Quantile   float64       `yaml:"quantile" doc:"servers with more requests in flight than this part of the last answers are hot"`
	Window     int           `yaml:"window" doc:"how many of the last answers that is a part of"`
	ReuseDelta float64       `yaml:"reuse_delta" doc:"how often an answer is used beyond what keeps the pool full"`
}

func newPrequal() lb.SchedulerPolicy {
	return &Prequal{Probes: 3, Remove: 1, Pool: 16, Age: time.Second, Quantile: 0.8409, Window: 100, ReuseDelta: 1}
}

// fewAnswers is how many answers are too few to choose among.
const fewAnswers = 2

// Validate checks the parameters.
func (p *Prequal) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	for _, x := range []struct {
		path  string
		value float64
	}{{"probes", p.Probes}, {"remove", p.Remove}, {"reuse_delta", p.ReuseDelta}} {
		if !(x.value >= 0 && x.value <= 100) {
			bad(x.path, "%v is not between 0 and 100", x.value)
		}
	}
	if p.Pool < fewAnswers || p.Pool > 1000 {
		bad("pool", "%d is not between %d and 1000", p.Pool, fewAnswers)
	}
	if p.Age <= 0 || p.Age > 24*time.Hour {
		bad("age", "%v is not above 0 and at most 24h", p.Age)
	}
	ps = append(ps, checkPart("quantile", p.Quantile)...)
	if p.Window < 1 || p.Window > 10_000 {
		bad("window", "%d is not between 1 and 10000", p.Window)
	}
	return ps
}

// uses is how often an answer may be used with n servers, +Inf for no limit.
func (p *Prequal) uses(n int) float64 {
	gain := float64((1-float64(p.Pool)/float64(n))*p.Probes) - p.Remove
	if gain <= 0 {
		return math.Inf(1)
	}
	return max(1, (1+p.ReuseDelta)/gain)
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *Prequal) NewScheduler(env lb.Env) lb.Scheduler {
	return &prequal{
		policy: *p, usable: newUsable(env.View), rand: env.Rand, probe: env.Probe,
		pool: make([]answer, 0, p.Pool), flights: newQuantile(p.Window),
	}
}

// Basis implements lb.SchedulerPolicy.
func (*Prequal) Basis() lb.Basis { return lb.ByLoad }

// answer is what a server has said.
type answer struct {
	member   int32
	uses     int32 // that are left
	requests int   // in flight, and what it was sent since
	latency  time.Duration
	at       sim.Time
}

type prequal struct {
	usable
	policy   Prequal
	rand     *sim.Stream
	probe    func(m int) lb.Load
	pool     []answer // from the oldest
	flights  quantile // of requests in flight
	uses     float64
	toProbe  float64 // what is left of probes and removals that are not whole
	toRemove float64
	worst    bool // the next to be removed is the worst, else the oldest
}

// Changed implements lb.Membership. The draws shuffle the list in place,
// so that it cannot be patched.
func (p *prequal) Changed(int) { p.stale = true }

func (p *prequal) Pick(q *lb.Query) int {
	if p.fresh() && len(p.list) > 0 {
		p.uses = p.policy.uses(len(p.list))
	}
	switch len(p.list) {
	case 0:
		return -1
	case 1:
		return int(p.list[0])
	}
	p.forget(q.Now)
	m := p.choose()
	for p.toRemove += p.policy.Remove; p.toRemove >= 1; p.toRemove-- {
		p.remove()
	}
	p.ask(q.Now)
	return m
}

// forget throws away answers that are too old or of servers that are out.
func (p *prequal) forget(now sim.Time) {
	p.pool = slices.DeleteFunc(p.pool, func(a answer) bool {
		return now-a.at >= sim.Time(p.policy.Age) || !p.view.Members[a.member].Usable
	})
}

// choose picks by the answers in the pool, at random if they are too few.
func (p *prequal) choose() int {
	if len(p.pool) < fewAnswers {
		return int(p.list[p.rand.IntN(len(p.list))])
	}
	limit := p.limit()
	best := 0
	for i := range p.pool {
		if p.pool[i].before(&p.pool[best], limit) {
			best = i
		}
	}
	a := &p.pool[best]
	m := int(a.member)
	a.requests++
	if a.uses--; a.uses == 0 {
		p.pool = slices.Delete(p.pool, best, best+1)
	}
	return m
}

// limit is the number of requests in flight above which a server is hot.
func (p *prequal) limit() int { return p.flights.at(p.policy.Quantile) }

// before reports whether a is picked rather than b.
func (a *answer) before(b *answer, limit int) bool {
	hot, other := a.requests > limit, b.requests > limit
	switch {
	case hot != other:
		return other
	case hot || a.latency == b.latency:
		return a.requests < b.requests
	}
	return a.latency < b.latency
}

// remove throws away the oldest answer or the worst, which is that of the hot
// server with the most requests or, without hot ones, of the slowest server.
func (p *prequal) remove() {
	if len(p.pool) == 0 {
		return
	}
	i := 0
	if p.worst {
		limit := p.limit()
		for k := range p.pool {
			if p.pool[i].before(&p.pool[k], limit) {
				i = k
			}
		}
	}
	p.worst = !p.worst
	p.pool = slices.Delete(p.pool, i, i+1)
}

// ask asks different servers, drawn at random. What they answer is there for
// the next decision.
func (p *prequal) ask(now sim.Time) {
	p.toProbe += p.policy.Probes
	n := int(p.toProbe)
	p.toProbe -= float64(n)
	for i := range min(n, len(p.list)) {
		k := i + p.rand.IntN(len(p.list)-i)
		p.list[i], p.list[k] = p.list[k], p.list[i]
		m := p.list[i]
		if l := p.probe(int(m)); l.Alive {
			p.flights.add(l.Requests)
			p.put(answer{m, p.drawUses(), l.Requests, l.Latency, now})
		}
	}
}

// drawUses rounds the number of uses up or down, at random, so that it is right
// on average.
func (p *prequal) drawUses() int32 {
	if p.uses >= math.MaxInt32 {
		return math.MaxInt32
	}
	whole := math.Floor(p.uses)
	if p.rand.Float64() < p.uses-whole {
		whole++
	}
	return int32(whole)
}

// put adds an answer. It replaces the earlier one of its server, or the oldest
// if there are too many.
func (p *prequal) put(a answer) {
	for i := range p.pool {
		if p.pool[i].member == a.member {
			p.pool = slices.Delete(p.pool, i, i+1)
			break
		}
	}
	if len(p.pool) == cap(p.pool) {
		p.pool = slices.Delete(p.pool, 0, 1)
	}
	p.pool = append(p.pool, a)
}

// quantile keeps the last so many numbers, in the order in which they came and
// sorted.
type quantile struct {
	last   []int
	next   int
	sorted []int
}

func newQuantile(n int) quantile { return quantile{make([]int, n), 0, make([]int, 0, n)} }

func (q *quantile) add(x int) {
	if len(q.sorted) == len(q.last) {
		i, _ := slices.BinarySearch(q.sorted, q.last[q.next])
		q.sorted = slices.Delete(q.sorted, i, i+1)
	}
	i, _ := slices.BinarySearch(q.sorted, x)
	q.sorted = slices.Insert(q.sorted, i, x)
	q.last[q.next] = x
	q.next = (q.next + 1) % len(q.last)
}

// at returns the least number that a part p of all do not exceed; for 0 it is
// below all.
func (q *quantile) at(p float64) int {
	rank := int(math.Ceil(p * float64(len(q.sorted))))
	if rank == 0 {
		return -1
	}
	return q.sorted[rank-1]
}
