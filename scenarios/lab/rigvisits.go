package lab

import (
	"time"

	"lbsim/models/flow"
)

// took enters that a server has an arrival. Where the balancer had left it out, that
// is how one hears of its being used again: nginx does not say so.
func (r *rig) took(arrival, server int) {
	now := r.now()
	r.mu.Lock()
	valid := arrival >= 0 && arrival < len(r.visits) && !r.over
	if valid {
		v := &r.visits[arrival]
		v.Taken, v.Server = now, server
	}
	r.mu.Unlock()
	r.move()
	if valid && r.product == nginx {
		if k := r.arrivals[arrival].Service; r.journal.isDown(k, server) {
			r.journal.note(Mark{now, flow.MarkedUp, k, server, "is used again: a connection succeeded"})
		}
	}
}

// taken is when the server had it that an arrival has.
func (r *rig) taken(arrival int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.visits[arrival].Taken
}

// ended enters how an arrival ends, unless the run is over.
func (r *rig) ended(arrival int, how flow.Outcome) {
	now := r.now()
	r.mu.Lock()
	if v := &r.visits[arrival]; !r.over {
		v.Outcome, v.Ended = how, now
	}
	r.mu.Unlock()
	r.move()
}

// settled reports whether a server has an arrival, or it has ended.
func (r *rig) settled(arrival int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := &r.visits[arrival]
	return v.Server >= 0 || v.Ended > 0
}

// move wakes who waits for an arrival to settle.
func (r *rig) move() {
	select {
	case r.moved <- struct{}{}:
	default:
	}
}
