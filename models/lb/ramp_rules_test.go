package lb_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
)

// weight returns the last server's part of its full weight; weights follow the
// time when connections come.
func (s *stand) weight() float64 {
	id, _ := s.open('A')
	s.close(id)
	return s.b.Meter(0, len(s.answers)-1, s.e.Now()).Weight
}

// ended counts the ramps that came to their end.
func (s *stand) ended() (n int) {
	for _, note := range s.notes {
		if note.Kind == flow.RampEnded {
			n++
		}
	}
	return n
}

// A server that fails in its ramp begins it again when it comes back.
func TestRampBeginsAgain(t *testing.T) {
	for _, c := range []struct {
		p lb.RampPolicy
		// The weight at the return, and 40 s and 99 s later, of 100 s.
		start, middle, late float64
	}{
		{&ramp.Linear{Time: 100 * time.Second}, 0, 0.4, 0.99},
		{&ramp.Linear{Time: 100 * time.Second, Like: "f5"}, 0, 0.4, 0.99},
		{&ramp.Linear{Time: 100 * time.Second, Like: "alb"}, 0, 0.4, 0.99},
		{&ramp.HAProxy{Time: 100 * time.Second}, 1. / 16, 7. / 16, 1},
		{&ramp.Envoy{Window: 100 * time.Second, Aggression: 1, MinWeight: 0.1}, 0.1, 0.4, 0.99},
	} {
		s := newStand(t, lb.Service{Health: checks, SlowStart: c.p}, alike(2, 0)...)
		expect := func(at, want float64) {
			t.Helper()
			s.at(at)
			agree(t, fmt.Sprintf("%T at %v s", c.p, at), s.weight(), want, 1e-4)
		}
		fail := func(at float64, a flow.Answer) { s.at(at); s.answers[1] = a }
		expect(0.5, 1) // nobody has just come back at the start
		fail(10.5, flow.Refuses)
		expect(12, 0)
		fail(20.5, flow.Accepts) // seen by the probe at 21 s
		expect(21, c.start)
		expect(61, c.middle)
		fail(65.5, flow.Refuses)
		expect(67, 0)
		fail(70.5, flow.Accepts)
		expect(71, c.start)
		expect(111, c.middle)
		expect(170, c.late)
		expect(171, 1)
		if s.ended() != 1 || s.notes[len(s.notes)-1].Kind != flow.RampEnded {
			t.Errorf("%T: %+v", c.p, s.notes)
		}
	}
}

// The same for the ramps that are not in the weight.
func TestLimitBeginsAgain(t *testing.T) {
	policy := &ramp.DoublingLimit{Initial: 1, Every: 10 * time.Second, Factor: 2, End: 1000}
	s := newReturn(t, lb.Service{SlowStart: policy}, alike(1, 0)...)
	s.after(20)
	for range 4 {
		s.expectOpen('A', "a")
	}
	s.expectOpen('A', "rejected")
	s.answers[0] = flow.Refuses
	s.after(21)
	s.answers[0] = flow.Accepts
	s.after(22) // it still counts 4 connections
	s.expectOpen('A', "rejected")
	s.after(44.9)
	s.expectOpen('A', "rejected")
	s.after(52)
	s.expectOpen('A', "a")
}

// HAProxy's slowstart acts after checks and after maintenance, not after a
// drain, a weight of 0 and the start.
func TestHAProxyCauses(t *testing.T) {
	for _, c := range []struct {
		name string
		out  func(s *stand)
		in   func(s *stand)
		want float64
	}{
		{"start", func(*stand) {}, func(*stand) {}, 1},
		{"check", func(s *stand) { s.answers[1] = flow.Refuses }, func(s *stand) { s.answers[1] = flow.Accepts }, 1. / 16},
		{"maintenance", func(s *stand) { s.b.Disable(1) }, func(s *stand) { s.b.Enable(1) }, 1. / 16},
		{"drain", func(s *stand) { s.b.Drain(1) }, func(s *stand) { s.b.Enable(1) }, 1},
		{"weight", func(s *stand) { s.b.SetWeight(0, 1, 0) }, func(s *stand) { s.b.SetWeight(0, 1, 1) }, 1},
	} {
		s := newStand(t, lb.Service{Health: checks, SlowStart: &ramp.HAProxy{Time: time.Minute}}, alike(2, 0)...)
		s.at(1.5)
		c.out(s)
		s.at(2.5)
		c.in(s)
		s.at(3)
		agree(t, "after "+c.name, s.weight(), c.want, 0)
	}
}

