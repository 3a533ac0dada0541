package lb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// Health checks as products do them. With a single server the probes of a check
// are at multiples of its interval.
var (
	likeHAProxy = lb.Health{Kind: lb.TCPCheck, Every: 2 * time.Second, Timeout: 2 * time.Second, Fall: 3, Rise: 2, Pace: lb.PaceAfter, Start: lb.StartFailing, Pause: true}
	likeKEMP    = lb.Health{Kind: lb.TCPCheck, Every: 9 * time.Second, Timeout: 4 * time.Second, Fall: 2, Rise: 1, Pace: lb.PaceRetry}
	likeF5      = lb.Health{Kind: lb.TCPCheck, Every: 5 * time.Second, Timeout: 16 * time.Second, Fall: 1, Rise: 1, TimeoutFrom: lb.FromAnswer}
	likeEnvoy   = lb.Health{Kind: lb.HTTPCheck, Every: 5 * time.Second, Timeout: time.Second, Fall: 3, Rise: 2, Pace: lb.PaceAfter, Start: lb.StartChecking, Pause: true, ErrorFall: true, IdleEvery: time.Minute}
)

// outcome lets the server answer so from a time on and returns when the balancer
// next changes its mind about it, in seconds.
func (s *stand) outcome(from float64, a flow.Answer) float64 {
	s.t.Helper()
	s.at(from)
	s.answers[0] = a
	n := len(s.notes)
	for end := s.e.Now().Add(10 * time.Minute); len(s.notes) == n; s.e.Run(s.e.Now().Add(time.Millisecond)) {
		if s.e.Now() > end {
			s.t.Fatalf("nothing was noticed in 10 minutes")
		}
	}
	return s.notes[n].At.Seconds()
}

// expectAt compares times to the millisecond.
func (s *stand) expectAt(what string, got, want float64) {
	s.t.Helper()
	if d := got - want; d < -0.001 || d > 0.001 {
		s.t.Errorf("%s: at %.3f s, want %.3f s", what, got, want)
	}
}

// The table of facts about HAProxy: rise 2, fall 3, the counter starts at 4.
func TestHAProxyHealthCounter(t *testing.T) {
	h := likeHAProxy
	h.Start = lb.StartUp
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	for i, step := range []struct {
		probe byte
		want  int
	}{{'F', 3}, {'P', 4}, {'F', 3}, {'F', 2}, {'F', 0}, {'P', 1}, {'F', 0}, {'P', 1}, {'P', 4}} {
		s.at(float64(2*i) + 1)
		s.answers[0] = map[byte]flow.Answer{'P': flow.Accepts, 'F': flow.Refuses}[step.probe]
		s.at(float64(2*i) + 3)
		if got := s.b.HealthCounter(0); got != step.want {
			t.Errorf("after probe %d, %c, the counter is %d, want %d", i+1, step.probe, got, step.want)
		}
	}
	s.expectNotes("a is down: 3 checks failed", "a is up: 2 checks passed")
}

// At its start, and when it leaves maintenance, HAProxy's counter is rise: the
// server is up, and one failure takes it down.
func TestHAProxyStartsWithOneFailureToGo(t *testing.T) {
	s := newStand(t, lb.Service{Health: likeHAProxy}, alike(1, 0)...)
	if got := s.b.HealthCounter(0); got != 2 {
		t.Errorf("the counter starts at %d, want 2", got)
	}
	s.expectAt("first failure", s.outcome(0, flow.Refuses), 2)
	s.expectAt("recovery, 2 passes", s.outcome(2.001, flow.Accepts), 6)
	s.at(20.5)
	s.b.Disable(0)
	s.answers[0] = flow.Refuses
	s.at(60.5)
	s.expectNotes("a is down: 3 checks failed", "a is up: 2 checks passed", "a is taken out for maintenance", "a is empty: it can be taken out")
	s.b.Enable(0)
	s.expectOpen('A', "reset") // it is up, as far as anybody knows
	s.at(63)
	s.expectNotes("a is down: 3 checks failed", "a is up: 2 checks passed", "a is taken out for maintenance", "a is empty: it can be taken out", "a is put back", "a is down: 3 checks failed")
}

