package lb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// envoyOutlier is Envoy's outlier detection, with some of its parameters changed,
// and no probes.
func envoyOutlier(change func(o *lb.Outlier)) lb.Health {
	o := &lb.Outlier{}
	o.SetDefaults()
	if change != nil {
		change(o)
	}
	return lb.Health{Kind: lb.NoCheck, Outlier: o}
}

// half lets half of the servers be ejected.
func half(o *lb.Outlier) { o.MaxEjected = 0.5 }

// errors lets a member end so many requests with an error.
func (s *stand) errors(m byte, n int) { s.requests(m, 0, n) }

// requests lets a member end requests, some well and then some with an error.
func (s *stand) requests(m byte, good, bad int) {
	i, c := s.flows.Conns.New()
	c.Member, c.Server = int32(m-'a'), int32(m-'a')
	k, r := s.flows.Requests.New()
	r.Conn, r.Server = flow.ConnID(i), c.Server
	for range good {
		s.b.Ended(r, flow.Completed)
	}
	for range bad {
		s.b.Ended(r, flow.Rejected)
	}
	s.flows.Requests.Free(k)
	s.flows.Conns.Free(i)
}

// ejected returns the members that are out, in the order in which they went.
func (s *stand) ejected() string {
	out := ""
	for _, n := range s.notes {
		name := n.Text[:1]
		if out = strings.ReplaceAll(out, name, ""); n.Kind == flow.MarkedDown {
			out += name
		}
	}
	return out
}

// Five errors in a row eject a server; a success between begins the count again.
func TestOutlierConsecutiveErrors(t *testing.T) {
	s := newStand(t, lb.Service{Health: envoyOutlier(half), Mode: lb.HTTP}, alike(4, 0)...)
	s.errors('b', 4)
	s.requests('b', 1, 4)
	s.expectNotes()
	s.errors('b', 1)
	s.expectNotes("b is ejected for 30s: 5 errors in a row")
	s.expectEach("A B C D", "a c d a")
}

// Gateway errors are found, but not enforced by default. Lost connections are
// none.
func TestOutlierGatewayErrors(t *testing.T) {
	h := envoyOutlier(func(o *lb.Outlier) {
		o.MaxEjected, o.EnforceErrors, o.EnforceGateway, o.GatewayErrors = 1, 0, 1, 2
	})
	h.GiveUps = true
	s := newStand(t, lb.Service{Health: h, Mode: lb.HTTP}, alike(1, 0)...)
	for range 3 {
		s.ask(flow.Reset)
		s.ask(flow.Rejected)
	}
	s.expectNotes()
	s.ask(flow.TimedOut)
	s.expectNotes("a is ejected for 30s: 2 gateway errors in a row")
}

// In mode tcp a connection that is not taken is an error.
func TestOutlierConnections(t *testing.T) {
	s := newStand(t, lb.Service{Health: envoyOutlier(half)}, alike(2, 0)...)
	s.dead("a")
	s.expectEach("A B C D A B C D", "reset b reset b reset b reset b")
	s.expectEach("A B C D", "reset b b b")
	s.expectNotes("a is ejected for 30s: 5 errors in a row")
}

// The most that are ejected at 10 %: none of 3, 5 and 9 hosts, one of 10 and 11,
// two of 20; one of any number with always_eject_one_host.
func TestOutlierMaxEjectionPercent(t *testing.T) {
	for _, c := range []struct{ hosts, most, withOne int }{{3, 0, 1}, {5, 0, 1}, {9, 0, 1}, {10, 1, 1}, {11, 1, 1}, {20, 2, 2}} {
		for _, always := range []bool{false, true} {
			s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) { o.AlwaysOne = always }), Mode: lb.HTTP}, alike(c.hosts, 0)...)
			for m := range c.hosts {
				s.errors('a'+byte(m), 5)
			}
			want := c.most
			if always {
				want = c.withOne
			}
			if got := len(s.ejected()); got != want {
				t.Errorf("%d hosts, always one %v: %d ejected, want %d", c.hosts, always, got, want)
			}
		}
	}
}

