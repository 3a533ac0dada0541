package lb_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// asking is a scheduler for tests that asks for something and writes down what
// it is told.
type asking struct {
	wants func(*asked) lb.Scheduler // what of asked the balancer sees
	every time.Duration
	asks  int
	made  []*asked // by instance
}

type asked struct {
	homing
	policy *asking
	idle   []byte // members that have reported
	log    []string
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *asking) NewScheduler(env lb.Env) lb.Scheduler {
	a := &asked{homing: homing{env: env}, policy: p}
	p.made = append(p.made, a)
	return p.wants(a)
}

// Basis implements lb.SchedulerPolicy.
func (*asking) Basis() lb.Basis { return lb.ByLoad }

func (a *asked) say(now sim.Time, m int, format string, args ...any) {
	a.log = append(a.log, fmt.Sprintf("%v %c ", now, 'a'+m)+fmt.Sprintf(format, args...))
}

// What a scheduler may implement, see package lb.
func (a *asked) Idle(m int) { a.idle = append(a.idle, 'a'+byte(m)) }

// Busy takes the report back.
func (a *asked) Busy(m int) bool {
	a.idle = slices.DeleteFunc(a.idle, func(k byte) bool { return k == 'a'+byte(m) })
	return false
}
func (a *asked) Idles() int                            { return len(a.idle) }
func (a *asked) Asks() int                             { return a.policy.asks }
func (a *asked) Every() time.Duration                  { return a.policy.every }
func (a *asked) Polled(m int, l lb.Load, now sim.Time) { a.say(now, m, "alive %v", l.Alive) }
func (a *asked) Failed(m int)                          { a.say(a.env.Now(), m, "failed") }
func (a *asked) Timed(m int, took time.Duration, ok bool, now sim.Time) {
	a.say(now, m, "after %v %v", took, ok)
}
func (a *asked) Answered(m int, took time.Duration, now sim.Time) { a.say(now, m, "after %v", took) }

func reports(a *asked) lb.Scheduler {
	return struct {
		lb.Scheduler
		lb.IdleQueue
	}{a, a}
}

func polls(a *asked) lb.Scheduler {
	return struct {
		lb.Scheduler
		lb.Poller
	}{a, a}
}

func times(a *asked) lb.Scheduler {
	return struct {
		lb.Scheduler
		lb.Timer
	}{a, a}
}

func listens(a *asked) lb.Scheduler {
	return struct {
		lb.Scheduler
		lb.Feedback
		lb.FailureCounter
	}{a, a, a}
}

func (a *asked) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(a.log, want) {
		t.Errorf("told %q, want %q", a.log, want)
	}
	a.log = nil
}

// Agents are asked one after the other, each at its interval; a dead server's
// does not answer.
func TestPolls(t *testing.T) {
	p := &asking{every: 2 * time.Second, wants: polls}
	s := newStand(t, lb.Service{Scheduler: p, Instances: 2}, alike(2, 0)...)
	s.dead("b")
	s.at(4)
	p.made[0].expect(t, "1s a alive true", "2s b alive false", "3s a alive true", "4s b alive false")
	p.made[1].expect(t, "500ms a alive true", "1.5s b alive false", "2.5s a alive true", "3.5s b alive false")
}

// Checks are timed, however long they take and whatever order they end in.
func TestTimes(t *testing.T) {
	p := &asking{every: time.Second, wants: times}
	s := newStand(t, lb.Service{Scheduler: p}, alike(2, 0)...)
	s.dead("b")
	s.at(1)
	p.made[0].expect(t, "500ms a after 0s true", "1s b after 0s false")
	s.slow = true
	s.at(2)
	if len(s.checks) != 2 {
		t.Fatalf("%d checks are under way, want 2", len(s.checks))
	}
	s.b.Checked(s.checks[1], 900*time.Millisecond, true)
	s.b.Checked(s.checks[0], time.Second, false)
	p.made[0].expect(t, "2s b after 900ms true", "2s a after 1s false")
}

// A scheduler that listens is told how long each answer took, by the balancer
// that decided.
func TestFeedback(t *testing.T) {
	p := &asking{wants: listens}
	s := newStand(t, lb.Service{Scheduler: p, Instances: 2}, alike(2, 0)...)
	s.at(3)
	ids := map[uint8]flow.ConnID{}
	for len(ids) < 2 {
		id := s.expectOpen('B', "b")
		ids[s.via(id)] = id
	}
	s.at(5)
	s.b.Answered(&flow.Request{Conn: ids[0], Sent: sim.Time(4 * time.Second)})
	s.b.Answered(&flow.Request{Conn: ids[1], Sent: sim.Time(3 * time.Second)})
	p.made[0].expect(t, "5s b after 1s")
	p.made[1].expect(t, "5s b after 2s")
}

// With passive checks it is told of failures, too, and how many of them count.
func TestFailuresAreTold(t *testing.T) {
	p := &asking{wants: listens}
	s := newStand(t, lb.Service{Scheduler: p, Health: passive, Redispatch: 1}, alike(2, 0)...)
	s.dead("ab")
	s.expectOpen('B', "reset")
	p.made[0].expect(t, "0s b failed", "0s a failed")
	if n := p.made[0].env.MaxFails; n != 1 {
		t.Errorf("MaxFails is %d", n)
	}
}

// What a scheduler asks at once it is answered at once.
func TestProbe(t *testing.T) {
	p := &homes{}
	s := newStand(t, lb.Service{Scheduler: p}, alike(2, 0)...)
	s.dead("b")
	if env := p.made[0].env; !env.Probe(0).Alive || env.Probe(1).Alive {
		t.Error("the dead server answers, or the other does not")
	}
}