// A refusing server is down 4 to 6 s after it failed; back after two good probes.
func TestHAProxyRefusingServer(t *testing.T) {
	for _, c := range []struct{ fails, down float64 }{{10.001, 16}, {11.999, 16}} {
		s := newStand(t, lb.Service{Health: likeHAProxy}, alike(1, 0)...)
		s.expectAt(fmt.Sprintf("fails at %g", c.fails), s.outcome(c.fails, flow.Refuses), c.down)
		s.expectAt("back", s.outcome(16.001, flow.Accepts), 20)
	}
}

// Each probe of a silent server ends after 2 s, and the next begins 2 s after
// that: 10 to 12 s.
func TestHAProxySilentServer(t *testing.T) {
	for _, c := range []struct{ fails, down float64 }{{10.001, 22}, {11.999, 22}} {
		s := newStand(t, lb.Service{Health: likeHAProxy}, alike(1, 0)...)
		s.expectAt(fmt.Sprintf("fails at %g", c.fails), s.outcome(c.fails, flow.Silent), c.down)
	}
}

// The interval is inter at full credit, downinter at none, else fastinter.
func TestHAProxyFastAndDownInter(t *testing.T) {
	h := likeHAProxy
	h.FastEvery, h.DownEvery = 500*time.Millisecond, 7*time.Second
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	var times []float64
	step := func(until float64) {
		for s.e.Now().Seconds() < until {
			n := len(s.attempts)
			s.e.Run(s.e.Now().Add(time.Millisecond))
			if len(s.attempts) > n {
				times = append(times, s.e.Now().Seconds())
			}
		}
	}
	step(5)
	s.answers[0] = flow.Refuses
	step(8)
	s.answers[0] = flow.Accepts
	step(17)
	// Good at 2 and 4; bad at 6, 6.5 and 7, down; then 7 s later, half a second
	// after that, and every 2 s.
	if got, want := fmt.Sprint(times), "[2 4 6 6.5 7 14 14.5 16.5]"; got != want {
		t.Errorf("probes at %s, want %s", got, want)
	}
}

// spread-checks 50 lets each interval be 1 to 3 s, 2 on the average.
func TestHAProxySpreadChecks(t *testing.T) {
	h := likeHAProxy
	h.Jitter = 0.5
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	s.at(2000)
	if n := len(s.attempts); n < 970 || n > 1030 {
		t.Errorf("%d probes in 2000 s, want about 1000", n)
	}
	last, least, most := 0.0, 9.0, 0.0
	s = newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	for k := 1; k < 100000; k++ {
		n := len(s.attempts)
		s.e.Run(sim.Time(k) * sim.Time(time.Millisecond))
		if len(s.attempts) > n {
			now := s.e.Now().Seconds()
			if last > 0 {
				least, most = min(least, now-last), max(most, now-last)
			}
			last = now
		}
	}
	if least < 0.999 || most > 3.001 || most-least < 1.5 {
		t.Errorf("intervals from %.3f to %.3f s, want 1 to 3", least, most)
	}
}

// Ten errors in a row do what on-error says (rise 2, fall 3, the counter at 4).
func TestHAProxyObserve(t *testing.T) {
	for _, c := range []struct {
		onError string
		errors  int
		want    int // counter
	}{
		{"fail-check", 9, 4}, {"fail-check", 10, 3}, {"fail-check", 20, 2}, {"fail-check", 30, 0},
		{"sudden-death", 10, 2}, {"sudden-death", 20, 0},
		{"mark-down", 9, 4}, {"mark-down", 10, 0},
		{"fastinter", 100, 4},
	} {
		h := likeHAProxy
		h.Start, h.FastEvery = lb.StartUp, 300*time.Millisecond
		h.Observe = &lb.Observe{Layer: "layer4", Limit: 10, OnError: c.onError}
		s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
		s.at(0.5)
		s.answers[0] = flow.Refuses
		for range c.errors {
			s.open('A')
		}
		if got := s.b.HealthCounter(0); got != c.want {
			t.Errorf("%s, %d errors: the counter is %d, want %d", c.onError, c.errors, got, c.want)
		}
		n := len(s.attempts)
		s.at(0.9)
		if probed := len(s.attempts) > n; probed != (c.errors >= 10) {
			t.Errorf("%s, %d errors: a probe within 300 ms: %v", c.onError, c.errors, probed)
		}
	}
}

