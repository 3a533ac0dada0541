package traffic_test

import (
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// rig is a generator whose balancer and servers are played by the test: there is
// one server, which works on everything at once.
type rig struct {
	e       *sim.Engine
	flows   flow.Flows
	g       *traffic.Generator
	clients int
	done    sim.Port[uint32]

	refuse func(attempt uint16) flow.Outcome // of connections; nil: all are taken
	asked  []request                         // in turn
	ended  map[flow.Outcome]int
	// finished, if it is not nil, is told of requests that end.
	finished func(o flow.Outcome)
	held     int // connections
	most     int // of held
}

// request is what the server got, or what a client was denied.
type request struct {
	at      sim.Time
	client  flow.ClientID
	demand  time.Duration
	attempt uint16
}

func newRig(t *testing.T, clients int, streams ...traffic.Stream) *rig {
	t.Helper()
	r := &rig{e: sim.New(1, 0), clients: clients, ended: map[flow.Outcome]int{}}
	for i := range streams {
		s := &streams[i]
		s.From, s.Sites = []string{"all"}, []int{0}
		if s.Name == "" {
			s.Name = "web"
		}
		if s.Retry.Attempts == 0 {
			s.Retry.SetDefaults()
		}
		if problems := flow.Check(s); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	r.done = sim.Bind(r.e, "done", sim.Depart, func(id uint32) { r.g.Answered(flow.RequestID(id)) })
	r.g = traffic.New(r.e, &r.flows, r, streams, r)
	r.g.Start(r, r)
	return r
}

func (r *rig) run(seconds float64) { r.e.Run(sim.Time(seconds * 1e9)) }

// Group implements traffic.Population.
func (r *rig) Group(int) *flow.Group { return &flow.Group{Name: "all", Clients: r.clients} }

// Address implements traffic.Population.
func (r *rig) Address(c flow.ClientID) flow.AddrID { return flow.AddrID(c) }

// Open implements traffic.Balancer.
func (r *rig) Open(id flow.ConnID) flow.Outcome {
	c := r.flows.Conns.At(uint32(id))
	if r.refuse != nil {
		if o := r.refuse(c.Attempt); o != flow.Accepted {
			return o
		}
	}
	c.Member, c.Server = 0, 0
	r.held++
	r.most = max(r.most, r.held)
	return flow.Accepted
}

// Close implements traffic.Balancer.
func (r *rig) Close(flow.ConnID) { r.held-- }

// Submit implements traffic.Servers.
func (r *rig) Submit(_ int32, id flow.RequestID) flow.Outcome {
	q := r.flows.Requests.At(uint32(id))
	r.done.After(q.Demand, uint32(id))
	return flow.Accepted
}

// Arrived implements flow.Observer.
func (r *rig) Arrived(q *flow.Request, now sim.Time) {
	r.asked = append(r.asked, request{now, r.flows.Conns.At(uint32(q.Conn)).Client, q.Demand, q.Attempt})
}

// Finished implements flow.Observer.
func (r *rig) Finished(_ *flow.Request, o flow.Outcome, _ sim.Time) {
	r.ended[o]++
	if r.finished != nil {
		r.finished(o)
	}
}

// present counts the requests that clients wait for.
func (r *rig) present() (n int) {
	r.flows.Requests.All(func(_ uint32, q *flow.Request) {
		if !q.Abandoned {
			n++
		}
	})
	return n
}

func (*rig) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (*rig) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (*rig) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (*rig) Noted(flow.Note)                                          {}

// Shorthands for streams.
func exponential(mean time.Duration) dist.Spec { return &dist.Exponential{Mean: mean} }

const second = time.Second
