package sched

import (
	"time"

	"lbsim/models/lb"
	"lbsim/sim"
)

// masked is a scheduler that sees some of the members only. The others look to
// it as if they were down.
type masked struct {
	lb.Scheduler
	view lb.View

	tracker  lb.Tracker // nil where the scheduler does not care
	members  lb.Membership
	feedback lb.Feedback
	failures lb.FailureCounter
	bound    lb.BoundCounter
}

// newMasked returns a scheduler that sees those members for which in is true.
func newMasked(env lb.Env, policy lb.SchedulerPolicy, in func(m int) bool) *masked {
	k := &masked{view: lb.View{Members: make([]lb.Member, len(env.View.Members))}}
	for m := range k.view.Members {
		k.view.Members[m] = seen(&env.View.Members[m], in(m))
	}
	env.View = &k.view
	k.Scheduler = policy.NewScheduler(env)
	k.tracker, _ = k.Scheduler.(lb.Tracker)
	k.members, _ = k.Scheduler.(lb.Membership)
	k.feedback, _ = k.Scheduler.(lb.Feedback)
	k.failures, _ = k.Scheduler.(lb.FailureCounter)
	k.bound, _ = k.Scheduler.(lb.BoundCounter)
	return k
}

// seen is a member as the scheduler sees it. One that is not in looks down and
// not full: a full one may keep its place.
func seen(v *lb.Member, in bool) lb.Member {
	s := *v
	if !in {
		s.Usable, s.Limit, s.Crowded = false, 0, false
	}
	return s
}

// show lets the scheduler see what has become of a member.
func (k *masked) show(m int, v *lb.Member, in bool) {
	old := &k.view.Members[m]
	now := seen(v, in)
	changed := now.Usable != old.Usable || now.Weight != old.Weight || now.Base != old.Base
	*old = now
	if changed && k.members != nil {
		k.members.Changed(m)
	}
}

// counted tells the scheduler that a member's counts have changed.
func (k *masked) counted(m int) {
	if k.tracker != nil {
		k.tracker.Counted(m)
	}
}

// divided is a scheduler made of others, each for some of the members.
type divided interface {
	lb.Scheduler
	lb.Tracker
	lb.Membership
	// all returns the others, by returns the one for member m.
	all() []*masked
	by(m int) *masked
}

// withInterfaces returns the scheduler with what a balancer looks for in the
// others, and no more: who has an Every, say, is asked for it.
func withInterfaces(d divided) lb.Scheduler {
	s := listening{d}
	switch d.all()[0].Scheduler.(type) {
	case lb.Poller:
		return withPoller{s}
	case lb.Timer:
		return withTimer{s}
	case lb.IdleQueue:
		return withIdles{s}
	}
	return s
}

// listening passes on how requests and connections fare.
type listening struct{ divided }

// Answered implements lb.Feedback.
func (l listening) Answered(m int, took time.Duration, now sim.Time) {
	if f := l.by(m).feedback; f != nil {
		f.Answered(m, took, now)
	}
}

// Failed implements lb.FailureCounter.
func (l listening) Failed(m int) {
	if f := l.by(m).failures; f != nil {
		f.Failed(m)
	}
}

// Bound implements lb.BoundCounter.
func (l listening) Bound(m int) {
	if b := l.by(m).bound; b != nil {
		b.Bound(m)
	}
}

// withPoller passes on what agents on servers say.
type withPoller struct{ listening }

// Every implements lb.Poller.
func (p withPoller) Every() time.Duration { return p.all()[0].Scheduler.(lb.Poller).Every() }

// Polled implements lb.Poller.
func (p withPoller) Polled(m int, l lb.Load, now sim.Time) {
	p.by(m).Scheduler.(lb.Poller).Polled(m, l, now)
}

// withTimer passes on how long checks take.
type withTimer struct{ listening }

// Every implements lb.Timer.
func (t withTimer) Every() time.Duration { return t.all()[0].Scheduler.(lb.Timer).Every() }

// Timed implements lb.Timer.
func (t withTimer) Timed(m int, took time.Duration, ok bool, now sim.Time) {
	t.by(m).Scheduler.(lb.Timer).Timed(m, took, ok, now)
}

// withIdles passes on which servers are idle.
type withIdles struct{ listening }

func (t withIdles) queue(m int) lb.IdleQueue { return t.by(m).Scheduler.(lb.IdleQueue) }

// Idle implements lb.IdleQueue.
func (t withIdles) Idle(m int) { t.queue(m).Idle(m) }

// Busy implements lb.IdleQueue.
func (t withIdles) Busy(m int) bool { return t.queue(m).Busy(m) }

// Idles implements lb.IdleQueue.
func (t withIdles) Idles() (n int) {
	for _, k := range t.all() {
		n += k.Scheduler.(lb.IdleQueue).Idles()
	}
	return n
}

// Asks implements lb.IdleQueue.
func (t withIdles) Asks() int { return t.all()[0].Scheduler.(lb.IdleQueue).Asks() }