// A success between two errors begins the count again; at layer 7 it is an answer.
func TestHAProxyObserveLayers(t *testing.T) {
	for _, layer := range []string{"layer4", "layer7"} {
		h := likeHAProxy
		h.Start = lb.StartUp
		h.Observe = &lb.Observe{Layer: layer, Limit: 2, OnError: "mark-down"}
		s := newStand(t, lb.Service{Health: h, Mode: lb.HTTP}, alike(1, 0)...)
		for range 4 {
			s.ask(flow.Rejected)
			s.ask(flow.Completed)
		}
		s.ask(flow.Rejected)
		if len(s.notes) > 0 {
			t.Errorf("%s: %+v", layer, s.notes)
		}
		s.ask(flow.Reset)
		if down := len(s.notes) == 1; down != (layer == "layer7") {
			t.Errorf("%s: two errors in a row: %+v", layer, s.notes)
		}
	}
}

// ask sends a request over a connection of its own to the first server that takes
// it, and tells the balancer how it ended.
func (s *stand) ask(o flow.Outcome) {
	id, got := s.open('A')
	if len(got) != 1 {
		return
	}
	i, r := s.flows.Requests.New()
	r.Conn, r.Server = id, s.flows.Conns.At(uint32(id)).Server
	s.b.Ended(r, o)
	s.flows.Requests.Free(i)
	s.close(id)
}

// 8 s from the first failing probe of a silent server, 17 s at worst.
func TestKEMPSilentServer(t *testing.T) {
	for _, c := range []struct{ fails, down float64 }{{9.001, 26}, {17.999, 26}} {
		s := newStand(t, lb.Service{Health: likeKEMP}, alike(1, 0)...)
		s.expectAt(fmt.Sprintf("fails at %g", c.fails), s.outcome(c.fails, flow.Silent), c.down)
	}
	refused := newStand(t, lb.Service{Health: likeKEMP}, alike(1, 0)...)
	refused.expectAt("refused", refused.outcome(9.001, flow.Refuses), 18)
	refused.expectAt("back", refused.outcome(20, flow.Accepts), 27)
	grid := likeKEMP
	grid.Pace = lb.PaceGrid // if failed probes are not repeated within the cycle
	s := newStand(t, lb.Service{Health: grid}, alike(1, 0)...)
	s.expectAt("on the grid", s.outcome(9.001, flow.Silent), 31)
}

// F5: silent from 0, last answer at 0, down at 16; last answer at -4, down at 12;
// refusing, at the next probe. The clock of the test is 10 s ahead.
func TestF5Deadline(t *testing.T) {
	s := newStand(t, lb.Service{Health: likeF5}, alike(1, 0)...)
	s.expectAt("last answer at 0", s.outcome(10, flow.Silent), 26)
	s = newStand(t, lb.Service{Health: likeF5}, alike(1, 0)...)
	s.expectAt("last answer at -4", s.outcome(14, flow.Silent), 26)
	s = newStand(t, lb.Service{Health: likeF5}, alike(1, 0)...)
	s.expectAt("refusing", s.outcome(10.001, flow.Refuses), 15)
	s.expectNotes("a is down: 1 check failed")

	// One answer in between is enough, though older probes had none.
	s = newStand(t, lb.Service{Health: likeF5}, alike(1, 0)...)
	s.at(10.001)
	s.answers[0] = flow.Silent
	s.at(24.9)
	s.answers[0] = flow.Accepts
	s.at(25.1)
	s.expectAt("after one answer", s.outcome(25.1, flow.Silent), 41)
	s.expectNotes("a is down: no good answer for 16s")
}

