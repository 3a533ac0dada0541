package product_test

import (
	"net/netip"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

func address(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(i), 1}) }

// Load implements lb.Backend.
func (r *rig) Load(s int32) lb.Load { return lb.Load{Alive: r.Connect(s, 0) == flow.Accepts} }

// Check implements lb.Backend.
func (r *rig) Check(s int32, _ int, number uint64, _ time.Duration) {
	r.b.Checked(number, 0, r.Connect(s, 0) == flow.Accepts)
}

// Taken implements lb.Front.
func (r *rig) Taken(id flow.ConnID) { r.cut[id] = "taken" }

// Refused implements lb.Front.
func (r *rig) Refused(id flow.ConnID, o flow.Outcome) { r.cut[id] = o.String() }

// Cut implements lb.Front.
func (r *rig) Cut(ids []flow.ConnID) {
	for _, id := range ids {
		r.b.Close(id)
		r.flows.Conns.At(uint32(id)).Server = flow.NoServer
		r.cut[id] = "is reset"
	}
}

// Blocked implements lb.Front.
func (r *rig) Blocked(ids []flow.ConnID) {
	for _, id := range ids {
		r.cut[id] = "is held"
		if r.flows.Conns.At(uint32(id)).Path == flow.Dead {
			r.cut[id] = "is dropped in silence"
		}
	}
}

// Released implements lb.Front.
func (r *rig) Released(ids []flow.ConnID) {
	for _, id := range ids {
		r.cut[id] = "goes on"
	}
}

// Leaves implements lb.Front.
func (r *rig) Leaves(flow.ConnID) {}

// Moved implements lb.Front.
func (r *rig) Moved(id flow.ConnID, ok bool) {
	if r.cut[id] = "moves"; !ok {
		r.cut[id] = "is stranded"
	}
}

// Noted implements flow.Observer.
func (r *rig) Noted(n flow.Note)                                      { r.notes = append(r.notes, n.Text) }
func (*rig) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (*rig) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (*rig) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (*rig) Arrived(*flow.Request, sim.Time)                          {}
func (*rig) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