// Success rates 50, 100, 100, 100, 100: threshold 52, the first is ejected; 90 and
// four times 100: threshold 90.4, likewise.
func TestOutlierSuccessRate(t *testing.T) {
	for _, c := range []struct {
		first int
		want  string
	}{
		{50, "a is ejected for 30s: 50 % of 100 requests went well, which is below 52 %"},
		{90, "a is ejected for 30s: 90 % of 100 requests went well, which is below 90.4 %"},
		{100, ""},
	} {
		s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) { o.MaxEjected, o.Errors = 1, 1000 }), Mode: lb.HTTP}, alike(5, 0)...)
		for m := range byte(5) {
			bad := 0
			if m == 0 {
				bad = 100 - c.first
			}
			s.requests('a'+m, 100-bad, bad)
		}
		s.at(9.999)
		s.expectNotes()
		s.at(10)
		if c.want == "" {
			s.expectNotes()
		} else {
			s.expectNotes(c.want)
		}
	}
}

// Success rates count with enough requests on enough hosts, in one interval.
func TestOutlierSuccessRateVolume(t *testing.T) {
	for _, c := range []struct {
		hosts, requests int
		want            string
	}{{5, 100, "a"}, {4, 100, ""}, {5, 99, ""}} {
		s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) { o.MaxEjected, o.Errors = 1, 1000 }), Mode: lb.HTTP}, alike(c.hosts, 0)...)
		s.at(5)
		s.requests('a', 0, c.requests)
		for m := 1; m < c.hosts; m++ {
			s.requests('a'+byte(m), c.requests, 0)
		}
		s.at(10)
		if got := s.ejected(); got != c.want {
			t.Errorf("%d hosts, %d requests: %q ejected, want %q", c.hosts, c.requests, got, c.want)
		}
		s.at(20) // the counts begin again
		if got := s.ejected(); got != c.want {
			t.Errorf("%d hosts, %d requests: %q ejected at the second tick", c.hosts, c.requests, got)
		}
	}
}

// The failure percentage is not enforced by default; 85 % is enough, 84 is not.
func TestOutlierFailurePercentage(t *testing.T) {
	for _, c := range []struct {
		enforce flow.Share
		failed  int
		want    string
	}{{0, 100, ""}, {1, 85, "abcde"}, {1, 84, ""}} {
		s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) {
			o.MaxEjected, o.Errors, o.GatewayErrors, o.EnforceSuccess, o.EnforceFailure = 1, 1000, 1000, 0, c.enforce
		}), Mode: lb.HTTP}, alike(5, 0)...)
		for m := range byte(5) {
			s.requests('a'+m, 100-c.failed, c.failed)
		}
		s.at(10)
		if got := s.ejected(); got != c.want {
			t.Errorf("%d %% failed, enforced %g: %q ejected, want %q", c.failed, c.enforce, got, c.want)
		}
	}
}

// Ejected at t = 3 with 30 s, ticks every 10: back at the tick t = 40.
func TestOutlierBackAtTick(t *testing.T) {
	s := newStand(t, lb.Service{Health: envoyOutlier(half), Mode: lb.HTTP}, alike(2, 0)...)
	s.at(3)
	s.errors('a', 5)
	s.expectNotes("a is ejected for 30s: 5 errors in a row")
	s.at(39.999)
	s.expectEach("A B", "b b")
	s.at(40)
	s.expectEach("A B", "a b")
	s.expectNotes("a is ejected for 30s: 5 errors in a row", "a is used again: its ejection is over")
}

// A first ejection takes 30 s, the next 60, 90 and so on to 300; each interval
// without one takes 30 s off the next.
func TestOutlierEjectionTimes(t *testing.T) {
	s := newStand(t, lb.Service{Health: envoyOutlier(half), Mode: lb.HTTP}, alike(2, 0)...)
	var got []string
	eject := func() {
		s.errors('a', 5)
		n := s.notes[len(s.notes)-1]
		length, _, _ := strings.Cut(strings.TrimPrefix(n.Text, "a is ejected for "), ":")
		got = append(got, length)
		for s.ejected() != "" {
			s.e.Run(s.e.Now().Add(time.Second))
		}
	}
	for range 12 {
		eject()
	}
	want := "30s 1m0s 1m30s 2m0s 2m30s 3m0s 3m30s 4m0s 4m30s 5m0s 5m0s 5m0s"
	if g := strings.Join(got, " "); g != want {
		t.Errorf("ejected for %s, want %s", g, want)
	}
	got = nil
	s.e.Run(s.e.Now().Add(75 * time.Second)) // 7 ticks
	eject()
	if want := "2m30s"; got[0] != want { // 11 - 7 + 1 times 30 s
		t.Errorf("after 7 intervals without, ejected for %s, want %s", got[0], want)
	}
}

