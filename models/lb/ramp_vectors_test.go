package lb_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// newReturn builds a stand whose last server is down and is found up at 2 s.
func newReturn(t *testing.T, c lb.Service, members ...lb.MemberConfig) *stand {
	t.Helper()
	c.Health = checks
	s := newStand(t, c, members...)
	last := len(members) - 1
	s.answers[last] = flow.Refuses
	s.at(1.5) // the probes of the last server are at whole seconds
	s.answers[last] = flow.Accepts
	return s
}

// after runs the clock to t seconds after the return.
func (s *stand) after(t float64) { s.at(2 + t) }

// share opens n connections, closes each at once, and returns the part of them
// that the last server got.
func (s *stand) share(n int) float64 {
	s.t.Helper()
	got := 0
	for range n {
		id, name := s.open('A')
		if name == s.last() {
			got++
		}
		s.close(id)
	}
	return float64(got) / float64(n)
}

func (s *stand) last() string { return string(rune('a' + len(s.answers) - 1)) }

func agree(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: got %.5g, want %.5g", what, got, want)
	}
}

func secondsUp(t float64) sim.Time { return sim.Time(math.Round(t * 1e9)) }

func TestHAProxyWeights(t *testing.T) {
	for _, c := range []struct {
		time float64
		t, w []float64
	}{
		{60, []float64{0, 3, 4, 7, 8, 15, 30, 45, 56, 57}, []float64{1, 1, 2, 2, 3, 5, 9, 13, 15, 16}},
		{10, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []float64{1, 2, 4, 5, 7, 9, 10, 12, 13, 15}},
		{5, []float64{0, 1, 2, 3, 4}, []float64{1, 4, 7, 10, 13}},
		{4.001, []float64{0, 1, 2, 3, 4}, []float64{1, 4, 7, 10, 13}}, // rounded up
	} {
		r := (&ramp.HAProxy{Time: seconds(c.time)}).NewRamp(lb.ByTurn)
		for i, up := range c.t {
			agree(t, fmt.Sprintf("S=%v t=%v", c.time, up), 16*r.At(secondsUp(up), 0).Weight, c.w[i], 0)
			agree(t, fmt.Sprintf("S=%v t=%v.999", c.time, up), 16*r.At(secondsUp(up+0.999), 0).Weight, c.w[i], 0)
		}
		if end := math.Ceil(c.time); !r.At(secondsUp(end), 0).Over || r.At(secondsUp(end)-1, 0).Over {
			t.Errorf("S=%v does not end at %v s", c.time, end)
		}
	}
}

// User weight 100, S=60, t=30: 900 of 1600.
func TestHAProxyUserWeight(t *testing.T) {
	members := alike(2, 0)
	members[0].Weight, members[1].Weight = 700, 100
	s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: time.Minute}}, members...)
	s.after(30)
	agree(t, "part of its weight", s.b.Meter(0, 1, s.e.Now()).Weight, 900./1600, 0)
	agree(t, "share beside 700", s.share(12100), 900./(900+11200), 1./12100)
}

func TestHAProxyShares(t *testing.T) {
	for _, c := range []struct{ at, want float64 }{{0, 0.030}, {15, 0.135}, {30, 0.220}, {45, 0.289}, {57, 0.333}, {60, 0.333}} {
		s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: time.Minute}}, alike(3, 0)...)
		s.after(c.at)
		agree(t, fmt.Sprintf("share at %v s", c.at), s.share(3300), c.want, 0.001)
	}
}

func TestHAProxyLimits(t *testing.T) {
	r := (&ramp.HAProxy{Time: time.Minute}).NewRamp(lb.ByLoad)
	for _, c := range []struct {
		max   int32
		t     []float64
		limit []int32
	}{
		{100, []float64{0, 1, 5, 15, 30, 45, 59}, []int32{1, 1, 8, 25, 50, 75, 98}},
		{10, []float64{6, 15, 30, 45, 59}, []int32{1, 2, 5, 7, 9}},
		{0, []float64{0, 30}, []int32{0, 0}},
	} {
		for i, up := range c.t {
			if got := r.At(secondsUp(up), c.max).Limit; got != c.limit[i] {
				t.Errorf("maxconn %d after %v s: limit %d, want %d", c.max, up, got, c.limit[i])
			}
		}
	}
}

