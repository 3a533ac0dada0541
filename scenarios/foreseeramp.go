package scenarios

import (
	"fmt"
	"math"
	"strings"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// warnRamp reports a slow ramp that does not do what it is for when servers of
// the service come back.
func (l *loader) warnRamp(doc *strict.Document, c *census, service int, returns []comeback) {
	s := &c.Config.Balancer.Services[service]
	w := rampWarner{loader: l, doc: doc, c: c, s: s, at: fmt.Sprintf("balancer.services[%d]", service)}
	if len(returns) == 0 || len(s.Servers) < 2 {
		return
	}
	if _, none := s.SlowStart.(ramp.None); none {
		return
	}
	w.ramp = s.SlowStart.NewRamp(s.Scheduler.Basis())
	// Of a ramp that only the product has asked for, nobody expects anything.
	asked := !strings.HasPrefix(doc.At(w.at+".slow_start").File, presetOrigin)
	if w.ramp == nil {
		if asked && !w.off() {
			w.warnBasis()
		}
		return
	}
	if _, turns := w.ramp.(lb.TurnTaker); turns {
		return
	}
	first := w.first(returns)
	limit := int32(min(math.MaxInt32, s.Servers[first.member].MaxConnections))
	w.load()
	if blind := w.blind(); blind != "" && w.ramp.At(0, limit).Limit == 0 {
		if !asked {
			return
		}
		l.warning(doc, w.at+".slow_start", fmt.Sprintf("this ramp does nothing with %s: %s", w.kind("scheduler", "round-robin"), blind),
			"choose an algorithm that follows weights, such as round-robin or least-connections, or slow_start: none")
		return
	}
	begins := false
	for _, r := range returns {
		back := lb.Return{Cause: r.cause, Others: len(s.Servers) - 1, Settled: len(s.Servers) - 1, Rate: w.picks}
		if w.ramp.Begins(back) {
			begins = true
			continue
		}
		l.warning(doc, r.path, fmt.Sprintf("no ramp acts on %s: that of %s does not begin when a server %s", r.server, s.Name, causes[r.cause]),
			"it carries its full weight at once")
	}
	switch {
	case !begins || w.others == 0:
	case w.likeEnvoy():
		w.warnDeadlines(first.server)
	default:
		w.warnStorm(limit)
	}
}

// causes are what a server does when it takes connections again.
var causes = map[lb.Cause]string{
	lb.CheckedUp: "is found up by checks", lb.Enabled: "leaves maintenance",
	lb.Undrained: "ends draining", lb.Reweighted: "gets a weight after weight 0",
}

// bases are what algorithms decide by.
var bases = []string{lb.ByTurn: "in turn", lb.ByLoad: "by load", lb.ByChance: "at random", lb.ByHash: "by a hash", lb.ByOrder: "in a fixed order"}

// rampWarner judges the slow ramp of one service.
type rampWarner struct {
	*loader
	doc  *strict.Document
	c    *census
	s    *lb.Service
	at   string
	ramp lb.Ramp

	// Servers that share the load when one of those in use comes back.
	others int
	// Connections opened, or in http mode requests, per second; and how many
	// there are at a time.
	picks, active float64
}

// first returns the first return of a server that the service uses, and counts
// the others in use. Where none of those returns, nothing is to be held back.
func (w *rampWarner) first(returns []comeback) comeback {
	used := inUse(w.s)
	for _, r := range returns {
		if used[r.member] || r.cause == lb.Reweighted {
			for m := range used {
				if used[m] && m != r.member {
					w.others++
				}
			}
			return r
		}
	}
	return returns[0]
}

// load adds up what the service's traffic amounts to.
func (w *rampWarner) load() {
	for k := range w.c.Config.Traffic {
		x := &w.c.loads[k]
		if w.c.Config.Traffic[k].To != w.s.Name {
			continue
		}
		if w.s.Mode == lb.HTTP {
			w.picks += x.requests
			w.active += x.cores // at least: those that a core works on
		} else {
			w.picks += x.openings
			w.active += max(x.held, x.cores) // one is open at least while it is served
		}
	}
}

// kind returns the kind of a policy as the file names it.
func (w *rampWarner) kind(policy, otherwise string) string {
	if kind := word(w.doc, w.at+"."+policy+".kind"); kind != "" {
		return kind
	}
	return otherwise
}

// off reports whether the ramp is one that takes no time.
func (w *rampWarner) off() bool {
	for basis := range bases {
		if w.s.SlowStart.NewRamp(lb.Basis(basis)) != nil {
			return false
		}
	}
	return true
}

// warnBasis reports a ramp that is not made for the algorithm.
func (w *rampWarner) warnBasis() {
	var with []string
	for basis, name := range bases {
		if w.s.SlowStart.NewRamp(lb.Basis(basis)) != nil {
			with = append(with, name)
		}
	}
	w.warning(w.doc, w.at+".slow_start", fmt.Sprintf("this ramp does not act with %s, which decides %s: a server that returns carries its full weight at once", w.kind("scheduler", "round-robin"), bases[w.s.Scheduler.Basis()]),
		"it acts with algorithms that decide "+strings.Join(with, " or "))
}

// scheduler is the algorithm that picks, within priorities if there are any.
func (w *rampWarner) scheduler() lb.SchedulerPolicy {
	if p, ok := w.s.Scheduler.(*sched.Priority); ok {
		return p.Within
	}
	return w.s.Scheduler
}

// blind says why the algorithm does not see a weight that changes, "" if it does.
func (w *rampWarner) blind() string {
	switch p := w.scheduler().(type) {
	case *sched.StaticRoundRobin:
		return "its table is laid out for the configured weights"
	case *sched.First, *sched.Fixed:
		return "it goes by a fixed order"
	case *sched.SourceHash:
		return blindHash(p.Table, p.Like)
	case *sched.URLHash:
		return blindHash(p.Table, p.Like)
	case *sched.HeaderHash:
		return blindHash(p.Table, p.Like)
	case *sched.IPHash:
		return blindHash("", "")
	case *sched.Random:
		if p.Like == "envoy" && p.Choices < 2 {
			return "Envoy's random knows no weights"
		}
	case *sched.PeakEWMA:
		if p.Like != "" && p.Like != "none" {
			return p.Like + " knows no weights here"
		}
	case *sched.Prequal:
		return "it goes by what it was told when it asked"
	}
	return ""
}

// blindHash says why a table of hashes does not follow weights.
func blindHash(table, like string) string {
	if table == "ring" && like == "haproxy" {
		return ""
	}
	return "its table is laid out for the configured weights; of all tables only HAProxy's ring follows them"
}

// likeEnvoy reports whether the algorithm is a schedule by deadlines as soon as
// weights differ, with the load as part of the weight.
func (w *rampWarner) likeEnvoy() bool {
	switch p := w.scheduler().(type) {
	case *sched.LeastConnections:
		return p.Like == "envoy"
	case *sched.TwoChoices:
		return p.Like == "envoy"
	case *sched.Random:
		return p.Like == "envoy" && p.Choices >= 2
	}
	return false
}

// greed returns which part of all decisions an idle server among others gets
// from an algorithm that goes by connections per weight, 0 for any other.
func (w *rampWarner) greed() float64 {
	switch p := w.scheduler().(type) {
	case *sched.LeastConnections, *sched.ShortestExpectedDelay, *sched.NeverQueue:
		return 1
	case *sched.TwoChoices:
		n := float64(w.others + 1)
		switch {
		case p.Like != "" && p.Like != "none":
			return 0
		case p.Replace:
			return (2*n - 1) / (n * n)
		}
		return 2 / n
	}
	return 0
}

// warnStorm reports a ramp that is too short to hold a storm back. The server
// that returns gets a part g of all new connections, at most, and would have as
// many as each of the others, L, after T = L / (g rate) seconds. A ramp that
// gives it weight w(t) after t seconds lets it have w(t) L connections: if that
// is never below L t/T, it changes nothing. For a ramp that grows in proportion
// to time, or in even steps, that is so if it is not longer than T.
func (w *rampWarner) warnStorm(limit int32) {
	g := w.greed()
	each := w.active / float64(w.others)
	refill := each / (g * w.picks)
	if g == 0 || w.picks == 0 || !(refill > 0) || w.bites(refill, each, limit) {
		return
	}
	what := "this ramp"
	switch p := w.s.SlowStart.(type) {
	case *ramp.Linear:
		what = "a ramp of " + strict.FormatDuration(p.Time) + " is shorter than " + seconds(math.Round(refill*10)/10) + ", the time in which all new connections together replace those of one server: it"
		if g < 1 {
			what = strings.Replace(what, "all new connections together", "the new connections that it wins", 1)
		}
	default:
		what += " at no time allows fewer connections than new ones come in: it"
	}
	part, rate := "", fmt.Sprintf("%.3g", w.picks)
	if g < 1 {
		part, rate = fmt.Sprintf("it wins %.3g of the draws; ", g), fmt.Sprintf("(%.3g x %.3g)", g, w.picks)
	}
	w.warning(w.doc, w.at+".slow_start", what+" changes nothing at the start of the storm",
		fmt.Sprintf("%seach of the other %d servers holds about %.0f connections and %.3g new ones arrive per second: %.0f / %s = %.3g s; a ramp that is to bite must be longer",
			part, w.others, each, w.picks, each, rate, refill))
}

// bites reports whether the ramp at some time allows fewer connections than come
// in.
func (w *rampWarner) bites(refill, each float64, limit int32) bool {
	const steps = 1000
	for k := range steps {
		t := refill * (float64(k) + 0.5) / steps
		stage := w.ramp.At(sim.Time(t*float64(time.Second)), limit)
		if stage.Over {
			return false
		}
		come := each * t / refill
		allowed := each * stage.Weight
		if stage.Limit > 0 {
			allowed = min(allowed, float64(stage.Limit))
		}
		if stage.Rate > 0 {
			allowed = min(allowed, stage.Rate*t)
		}
		if stage.Share > 0 {
			allowed = min(allowed, stage.Share*w.picks*t)
		}
		if come*(1+1e-9) >= allowed {
			return true
		}
	}
	return false
}

// warnDeadlines gives the numbers of Envoy's least request in a slow start. It
// is a schedule by deadlines: a server's next turn comes (active+1)/weight after
// its last, and the weight is read only then. One that returns with weight f and
// nothing active has its first turn at 1/f, while each of the n-1 others, with A
// active, has one every A+1: they have (n-1)/(f (A+1)) turns before. Its k-th
// turn in a row comes k/f after the one before, so that about sqrt(2 f (A+1)) of
// them fit between two turns of another, and it has half of all turns until its
// own wait, (k+1)/f, is that of the others together, (A+1)/(n-1).
func (w *rampWarner) warnDeadlines(server string) {
	n := float64(w.others + 1)
	a := w.active / (n - 1)
	if w.picks == 0 || math.IsInf(a, 0) || math.IsNaN(a) {
		return
	}
	// The weight is read at the first decision after the return.
	f := max(w.ramp.At(sim.Time(min(1, 1/w.picks)*float64(time.Second)), 0).Weight, 1.0/lb.FullWeight)
	if f >= 1 {
		return
	}
	before := (n - 1) / (f * (a + 1))
	half := f * (a + 1) / (n - 1)
	sum := fmt.Sprintf("turns come (active+1)/weight apart: %s returns with 1/%.2g = %.3g, the other %.0f have %.4g each", server, f, 1/f, n-1, a+1)
	switch kind := w.kind("scheduler", "round-robin"); {
	case before >= 2*n && before >= w.picks:
		w.warning(w.doc, w.at+".slow_start", fmt.Sprintf("%s like envoy starves a server in a slow start: about %s turns of the others (%s) pass before %s has its first, whatever the ramp says by then", kind, short(math.Round(before)), seconds(math.Round(10*before/w.picks)/10), server),
			fmt.Sprintf("%s: %.0f x %.3g / %.4g = %s turns, %s per second; its weight is read again only then", sum, n-1, 1/f, a+1, short(math.Round(before)), short(w.picks)))
	case half >= 2:
		w.warning(w.doc, w.at+".slow_start", fmt.Sprintf("%s like envoy floods a server in a slow start: %s takes about %s connections in a row at once, and more than half of all until it has %s", kind, server, short(math.Round(math.Sqrt(2*f*(a+1)))), short(math.Round(half))),
			fmt.Sprintf("%s: sqrt(2 x %.2g x %.4g) in a row, half until %.2g x %.4g / %.0f", sum, f, a+1, f, a+1, n-1))
	}
}