// A drain in the middle of a ramp is no way around it.
func TestRampGoesOnAfterDrain(t *testing.T) {
	s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: time.Minute}}, alike(2, 0)...)
	s.after(5)
	s.b.Drain(1)
	s.after(15.5)
	s.b.Enable(1)
	agree(t, "after a drain", s.weight(), 5./16, 0)
	s.after(60)
	agree(t, "at the end", s.weight(), 1, 0)
	if s.ended() != 1 {
		t.Errorf("%d ramps ended", s.ended())
	}
}

// A server in maintenance is in no ramp; when it leaves, it begins at 0.
func TestMaintenanceEndsRamp(t *testing.T) {
	for _, p := range []lb.RampPolicy{
		&ramp.HAProxy{Time: time.Minute}, &ramp.Linear{Time: time.Minute}, &ramp.Linear{Time: time.Minute, Like: "alb"},
	} {
		s := newReturn(t, lb.Service{SlowStart: p}, alike(2, 0)...)
		s.after(30)
		s.b.Disable(1)
		s.after(70)
		s.weight()
		if s.ended() != 0 {
			t.Errorf("%T: a ramp ended in maintenance", p)
		}
		s.b.Enable(1)
		agree(t, fmt.Sprintf("%T after maintenance", p), s.weight(), 0, 1./16)
	}
}

// Weights and limits that the operator sets in a ramp are what it leads to, and
// its steps stay where they were.
func TestOperatorInRamp(t *testing.T) {
	s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: 10 * time.Second}}, alike(2, 0)...)
	s.after(0.9)
	s.b.SetWeight(0, 1, 4)
	agree(t, "at 0.9 s", s.weight(), 1./16, 0)
	agree(t, "share beside weight 1", s.share(500), 0.2, 0.002)
	s.b.SetLimit(0, 1, 50)
	s.after(1)
	agree(t, "at 1 s", s.weight(), 2./16, 0)
	s.after(5)
	agree(t, "at 5 s", s.weight(), 9./16, 0)
	s.b.SetLimit(0, 1, 4)
	s.answers[0] = flow.Silent // from now on all go to b
	s.after(8)
	for range 3 { // 80 % of 4
		s.expectOpen('A', "b")
	}
	s.expectOpen('A', "rejected")
	s.b.SetLimit(0, 1, 0)
	s.expectOpen('A', "b")
	s.after(20)
	if s.ended() != 1 {
		t.Errorf("%d ramps ended", s.ended())
	}
}

// A server that flaps leaves no steps behind.
func TestFlappingInRamp(t *testing.T) {
	s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: 10 * time.Second}}, alike(2, 0)...)
	for i := range 20 {
		s.after(2*float64(i) + 0.5)
		s.answers[1] = flow.Refuses
		s.after(2*float64(i) + 1.5)
		s.answers[1] = flow.Accepts
	}
	s.after(40) // it is up again
	before := s.e.Stats().Fired
	s.after(49.5)
	// Ten probes of each server but the last of b, and a step a second.
	if fired := s.e.Stats().Fired - before; fired > 30 {
		t.Errorf("%d events in 9.5 s", fired)
	}
	s.after(50)
	agree(t, "at the end", s.weight(), 1, 0)
	if s.ended() != 1 {
		t.Errorf("%d ramps ended", s.ended())
	}
}

// A server that fails in its ramp and is used all the same, because too few are
// up, has its full weight.
func TestRampAndPanic(t *testing.T) {
	s := newReturn(t, lb.Service{SlowStart: &ramp.Linear{Time: 100 * time.Second}, Panic: 0.6}, alike(2, 0)...)
	s.after(10)
	agree(t, "in the ramp", s.share(1100), 1./11, 0.002)
	s.answers[1] = flow.Refuses
	s.after(11)
	tried := s.b.Refused()
	for range 100 {
		s.open('A')
	}
	if got := s.b.Refused() - tried; got != 50 {
		t.Errorf("%d of 100 go to the server that is down", got)
	}
}