// Two peers hold 100 connections each and none ends: so many picks in a row go
// to the server that is back.
func TestHAProxyLeastConnections(t *testing.T) {
	for _, c := range []struct {
		at    float64
		picks int
	}{{0, 6}, {12, 25}, {30, 56}, {57, 100}} { // w = 1, 4, 9, 16
		s := newReturn(t, lb.Service{SlowStart: &ramp.HAProxy{Time: time.Minute}, Scheduler: &sched.LeastConnections{Like: "haproxy"}}, alike(3, 0)...)
		for range 200 {
			s.open('A')
		}
		s.after(c.at)
		picks := 0
		for _, name := s.open('A'); name == "c"; _, name = s.open('A') {
			picks++
		}
		if picks != c.picks {
			t.Errorf("at %v s: %d picks, want %d", c.at, picks, c.picks)
		}
	}
}

// The tables of static-rr and of map hashes hold the configured weights: the
// ramp's weight does not show in them, its limit does.
func TestHAProxyStatic(t *testing.T) {
	p := &ramp.HAProxy{Time: time.Minute}
	s := newReturn(t, lb.Service{SlowStart: p, Scheduler: &sched.StaticRoundRobin{}}, alike(3, 0)...)
	s.after(0)
	agree(t, "share in static-rr", s.share(300), 1./3, 0)
	hash := &sched.SourceHash{Hashing: sched.Hashing{Table: "map", Like: "haproxy"}}
	s = newReturn(t, lb.Service{SlowStart: p, Scheduler: hash}, alike(2, 10)...)
	s.after(0)
	var mine byte
	for c := byte('A'); mine == 0; c++ {
		if id, name := s.open(c); name == "b" {
			mine = c
			s.close(id)
		}
	}
	s.expectOpen(mine, "b")
	if _, name := s.open(mine); name == "b" {
		t.Error("the limit is not 1 at the start")
	}
}

func TestEnvoyFactors(t *testing.T) {
	at := []float64{0, 3, 6, 15, 30, 45, 59.9}
	for _, c := range []struct {
		aggression float64
		want       []float64
	}{
		{1.0, []float64{.1, .1, .1, .25, .5, .75, .9983}},
		{1.5, []float64{.1, .1357, .2154, .3969, .6300, .8255, .9989}},
		{2.0, []float64{.1, .2236, .3162, .5, .7071, .8660, .9992}},
		{0.5, []float64{.1, .1, .1, .1, .25, .5625, .9967}},
	} {
		r := (&ramp.Envoy{Window: time.Minute, Aggression: c.aggression, MinWeight: 0.1}).NewRamp(lb.ByTurn)
		for i, up := range at {
			agree(t, fmt.Sprintf("aggression %v at %v s", c.aggression, up), r.At(secondsUp(up), 0).Weight, c.want[i], 0.00005)
		}
		if !r.At(secondsUp(60), 0).Over || r.At(secondsUp(59.9999), 0).Over {
			t.Errorf("aggression %v does not end at 60 s", c.aggression)
		}
	}
	// The code has a millisecond where the manual has a second.
	r := (&ramp.Envoy{Window: time.Minute, Aggression: 1}).NewRamp(lb.ByTurn)
	agree(t, "at 0", r.At(0, 0).Weight, 1./60000, 0)
	agree(t, "at 500.9 ms", r.At(secondsUp(0.5009), 0).Weight, 500./60000, 0)
}

// A host has the weight with which it was queued until it is picked: one that
// was queued at the start of its ramp waits for a deadline as far as ten turns
// of the others, were the ramp nearly over by then.
func TestEnvoyDeadline(t *testing.T) {
	policy := &ramp.Envoy{Window: time.Minute, Aggression: 1, MinWeight: 0.1}
	for _, c := range []struct {
		queued float64 // when the schedule is made, after the return
		others int     // picks of the others before the first of its own, from 54 s on
	}{{0, 19}, {54, 1}} { // ten turns of each, less the one at the beginning
		s := newReturn(t, lb.Service{SlowStart: policy, Scheduler: &sched.RoundRobin{Like: "envoy"}}, alike(3, 0)...)
		s.after(c.queued)
		s.share(1)
		s.after(54)
		others := 0
		for s.share(1) == 0 {
			others++
		}
		if others != c.others {
			t.Errorf("queued at %v s: %d picks of the others come first, want %d", c.queued, others, c.others)
		}
	}
}

// F5: 60 s, after 30 s half of what a full member gets, after 45 s three
// quarters.
func TestLinearShares(t *testing.T) {
	for _, c := range []struct{ at, factor, beside2, beside1 float64 }{
		{6, 0.10, 0.048, 0.091}, {15, 0.25, 0.111, 0.200}, {30, 0.50, 0.200, 0.333},
		{45, 0.75, 0.273, 0.429}, {48, 0.80, 0.286, 0.444}, {60, 1, 0.333, 0.500},
	} {
		for servers, want := range map[int]float64{3: c.beside2, 2: c.beside1} {
			s := newReturn(t, lb.Service{SlowStart: &ramp.Linear{Time: time.Minute, Like: "f5"}}, alike(servers, 0)...)
			s.after(c.at)
			agree(t, fmt.Sprintf("share at %v s of %d servers", c.at, servers), s.share(2000), want, 0.001)
			agree(t, fmt.Sprintf("factor at %v s", c.at), s.b.Meter(0, servers-1, s.e.Now()).Weight, c.factor, 1e-4)
		}
	}
}

func TestLinearFloor(t *testing.T) {
	r := (&ramp.Linear{Time: 100 * time.Second, Floor: 0.2}).NewRamp(lb.ByLoad)
	for up, want := range map[float64]float64{0: 0.2, 10: 0.2, 20: 0.2, 30: 0.3, 99: 0.99} {
		agree(t, fmt.Sprintf("at %v s", up), r.At(secondsUp(up), 0).Weight, want, 0)
	}
}

// ALB, 300 s: 0.1, 0.5 and 0.9 of a full share.
func TestALBShares(t *testing.T) {
	for at, factor := range map[float64]float64{30: 0.1, 150: 0.5, 270: 0.9} {
		s := newReturn(t, lb.Service{SlowStart: &ramp.Linear{Time: 300 * time.Second, Like: "alb"}}, alike(2, 0)...)
		s.after(at)
		got := s.share(1900)
		agree(t, fmt.Sprintf("of a full share at %v s", at), got/(1-got), factor, 0.002)
	}
}

// The first server of a group that was down gets full traffic at once, the
// second meets one that is settled.
func TestALBWithoutSettledTarget(t *testing.T) {
	s := newStand(t, lb.Service{SlowStart: &ramp.Linear{Time: 100 * time.Second, Like: "alb"}, Health: checks}, alike(2, 0)...)
	s.answers[0], s.answers[1] = flow.Refuses, flow.Refuses
	s.at(1.2)
	s.answers[0] = flow.Accepts
	s.at(1.7)
	s.answers[1] = flow.Accepts
	s.at(2)
	s.open('A')
	agree(t, "first", s.b.Meter(0, 0, s.e.Now()).Weight, 1, 0)
	agree(t, "second", s.b.Meter(0, 1, s.e.Now()).Weight, 0, 0.001)
}

func TestA10Limits(t *testing.T) {
	p, _ := ramp.Table.Lookup("doubling-limit")
	for i, want := range []int{128, 256, 512, 1024, 2048, 5000} {
		s := newReturn(t, lb.Service{SlowStart: p}, alike(1, 5000)...)
		s.after(10 * float64(i))
		got := 0
		for _, name := s.open('A'); name == "a"; _, name = s.open('A') {
			got++
		}
		if got != want {
			t.Errorf("after %d s the limit is %d, want %d", 10*i, got, want)
		}
	}
	r := (&ramp.DoublingLimit{Initial: 10, Every: time.Second, Factor: 2, Add: 5, End: 20}).NewRamp(lb.ByHash)
	for up, want := range map[float64]int32{0: 10, 0.999: 10, 1: 15} {
		if got := r.At(secondsUp(up), 0).Limit; got != want {
			t.Errorf("adding: the limit is %d after %v s, want %d", got, up, want)
		}
	}
	if !r.At(secondsUp(2), 0).Over {
		t.Error("adding does not end at the end")
	}
}
