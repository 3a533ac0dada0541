package server

import (
	"fmt"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// rig is servers whose clients are played by the test.
type rig struct {
	t     *testing.T
	e     *sim.Engine
	fl    flow.Flows
	p     *Pool
	do    sim.Port[uint32]
	acts  []func() // of the clients, by number
	names map[flow.RequestID]string
	ended []string // "name outcome seconds", in turn
	busy  float64  // core seconds that were to be worked, of what is done
}

func newRig(t *testing.T, configs ...Config) *rig {
	t.Helper()
	r := &rig{t: t, e: sim.New(1, 0), names: map[flow.RequestID]string{}}
	for i := range configs {
		configs[i].Name = fmt.Sprintf("s%d", i+1)
		if problems := flow.Check(&configs[i]); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	r.do = sim.Bind(r.e, "test", sim.Arrive, func(i uint32) { r.acts[i]() })
	r.p = New(r.e, &r.fl, configs, r)
	return r
}

// at does something at a time in seconds.
func (r *rig) at(seconds float64, f func()) {
	r.do.At(sim.Time(seconds*1e9), uint32(len(r.acts)))
	r.acts = append(r.acts, f)
}

// send gives the first server a request and returns it.
func (r *rig) send(name string, service int, demand float64) flow.RequestID {
	i, q := r.fl.Requests.New()
	q.Sent, q.Started, q.Service, q.Demand = r.e.Now(), -1, uint16(service), time.Duration(demand*1e9)
	id := flow.RequestID(i)
	r.names[id] = name
	if o := r.p.Submit(0, id); o != flow.Accepted {
		r.end(id, o.String())
	}
	return id
}

func (r *rig) run(seconds float64) {
	r.t.Helper()
	r.e.Run(sim.Time(seconds * 1e9))
	r.laws()
}

// laws checks that no place is free beside a waiting request, and that no more
// cores work than there are.
func (r *rig) laws() {
	r.t.Helper()
	for s := range int32(r.p.Len()) {
		m := &r.p.machines[s]
		if free, waiting := r.p.Idle(s); free < 0 || free > 0 && waiting > 0 || m.working() < 0 || m.frozen < 0 {
			r.t.Fatalf("at %v: %d places are free, %d requests wait, %d of %d stand still", r.e.Now(), free, waiting, m.frozen, m.running)
		}
	}
}

func (r *rig) end(id flow.RequestID, how string) {
	q := r.fl.Requests.At(uint32(id))
	r.ended = append(r.ended, fmt.Sprintf("%s %s %v", r.names[id], how, r.e.Now().Sub(0).Seconds()))
	if how == "completed" {
		r.busy += q.Demand.Seconds()
	}
	delete(r.names, id)
	r.fl.Requests.Free(uint32(id))
}

// Done implements Sink.
func (r *rig) Done(id flow.RequestID) { r.end(id, "completed") }

// Dropped implements Sink.
func (r *rig) Dropped(id flow.RequestID) { r.end(id, "rejected") }

// Crashes implements Sink.
func (r *rig) Crashes(s int32) { r.ended = append(r.ended, fmt.Sprint("crash ", s)) }

func (r *rig) want(ended ...string) {
	r.t.Helper()
	if got := fmt.Sprint(r.ended); got != fmt.Sprint(ended) {
		r.t.Errorf("%v, want %v", got, ended)
	}
}

// worked is the core seconds of the first server.
func (r *rig) worked() float64 { return r.p.Meter(0, r.e.Now()).BusyArea / 1e9 }

// almost reports whether two numbers differ by less than a microsecond.
func almost(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }
