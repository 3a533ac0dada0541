package lb

import (
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// ascent is where a member is on its ramp.
type ascent struct {
	on    bool
	next  sim.Pending // the next step of a ramp that goes in steps
	rate  float64     // connections per second that it may be given; 0: any
	share float64     // part of the service's connections that it may be given; 0: any
	// What it may be given now, of either: it grows with time and with the
	// service's connections, and each that the member is given takes one away.
	ofRate, ofShare float64
	paid            sim.Time // until when ofRate has grown
	held            bool     // it has had all that it may
}

// welcome lets member m, which takes connections again, begin its ramp. A
// member that was drained in the middle of its ramp goes on with it where that
// does not begin it again.
func (in *instance) welcome(m int, cause Cause) {
	if in.ramp == nil {
		in.setWeight(m, in.members[m].weight)
		in.refresh(m)
		return
	}
	in.advanceRamps(in.b.e.Now()) // one that has ended is not to count
	r := in.returned(m, cause)
	in.turns.add(in, r)
	ms := &in.members[m]
	switch {
	case in.ramp.Begins(r):
		in.stopRamp(m)
		ms.upSince, ms.ascent.on = in.b.e.Now(), true
		if in.stepped == nil {
			in.ramping = append(in.ramping, m)
		}
		in.climb(m)
	case ms.ascent.on && cause == Undrained:
		in.climb(m)
	default:
		in.leaveRamp(m)
		in.setWeight(m, ms.weight)
		in.refresh(m)
	}
}

// returned describes the return of member m.
func (in *instance) returned(m int, cause Cause) Return {
	r := Return{Cause: cause, Rate: in.turns.rate(in.b.e.Now())}
	for k := range in.members {
		if ms := &in.members[k]; k != m && ms.alive() && ms.duty == ready && ms.weight > 0 {
			r.Others++
			if !ms.ascent.on {
				r.Settled++
			}
		}
	}
	return r
}

// stopRamp forgets the ramp of member m and leaves its weight and limit as they
// are.
func (in *instance) stopRamp(m int) {
	a := &in.members[m].ascent
	if !a.on {
		return
	}
	in.b.e.Cancel(a.next)
	if in.stepped == nil {
		in.ramping = without(in.ramping, m)
	}
	if a.rate > 0 || a.share > 0 {
		in.permitted = without(in.permitted, m)
	}
	*a = ascent{}
}

func without(list []int, m int) []int {
	return slices.DeleteFunc(list, func(k int) bool { return k == m })
}

// leaveRamp ends the ramp of member m, be it because it is at the top or
// because it is down: a server that is used in spite of that has its full
// weight.
func (in *instance) leaveRamp(m int) {
	ms := &in.members[m]
	if !ms.ascent.on {
		return
	}
	in.stopRamp(m)
	in.view.Members[m].Limit = ms.limit
	in.refresh(m)
	in.setWeight(m, ms.weight)
}

func (in *instance) setLimit(m int, limit int32) {
	if v := &in.view.Members[m]; v.Limit != limit {
		v.Limit = limit
		in.refresh(m)
	}
}

// climb sets what the ramp allows member m now. The scheduler is told when all
// is set, so that it never sees a member that is back at its full weight.
func (in *instance) climb(m int) {
	ms := &in.members[m]
	now := in.b.e.Now()
	up := now - ms.upSince
	s := in.ramp.At(up, ms.limit)
	if s.Over {
		in.leaveRamp(m)
		in.b.note(flow.RampEnded, in, m, "carries its full weight again")
		return
	}
	v := &in.view.Members[m]
	v.Limit = ms.limit
	if s.Limit > 0 && (v.Limit == 0 || s.Limit < v.Limit) {
		v.Limit = s.Limit
	}
	in.permit(m, s.Rate, s.Share, now)
	in.setWeight(m, max(1, int64(float64(ms.weight)*s.Weight)))
	in.refresh(m)
	if in.stepped != nil {
		in.b.e.Cancel(ms.ascent.next)
		step := sim.Time(in.stepped.Step())
		ms.ascent.next = in.b.ports.step.SetAt(ms.upSince+(up/step+1)*step, place(in, m))
	}
}

// onStep takes member m to the next step of its ramp and lets those in who
// waited for that.
func (b *Balancer) onStep(at uint64) {
	in, m := b.at(at)
	in.members[m].ascent.next = 0
	in.proceed(m)
	b.serveQueues(in, m)
	b.drainQueue(in)
}

// proceed takes member m to where it should be on its ramp; maintenance ends
// that.
func (in *instance) proceed(m int) {
	if in.members[m].duty.off() {
		in.leaveRamp(m)
		return
	}
	in.climb(m)
}

// advanceRamps sets the weights of the members whose ramp goes on all the time.
func (in *instance) advanceRamps(now sim.Time) {
	for i := 0; i < len(in.ramping); {
		m := in.ramping[i]
		in.proceed(m)
		if i < len(in.ramping) && in.ramping[i] == m {
			i++
		}
	}
}

// permit bounds the connections that member m is given from now on. It may be
// given one per second at once, but a part of the connections only after as
// many as that takes.
func (in *instance) permit(m int, rate, share float64, now sim.Time) {
	a := &in.members[m].ascent
	if rate == a.rate && share == a.share {
		return
	}
	was, is := a.rate > 0 || a.share > 0, rate > 0 || share > 0
	switch {
	case is && !was:
		in.permitted = append(in.permitted, m)
		a.ofRate, a.paid = 1, now
	case was && !is:
		in.permitted = without(in.permitted, m)
		a.held = false
	default:
		a.earn(now)
	}
	a.rate, a.share = rate, share
}

// Connections that a member might have been given and was not are kept for a
// second, or for a hundred connections of the service: long enough that a
// scheduler which draws at random can use them, and too short for a burst.
const sharesKept = 100

// earn adds the connections that have become due with time.
func (a *ascent) earn(now sim.Time) {
	a.ofRate = min(a.ofRate+float64(a.rate*(now-a.paid).Seconds()), max(1, a.rate))
	a.paid = now
}

// whole is a connection, less what sums of fractions may be short of it.
const whole = 1 - 1e-9

// checkPermits finds out which of the bounded members may be given the next
// connection.
func (in *instance) checkPermits(now sim.Time) {
	if len(in.permitted) > 0 {
		in.judgePermits(now)
	}
}

func (in *instance) judgePermits(now sim.Time) {
	for _, m := range in.permitted {
		a := &in.members[m].ascent
		a.earn(now)
		held := a.rate > 0 && a.ofRate < whole || a.share > 0 && a.ofShare+a.share < whole
		if held != a.held {
			a.held = held
			in.refresh(m)
		}
	}
}

// took counts a connection that member m was given.
func (in *instance) took(m int) {
	if len(in.permitted) > 0 {
		in.charge(m)
	}
}

// charge counts a connection for the bounded members. Member m may have been
// given more than its due, where nobody else could take them or the clients
// belong to it; it does not pay for that later.
func (in *instance) charge(m int) {
	for _, k := range in.permitted {
		a := &in.members[k].ascent
		a.ofShare = min(a.ofShare+a.share, max(1, sharesKept*a.share))
		if k == m {
			a.ofRate, a.ofShare = max(0, a.ofRate-1), max(0, a.ofShare-1)
		}
	}
}

// liftPermits lets bounded members have all that nobody else can take, and
// reports whether there are any.
func (in *instance) liftPermits() bool {
	lifted := false
	for _, m := range in.permitted {
		if a := &in.members[m].ascent; a.held {
			a.held, lifted = false, true
			in.refresh(m)
		}
	}
	return lifted
}

// turns replaces the scheduler for a number of decisions by a round robin that
// obeys the weights, as nginx's does (smooth weighted round robin).
type turns struct {
	taker  TurnTaker // the ramp, if it wants turns
	left   int
	credit []int64 // by member
	// The decisions are counted in seconds, for their rate.
	second        sim.Time
	count, before float64
}

// begin sets the turns that a new service starts with.
func (t *turns) begin(in *instance, cause Cause) {
	if taker, ok := in.ramp.(TurnTaker); ok {
		t.taker, t.credit = taker, make([]int64, len(in.members))
		t.add(in, Return{Cause: cause, Others: len(in.members), Settled: len(in.members)})
	}
}

// add adds the turns that follow on a return.
func (t *turns) add(in *instance, r Return) {
	if t.taker != nil {
		t.left = max(t.left, t.taker.Turns(r, len(in.members)))
	}
}

// pick returns the member whose turn it is, or -1 if the scheduler decides.
func (t *turns) pick(in *instance, now sim.Time) int {
	if in.ramp == nil {
		return -1
	}
	return t.turn(in, now)
}

func (t *turns) turn(in *instance, now sim.Time) int {
	t.tick(now)
	t.count++
	if t.left == 0 {
		return -1
	}
	best, sum := -1, int64(0)
	for m := range in.view.Members {
		v := &in.view.Members[m]
		if !v.Usable {
			continue
		}
		t.credit[m] += v.Base
		sum += v.Base
		if best < 0 || t.credit[m] > t.credit[best] {
			best = m
		}
	}
	if best >= 0 {
		t.credit[best] -= sum
		t.left--
	}
	return best
}

// tick begins a new second when the last is over.
func (t *turns) tick(now sim.Time) {
	const second = 1_000_000_000
	if s := now - now%second; s != t.second {
		t.before = t.count
		if s-t.second > second {
			t.before = 0
		}
		t.second, t.count = s, 0
	}
}

// rate is the number of decisions in the last whole second.
func (t *turns) rate(now sim.Time) float64 {
	t.tick(now)
	return t.before
}