// Persistent clients bypass a ramp, but not HAProxy's connection limit: they
// wait for a step.
func TestPersistenceBypassesRamp(t *testing.T) {
	sticky := func(p lb.RampPolicy) *stand {
		s := newStand(t, lb.Service{
			Health: checks, SlowStart: p, Queue: lb.Unlimited, Scheduler: &sched.Random{},
			Persistence: &persist.SourceIP{Timeout: time.Hour},
		}, alike(2, 10)...)
		for c := byte('A'); ; c++ { // a client of the last server asks as Z
			id, name := s.open('Z')
			s.close(id)
			if name == "b" {
				break
			}
			s.at(7200 * float64(c-'A'+1))
		}
		start := math.Ceil(s.e.Now().Seconds())
		s.at(start + 0.5)
		s.b.Disable(1)
		s.at(start + 1)
		s.b.Enable(1) // its record is still there
		return s
	}
	for _, p := range []lb.RampPolicy{
		&ramp.Linear{Time: time.Minute}, &ramp.Envoy{Window: time.Minute, Aggression: 1},
		&ramp.RequestRate{Amount: 0.001, Unit: "percent"},
	} {
		s := sticky(p)
		for range 10 {
			s.expectOpen('Z', "b")
		}
		s.expectOpen('Z', "waits")
	}
	s := sticky(&ramp.HAProxy{Time: 10 * time.Second})
	start := s.e.Now().Seconds()
	s.expectOpen('Z', "b")
	for range 3 {
		s.expectOpen('Z', "waits")
	}
	s.at(start + 1.9) // the limit is 1 of 10 to 2 s
	s.expectLog()
	s.at(start + 2)
	s.expectLog("Z to b")
	s.at(start + 4)
	s.expectLog("Z to b", "Z to b")
}

// Those who wait for any server are served at a step, too, in the order in
// which they came.
func TestStepServesQueues(t *testing.T) {
	s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: 4 * time.Second}, Queue: lb.Unlimited}, alike(2, 4)...)
	s.after(0)
	for range 5 { // 4 places at a, 1 at b
		if _, name := s.open('A'); name == "waits" {
			t.Fatal("there is room")
		}
	}
	for c := byte('B'); c < 'F'; c++ {
		s.expectOpen(c, "waits")
	}
	s.after(1.9)
	s.expectLog() // 25 % of 4 is 1
	s.after(2)
	s.expectLog("B to b")
	s.after(4)
	s.expectLog("C to b", "D to b")
}

// 20 requests a second and 10 services: 200 requests in round robin. A new
// virtual server begins with 100.
func TestStartupRoundRobin(t *testing.T) {
	for _, c := range []struct {
		requests, start, back int
	}{{0, 100, 200}, {3, 30, 30}} {
		s := newStand(t, lb.Service{
			Health: checks, SlowStart: &ramp.StartupRoundRobin{Requests: c.requests}, Scheduler: &sched.LeastConnections{Like: "ipvs"},
		}, alike(10, 0)...)
		// All servers are idle, so that least connections picks the first and
		// round robin the next.
		turns := func(n int) int {
			t.Helper()
			for i := range n {
				id, name := s.open('A')
				s.close(id)
				if want := string(rune('a' + i%10)); name != want {
					return i
				}
			}
			return n
		}
		// The first of the ten is the pick of both.
		if got := turns(1000); got != c.start+1 {
			t.Errorf("%d turns at the start, want %d", got-1, c.start)
		}
		s.b.Drain(9)
		for i := range 40 {
			s.at(10 + float64(i)/20)
			id, _ := s.open('A')
			s.close(id)
		}
		s.at(12)
		s.b.Enable(9)
		if got := turns(1000); got != c.back+1 {
			t.Errorf("%d turns after a return, want %d", got-1, c.back)
		}
	}
}

