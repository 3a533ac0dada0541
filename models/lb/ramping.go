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
	since sim.Time    // from when taken and all count
	taken float64     // connections that it was given
	all   float64     // connections that the service got
	held  bool        // it has had all that it may
}

// welcome lets member m, which takes connections again, begin its ramp.
func (in *instance) welcome(m int, cause Cause) {
	ms := &in.members[m]
	ms.upSince = in.b.e.Now()
	in.leaveRamp(m)
	if in.ramp != nil {
		r := in.returned(m, cause)
		in.turns.add(in, r)
		if in.ramp.Begins(r) {
			ms.ascent.on = true
			if in.stepped == nil {
				in.ramping = append(in.ramping, m)
			}
			in.climb(m)
			return
		}
	}
	in.setWeight(m, ms.weight)
	in.refresh(m)
}

func (in *instance) returned(m int, cause Cause) Return {
	r := Return{Cause: cause, Rate: in.turns.rate(in.b.e.Now())}
	for k := range in.members {
		if k != m && in.view.Members[k].Usable {
			r.Others++
			if !in.members[k].ascent.on {
				r.Settled++
			}
		}
	}
	return r
}

// leaveRamp ends the ramp of member m, which carries what the caller sets.
func (in *instance) leaveRamp(m int) {
	ms := &in.members[m]
	in.b.e.Cancel(ms.ascent.next)
	if ms.ascent.on && in.stepped == nil {
		in.ramping = slices.DeleteFunc(in.ramping, func(k int) bool { return k == m })
	}
	in.permitted = slices.DeleteFunc(in.permitted, func(k int) bool { return k == m })
	ms.ascent = ascent{}
	in.setLimit(m, ms.limit)
}

func (in *instance) setLimit(m int, limit int32) {
	if v := &in.view.Members[m]; v.Limit != limit {
		v.Limit = limit
		in.refresh(m)
	}
}

// climb sets what the ramp allows member m now.
func (in *instance) climb(m int) {
	ms := &in.members[m]
	now := in.b.e.Now()
	s := in.ramp.At(now-ms.upSince, ms.limit)
	if s.Over {
		in.leaveRamp(m)
		in.setWeight(m, ms.weight)
		in.refresh(m)
		in.b.note(flow.RampEnded, in, m, "carries its full weight again")
		return
	}
	limit := ms.limit
	if s.Limit > 0 && (limit == 0 || s.Limit < limit) {
		limit = s.Limit
	}
	in.setLimit(m, limit)
	in.setWeight(m, max(1, int64(float64(ms.weight)*s.Weight)))
	if s.Rate != ms.ascent.rate || s.Share != ms.ascent.share {
		in.permit(m, s.Rate, s.Share, now)
	}
	in.refresh(m)
	if in.stepped != nil {
		ms.ascent.next = in.b.ports.step.Set(in.stepped.Step(), place(in, m))
	}
}

// onStep takes member m to the next step of its ramp and lets those in who
// waited for that.
func (b *Balancer) onStep(at uint64) {
	in, m := b.at(at)
	in.members[m].ascent.next = 0
	in.climb(m)
	b.drainQueue(in)
	b.serveQueues(in, m)
}

// advanceRamps sets the weights of the members whose ramp goes on all the time.
func (in *instance) advanceRamps(now sim.Time) {
	for i := 0; i < len(in.ramping); {
		m := in.ramping[i]
		in.climb(m)
		if i < len(in.ramping) && in.ramping[i] == m {
			i++
		}
	}
}

// permit bounds the connections that member m is given from now on.
func (in *instance) permit(m int, rate, share float64, now sim.Time) {
	a := &in.members[m].ascent
	if a.rate == 0 && a.share == 0 {
		in.permitted = append(in.permitted, m)
	}
	a.rate, a.share, a.since, a.taken, a.all = rate, share, now, 0, 0
}

// checkPermits finds out which of the bounded members may be given the next
// connection.
func (in *instance) checkPermits(now sim.Time) {
	for _, m := range in.permitted {
		a := &in.members[m].ascent
		held := a.rate > 0 && a.taken >= 1+a.rate*(now-a.since).Seconds() ||
			a.share > 0 && a.taken+1 > a.share*(a.all+1)
		if held != a.held {
			a.held = held
			in.refresh(m)
		}
	}
}

// took counts a connection that member m was given.
func (in *instance) took(m int) {
	for _, k := range in.permitted {
		in.members[k].ascent.all++
	}
	in.members[m].ascent.taken++
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

// turns replaces the scheduler for a number of decisions.
type turns struct {
	left int
	last int // member whose turn was last
	// The decisions are counted in seconds, for their rate.
	second        sim.Time
	count, before float64
}

// begin sets the turns that a new service starts with.
func (t *turns) begin(in *instance, cause Cause) {
	t.last = -1
	if in.ramp != nil {
		t.add(in, Return{Cause: cause, Others: len(in.members), Settled: len(in.members)})
	}
}

// add adds the turns that follow on a return.
func (t *turns) add(in *instance, r Return) {
	if taker, ok := in.ramp.(TurnTaker); ok {
		t.left = max(t.left, taker.Turns(r, len(in.members)))
	}
}

// pick returns the member whose turn it is, or -1 if the scheduler decides.
func (t *turns) pick(in *instance, now sim.Time) int {
	if _, ok := in.ramp.(TurnTaker); !ok {
		return -1
	}
	t.tick(now)
	t.count++
	if t.left == 0 {
		return -1
	}
	n := len(in.members)
	for k := 1; k <= n; k++ {
		if m := (t.last + k) % n; in.view.Members[m].Usable {
			t.left--
			t.last = m
			return m
		}
	}
	return -1
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

// rate is the number of decisions in the last second.
func (t *turns) rate(now sim.Time) float64 {
	t.tick(now)
	return t.before
}
