package lb

import "lbsim/models/flow"

// A sorry server answers those whom no other server takes: with a page that says
// so. It is not checked, is not in the table that the scheduler knows, and no
// record leads to it (KEMP). It may be a server that does something else as
// well. It closes a connection after its answer, and what it answers does not
// count as served: see flow.Apologised.

// turnAway gives a connection that no server takes to the sorry server, if there
// is one that answers.
func (b *Balancer) turnAway(in *instance, id flow.ConnID) flow.Outcome {
	m := in.sorry
	if m < 0 || b.backend.Connect(in.members[m].server, in.index) != flow.Accepts {
		return flow.Rejected
	}
	c := b.fl.Conns.At(uint32(id))
	c.Member, c.Server, c.Why, c.Moved = int32(m), in.members[m].server, flow.Unsaid, flow.Stayed
	if b.faces != nil && !b.faces.Take(c, b.e.Now()) {
		c.Member, c.Server, c.Why = -1, flow.NoServer, flow.NoFacePort
		return flow.Rejected
	}
	c.Sorry = true
	in.count(m, +1)
	return flow.Accepted
}

// dismiss turns a connection away that has waited.
func (b *Balancer) dismiss(in *instance, id flow.ConnID) {
	if o := b.turnAway(in, id); o != flow.Accepted {
		b.front.Refused(id, o)
		return
	}
	b.front.Taken(id)
}
