// Package packets records the connections of a run as a capture that Wireshark
// reads: what tcp.Simulate gives of each exchange, at the times of the run.
//
// A capture is of the first replication of a variant and of its first connections, up
// to the bounds below. It has the exchanges that were answered, and none of those
// that came to nothing. It is made at the client, or at a balancer that ends
// connections, which sees both sides.
//
// What a run knows of an exchange is how long it takes. Its packets are those of the
// one that takes as long: on a new connection, one that was idle, or one on which
// acknowledgements are no longer quick and the window is open; or with one packet
// lost. Exchanges that overlap on one connection are written one after the other, and
// connections that are open when the run begins are opened then.
package packets

import (
	"errors"
	"io"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/traffic"
	"lbsim/scenarios"
	"lbsim/scenarios/convert/capture"
	"lbsim/sim"
)

// The bounds of a capture. What is given to its writer between two calls is kept in
// memory, which is all of it.
const (
	MaxConnections = 1000
	MaxPackets     = 200_000
	maxBytes       = 100_000_000
)

// ErrNoNetwork says that nothing takes time on the wire, and there are no packets.
var ErrNoNetwork = errors.New("the scenario has no network, and so there are no packets to record")

// Write runs a variant as far as it needs to and writes the capture.
func Write(out io.Writer, p *scenarios.Plan) error {
	if p.Config.Network == nil {
		return ErrNoNetwork
	}
	w, err := capture.NewWriter(out, maxBytes)
	if err != nil {
		return err
	}
	r := &recorder{plan: p, writer: w, open: map[flow.ConnID]*flow.Conn{}, talks: map[uint64]*talk{}, found: map[question]*answer{}}
	world, err := models.New(p.Config, p.Scenario.Seed, 0, r)
	if err != nil {
		return err
	}
	r.pop = world.Population()
	const steps = 1000
	for i := range steps {
		until := p.Scenario.Duration / steps * time.Duration(i+1)
		if err := world.Run(until); err != nil {
			return err
		}
		if r.full() {
			break
		}
	}
	if r.err != nil {
		return r.err
	}
	return w.Close()
}

// observer is the part of flow.Observer that says nothing of packets.
type observer struct{}

func (observer) Arrived(*flow.Request, sim.Time)                {}
func (observer) Finished(*flow.Request, flow.Outcome, sim.Time) {}
func (observer) Noted(flow.Note)                                {}
func (observer) Opened(flow.ConnID, *flow.Conn, sim.Time)       {}

// Assigned implements flow.Observer.
func (r *recorder) Assigned(id flow.ConnID, c *flow.Conn, o flow.Outcome, _ sim.Time) {
	if o == flow.Accepted {
		one := *c
		r.open[id] = &one
	}
}

// Closed implements flow.Observer.
func (r *recorder) Closed(id flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	delete(r.open, id)
	if !r.oneByOne(c) {
		delete(r.talks, uint64(c.Seq))
	}
}

// Travelled implements flow.NetworkObserver.
func (r *recorder) Travelled(q *flow.Request, t *flow.Trip, now sim.Time) {
	c := r.open[q.Conn]
	if c == nil || r.full() || r.err != nil {
		return
	}
	number := uint64(c.Seq)
	if r.oneByOne(c) {
		number = uint64(c.Stream)<<32 + uint64(c.Client)
	}
	k := r.talks[number]
	if k == nil {
		if r.count == MaxConnections {
			return
		}
		r.count++
		k = r.begin(c)
		r.talks[number] = k
	}
	r.err = r.add(k, c, q, t, now)
}

// oneByOne reports whether the balancer chooses a server for each request of a
// client's connection.
func (r *recorder) oneByOne(c *flow.Conn) bool {
	return r.plan.Config.Balancer.Services[c.Service].Mode == lb.HTTP && r.stream(c).Requests != nil
}

func (r *recorder) stream(c *flow.Conn) *traffic.Stream { return &r.plan.Config.Traffic[c.Stream] }

// full reports whether no more exchanges are to be recorded.
func (r *recorder) full() bool {
	return r.packets >= MaxPackets || r.count >= MaxConnections && len(r.talks) == 0
}

var _ flow.NetworkObserver = (*recorder)(nil)
