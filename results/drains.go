package results

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// drain follows a server of a service from the time when an operator lets it
// drain, or takes it out, until it has no connection left. Each of several
// balancers has its own.
type drain struct {
	actor           string // the balancer
	service, server int
	at              sim.Time
	took            float64 // s; negative until it is over
}

// drains begins to follow a server that is taken out. One that is out already is
// followed from when it was.
func (r *Recorder) drains(n flow.Note) {
	if r.draining(n) == nil {
		r.drained = append(r.drained, &drain{actor: n.Actor, service: n.Service, server: n.Server, at: n.At, took: -1})
	}
}

// emptied ends what drains began, and says in the mark how long that took.
func (r *Recorder) emptied(n flow.Note, mark *Mark) {
	d := r.draining(n)
	if d == nil {
		return
	}
	if d.took = (n.At - d.at).Seconds(); d.took > 0 {
		mark.Text += fmt.Sprintf(", after %v", n.At.Sub(d.at).Round(time.Millisecond))
	}
}

// draining returns the drain of a server that is out and not empty yet, nil if
// there is none.
func (r *Recorder) draining(n flow.Note) *drain {
	for i := len(r.drained) - 1; i >= 0; i-- {
		if d := r.drained[i]; d.actor == n.Actor && d.service == n.Service && d.server == n.Server && d.took < 0 {
			return d
		}
	}
	return nil
}

// returned forgets a drain that was ended before the server was empty.
func (r *Recorder) returned(n flow.Note) {
	for i, d := range r.drained {
		if d == r.draining(n) {
			r.drained = append(r.drained[:i], r.drained[i+1:]...)
			return
		}
	}
}

// listDrains adds how long servers of a service, or of all if service is -1, took
// to become empty; nothing if none did.
func (r *Recorder) listDrains(out *values, service int) {
	sum, most, n := 0.0, 0.0, 0.0
	for _, d := range r.drained {
		if d.took >= 0 && (service < 0 || d.service == service) {
			sum, most, n = sum+d.took, max(most, d.took), n+1
		}
	}
	if n > 0 {
		out.add("drain.time", "s", sum/n)
		out.add("drain.time_max", "s", most)
	}
}
