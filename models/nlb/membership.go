package nlb

import (
	"fmt"
	"strings"

	"lbsim/models/flow"
)

// Every host sends a heartbeat at each of its ticks, which come every second, its
// own part of a second after those of the others, and counts in between whom it
// has heard. Whoever has something to tell says so in its next heartbeat: that it
// has started, stops, drains or has another weight, or that it has missed another
// host for the fifth time. All that hear it converge with it: the new table is in
// force a set time after the last such news, on all hosts together. Until then the
// old one is, so what a dead or stopped host should take nobody does.

// onTick is a host's heartbeat, and the time at which it counts those of others.
func (cl *Cluster) onTick(i uint32) {
	h := int(i)
	n := &cl.hosts[h]
	cl.tick.After(cl.config.Heartbeat, i)
	if cl.backend.Stands(n.server) {
		n.stood = true
		return
	}
	if !cl.backend.Alive(n.server) {
		n.runs, n.serves, n.stood = false, false, false
		return
	}
	switch {
	case !n.runs:
		cl.start(h)
	case n.stood && n.duty == started && !cl.present.has(h):
		n.news, n.returns, n.back = true, true, flow.MarkedUp // it was left out meanwhile
	}
	n.stood = false
	for p := range cl.hosts {
		cl.hosts[p].heard.add(h)
	}
	if n.news {
		cl.tell(h)
	}
	if cl.present.has(h) {
		cl.listen(h)
	}
	n.heard = 0
}

// start begins a driver's life, with nothing that it knew before.
func (cl *Cluster) start(h int) {
	n := &cl.hosts[h]
	n.runs, n.news = true, true
	n.heard, n.missed = ^hosts(0), [MaxHosts]uint8{}
	if n.duty == draining {
		n.duty = stopped
	}
	n.returns, n.back = n.duty == started, flow.MarkedUp
	for _, r := range cl.rules {
		r.forget(h)
	}
}

// tell spreads what is new at a host.
func (cl *Cluster) tell(h int) {
	n := &cl.hosts[h]
	n.news = false
	if n.duty != started && !cl.present.has(h) {
		return
	}
	if n.duty == started {
		cl.present.add(h)
		for p := range cl.hosts {
			cl.hosts[p].missed[h] = 0
		}
	} else {
		cl.present.drop(h)
	}
	cl.converge()
}

// listen counts the heartbeats that a host has missed since its last own, and
// leaves out whoever has missed too many.
func (cl *Cluster) listen(h int) {
	n := &cl.hosts[h]
	for p := range cl.hosts {
		switch {
		case p == h || !cl.present.has(p):
		case n.heard.has(p):
			n.missed[p] = 0
		default:
			if n.missed[p]++; int(n.missed[p]) >= cl.config.Missed {
				cl.lose(h, p)
			}
		}
	}
}

// lose leaves host p out, which host h has missed.
func (cl *Cluster) lose(h, p int) {
	cl.present.drop(p)
	text := fmt.Sprintf("is left out: %s has missed %d of its heartbeats", cl.names[cl.hosts[h].server], cl.config.Missed)
	cl.noteEach(flow.MarkedDown, p, text)
	cl.converge()
}

// converge begins convergence, or begins it again.
func (cl *Cluster) converge() {
	cl.e.Cancel(cl.converging)
	cl.converging = cl.converged.Set(cl.config.Convergence, 0)
}

// onConverged puts the new table in force.
func (cl *Cluster) onConverged() {
	cl.converging = 0
	cl.joined = cl.present
	moved := make([]int, len(cl.rules))
	for i, r := range cl.rules {
		moved[i] = r.adopt(cl.joined)
	}
	for h := range cl.hosts {
		n := &cl.hosts[h]
		n.serves = cl.joined.has(h) && n.duty == started && n.runs
		n.endDrain()
	}
	for i, r := range cl.rules {
		cl.note(flow.Converged, i, -1, r.text(cl, moved[i]))
	}
	for h := range cl.hosts {
		if n := &cl.hosts[h]; n.returns && n.serves {
			n.returns = false
			cl.noteEach(n.back, h, "has joined, and has its share at once")
		}
	}
	if cl.config.Existing == Reset {
		cl.resetMoved()
	}
}

// text says who takes what after convergence.
func (r *rule) text(cl *Cluster, moved int) string {
	if r.owner == nil {
		if r.first == nobody {
			return "converged: no host answers"
		}
		return "converged: " + cl.names[cl.hosts[r.first].server] + " takes all"
	}
	var parts []string
	for h := range cl.hosts {
		if r.member[h] >= 0 && cl.joined.has(h) {
			parts = append(parts, fmt.Sprintf("%s %d", cl.names[cl.hosts[h].server], r.owned(h)))
		}
	}
	if len(parts) == 0 {
		return "converged: no host is left"
	}
	return fmt.Sprintf("converged: buckets %s; %d moved", strings.Join(parts, ", "), moved)
}

// resetMoved ends the connections that fall to another host now, if their own
// could still serve them. Those of a host that drains stay: it drains for them.
func (cl *Cluster) resetMoved() {
	cl.front.Reset(func(c *flow.Conn) bool {
		h := cl.place[c.Server]
		return cl.hosts[h].serves && cl.taker(cl.rules[c.Service], c) != h
	})
}

// noteEach reports what became of a host, for each service that it is in.
func (cl *Cluster) noteEach(kind flow.NoteKind, h int, text string) {
	for i, r := range cl.rules {
		if r.member[h] >= 0 {
			cl.note(kind, i, h, text)
		}
	}
}

// note reports what became of a host, or of none in particular if h is -1, under
// the rule of a service.
func (cl *Cluster) note(kind flow.NoteKind, service, h int, text string) {
	server := -1
	if h >= 0 {
		server = int(cl.hosts[h].server)
		text = cl.names[server] + " " + text
	}
	cl.observer.Noted(flow.Note{
		At: cl.e.Now(), Kind: kind, Service: service, Server: server, Actor: cl.rules[service].name, Text: text,
	})
}
