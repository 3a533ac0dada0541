package lab

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/scenarios"
	"lbsim/scenarios/convert"
	"lbsim/scenarios/experiment"
)

// replay is a variant of a scenario with what clients did in real runs in place of
// its clients.
type replay struct {
	file  *scenarios.File // a variant for each repetition
	files []File          // the scenario and its traces
}

// File is a file of the result: what repeats the simulations without any balancer.
type File struct {
	Name string
	Text []byte
}

// newReplay returns the scenario that simulates a variant on what was observed,
// from as many seeds each. Name is that of the file, without .yaml.
func newReplay(p *scenarios.Plan, name string, observed []*Observation, seeds int) (*replay, error) {
	r := &replay{}
	var recorded []scenarios.Recording
	for i, o := range observed {
		if err := o.check(p); err != nil {
			return nil, fmt.Errorf("repetition %d: %w", i+1, err)
		}
		trace := fmt.Sprintf("%s-arrivals-%d.csv", name, i+1)
		var text bytes.Buffer
		if err := traceOf(p, o).Write(&text); err != nil {
			return nil, err
		}
		recorded = append(recorded, scenarios.Recording{Trace: trace, Acted: o.acted(p)})
		r.files = append(r.files, File{trace, text.Bytes()})
	}
	text, err := p.Replayed(name, recorded, seeds)
	if err != nil {
		return nil, err
	}
	folder := memory{}
	for _, f := range r.files {
		folder[f.Name] = f.Text
	}
	r.files = append([]File{{name + ".yaml", text}}, r.files...)
	r.file, err = scenarios.Load(scenarios.Source{Name: name + ".yaml", Text: text, Folder: folder}, nil)
	return r, err
}

// check returns an error if a server had what is not for it.
func (o *Observation) check(p *scenarios.Plan) error {
	for i := range o.Visits {
		v := &o.Visits[i]
		service := o.Arrivals[v.Arrival].Service
		if v.wasTaken() && !slices.Contains(membersOf(p, service), v.Server) {
			return fmt.Errorf("arrival %d: server number %d had it, which is none of %s", v.Arrival, v.Server, p.Config.Balancer.Services[service].Name)
		}
	}
	return nil
}

// inOrder puts the visits in the order in which clients connected, which is that of
// the rows of a trace and of the attempts of a simulation of it.
func (o *Observation) inOrder() {
	slices.SortStableFunc(o.Visits, func(a, b Visit) int { return cmp.Compare(a.Began, b.Began) })
}

// traceOf returns what clients did, as a trace: each comes when it really came and, if
// it went by itself, goes when it really went. The visits must be in order.
func traceOf(p *scenarios.Plan, o *Observation) *convert.Trace {
	t := &convert.Trace{}
	services := p.Config.Balancer.Services
	for i := range services {
		t.Services = append(t.Services, services[i].Name)
	}
	number := map[uint32]int32{}
	for _, v := range o.Visits {
		a := &o.Arrivals[v.Arrival]
		client, ok := number[a.Client]
		if !ok {
			client = int32(len(t.Clients))
			number[a.Client] = client
			t.Clients = append(t.Clients, strconv.FormatUint(uint64(a.Client), 10))
		}
		x := convert.Arrival{At: max(0, v.Began), Hold: v.held(a), Src: a.Source, Client: client, Service: -1}
		if len(services) > 1 {
			x.Service = int32(a.Service)
		}
		if a.Request {
			x.Hold, x.Demand, x.HasDemand = 0, a.Demand, true
		}
		t.Arrivals = append(t.Arrivals, x)
	}
	addKeys(t, o)
	return t
}

// addKeys adds what the balancer can read in the requests.
func addKeys(t *convert.Trace, o *Observation) {
	place := map[string]int{}
	add := func(visit int, key, text string) {
		k, ok := place[key]
		if !ok {
			k = len(t.Keys)
			place[key] = k
			t.Keys, t.Values = append(t.Keys, key), append(t.Values, slices.Repeat([]int32{-1}, len(o.Visits)))
		}
		if n, err := strconv.ParseInt(text[strings.LastIndexAny(text, "/-")+1:], 10, 32); err == nil {
			t.Values[k][visit] = int32(n)
		}
	}
	for i, v := range o.Visits {
		a := &o.Arrivals[v.Arrival]
		if a.URL != "" {
			add(i, "url", a.URL)
		}
		for _, h := range a.Headers {
			add(i, h.Name, h.Value)
		}
	}
}

// held is how long a client keeps its connection from when a simulated server has it,
// which is when the client connects unless it waits at the balancer: of one that was
// cut off before, as long as it meant to.
func (v *Visit) held(a *Arrival) time.Duration {
	const onTheWay = 200 * time.Millisecond // what takes longer is a wait, even on a busy machine
	switch {
	case v.Outcome != flow.Completed:
		return a.Hold
	case v.taken()-v.Began > onTheWay:
		return max(0, v.Ended-v.taken())
	}
	return max(0, v.Ended-v.Began)
}

// simulate makes the simulated runs, by repetition and seed.
func (r *replay) simulate(ctx context.Context, parallel int) ([][]*results.Run, error) {
	outcome, err := experiment.Run(ctx, r.file, experiment.Options{Parallel: parallel, Assignments: true})
	if err != nil {
		return nil, err
	}
	return outcome.Runs(), nil
}