// The turns obey the weights and pass over servers that are down.
func TestStartupTurns(t *testing.T) {
	members := alike(3, 0)
	members[0].Weight = 2
	s := newStand(t, lb.Service{SlowStart: &ramp.StartupRoundRobin{Requests: 10}, Scheduler: &sched.LeastConnections{}}, members...)
	var got strings.Builder
	for i := range 8 {
		if i == 4 {
			s.b.Disable(1)
		}
		_, name := s.open('A')
		got.WriteString(name)
	}
	if got.String() != "abcaacaa" && got.String() != "abcaaaca" {
		t.Errorf("turns %s", got.String())
	}
}

// load opens n connections a second for a time and returns how many of them
// the last server got.
func (s *stand) load(perSecond, length float64) (got int) {
	start := s.e.Now().Seconds()
	for i := range int(perSecond * length) {
		s.at(start + (float64(i)+0.5)/perSecond)
		if _, name := s.open('A'); name == s.last() {
			got++
		}
	}
	s.at(start + length)
	return got
}

// NetScaler: share(k) = amount (1 + floor(t/interval)) until full. Nobody ends
// a connection, so that least connections would give all to the server that is
// back. 60 requests a second come; 20 are a server's fair share.
func TestRequestRate(t *testing.T) {
	for _, c := range []struct {
		p    *ramp.RequestRate
		want []float64 // per second, in each interval
	}{
		{&ramp.RequestRate{Amount: 5, Unit: "per-second", Interval: 10 * time.Second}, []float64{5, 10, 15, 60}},
		// 25 % of the load of one of two others is 25/225 of all, and so on.
		{&ramp.RequestRate{Amount: 25, Unit: "percent", Interval: 10 * time.Second}, []float64{60. / 9, 60. / 5, 60 * 3. / 11, 60}},
		{&ramp.RequestRate{Amount: 5, Unit: "per-second"}, []float64{5, 5, 5, 5, 5, 5}},
		{&ramp.RequestRate{Amount: 25, Unit: "percent"}, []float64{60. / 9, 60. / 9, 60. / 9, 60. / 9}},
	} {
		s := newReturn(t, lb.Service{SlowStart: c.p, Scheduler: &sched.LeastConnections{}}, alike(3, 0)...)
		s.answers[2] = flow.Refuses
		s.load(60, 40.5) // this pile is what the others hold
		s.answers[2] = flow.Accepts
		s.load(60, 1)
		for i, want := range c.want {
			agree(t, fmt.Sprintf("%+v, interval %d", *c.p, i), float64(s.load(60, 10)), 10*want, 2)
		}
	}
}

// What nobody else can take goes to a server that has had all that it may, and
// it does not pay for that when the others are back.
func TestRequestRateAlone(t *testing.T) {
	s := newReturn(t, lb.Service{
		SlowStart: &ramp.RequestRate{Amount: 2, Unit: "per-second"}, Scheduler: &sched.RoundRobin{},
	}, alike(2, 0)...)
	s.at(1.9)
	s.load(1000, 0.1)
	s.after(0)
	agree(t, "beside another", float64(s.load(10, 10)), 20, 1)
	s.b.SetWeight(0, 0, 0)
	agree(t, "alone", float64(s.load(10, 100)), 1000, 0)
	s.b.SetWeight(0, 0, 1)
	agree(t, "beside another again", float64(s.load(10, 10)), 20, 1)
}

// Where the ramps do not act, nothing changes, whatever returns.
func TestRampsThatDoNotAct(t *testing.T) {
	for _, c := range []struct {
		p lb.RampPolicy
		s lb.SchedulerPolicy
	}{
		{&ramp.Linear{Time: time.Minute, Like: "kemp"}, &sched.RoundRobin{}},
		{&ramp.Linear{Time: time.Minute, Like: "alb"}, &sched.LeastConnections{}},
		{&ramp.Linear{Time: time.Minute, Like: "nginx"}, &sched.IPHash{}},
		{&ramp.Linear{Like: "f5"}, &sched.RoundRobin{}},
		{&ramp.Envoy{Window: time.Minute, Aggression: 1}, &sched.SourceHash{Hashing: sched.Hashing{Table: "maglev"}}},
	} {
		s := newReturn(t, lb.Service{SlowStart: c.p, Scheduler: c.s}, alike(2, 0)...)
		s.after(0)
		agree(t, fmt.Sprintf("%+v with %T", c.p, c.s), s.weight(), 1, 0)
	}
}
