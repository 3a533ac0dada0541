package models

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// What befalls the servers that are virtual machines. One that is lost or saved
// stands still, for all that the others can tell, and if it comes back without
// having booted it goes on where it was: a host that was unreachable has kept it, or
// a disk. If it has booted, what it had is reset when it is back, and its programs
// run even if they had failed before.

// guests is what the world knows of them.
type guests struct {
	down []bool        // by server: its machine does not answer
	was  []flow.Answer // by server: what its programs were when that came
	stun []sim.Pending // by server: it goes on
	over sim.Port[uint32]
}

// noticed is how long a machine may stand still without anybody noticing: nobody's
// TCP sends the first packet of a connection again before (RFC 6298, section 2). For
// a shorter time attempts to connect, and checks that only do that, succeed, and
// what is sent then waits. For a longer time they meet silence.
const noticed = time.Second

// newGuests makes the cluster. The machines that no host has do not answer at first.
func (w *World) newGuests() {
	n := len(w.config.Servers)
	w.guests = &guests{down: make([]bool, n), was: make([]flow.Answer, n), stun: make([]sim.Pending, n)}
	w.guests.over = sim.Bind(w.engine, "server/stun-over", sim.Expire, w.onStunOver)
	w.cluster = cluster.New(w.engine, w.config.Cluster, cluster.Options{Machines: (*machines)(w), Observer: w.obs})
	for v, s := range w.config.guest {
		if s == flow.NoServer {
			continue
		}
		w.cluster.SetBusy(v, 0)
		if !w.cluster.Serving(v) {
			w.guests.down[s] = true
			w.servers.Fail(s, flow.Silent)
		}
	}
	w.servers.Watch(func(s int32, busy int) {
		if int(s) < n && w.config.vm[s] >= 0 {
			w.cluster.SetBusy(w.config.vm[s], busy)
		}
	})
}

// gone reports whether a server is a virtual machine that does not answer.
func (w *World) gone(s int32) bool { return w.guests != nil && w.guests.down[s] }

// alive reports whether a server's programs run, and its machine does.
func (w *World) alive(s int32) bool { return w.servers.Up(s) && !w.gone(s) }

// repairGone repairs the programs of a server whose machine does not answer: they
// will work when it does.
func (w *World) repairGone(s int32, service int, a *action) {
	switch {
	case service >= 0:
		w.servers.Mend(s, service, a.cold)
	case w.servers.Up(s):
		for k := range w.config.Balancer.Services {
			w.servers.Mend(s, k, a.cold)
		}
	default:
		w.guests.was[s] = flow.Accepts
	}
}

// machines is the world to a cluster.
type machines World

// Down implements cluster.Machines.
func (w *machines) Down(vm int, how cluster.Ending) {
	defer (*World)(w).reviewGroup(how)
	s := w.config.guest[vm]
	if s == flow.NoServer {
		return
	}
	g, up := w.guests, w.servers.Up(s)
	w.engine.Cancel(g.stun[s])
	g.down[s], g.was[s] = true, flow.Accepts
	switch {
	case !up:
		g.was[s] = w.servers.State(s, 0)
		w.servers.Turn(s, flow.Silent)
	case how == cluster.ShutDown:
		(*World)(w).noteServer(flow.Failed, s, "is shut down: its connections are reset")
		w.servers.Fail(s, flow.Silent)
		(*World)(w).reset(s, -1)
	case how == cluster.Saved:
		(*World)(w).noteServer(flow.Failed, s, "stands still: it is saved")
		w.servers.Suspend(s, flow.Silent)
	default:
		(*World)(w).noteServer(flow.Failed, s, "falls silent with its virtual machine")
		w.servers.Suspend(s, flow.Silent)
	}
	(*World)(w).settle()
}

// Up implements cluster.Machines.
func (w *machines) Up(vm int, cold bool) {
	defer (*World)(w).reviewGroup(cluster.Lost)
	s := w.config.guest[vm]
	if s == flow.NoServer {
		return
	}
	g, up := w.guests, w.servers.Up(s)
	g.down[s] = false
	switch {
	case up && !cold:
		(*World)(w).noteServer(flow.Recovered, s, "goes on where it was")
		w.servers.Resume(s)
	case !cold && g.was[s] != flow.Accepts:
		w.servers.Turn(s, g.was[s]) // its machine is back, and its programs are not
	default:
		w.servers.Fail(s, flow.Silent)
		(*World)(w).repair(s, -1, &action{})
	}
	(*World)(w).settle()
}

// Speed implements cluster.Machines.
func (w *machines) Speed(vm int, factor float64) {
	if s := w.config.guest[vm]; s != flow.NoServer {
		w.servers.SetSpeed(s, factor)
	}
}

// Stun implements cluster.Machines.
func (w *machines) Stun(vm int, d time.Duration) {
	(*World)(w).stunMember(vm, d)
	s := w.config.guest[vm]
	if s == flow.NoServer || !w.servers.Up(s) {
		return
	}
	meets := flow.Accepts
	if d > noticed {
		meets = flow.Silent
	}
	w.servers.Suspend(s, meets)
	w.guests.stun[s] = w.guests.over.Set(d, uint32(s))
	(*World)(w).settle()
}

// onStunOver lets a machine go on that stood still.
func (w *World) onStunOver(s uint32) {
	w.servers.Resume(int32(s))
	w.settle()
}
