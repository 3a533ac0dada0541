package results

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// idle is a world in which nothing is measured.
type idle struct{}

func (idle) Meter(int, int, sim.Time) flow.Meter        { return flow.Meter{Weight: 1} }
func (idle) ServerMeter(int, sim.Time) flow.ServerMeter { return flow.ServerMeter{Cores: 1} }
func (idle) ResetPeaks()                                {}
func (idle) QueueMeter(int, sim.Time) flow.QueueMeter   { return flow.QueueMeter{} }
func (idle) SourceMeter() flow.SourceMeter              { return flow.SourceMeter{} }
func (idle) Conns(func(id flow.ConnID, c *flow.Conn))   {}

// dying is the same, but for an attempt of the second service that meets its first
// server dead after the start.
type dying struct{ idle }

func (dying) Meter(service, m int, now sim.Time) flow.Meter {
	meter := flow.Meter{Weight: 1}
	if service == 1 && m == 0 && now > 0 {
		meter.Refused = 1
	}
	return meter
}

// TestServicesHaveMetricsOfTheirOwn gives one service two requests and a storm,
// another three connections, and wants the sum of both for the run.
func TestServicesHaveMetricsOfTheirOwn(t *testing.T) {
	const second = sim.Time(time.Second)
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0, 1}}, {Name: "mail", Servers: []int{1, 0}}},
		Servers:  []string{"a", "b"}, Duration: 100 * time.Second, Requests: true,
	})
	e := sim.New(1, 0)
	r.Attach(e, dying{})
	open := func(service uint16, member, server int32, client flow.ClientID, now sim.Time) {
		c := &flow.Conn{Service: service, Member: member, Server: server, Client: client, Attempt: 1, Asked: now}
		if client == 3 {
			c.Moved = flow.ServerDown
		}
		r.Assigned(0, c, flow.Accepted, now)
		r.Opened(0, c, now+1e6)
	}
	open(0, 0, 0, 1, 0)
	open(1, 0, 1, 2, second/2)
	r.Noted(flow.Note{At: second, Kind: flow.MarkedUp, Service: 0, Server: 1, Actor: "web/b"})
	open(0, 1, 1, 3, 2*second)
	open(1, 1, 0, 3, 2*second)
	open(1, 1, 0, 4, 2*second)
	for k, took := range []sim.Time{second, 3 * second} {
		q := &flow.Request{Service: 0, Attempt: uint16(k + 1), Asked: 2 * second, Sent: 2 * second, Started: 2 * second}
		r.Arrived(q, 2*second)
		r.Finished(q, flow.Completed, 2*second+took)
	}
	r.Assigned(0, &flow.Conn{Service: 1, Member: -1, Server: flow.NoServer, Attempt: 1}, flow.Reset, 2*second)
	e.Run(100 * second)

	v := Gather("base", []*Run{r.Finish()})
	for _, c := range []struct {
		service int // -1: the run
		metric  string
		want    float64
	}{
		{-1, "arrived", 2}, {0, "arrived", 2}, {1, "arrived", 4}, // of mail: connections
		{-1, "retried", 1}, {0, "retried_share", 0.5}, {1, "reset_share", 0.25},
		{-1, "response_time.mean", 2}, {0, "response_time.mean", 2}, {0, "response_time.max", 3}, {1, "response_time.max", 0.001},
		{-1, "connections.max", 5}, {0, "connections.max", 2}, {1, "connections.max", 3},
		{-1, "new_connections.per_s_max", 3}, {0, "new_connections.per_s_max", 1}, {1, "new_connections.per_s_max", 2},
		{-1, "moved_clients", 1}, {0, "moved_clients", 1}, {1, "moved_clients", 1},
		{-1, "stuck_to_down", 1}, {0, "stuck_to_down", 0}, {1, "stuck_to_down", 1},
		{-1, "storm.connections", 1}, {0, "storm.connections", 1}, {0, "storm.response_time.during.mean", 2},
		{0, "imbalance.max_over_mean", 1},
	} {
		list := v.Metrics
		if c.service >= 0 {
			list = v.Services[c.service].Metrics
		}
		if m, ok := list.Get(c.metric); !ok || m.Mean != c.want {
			t.Errorf("service %d: %s is %v, want %v", c.service, c.metric, m.Mean, c.want)
		}
	}
	if _, ok := v.Services[1].Metrics.Get("storm.peak_factor"); ok {
		t.Error("mail had no storm")
	}
}