// A good probe ends an ejection, unless it is told not to.
func TestOutlierCheckEndsEjection(t *testing.T) {
	for _, ends := range []bool{true, false} {
		h := envoyOutlier(half)
		h.Outlier.Checks = ends
		h.Kind, h.Every, h.Timeout, h.Fall, h.Rise = lb.TCPCheck, 4*time.Second, time.Second, 3, 2
		s := newStand(t, lb.Service{Health: h, Mode: lb.HTTP}, alike(2, 0)...) // probes of a at 2, 6, 10
		s.at(3)
		s.errors('a', 5)
		s.at(5.999)
		s.expectEach("A B", "b b")
		s.at(6)
		if ends {
			s.expectEach("A B", "a b")
			s.expectNotes("a is ejected for 30s: 5 errors in a row", "a is used again: a check passed")
		} else {
			s.expectEach("A B", "b b")
		}
	}
}

// Part of the findings only are acted upon, if so told.
func TestOutlierEnforcement(t *testing.T) {
	ejections := 0
	for seed := range 200 {
		s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) { o.MaxEjected, o.EnforceErrors = 1, 0.3 }), Mode: lb.HTTP}, alike(20, 0)...)
		s.errors('a'+byte(seed%20), 5+5*(seed/20))
		ejections += len(s.ejected())
	}
	// The chance that the k-th of up to ten findings is the first enforced one:
	// the mean over 1 to 10 findings of 1 - 0.7^k is 0.773, of which 20 members'
	// own draws give 200 samples.
	if share := float64(ejections) / 200; share < 0.6 || share > 0.9 {
		t.Errorf("%.2f ejected, want about 0.77", share)
	}
}

// Envoy panics below 50 % healthy, ejected hosts counted as unhealthy: 2 of 4 is
// no panic, 1 of 3 is, a threshold of 0 never is.
func TestPanicThreshold(t *testing.T) {
	for _, c := range []struct {
		healthy, all int
		threshold    flow.Share
		want         string // what two rounds of connections meet
	}{
		{2, 4, 0.5, "c d c d c d c d"},
		{1, 3, 0.5, "a b c a b c"},
		{1, 3, 0, "c c c c c c"},
	} {
		t.Run(fmt.Sprintf("%d of %d, threshold %g", c.healthy, c.all, c.threshold), func(t *testing.T) {
			s := newStand(t, lb.Service{Health: envoyOutlier(func(o *lb.Outlier) { o.MaxEjected = 1 }), Mode: lb.HTTP, Panic: c.threshold}, alike(c.all, 0)...)
			for m := range c.all - c.healthy {
				s.errors('a'+byte(m), 5)
			}
			s.at(0.001)
			s.expectEach(strings.TrimSpace(strings.Repeat("A ", 2*c.all)), c.want)
		})
	}
}

// nginx counts requests whose connections are lost, errors only if next-upstream
// lists them, and those that clients give up only if that is said.
func TestPassiveRequests(t *testing.T) {
	for _, c := range []struct {
		mode     lb.Mode
		statuses bool
		giveUps  bool
		o        flow.Outcome
		out      bool
	}{
		{lb.HTTP, false, false, flow.Reset, true}, {lb.HTTP, false, false, flow.Rejected, false}, {lb.HTTP, false, false, flow.TimedOut, false},
		{lb.HTTP, true, false, flow.Rejected, true}, {lb.HTTP, true, true, flow.Completed, false}, {lb.HTTP, false, true, flow.TimedOut, true},
	} {
		h := lb.Health{Kind: lb.NoCheck, GiveUps: c.giveUps, Passive: &lb.Failures{MaxFails: 1, FailTimeout: 10 * time.Second, Statuses: c.statuses}}
		if h.Watches(c.mode) != true || h.Watches(lb.TCP) {
			t.Errorf("watched: %v, %v", h.Watches(c.mode), h.Watches(lb.TCP))
		}
		s := newStand(t, lb.Service{Health: h, Mode: c.mode}, alike(2, 0)...)
		s.ask(c.o)
		if out := len(s.notes) > 0; out != c.out {
			t.Errorf("%v, statuses %v: left out %v, want %v", c.o, c.statuses, out, c.out)
		}
	}
}
