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

// Travelled implements flow.NetworkObserver. Most trips are like the one before, and
// are counted together.
func (r *Recorder) Travelled(q *flow.Request, t *flow.Trip, _ sim.Time) {
	if r.before = t.Before; !t.Equal(&r.trip) || q.Service != r.tripTo {
		r.countTrips()
		r.trip, r.tripTo = *t, q.Service
	}
	r.trips++
}

// countTrips counts the trips that were like the last one.
//
//go:noinline
func (r *Recorder) countTrips() {
	for _, w := range r.active {
		if r.trips == 0 {
			return
		}
		n := w.services[r.tripTo].network
		if n == nil {
			continue
		}
		n.time.addTimes(r.trip.Total, r.trips)
		n.stalls += uint64(r.trips) * uint64(r.trip.Stalls)
		n.stallTime += time.Duration(r.trips) * r.trip.StallTime
	}
	r.trips = 0
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
