package results

import (
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// refusing is a world whose only member meets so many attempts dead.
type refusing struct {
	idle
	attempts *uint64
}

func (w refusing) Meter(int, int, sim.Time) flow.Meter {
	return flow.Meter{Weight: 1, Refused: *w.attempts}
}

// A failure that two balancers notice after 4 and 6 s, with 7 attempts until then;
// one that nobody notices, which takes 3 attempts; what was ejected without a
// failure; and what goes up and down again while one failure lasts.
func TestDetectionOfFailures(t *testing.T) {
	const second = sim.Time(time.Second)
	var attempts uint64
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0}}, {Name: "mail", Servers: []int{1}}}, Servers: []string{"a", "b"}, Duration: 100 * time.Second,
	})
	e := sim.New(1, 0)
	r.Attach(e, refusing{attempts: &attempts})
	for _, n := range []struct {
		at       sim.Time
		kind     flow.NoteKind
		service  int
		actor    string
		attempts uint64
	}{
		{1, flow.MarkedDown, 0, "web/1", 0}, {2, flow.MarkedUp, 0, "web/1", 0},
		{10, flow.Failed, -1, "a", 5}, {11, flow.Failed, -1, "a", 5}, {14, flow.MarkedDown, 0, "web/1", 9}, {15, flow.MarkedUp, 0, "web/1", 9},
		{16, flow.MarkedDown, 0, "web/2", 12}, {17, flow.MarkedDown, 0, "web/1", 13}, {20, flow.Recovered, -1, "a", 14},
		{30, flow.Failed, 0, "a/web", 20}, {40, flow.Recovered, 0, "a/web", 23}, {41, flow.MarkedDown, 0, "web/1", 23},
	} {
		attempts = n.attempts
		r.Noted(flow.Note{At: n.at * second, Kind: n.kind, Service: n.service, Server: 0, Actor: n.actor, Text: "a"})
	}
	e.Run(100 * second)
	run := r.Finish()
	if got := run.marks[4].Text; got != "a; noticed after 4s and 4 attempts" {
		t.Errorf("the mark says %q", got)
	}
	v := Gather("base", []*Run{run})
	for _, c := range []struct {
		metric string
		want   float64
	}{{"detection.time", 5}, {"detection.time_max", 6}, {"detection.lost", 5}, {"detection.lost_max", 7}} {
		for _, m := range []Metrics{v.Metrics, v.Services[0].Metrics} {
			if got, _ := m.Get(c.metric); math.Abs(got.Mean-c.want) > 1e-9 {
				t.Errorf("%s is %g, want %g", c.metric, got.Mean, c.want)
			}
		}
		if _, ok := v.Services[1].Metrics.Get(c.metric); ok {
			t.Errorf("the service in which nothing failed has %s", c.metric)
		}
	}
}
