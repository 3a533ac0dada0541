package results

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// TestBrokenSessions follows three clients of a service with two servers by hand.
// Sessions end after 10 s of silence.
//
//	t    client  event                                       continues  breaks
//	1    1       connects to a, until 2
//	5    1       connects to b, until 6                          x         x
//	15   1       connects to b, 9 s later, until 20              x
//	30   1       connects to a, exactly 10 s later
//	40   1       connects to b beside that connection            x         x
//	41   1       a third one, to b                               x
//	42   1       all three end
//	51   1       connects to b                                   x
//	3    2       connects to a, for the rest of the run
//	60   2       connects to a, its first one still open         x
//	70   2       is turned away: nothing happened
//	71   2       connects to b, its first one still open         x         x
//	80   3       connects to b for the first time
func TestBrokenSessions(t *testing.T) {
	const second = sim.Time(time.Second)
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0, 1}}}, Servers: []string{"a", "b"},
		Duration: 100 * time.Second, Sessions: 10 * time.Second, Windows: [][2]time.Duration{{50 * time.Second, 70 * time.Second}},
	})
	e := sim.New(1, 0)
	r.Attach(e, idle{})
	type event struct {
		at     sim.Time
		client flow.ClientID
		member int32 // -1: turned away
		until  sim.Time
	}
	const a, b = 0, 1
	events := []event{
		{1, 1, a, 2}, {5, 1, b, 6}, {15, 1, b, 20}, {30, 1, a, 42}, {40, 1, b, 42}, {41, 1, b, 42}, {51, 1, b, 99},
		{3, 2, a, 200}, {60, 2, a, 99}, {70, 2, -1, 0}, {71, 2, b, 99}, {80, 3, b, 200},
	}
	conns := make([]flow.Conn, len(events))
	open := sim.Bind(e, "open", sim.Arrive, func(i uint32) {
		c, now := &conns[i], e.Now()
		*c = flow.Conn{Client: events[i].client, Member: events[i].member, Server: events[i].member, Attempt: 1}
		if c.Member < 0 {
			r.Assigned(0, c, flow.Rejected, now)
			return
		}
		r.Assigned(0, c, flow.Accepted, now)
	})
	end := sim.Bind(e, "end", sim.Depart, func(i uint32) { r.Closed(0, &conns[i], flow.Completed, e.Now()) })
	for i, x := range events {
		open.At(x.at*second, uint32(i))
		if x.until > 0 {
			end.At(x.until*second, uint32(i))
		}
	}
	e.Run(100 * second)
	runs := []*Run{r.Finish()}
	v := Gather("base", runs)
	wantMetrics(t, "run", v.Metrics, map[string]float64{"broken_sessions": 3, "broken_sessions_share": 3. / 7})
	wantMetrics(t, "service", v.Services[0].Metrics, map[string]float64{"broken_sessions": 3})
	wantMetrics(t, "50s to 70s", Window(0, runs), map[string]float64{"broken_sessions": 0, "broken_sessions_share": 0})
	if _, ok := v.Metrics.Get("moved.full"); ok {
		t.Error("reasons of moves without persistence")
	}
}

// TestMovesByReason counts each move under its reason, and those of a span of
// time apart. No client is silent for long, so each move breaks a session.
func TestMovesByReason(t *testing.T) {
	const second = sim.Time(time.Second)
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0, 1}, Persistent: true}, {Name: "mail", Servers: []int{0, 1}}},
		Servers:  []string{"a", "b"}, Duration: 100 * time.Second, Windows: [][2]time.Duration{{4500 * time.Millisecond, 100 * time.Second}},
	})
	e := sim.New(1, 0)
	r.Attach(e, idle{})
	why := []flow.Move{flow.Stayed, flow.ServerDown, flow.Full, flow.Full, flow.Expired, flow.KeyChanged, flow.Drained, flow.Evicted, flow.Expired}
	took := sim.Bind(e, "took", sim.Arrive, func(i uint32) {
		c := &flow.Conn{Client: flow.ClientID(i % 2), Member: int32(i % 2), Server: int32(i % 2), Attempt: 1, Moved: why[i]}
		r.Assigned(0, c, flow.Accepted, e.Now())
	})
	for i := range why {
		took.At(sim.Time(i)*second, uint32(i))
	}
	e.Run(100 * second)
	runs := []*Run{r.Finish()}
	v := Gather("base", runs)
	wantMetrics(t, "run", v.Metrics, map[string]float64{
		"moved.server_down": 1, "moved.drained": 1, "moved.full": 2, "moved.evicted": 1, "moved.key_changed": 1, "moved.expired": 2,
		"moved_clients": 2,
	})
	wantMetrics(t, "4.5s to the end", Window(0, runs), map[string]float64{
		"moved.server_down": 0, "moved.full": 0, "moved.key_changed": 1, "moved.drained": 1, "moved.evicted": 1, "moved.expired": 1,
	})
	if _, ok := v.Services[1].Metrics.Get("moved.full"); ok {
		t.Error("mail keeps nobody")
	}
	if _, ok := v.Metrics.Get("broken_sessions"); ok {
		t.Error("broken sessions were not asked for")
	}
}

// peaks is a world whose largest values are those of the phase it is in.
type peaks struct {
	idle
	now   func() sim.Time
	since sim.Time // of ResetPeaks
	at    map[sim.Time]int
}

func (p *peaks) ResetPeaks() { p.since = p.now() }

func (p *peaks) most() (most int) {
	for at, n := range p.at {
		if at >= p.since && at <= p.now() {
			most = max(most, n)
		}
	}
	return most
}

func (p *peaks) SourceMeter() flow.SourceMeter {
	return flow.SourceMeter{Ports: true, MostPorts: p.most()}
}

func (p *peaks) ServerMeter(int, sim.Time) flow.ServerMeter {
	return flow.ServerMeter{Cores: 1, QueueMax: p.most()}
}

func (p *peaks) QueueMeter(int, sim.Time) flow.QueueMeter {
	return flow.QueueMeter{Limited: true, Most: p.most()}
}

// TestPeaksOfSpans gives every span of time its own largest values, also where
// spans overlap.
func TestPeaksOfSpans(t *testing.T) {
	const second = sim.Time(time.Second)
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0}}}, Servers: []string{"a"}, Warmup: 10 * time.Second, Duration: 100 * time.Second,
		Windows: [][2]time.Duration{{0, 20 * time.Second}, {15 * time.Second, 40 * time.Second}, {50 * time.Second, 60 * time.Second}},
	})
	e := sim.New(1, 0)
	r.Attach(e, &peaks{now: e.Now, at: map[sim.Time]int{5 * second: 9, 12 * second: 3, 30 * second: 7, 55 * second: 2, 70 * second: 8}})
	e.Run(100 * second)
	run := r.Finish()
	runs := []*Run{run}
	for i, want := range []float64{8, 9, 7, 2} {
		list := Gather("base", runs).Metrics
		if i > 0 {
			list = Window(i-1, runs)
		}
		wantMetrics(t, "span", list, map[string]float64{"snat.ports_max": want, "queue.max": want, "balancer_queue.max": want})
	}
}

func wantMetrics(t *testing.T, of string, list Metrics, want map[string]float64) {
	t.Helper()
	for name, x := range want {
		if m, ok := list.Get(name); !ok || m.Mean != x {
			t.Errorf("%s: %s is %v, want %v", of, name, m.Mean, x)
		}
	}
}
