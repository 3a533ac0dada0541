package product_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/sim"
)

// noting keeps what a balancer notes of its servers.
type noting struct{ notes []flow.Note }

func (*noting) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (*noting) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (*noting) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (*noting) Arrived(*flow.Request, sim.Time)                          {}
func (*noting) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
func (n *noting) Noted(note flow.Note) {
	if note.Kind == flow.MarkedDown || note.Kind == flow.MarkedUp {
		n.notes = append(n.notes, note)
	}
}

// noted runs a scenario with a timeline and returns what is noted.
func noted(t *testing.T, text, timeline string) []flow.Note {
	t.Helper()
	text = strings.Replace(text, "duration: 1m", "duration: 10m", 1) + "timeline: " + timeline + "\n"
	n := &noting{}
	w, err := models.New(load(t, text).Variants[0].Config, 1, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(10 * time.Minute); err != nil {
		t.Fatal(err)
	}
	return n.notes
}

// How long each product takes to notice what befalls s3, the last of three
// servers, which is checked at whole multiples of the interval: just after a
// check, which is the worst time, and just before one.
func TestDetectionTimes(t *testing.T) {
	for _, c := range []struct {
		product, health, how string
		at, took             float64 // seconds; 0: never noticed
	}{
		// Refused connections: between (F-1) I and F I.
		{"haproxy", "", "crash", 100.001, 5.999},
		{"haproxy", "", "crash", 101.999, 4.001},
		{"kemp", "", "crash", 99.001, 8.999},
		{"f5", "", "crash", 100.001, 4.999},
		{"netscaler", "", "crash", 100.001, 14.999},
		{"alb", "", "crash", 90.001, 59.999},
		{"alb", "", "crash", 119.999, 30.001},
		{"nginx", "{every: 5s}", "crash", 100.001, 4.999},
		{"envoy", "{every: 5s, timeout: 1s, fall: 3, rise: 2}", "crash", 100.001, 14.999},
		// Silent servers: the time-out in addition, per check where the next waits.
		{"haproxy", "", "silent", 100.001, 11.999},
		{"haproxy", "", "silent", 101.999, 10.001},
		{"kemp", "", "silent", 99.001, 16.999},
		{"kemp", "", "silent", 107.999, 8.001},
		{"kemp", "{pace: grid}", "silent", 99.001, 21.999},
		{"f5", "", "silent", 100.001, 15.999},
		{"f5", "", "silent", 104, 12},
		{"netscaler", "", "silent", 100.001, 16.999},
		{"alb", "", "silent", 90.001, 64.999},
		{"envoy", "{every: 5s, timeout: 1s, fall: 3, rise: 2}", "silent", 100.001, 17.999},
		// A machine that answers, and a service that does not.
		{"haproxy", "ping", "crash", 100.001, 0},
		{"haproxy", "ping", "silent", 100.001, 11.999},
		{"haproxy", "tcp", "hang", 100.001, 0},
		{"haproxy", "http", "hang", 100.001, 11.999},
		{"haproxy", "http", "crash", 100.001, 5.999},
		{"haproxy", "agent", "crash", 100.001, 1.999},
		{"kemp", "http", "hang", 99.001, 16.999},
		{"f5", "http", "hang", 100.001, 15.999},
		{"alb", "", "hang", 90.001, 64.999},
	} {
		t.Run(fmt.Sprintf("%s %s %s at %g", c.product, c.health, c.how, c.at), func(t *testing.T) {
			line := "health: " + c.health
			if c.health == "" {
				line = "port: 80"
			}
			text := service(c.product, line)
			if c.health == "http" || c.product == "alb" { // whose checks wait behind requests
				text = strings.Replace(text, "rate: 10/s", "rate: 0.001/s", 1)
			}
			notes := noted(t, text, fmt.Sprintf("[{at: %gs, fail: s3, how: %s}]", c.at, c.how))
			switch {
			case len(notes) == 0 && c.took == 0:
			case len(notes) == 0 || c.took == 0:
				t.Errorf("noted %+v", notes)
			default:
				got := notes[0].At.Seconds() - c.at
				if d := got - c.took; notes[0].Kind != flow.MarkedDown || notes[0].Server != 2 || d < -0.0005 || d > 0.0005 {
					t.Errorf("%q after %.3f s, want %.3f s", notes[0].Text, got, c.took)
				}
			}
		})
	}
}

// How long each takes to see that s3 is back: HAProxy two checks, ALB five, the
// others one.
func TestReturnTimes(t *testing.T) {
	for _, c := range []struct {
		product string
		at      float64
		took    float64
	}{{"haproxy", 200.001, 3.999}, {"haproxy", 201.999, 2.001}, {"kemp", 198.001, 8.999}, {"f5", 200.001, 4.999}, {"netscaler", 200.001, 4.999}, {"alb", 210.001, 149.999}} {
		t.Run(fmt.Sprintf("%s at %g", c.product, c.at), func(t *testing.T) {
			notes := noted(t, service(c.product), fmt.Sprintf("[{at: 20s, fail: s3}, {at: %gs, recover: s3}]", c.at))
			if len(notes) != 2 || notes[1].Kind != flow.MarkedUp {
				t.Fatalf("%+v", notes)
			}
			if got := notes[1].At.Seconds() - c.at; got < c.took-0.0005 || got > c.took+0.0005 {
				t.Errorf("after %.3f s, want %.3f s", got, c.took)
			}
		})
	}
}

// A request to a server that has more work than it can do is answered late, which
// an http check takes for a failure; a connection is taken at once.
func TestLoadedServerFailsHTTPCheck(t *testing.T) {
	for _, c := range []struct {
		health string
		down   bool
	}{{"{kind: http, every: 5s, timeout: 2s, fall: 1}", true}, {"{kind: tcp, every: 5s, timeout: 2s, fall: 1}", false}} {
		text := strings.NewReplacer("rate: 10/s", "rate: 160/s", "duration: 1m", "duration: 10m").Replace(service("haproxy", "health: "+c.health, "scheduler: round-robin"))
		n := &noting{}
		w, err := models.New(load(t, text).Variants[0].Config, 1, 0, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Run(2 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if down := len(n.notes) > 0; down != c.down {
			t.Errorf("%s: marked down %v, want %v: %+v", c.health, down, c.down, n.notes)
		}
	}
}

// Checks that cost CPU time keep the cores busy for that: 20 ms every 100 ms is a
// fifth of a server's core.
func TestChecksKeepCoresBusy(t *testing.T) {
	for _, kind := range []string{"tcp", "http"} {
		text := strings.Replace(service("haproxy", "health: {kind: "+kind+", every: 100ms, timeout: 50ms, demand: 20ms, pace: grid}"), "rate: 10/s", "rate: 0.001/s", 1)
		w, err := models.New(load(t, text).Variants[0].Config, 1, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Run(time.Minute); err != nil {
			t.Fatal(err)
		}
		if busy := w.ServerMeter(0, sim.Time(time.Minute)).BusyArea / 60e9; busy < 0.195 || busy > 0.205 {
			t.Errorf("%s: busy %.3f, want 0.2", kind, busy)
		}
	}
}

// Envoy's outlier detection sees requests fail over connections that its checks
// find good, and takes the server out and back: a hung service whose requests
// clients give up.
func TestOutlierSeesRequests(t *testing.T) {
	text := service("envoy", "mode: http", "panic: 0%", "health: {kind: tcp, every: 5s, timeout: 1s, fall: 3, rise: 2, give_ups: true, outlier: {max_ejected: 50%, check_ends_ejection: false}}")
	text = strings.Replace(text, "demand: 20ms, to: web", "demand: 20ms, to: web, retry: {timeout: 1s, attempts: 1}", 1)
	notes := noted(t, text, "[{at: 100s, fail: s3, how: hang}, {at: 110s, recover: s3}]")
	if len(notes) != 2 || notes[0].Kind != flow.MarkedDown || notes[0].Server != 2 || notes[1].Kind != flow.MarkedUp {
		t.Fatalf("%+v", notes)
	}
	if down, up := notes[0].At.Seconds(), notes[1].At.Seconds(); down < 101 || down > 105 || up != 140 {
		t.Errorf("%q at %.3f s, back at %.3f s, want soon after 101 s and the tick at 140 s", notes[0].Text, down, up)
	}
}