// time-until-up: a server that was down has to be good for so long; a bad probe
// begins that again. With manual-resume it takes an operator as well.
func TestF5TimeUntilUpAndManualResume(t *testing.T) {
	h := likeF5
	h.UpAfter = 12 * time.Second
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	s.outcome(1, flow.Refuses)
	s.at(7)
	s.answers[0] = flow.Accepts // good at 10 and 15
	s.at(17)
	s.answers[0] = flow.Refuses // bad at 20
	s.at(22)
	s.expectAt("up", s.outcome(22, flow.Accepts), 25+12)

	h.UpAfter, h.Manual = 0, true
	s = newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	s.outcome(1, flow.Refuses)
	s.at(7)
	s.answers[0] = flow.Accepts
	s.at(100)
	s.expectNotes("a is down: 1 check failed")
	s.expectOpen('A', "rejected")
	s.b.Enable(0)
	s.expectNotes("a is down: 1 check failed", "a is up: 1 check passed")
	s.expectOpen('A', "a")
}

// Envoy: an answer that is an error takes the server out at once; the threshold
// counts refusals and time-outs.
func TestEnvoyErrorTakesServerOutAtOnce(t *testing.T) {
	s := newStand(t, lb.Service{Health: likeEnvoy}, alike(1, 0)...)
	s.expectOpen('A', "a") // there is traffic
	s.slow = true
	s.at(5)
	s.b.Checked(s.checks[0], 0, false) // the port is open: an error
	s.expectNotes("a is down: a check was answered with an error")

	s = newStand(t, lb.Service{Health: likeEnvoy}, alike(1, 0)...)
	s.expectOpen('A', "a")
	s.expectAt("refused, 3 times", s.outcome(6, flow.Refuses), 20)
	s = newStand(t, lb.Service{Health: likeEnvoy}, alike(1, 0)...)
	s.expectOpen('A', "a")
	s.slow = true
	s.expectAt("silent, 3 times", s.outcome(6, flow.Silent), 17+1) // 5 and 11 and 17, each after its time-out
}

// A host that is added, here one that leaves maintenance, is used after its first
// check, which is sent at once: one success is enough, whatever rise is.
func TestEnvoyFirstCheck(t *testing.T) {
	for _, a := range []flow.Answer{flow.Accepts, flow.Refuses} {
		s := newStand(t, lb.Service{Health: likeEnvoy}, alike(1, 0)...)
		s.expectOpen('A', "a")
		s.at(1)
		s.b.Disable(0)
		s.at(33)
		s.answers[0] = a
		s.b.Enable(0)
		s.expectOpen('A', "rejected")
		s.at(33.001)
		if a == flow.Accepts {
			s.expectOpen('A', "a")
			s.expectNotes("a is taken out for maintenance", "a is put back", "a is up: its first check passed")
			continue
		}
		s.expectOpen('A', "rejected")
		s.expectAt("up", s.outcome(40, flow.Accepts), 43)
	}
}

// A server that is new in the table is what start says: Envoy uses it after its
// first check, the others at once.
func TestAddedServer(t *testing.T) {
	for _, start := range []lb.Start{lb.StartUp, lb.StartFailing, lb.StartChecking} {
		h := likeHAProxy
		h.Start = start
		s := newStand(t, lb.Service{Health: h}, lb.MemberConfig{Weight: 1}, lb.MemberConfig{Weight: 1, Absent: true})
		s.at(10.5)
		s.answers[1] = flow.Silent
		s.b.Add(1)
		s.at(10.6)
		got := s.placed("ABCD")
		want := map[lb.Start]string{lb.StartUp: "a unanswered a unanswered", lb.StartFailing: "a unanswered a unanswered", lb.StartChecking: "a a a a"}[start]
		if got != want {
			t.Errorf("%s: %s, want %s", start, got, want)
		}
		s.at(14.6) // probed at 12 at the latest, which ends at 14 at the latest
		if down := slices.ContainsFunc(s.notes, func(n flow.Note) bool { return n.Kind == flow.MarkedDown }); down != (start == lb.StartFailing) {
			t.Errorf("%s: marked down %v after one failed check", start, down)
		}
	}
}

