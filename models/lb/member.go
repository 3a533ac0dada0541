package lb

import (
	"lbsim/models/flow"
	"lbsim/sim"
)

// duty is what the operator wants of a member.
type duty uint8

const (
	ready    duty = iota
	draining      // only clients that belong to it
	away          // nobody: maintenance
	absent        // nobody: it is not in the table
)

// off reports whether the member gets nobody at all.
func (d duty) off() bool { return d >= away }

// memberState is what a balancer keeps of a member besides the View. What every
// connection touches comes first, in one cache line: among 10,000 servers the time
// of a request goes into fetching them from memory.
type memberState struct {
	conns   flow.Area
	server  int32
	duty    duty
	limit   int32  // connections at a time, as configured; 0: no limit
	weight  int64  // full effective weight
	up      bool   // as the probes say
	ejected bool   // as an outlier
	refused uint64 // attempts that met it dead
	errors  int    // in a row, see Observe
	serving bool   // its free places are being given away
	wanting bool   // it would be usable but for its limit
	streak  int    // probes in a row that contradict up
	upSince sim.Time
	drained sim.Time // when it began to drain or lost its weight
	// drainEnd is the end of its draining, if that has one.
	drainEnd  sim.Pending
	over      bool    // its draining has ended by itself, and nobody belongs to it any more
	emptied   bool    // it has been noted that it has no connections left
	suspended bool    // what is sent over its connections is dropped until it is back
	base      int64   // weight as the operator has set it, while it is not in the table
	queue     waiting // connections that wait for this member
	failing   failures
	ascent    ascent
}

// alive reports whether the balancer believes that the member works: its
// probes succeed, and so do connections, and it is no outlier.
func (ms *memberState) alive() bool { return ms.up && !ms.failing.out && !ms.ejected }

// leaves reports whether the member is to lose the clients that belong to it,
// sooner or later: it drains or has no weight.
func (ms *memberState) leaves() bool { return ms.duty == draining || ms.weight == 0 }

// count changes the number of connections of member m.
func (in *instance) count(m int, by int32) {
	v, ms := &in.view.Members[m], &in.members[m]
	v.Active += by
	ms.conns.Set(float64(v.Active), in.b.e.Now())
	if v.Limit > 0 {
		in.refresh(m)
	}
	if in.tracker != nil {
		in.tracker.Counted(m)
	}
	if in.reports {
		in.hold(m, by)
	}
	if v.Active == 0 && ms.duty != ready {
		in.noteEmpty(m)
	}
}

// refresh recomputes whether member m is usable, or would be but for its limit,
// and tells the scheduler. It is to be called after whatever decides that has
// changed: an arrival that finds no place looks at the counts alone.
func (in *instance) refresh(m int) {
	v := &in.view.Members[m]
	ms := &in.members[m]
	if resume := float64(in.config.Resume); resume > 0 {
		v.Crowded = v.Limit > 0 && (v.Active >= v.Limit || v.Crowded && float64(v.Active) >= resume*float64(v.Limit))
	}
	open, full := in.open(m) && !v.Tried, v.Full()
	if wanting := open && full; wanting != ms.wanting {
		ms.wanting = wanting
		if wanting {
			in.fulls++
		} else {
			in.fulls--
		}
	}
	usable := open && !ms.ascent.held && !(full && in.config.hidesFull())
	if usable == v.Usable {
		return
	}
	v.Usable = usable
	if in.changed != nil {
		in.changed.Changed(m)
	}
}

// full reports whether member m is at its limit.
func (in *instance) full(m int) bool { return in.view.Members[m].Full() }

// keeps reports whether connections may wait for member m and be given to it
// then. In a panic that holds for members that are down as for others: they are
// picked as well. A persistence record of one that is down is another matter,
// see recall: by default it does not hold even so, but the scheduler may pick
// the same. Envoy's stateful sessions pass over an unhealthy host, panic or not
// (override_host_status, source/common/upstream/host_utility.cc).
func (in *instance) keeps(m int) bool {
	ms := &in.members[m]
	return (ms.alive() || in.panicking) && !ms.duty.off()
}

// open reports whether member m is given connections that belong to nobody,
// unless it is full.
func (in *instance) open(m int) bool {
	return in.keeps(m) && in.members[m].duty == ready && in.view.Members[m].Weight > 0
}

// reweigh gives member m another full weight. One that returns, as it had none,
// comes back, one in a ramp goes on with it, and all others have it at once.
func (in *instance) reweigh(m int, weight int64, returns bool) {
	ms := &in.members[m]
	left := ms.leaves()
	ms.weight = weight
	in.drains(m, left)
	switch {
	case returns && in.back(m, Reweighted):
	case ms.ascent.on && weight > 0:
		in.b.e.Cancel(ms.ascent.next)
		in.climb(m)
	default:
		in.leaveRamp(m)
		in.setWeight(m, weight)
	}
}

func (in *instance) setTried(m int, tried bool) {
	v := &in.view.Members[m]
	was := v.Usable
	v.Tried = tried
	in.refresh(m)
	if v.Usable == was && in.changed != nil {
		in.changed.Changed(m) // it went down in between, and belongs to no table
	}
}

// back puts member m in use again, at the bottom of its ramp if it has one,
// and reports whether it did: for one that is out, drained or without weight
// there is another time to come.
func (in *instance) back(m int, cause Cause) bool {
	ms := &in.members[m]
	if ms.alive() {
		in.rejoin(m)
	}
	if !ms.alive() || ms.duty != ready || ms.weight == 0 {
		return false
	}
	in.welcome(m, cause)
	return true
}

// setWeight sets the effective weight of member m.
func (in *instance) setWeight(m int, w int64) {
	v := &in.view.Members[m]
	if in.members[m].weight == 0 {
		w = 0
	}
	if v.Weight == w {
		return
	}
	v.Weight = w
	if in.changed != nil {
		in.changed.Changed(m)
	}
	in.refresh(m)
}
