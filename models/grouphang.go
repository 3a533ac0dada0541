package models

import (
	"fmt"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// hangs restarts members of the database group whose disk does not answer. Exchange
// does so by itself, as nothing else would notice: the member's heartbeats go on.
type hangs struct {
	waits    []sim.Pending // by member: until it has hung for too long
	tooLong  sim.Port[uint32]
	rebooted sim.Port[uint32]
}

// newHangs lets members be restarted, if the group says when.
func (w *World) newHangs() {
	if w.config.DAG.HungIO == 0 {
		return
	}
	h := &w.group.hangs
	h.waits = make([]sim.Pending, len(w.config.members))
	h.tooLong = sim.Bind(w.engine, "dag/hung-io", sim.Fault, w.onHungIO)
	h.rebooted = sim.Bind(w.engine, "dag/rebooted", sim.Fault, w.onRebooted)
}

// setHang notes that a server hangs with all its services, or does not any more.
func (w *World) setHang(s int32, hangs bool) {
	if w.group == nil || w.group.waits == nil {
		return
	}
	for m, at := range w.config.members {
		switch {
		case at.server != int(s):
		case !hangs:
			w.engine.Cancel(w.group.waits[m])
		case !w.engine.IsPending(w.group.waits[m]):
			w.group.waits[m] = w.group.tooLong.Set(w.config.DAG.HungIO, uint32(m))
		}
	}
}

// onHungIO is when a member has hung for so long that it restarts itself.
func (w *World) onHungIO(m uint32) {
	s := int32(w.config.members[m].server)
	for k := range w.config.Balancer.Services {
		if !w.servers.Hangs(s, k) {
			return // some of it has been repaired
		}
	}
	w.noteServer(flow.Failed, s, fmt.Sprintf("restarts itself: it has hung for %v", w.config.DAG.HungIO))
	w.servers.Fail(s, flow.Silent)
	w.group.rebooted.After(w.config.DAG.Restart, m)
	w.settle()
	w.reviewGroup(cluster.Lost)
}

// onRebooted is when a member's services have started again.
func (w *World) onRebooted(m uint32) {
	s := int32(w.config.members[m].server)
	if w.servers.Up(s) && !w.gone(s) {
		return // somebody has repaired it
	}
	w.repair(s, -1, &action{})
	w.settle()
	w.reviewGroup(cluster.Lost)
}
