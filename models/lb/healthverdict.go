package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// What counts are probes in a row. HAProxy has a counter for that, from 0 (down)
// to rise+fall-1 (up), which a failure in between takes back to 0 and a success
// to the top (src/check.c): the same.

// verdict is what a probe has found.
type verdict uint8

const (
	passed  verdict = iota
	failed          // nobody answers, or the connection is refused
	erred           // an answer that is an error
	overdue         // no good answer for too long
)

// judge counts what one probe, or what is as good as one, has found. It reports
// whether the balancer has changed its mind; then the caller settles.
func (b *Balancer) judge(in *instance, m int, v verdict) bool {
	ms, h := &in.members[m], &in.config.Health
	if v == erred && h.TimeoutFrom == FromAnswer {
		return false // it is no good answer, and that is all
	}
	if good := v == passed; good == ms.up {
		ms.streak = 0
		if p := &in.probes[m]; !good {
			b.e.Cancel(p.rising)
			p.held = false
		}
		return false
	}
	ms.streak++
	switch {
	case ms.up && v == overdue:
		b.markDown(in, m, fmt.Sprintf("is down: no good answer for %v", h.Timeout))
	case ms.up && v == erred && h.ErrorFall:
		b.markDown(in, m, "is down: a check was answered with an error")
	case ms.up && ms.streak >= h.Fall:
		b.markDown(in, m, "is down: "+plural(h.Fall, "check", "failed"))
	case !ms.up && (ms.streak >= h.Rise || in.probes[m].checking):
		return b.good(in, m)
	default:
		return false
	}
	return true
}

// good puts member m back, which has passed enough probes, or lets it wait for
// what else that takes. It reports whether the member is back.
func (b *Balancer) good(in *instance, m int) bool {
	h, p := &in.config.Health, &in.probes[m]
	switch {
	case p.checking:
	case h.UpAfter > 0:
		if !b.e.IsPending(p.rising) && !p.held {
			p.rising = b.ports.rise.Set(h.UpAfter, place(in, m))
		}
		return false
	case h.Manual:
		p.held = true
		return false
	}
	b.markUp(in, m)
	return true
}

// onRise puts a member back that has been good for long enough.
func (b *Balancer) onRise(at uint64) {
	in, m := b.at(at)
	if in.config.Health.Manual {
		in.probes[m].held = true
		return
	}
	b.markUp(in, m)
	b.settle(in)
}

// markDown takes member m out. The caller settles.
func (b *Balancer) markDown(in *instance, m int, text string) {
	ms := &in.members[m]
	ms.up, ms.streak = false, 0
	b.note(flow.MarkedDown, in, m, text)
	in.leftOut(m)
}

// leftOut is what follows when member m is no longer believed to work.
func (in *instance) leftOut(m int) {
	in.lost(m)
	in.leaveRamp(m)
	in.refresh(m)
	in.judgePanic()
}

// markUp puts member m back. The caller settles.
func (b *Balancer) markUp(in *instance, m int) {
	ms, p := &in.members[m], &in.probes[m]
	text := "is up: " + plural(in.config.Health.Rise, "check", "passed")
	if p.checking {
		text = "is up: its first check passed"
	}
	ms.up, ms.streak, p.checking, p.held = true, 0, false, false
	b.note(flow.MarkedUp, in, m, text)
	in.judgePanic()
	in.back(m, CheckedUp)
}

// checkAgain begins the probes of member m anew, as it leaves maintenance or is
// new in the table.
func (b *Balancer) checkAgain(in *instance, m int) {
	ms, h, p := &in.members[m], &in.config.Health, in.probing(m)
	if p == nil || !h.Pause && ms.duty != absent {
		return
	}
	b.e.Cancel(p.open)
	b.e.Cancel(p.rising)
	p.open, p.held = 0, false
	ms.up, ms.streak = h.Start != StartChecking, 0
	if h.Start == StartFailing {
		ms.streak = h.Fall - 1
	}
	if p.checking = !ms.up; p.checking {
		b.planAt(in, m, b.e.Now())
	} else if !b.e.IsPending(p.next) {
		b.plan(in, m, b.e.Now())
	}
	if h.TimeoutFrom == FromAnswer {
		p.open = b.ports.giveUp.Set(h.Timeout, place(in, m))
	}
}

// resume is what an operator does who enables member m: if it is good and has
// waited for that, it is put back.
func (in *instance) resume(m int) {
	b, p := in.b, in.probing(m)
	if p != nil && p.held {
		b.markUp(in, m)
		b.settle(in)
	}
}

func plural(n int, noun, verb string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s %s", noun, verb)
	}
	return fmt.Sprintf("%d %ss %s", n, noun, verb)
}
