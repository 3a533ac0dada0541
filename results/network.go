package results

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// network is what a window counts of the requests' time on the wire.
type network struct {
	time      timings
	stalls    uint64
	stallTime time.Duration
}

func newNetwork(there bool) *network {
	if !there {
		return nil
	}
	return &network{time: newTimings(3)}
}

// Travelled implements flow.NetworkObserver.
func (r *Recorder) Travelled(q *flow.Request, t *flow.Trip, _ sim.Time) {
	r.before = t.Before
	for _, w := range r.active {
		if n := w.services[q.Service].network; n != nil {
			n.time.add(t.Total)
			n.stalls += uint64(t.Stalls)
			n.stallTime += t.StallTime
		}
	}
}

func (n *network) join(other *network) {
	if n != nil {
		n.time.join(&other.time)
		n.stalls += other.stalls
		n.stallTime += other.stallTime
	}
}

// list adds the times of answered requests on the wire, and what delayed
// acknowledgements did to them.
func (n *network) list(out *values) {
	if n == nil {
		return
	}
	n.time.list(out, "network_time")
	out.add("stalls", "", float64(n.stalls))
	out.add("stall_time", "s", n.stallTime.Seconds())
}
