package lab

import (
	"context"
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/sim"
)

// load reads a scenario that is given as text.
func load(t *testing.T, text string) *scenarios.File {
	t.Helper()
	f, err := scenarios.Load(scenarios.Source{Name: "test.yaml", Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// simulatedLab stands in for the real balancer: it observes a simulated one, which
// draws what a replication of that number draws.
func simulatedLab(p *scenarios.Plan, arrivals []Arrival, replication uint64) (*performance, error) {
	r, err := newReplay(p, "simulated", []*Observation{planned(p, arrivals)}, 1)
	if err != nil {
		return nil, err
	}
	plan := &r.file.Variants[0]
	o := planned(plan, arrivals)
	for i := range o.Visits {
		o.Visits[i].Outcome = flow.Accepted
	}
	w, err := models.New(plan.Config, plan.Scenario.Seed, replication, &watcher{o: o})
	if err != nil {
		return nil, err
	}
	return &performance{Observation: o, balancer: "simulated balancer"}, w.Run(plan.Scenario.Duration)
}

// first performs as the first simulation of what is observed will, and other as none of
// them.
func first(_ context.Context, p *scenarios.Plan, arrivals []Arrival, _ *Options) (*performance, error) {
	return simulatedLab(p, arrivals, 0)
}

func other() performer {
	n := uint64(100)
	return func(_ context.Context, p *scenarios.Plan, arrivals []Arrival, _ *Options) (*performance, error) {
		n++
		return simulatedLab(p, arrivals, n)
	}
}

// watcher fills in an observation. The attempts of a replay are numbered as its
// rows are.
type watcher struct{ o *Observation }

func (w *watcher) Assigned(_ flow.ConnID, c *flow.Conn, outcome flow.Outcome, now sim.Time) {
	v := &w.o.Visits[c.Seq]
	v.Outcome, v.Server = outcome, int(c.Server)
	if outcome == flow.Accepted {
		v.Taken, v.Ended = time.Duration(now), w.o.End
		return
	}
	v.Server, v.Ended = int(flow.NoServer), time.Duration(now)
}

func (w *watcher) Closed(_ flow.ConnID, c *flow.Conn, outcome flow.Outcome, now sim.Time) {
	v := &w.o.Visits[c.Seq]
	v.Outcome, v.Ended = outcome, time.Duration(now)
}

func (w *watcher) Noted(n flow.Note) {
	kinds := []flow.NoteKind{flow.Failed, flow.Recovered, flow.MarkedDown, flow.MarkedUp, flow.TakenOut, flow.PutBack}
	if slices.Contains(kinds, n.Kind) {
		w.o.Marks = append(w.o.Marks, Mark{At: time.Duration(n.At), Kind: n.Kind, Service: n.Service, Server: n.Server, Text: "as simulated"})
	}
}

func (w *watcher) Opened(flow.ConnID, *flow.Conn, sim.Time)       {}
func (w *watcher) Arrived(*flow.Request, sim.Time)                {}
func (w *watcher) Finished(*flow.Request, flow.Outcome, sim.Time) {}