// Without traffic Envoy checks every 60 s.
func TestEnvoyNoTrafficInterval(t *testing.T) {
	s := newStand(t, lb.Service{Health: likeEnvoy}, alike(1, 0)...)
	s.slow = true
	probes := func() (n int) { n = len(s.checks); s.checks = nil; return n }
	answerAll := func(until float64) int {
		n := 0
		for s.e.Now().Seconds() < until {
			s.e.Run(s.e.Now().Add(100 * time.Millisecond))
			for _, c := range s.checks {
				s.b.Checked(c, 0, true)
			}
			n += probes()
		}
		return n
	}
	if n := answerAll(200); n != 4 { // 5, 65, 125, 185
		t.Errorf("%d probes in 200 s without traffic, want 4", n)
	}
	id := s.expectOpen('A', "a")
	s.at(200.1)
	s.close(id)
	if n := answerAll(300); n < 11 || n > 12 { // from 245 on, every 5 s
		t.Errorf("%d probes in the next 100 s, want one a minute and then every 5 s", n)
	}
}

// A late answer is none, not even when the next probe is under way.
func TestLateAnswerDoesNotCount(t *testing.T) {
	h := likeEnvoy
	h.IdleEvery, h.Fall = 0, 1
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	s.slow = true
	s.at(6)
	s.expectNotes("a is down: 1 check failed")
	s.at(11)
	if len(s.checks) != 2 {
		t.Fatalf("%d checks, want 2", len(s.checks))
	}
	s.b.Checked(s.checks[0], 6*time.Second, true)
	s.b.Checked(s.checks[1], 0, true)
	s.at(16)
	s.b.Checked(s.checks[2], 0, true)
	s.expectNotes("a is down: 1 check failed", "a is up: 2 checks passed")
	if at := s.notes[1].At; at != sim.Time(16*time.Second) {
		t.Errorf("up at %v, want 16 s: the late answer does not count", at)
	}
}

// A ping is answered by a machine whose port is closed.
func TestPing(t *testing.T) {
	s := newStand(t, lb.Service{Health: lb.Health{Kind: lb.PingCheck, Every: time.Second, Timeout: time.Second / 2, Fall: 1, Rise: 1}}, alike(1, 0)...)
	s.answers[0] = flow.Refuses
	s.at(10.1)
	s.expectNotes()
	s.expectAt("silent", s.outcome(10.1, flow.Silent), 11.5)
}

// Checks with a demand cost something, whatever their kind.
func TestChecksCost(t *testing.T) {
	for _, kind := range []lb.HealthKind{lb.TCPCheck, lb.HTTPCheck, lb.PingCheck} {
		for _, demand := range []time.Duration{0, time.Millisecond} {
			s := newStand(t, lb.Service{Health: lb.Health{Kind: kind, Every: time.Second, Timeout: time.Second, Fall: 1, Rise: 1, Demand: demand}}, alike(1, 0)...)
			s.slow = true
			s.at(3.5)
			if costs := len(s.checks) > 0; costs != (kind == lb.HTTPCheck || demand > 0) {
				t.Errorf("%s, demand %v: requests were sent: %v", kind, demand, costs)
			}
		}
	}
}

