package models

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// The world shows itself to each model as the part of it that the model talks
// to: models know no other models.
type (
	answers World // to servers: who waits for the answer
	backend World // to the balancer: the servers
	front   World // to the balancer: the clients
	keys    World // to the balancer: what requests read
)

func (w *answers) Dropped(id flow.RequestID) {
	if w.flows.Requests.At(uint32(id)).Work == flow.Probe {
		(*World)(w).endCheck(id, false)
		return
	}
	if w.network == nil || !(*World)(w).sendBack(id, flow.Rejected) {
		w.clients.Dropped(id, flow.Rejected)
	}
}

func (w *answers) Crashes(s int32) {
	(*World)(w).noteServer(flow.Failed, s, "has no memory left for another connection")
	(*World)(w).fail(s, -1, &action{how: Crash})
	(*World)(w).settle()
	(*World)(w).reviewGroup(cluster.Lost)
}

func (w *answers) Done(id flow.RequestID) {
	r := w.flows.Requests.At(uint32(id))
	if (*World)(w).holds(id, r) {
		return
	}
	if r.Work == flow.Probe {
		(*World)(w).endCheck(id, true)
		return
	}
	if r.Work == flow.Ask && !r.Abandoned {
		w.balancer.Answered(r)
	}
	if w.network == nil || !(*World)(w).sendBack(id, flow.Completed) {
		w.clients.Answered(id)
	}
}

func (w *backend) Connect(s int32, service int) flow.Answer {
	return w.servers.State(s, service)
}

func (w *backend) Load(s int32) lb.Load {
	if w.servers.State(s, 0) == flow.Silent || !w.servers.Up(s) {
		return lb.Load{}
	}
	m := w.servers.Meter(int(s), w.engine.Now())
	return lb.Load{
		Alive: true, Requests: w.servers.Present(s), Busy: time.Duration(m.BusyArea / float64(m.Cores)),
		Latency: w.servers.Latency(s),
	}
}

func (w *backend) Check(s int32, service int, number uint64, demand time.Duration) {
	i, r := w.flows.Requests.New()
	now := w.engine.Now()
	r.Asked, r.Sent, r.Started = now, now, -1
	r.Server, r.Service, r.Work, r.Check, r.Demand = s, uint16(service), flow.Probe, number, demand
	if w.servers.Submit(s, flow.RequestID(i)) != flow.Accepted {
		(*World)(w).endCheck(flow.RequestID(i), false)
	}
}

// endCheck tells the balancer what became of its check.
func (w *World) endCheck(id flow.RequestID, ok bool) {
	r := w.flows.Requests.At(uint32(id))
	number, took := r.Check, w.engine.Now().Sub(r.Sent)
	w.flows.Requests.Free(uint32(id))
	w.balancer.Checked(number, took, ok)
}

func (w *keys) Key(name string) int { return w.clients.Key(name) }
func (w *keys) Value(id flow.ConnID, key int) (value uint32, ok bool) {
	return w.clients.KeyValue(id, key)
}
func (w *keys) Text(key int, value uint32) string { return w.clients.KeyText(key, value) }

func (w *front) Taken(id flow.ConnID)                   { w.clients.Taken(id) }
func (w *front) Refused(id flow.ConnID, o flow.Outcome) { w.clients.Refused(id, o) }

// nobody is the observer of a world that nobody observes.
type nobody struct{}

func (nobody) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (nobody) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (nobody) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (nobody) Arrived(*flow.Request, sim.Time)                          {}
func (nobody) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
func (nobody) Noted(flow.Note)                                          {}
