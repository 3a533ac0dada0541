package nlb

import (
	"fmt"

	"lbsim/models/flow"
)

// Drain stops a host as drainstop does: it serves the connections that it has,
// and takes its share of new ones until the others have converged without it. When
// the last connection has ended, it stops.
func (cl *Cluster) Drain(server int32) {
	if h := cl.place[server]; h >= 0 && cl.hosts[h].duty == started {
		n := &cl.hosts[h]
		n.duty, n.news = draining, true
		cl.noteEach(flow.TakenOut, h, "drains: it keeps the connections that it has")
	}
}

// endDrain stops a host that drains and has no connection left, once no more can
// come.
func (n *host) endDrain() {
	if n.duty == draining && !n.serves && n.conns == 0 {
		n.duty = stopped
	}
}

// Disable stops a host at once: its connections are reset, and until the others
// have converged without it nobody takes what falls to it.
func (cl *Cluster) Disable(server int32) {
	h := cl.place[server]
	if h < 0 || cl.hosts[h].duty == stopped {
		return
	}
	n := &cl.hosts[h]
	n.duty, n.serves, n.news, n.returns = stopped, false, true, false
	cl.noteEach(flow.TakenOut, h, "is stopped: its connections are dropped")
	cl.front.Reset(func(c *flow.Conn) bool { return c.Server == server })
}

// Enable starts a host that was stopped or drained. It joins when all have
// converged, with its full share.
func (cl *Cluster) Enable(server int32) {
	h := cl.place[server]
	if h < 0 || cl.hosts[h].duty == started {
		return
	}
	n := &cl.hosts[h]
	n.duty, n.news, n.returns, n.back = started, true, true, flow.PutBack
	cl.noteEach(flow.Adjusted, h, "is started")
}

// Add starts a host that is new: there is no table of hosts but their own.
func (cl *Cluster) Add(server int32) { cl.Enable(server) }

// Remove stops a host for good, as Disable does.
func (cl *Cluster) Remove(server int32) { cl.Disable(server) }

// SetWeight changes a host's load weight in a service, 0 to MaxWeight. The hosts
// converge, and the new table has it.
func (cl *Cluster) SetWeight(service int, server int32, weight int) {
	h, r := cl.place[server], cl.rules[service]
	if r.weights[h] == weight {
		return
	}
	cl.note(flow.Adjusted, service, h, fmt.Sprintf("has load weight %d instead of %d", weight, r.weights[h]))
	r.weights[h] = weight
	cl.hosts[h].news = cl.hosts[h].duty == started || cl.hosts[h].news
}

// SetLimit does nothing: hosts have no limit of connections.
func (cl *Cluster) SetLimit(int, int32, int) {}
