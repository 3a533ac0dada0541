package sched

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Aperture uses two choices among a part of the servers, so that each of many
// balancers holds connections to few of them (Twitter Finagle,
// loadbalancer/aperture/). Loads are compared per weight, as in two-choices;
// Finagle balances servers of different weights apart from each other instead,
// which is left out.
//
// At random, the part is the first so many servers of an order that each
// balancer has drawn for itself, and grows and shrinks by one to keep the mean
// load of a server in it within a band (LoadBand.scala, RandomAperture.scala).
// Servers of several parts get more than those of few. A deterministic part
// does not follow the load: the balancers stand on a ring of servers at equal
// distances, and each uses those next to it, up to where another begins, so that
// all servers get the same (DeterministicAperture.scala, Ring.scala). A server
// that is half in is drawn half as often and compared as if half as strong.
//
// Finagle redraws while it meets servers that are closed; here those that are
// not usable are left out of the ring and of the order.
type Aperture struct {
	Deterministic bool          `yaml:"deterministic" doc:"use the servers next to this balancer on a ring, instead of as many random ones as the load needs"`
	Min           int           `yaml:"min" doc:"random: how many servers are used at least, and at first"`
	Low           float64       `yaml:"low" doc:"random: connections per server below which one server fewer is used"`
	High          float64       `yaml:"high" doc:"random: connections per server above which one server more is used"`
	Smoothing     time.Duration `yaml:"smoothing" doc:"random: time over which the number of connections is averaged"`
	Size          int           `yaml:"size" doc:"deterministic: how many servers are used at least"`
}

// newAperture returns the parameters of Finagle's source. Its documentation had
// a band of 0.5 to 2.
func newAperture() *Aperture {
	return &Aperture{Min: 1, Low: 0.875, High: 1.125, Smoothing: 15 * time.Second, Size: 12}
}

