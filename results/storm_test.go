package results

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A server that returns gets the three connections that it takes to be level, all
// that come, within a second: twice its share, however much longer the windows are
// in which that is measured.
func TestShortStorm(t *testing.T) {
	const second = sim.Time(time.Second)
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0, 1}}}, Servers: []string{"a", "b"}, Duration: time.Minute,
	})
	e := sim.New(1, 0)
	r.Attach(e, idle{})
	opened := uint32(0)
	open := sim.Bind(e, "open", sim.Arrive, func(member uint32) {
		opened++
		c := &flow.Conn{Member: int32(member), Server: int32(member), Client: flow.ClientID(opened), Attempt: 1, Seq: opened}
		r.Assigned(0, c, flow.Accepted, e.Now())
	})
	back := sim.Bind(e, "back", sim.Fault, func(uint32) {
		r.Noted(flow.Note{At: e.Now(), Kind: flow.MarkedUp, Server: 1, Actor: "web/b"})
	})
	for k := range 3 {
		open.At(second, 0)
		open.At(11*second+sim.Time(k)*second/4, 1)
	}
	back.At(10*second, 0)
	open.At(13*second, 0)
	e.Run(sim.Time(time.Minute))

	v := Gather("base", []*Run{r.Finish()})
	for metric, want := range map[string]float64{"storm.peak_factor": 2, "storm.connections": 3, "storm.rebalance_time": 0.5} {
		if m, ok := v.Metrics.Get(metric); !ok || m.Mean != want {
			t.Errorf("%s is %v, want %v", metric, m.Mean, want)
		}
	}
}