// An agent asks for the part of the weight that the server was idle, drains it or
// takes it down.
func TestAgent(t *testing.T) {
	h := lb.Health{Kind: lb.AgentCheck, Every: time.Second, Timeout: time.Second, Fall: 1, Rise: 1, Agent: &lb.Agent{Least: 0.01, Drain: 0.8, Down: 0.95}}
	s := newStand(t, lb.Service{Health: h}, alike(1, 0)...)
	for i, c := range []struct{ busy, weight float64 }{{0, 1}, {0.4, 0.6}, {0.75, 0.25}, {0.1, 0.9}} {
		s.says.Busy += time.Duration(c.busy * 1e9)
		s.at(float64(i+1) + 0.1)
		if got := s.b.Share(0); got < c.weight-1e-4 || got > c.weight+1e-4 {
			t.Errorf("%g busy: weight %g, want %g", c.busy, got, c.weight)
		}
	}
	s.says.Busy += 900 * time.Millisecond
	s.at(5.1)
	s.expectOpen('A', "rejected")
	s.says.Busy += 990 * time.Millisecond
	s.at(6.1)
	s.at(7.1)
	s.expectOpen('A', "a")
	s.expectNotes("a asks for no new clients: it is 90 % busy", "a is down: 1 check failed", "a takes new clients again: it is 0 % busy", "a is up: 1 check passed")
}

// Every parameter has a range, and what does not fit together is refused.
func TestHealthParameters(t *testing.T) {
	for _, c := range []struct {
		change func(h *lb.Health)
		want   string // paths
	}{
		{func(h *lb.Health) {}, ""},
		{func(h *lb.Health) { h.Kind = "smtp" }, "kind"},
		{func(h *lb.Health) { h.Kind = "" }, "kind"},
		{func(h *lb.Health) { h.Pace = "x"; h.Start = "x"; h.TimeoutFrom = "x" }, "pace timeout_from start"},
		{func(h *lb.Health) { h.Jitter = 0.95 }, "jitter"},
		{func(h *lb.Health) { h.Fall, h.Rise = 0, 10001 }, "fall rise"},
		{func(h *lb.Health) { h.FastEvery = 1; h.DownEvery = -1; h.IdleEvery = 25 * time.Hour }, "fast_every down_every idle_every"},
		{func(h *lb.Health) { h.Delay = -1; h.UpAfter = -1; h.Demand = -1 }, "delay up_after demand"},
		{func(h *lb.Health) { h.Kind = lb.HTTPCheck; h.Timeout = 3 * time.Second }, "timeout"},
		{func(h *lb.Health) { h.Kind = lb.HTTPCheck; h.Timeout = 3 * time.Second; h.Pace = lb.PaceAfter }, ""},
		{func(h *lb.Health) { h.TimeoutFrom = lb.FromAnswer; h.Pace = lb.PaceAfter }, "pace"},
		{func(h *lb.Health) { h.Agent = &lb.Agent{} }, "agent"},
		{func(h *lb.Health) {
			h.Kind = lb.NoCheck
			h.Observe = &lb.Observe{Layer: "layer4", Limit: 1, OnError: "mark-down"}
		}, "observe"},
		{func(h *lb.Health) { h.Observe = &lb.Observe{Layer: "layer5", OnError: "x"} }, "observe.layer observe.on_error observe.error_limit"},
		{func(h *lb.Health) { h.Kind = lb.Passive; h.Passive = &lb.Failures{FailTimeout: time.Second} }, "passive"},
		{func(h *lb.Health) { h.Passive = &lb.Failures{MaxFails: -1} }, "passive.max_fails passive.fail_timeout"},
		{func(h *lb.Health) { h.Outlier = &lb.Outlier{SuccessFactor: -1} }, "outlier.interval outlier.base_time outlier.max_time outlier.errors outlier.gateway_errors outlier.success_rate_servers outlier.success_rate_requests outlier.failure_servers outlier.failure_requests outlier.success_rate_factor"},
	} {
		var h lb.Health
		h.SetDefaults()
		c.change(&h)
		var paths []string
		for _, p := range flow.Check(&h) {
			paths = append(paths, p.Path)
		}
		if got := strings.Join(slices.Compact(paths), " "); got != c.want {
			t.Errorf("%+v: problems with %q, want %q", h, got, c.want)
		}
	}
}
