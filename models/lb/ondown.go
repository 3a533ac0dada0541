package lb

import (
	"fmt"

	"lbsim/models/flow"
)

// Fate is what becomes of the connections of a server that goes: one that checks
// mark down, or that is taken out of the table.
type Fate string

// The fates.
const (
	// Kept connections go on if the server still serves them: HAProxy, nginx,
	// Envoy, KEMP, F5 by default (action on service down: none), Azure.
	Kept Fate = "keep"
	// Cut connections are reset by the balancer, so that clients learn of it at
	// once: HAProxy's on-marked-down shutdown-sessions, Envoy's
	// close_connections_on_host_health_failure, KEMP's droponfail, F5's reset,
	// IPVS with expire_nodest_conn, AWS NLB.
	Cut Fate = "reset"
	// Reselected connections go on at another server: F5's reselect. What was
	// under way is asked again there. That is good for devices that keep nothing
	// of a connection; a server that terminates it would reset it, which is
	// what reset does.
	Reselected Fate = "reselect"
	// Dropped connections are forgotten by the balancer, and what clients send
	// over them is dropped in silence: F5's drop. Clients notice by their own
	// time-outs alone.
	Dropped Fate = "drop"
	// Suspended connections stay in the table while what is sent over them is
	// dropped in silence, and go on when the server is back: IPVS.
	Suspended Fate = "hold"
	// Refused is for a server that is taken out of the table: it is not, unless
	// it is in maintenance or drains and has no connections (HAProxy).
	Refused Fate = "refuse"
)

// Fates lists what may become of the connections of a server that is down.
var Fates = flow.Table[Fate]{
	{Name: "keep", Doc: "they go on, if the server still serves them", New: func() Fate { return Kept }},
	{Name: "reset", Doc: "the balancer resets them: clients learn of it at once", New: func() Fate { return Cut }},
	{Name: "reselect", Doc: "they go on at another server, which is asked again what was under way", New: func() Fate { return Reselected }},
	{Name: "drop", Doc: "what is sent over them is dropped: clients learn of it by their own time-outs", New: func() Fate { return Dropped }},
	{Name: "hold", Doc: "what is sent over them is dropped until the server is back; then they go on", New: func() Fate { return Suspended }},
}

// Removals lists what may become of the connections of a server that is taken
// out of the table.
var Removals = append(Fates[:len(Fates):len(Fates)], flow.Table[Fate]{
	{Name: "refuse", Doc: "the server stays unless it drains or is in maintenance and has none", New: func() Fate { return Refused }},
}...)

// Comeback is what becomes of connections to servers that stand by when others
// come up.
type Comeback string

// The ways.
const (
	BackupsKept Comeback = "keep"
	BackupsCut  Comeback = "shutdown-backup-sessions"
)

// Comebacks lists the ways with their documentation.
var Comebacks = flow.Table[Comeback]{
	{Name: "keep", Doc: "they go on", New: func() Comeback { return BackupsKept }},
	{Name: "shutdown-backup-sessions", Doc: "connections to servers with backup: true are reset when another server comes up", New: func() Comeback { return BackupsCut }},
}

// checkFates checks what is to become of connections.
func (s *Service) checkFates() []flow.Problem {
	ps := flow.OneOfOrNone("on_down", s.OnDown, Fates.Names()...)
	if s.OnDown == "none" {
		ps[0].Hint = "F5's none is keep"
	}
	ps = append(ps, flow.OneOfOrNone("on_up", s.OnUp, Comebacks.Names()...)...)
	return append(ps, flow.OneOfOrNone("on_remove", s.OnRemove, Removals.Names()...)...)
}

// parts gives the connections of member m, which was just marked down, their
// fate: not at once, as a connection may be being placed.
func (in *instance) parts(m int) {
	if f := in.config.OnDown; f != Kept && f != "" {
		in.b.ports.part.After(0, place(in, m))
	}
}

func (b *Balancer) onPart(at uint64) {
	in, m := b.at(at)
	if !in.members[m].alive() {
		b.part(in, m, in.config.OnDown)
	}
}

// part gives the connections of member m a fate.
func (b *Balancer) part(in *instance, m int, f Fate) {
	ids := in.heldBy(m)
	if len(ids) == 0 {
		return
	}
	switch f {
	case Cut:
		b.note(flow.Adjusted, in, m, fmt.Sprintf("loses its connections: %d are reset", len(ids)))
		b.front.Cut(ids)
	case Dropped:
		b.note(flow.Adjusted, in, m, fmt.Sprintf("loses its connections: %d are dropped in silence", len(ids)))
		for _, id := range ids {
			b.Close(id)
			b.fl.Conns.At(uint32(id)).Path = flow.Dead
		}
		b.front.Blocked(ids)
	case Suspended:
		for _, id := range ids {
			b.fl.Conns.At(uint32(id)).Path = flow.Blocked
		}
		in.members[m].suspended = true
		b.front.Blocked(ids)
	case Reselected:
		b.note(flow.Adjusted, in, m, fmt.Sprintf("loses its connections: %d go on elsewhere", len(ids)))
		for _, id := range ids {
			b.reselect(in, id)
		}
	}
}

// heldBy returns the connections that member m holds.
func (in *instance) heldBy(m int) (ids []flow.ConnID) {
	if in.view.Members[m].Active == 0 {
		return nil
	}
	in.b.fl.Conns.All(func(i uint32, c *flow.Conn) {
		if int(c.Service) == in.index && c.Via == in.via && int(c.Member) == m && c.Taken() {
			ids = append(ids, flow.ConnID(i))
		}
	})
	return ids
}

// reselect gives a connection to another member; if there is none that has
// room and answers, it is reset.
func (b *Balancer) reselect(in *instance, id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	m := in.pick(b.ask(id, c))
	if m < 0 || in.full(m) || b.backend.Connect(in.members[m].server, in.index) != flow.Accepts {
		b.front.Cut([]flow.ConnID{id})
		return
	}
	b.front.Leaves(id)
	b.Close(id)
	c.Member, c.Server, c.Moved, c.Face = int32(m), in.members[m].server, flow.Stayed, 0
	q := b.ask(id, c)
	if in.persist != nil {
		q.why, c.Moved = flow.ServerDown, flow.ServerDown
		in.remember(q, m, "sent")
	}
	b.front.Moved(id, b.take(in, m, c, q))
}

// rejoin does what a return of member m means for connections: those that were
// held go on, and those of servers that stand by end if they are to.
func (in *instance) rejoin(m int) {
	if in.members[m].suspended {
		in.members[m].suspended = false
		ids := in.heldBy(m)
		for _, id := range ids {
			in.b.fl.Conns.At(uint32(id)).Path = flow.Whole
		}
		in.b.front.Released(ids)
	}
	if in.config.OnUp != BackupsCut || in.view.Members[m].Backup {
		return
	}
	for k := range in.members {
		if in.view.Members[k].Backup {
			in.b.part(in, k, Cut)
		}
	}
}