// Validate checks the parameters.
func (p *Aperture) Validate() (ps []flow.Problem) {
	bad := func(path, format string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	if p.Min < 1 || p.Min > maxDraws {
		bad("min", "%d is not between 1 and %d", p.Min, maxDraws)
	}
	if !(p.Low > 0) {
		bad("low", "%v is not more than 0", p.Low)
	}
	if !(p.High > p.Low && p.High < 1e9) {
		bad("high", "%v is not more than low, which is %v", p.High, p.Low)
	}
	if p.Smoothing < 0 || p.Smoothing > 24*time.Hour {
		bad("smoothing", "%v is not between 0 and 24h", p.Smoothing)
	}
	if p.Size < 2 || p.Size > maxDraws {
		bad("size", "%d is not between 2 and %d", p.Size, maxDraws)
	}
	return ps
}

// Basis implements lb.SchedulerPolicy.
func (*Aperture) Basis() lb.Basis { return lb.ByChance }

// NewScheduler implements lb.SchedulerPolicy.
func (p *Aperture) NewScheduler(env lb.Env) lb.Scheduler {
	if p.Deterministic {
		return newSlice(env, p.Size)
	}
	n := len(env.View.Members)
	a := &randomAperture{
		policy: *p, view: env.View, rand: env.Rand, now: env.Now, stale: true, width: p.Min,
		order: make([]int32, n), list: make([]int32, 0, n), active: make([]int32, n),
	}
	for m := range a.order {
		a.order[m] = int32(m)
		a.active[m] = env.View.Members[m].Active
		a.total += int64(a.active[m])
	}
	for i := n - 1; i > 0; i-- {
		j := env.Rand.IntN(i + 1)
		a.order[i], a.order[j] = a.order[j], a.order[i]
	}
	return a
}

type randomAperture struct {
	policy Aperture
	view   *lb.View
	rand   *sim.Stream
	now    func() sim.Time
	order  []int32 // all members
	list   []int32 // the usable ones, in this order
	stale  bool
	width  int // how many of these are used

	active  []int32 // connections, by member, as last heard
	total   int64
	smooth  float64 // total, as a moving average
	since   sim.Time
	started bool // there is an average
}

func (a *randomAperture) Pick(*lb.Query) int {
	if a.stale {
		a.renew()
	}
	switch n := min(a.width, len(a.list)); n {
	case 0:
		return -1
	case 1:
		return int(a.list[0])
	default:
		i, j := a.rand.IntN(n), a.rand.IntN(n-1)
		if j >= i {
			j++
		}
		return lessLoaded(a.view, a.list[i], a.list[j])
	}
}

func (a *randomAperture) renew() {
	a.stale = false
	a.list = a.list[:0]
	for _, m := range a.order {
		if a.view.Members[m].Usable {
			a.list = append(a.list, m)
		}
	}
	a.width = max(a.policy.Min, min(a.width, len(a.list)))
}

// Changed implements lb.Membership.
func (a *randomAperture) Changed(int) { a.stale = true }

// Counted implements lb.Tracker.
func (a *randomAperture) Counted(m int) {
	by := a.view.Members[m].Active - a.active[m]
	if by == 0 {
		return
	}
	a.active[m] += by
	a.total += int64(by)
	a.average()
	switch mean := a.smooth / float64(a.width); {
	case mean >= a.policy.High && a.width < len(a.list):
		a.width++
	case mean <= a.policy.Low && a.width > a.policy.Min:
		a.width--
	}
}

// average takes the total into the moving average as if it had been so high
// since the last time (util/Ema.scala), which counts a connection that comes a
// little too early and one that goes, too.
func (a *randomAperture) average() {
	now, old := a.now(), 0.0
	if a.started && a.policy.Smoothing > 0 {
		old = sim.Exp(-float64(now-a.since) / float64(a.policy.Smoothing))
	}
	a.smooth = float64(float64(a.total)*(1-old)) + float64(a.smooth*old)
	a.since, a.started = now, true
}

// slice is the part of a ring of servers that belongs to one of several
// balancers.
type slice struct {
	usable
	env  lb.Env
	size int
	in   []arc
	ends []float64 // of the arcs, laid end to end
}

// arc is how much of a member, 0 to 1, is in the slice.
type arc struct {
	member int32
	share  float64
}

func newSlice(env lb.Env, size int) *slice {
	return &slice{usable: newUsable(env.View), env: env, size: size}
}

func (s *slice) Pick(*lb.Query) int {
	if s.fresh() {
		s.cut()
	}
	switch len(s.in) {
	case 0:
		return -1
	case 1:
		return int(s.in[0].member)
	}
	all := s.ends[len(s.ends)-1]
	i := s.at(s.env.Rand.Float64() * all)
	// The second is drawn from what is left without the first.
	a := s.in[i]
	x := s.env.Rand.Float64() * (all - a.share)
	if x >= s.ends[i]-a.share {
		x += a.share
	}
	b := s.in[s.at(x)]
	if d := a.share - b.share; d > -1e-4 && d < 1e-4 {
		return lessLoaded(s.view, a.member, b.member)
	}
	if s.load(b) < s.load(a) {
		return int(b.member)
	}
	return int(a.member)
}

func (s *slice) load(a arc) float64 {
	v := &s.view.Members[a.member]
	return float64(v.Active) / (a.share * float64(v.Weight))
}

// at returns the arc at a distance from the slice's start.
func (s *slice) at(x float64) int {
	i, exact := slices.BinarySearch(s.ends, x)
	if exact {
		i++ // an arc does not contain its end
	}
	return min(i, len(s.ends)-1)
}

// cut finds the balancer's part of the ring: from where it stands itself, to
// where some balancer stands, so that it contains as many servers as it should
// or more.
func (s *slice) cut() {
	s.in, s.ends = s.in[:0], s.ends[:0]
	n, balancers := len(s.list), max(1, s.env.Instances)
	if n == 0 {
		return
	}
	// In units of a server's width times the number of balancers all is whole.
	steps := (min(s.size, n)*balancers + n - 1) / n
	from, length := s.env.Instance*n, min(steps, balancers)*n
	first := from / balancers
	for i := first; i*balancers < from+length; i++ {
		part := min((i+1)*balancers, from+length) - max(i*balancers, from)
		share := float64(part) / float64(balancers)
		if i-first == n { // once round
			s.in[0].share += share
			continue
		}
		s.in = append(s.in, arc{s.list[i%n], share})
	}
	sum := 0.0
	for i := range s.in {
		sum += s.in[i].share
		s.ends = append(s.ends, sum)
	}
}
