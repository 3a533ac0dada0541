package cluster

import (
	"lbsim/models/dist"
	"lbsim/sim"
)

// Renewal breaks and repairs components in turn: alternating renewal processes.
// Each component has a stream of its own, named for it, and draws by how often it
// has failed: what one draws does not depend on the others, nor on what is in the
// scenario beside it.
type Renewal struct {
	e    *sim.Engine
	name string // prefix of the streams
	// apply fails a component, or repairs it, and reports whether that changes
	// anything.
	apply func(component int, fail bool) bool
	// after, if it is not nil, is told of each failure that has changed something,
	// with a uniform number for what comes of it.
	after      func(component int, u float64)
	components []component
	kinds      []kind

	failed, repaired sim.Port[uint32]
}

// kind is what the components of a kind have in common.
type kind struct {
	up, repair dist.Dist
	crews      int
	busy       int   // crews at work
	waiting    []int // components that wait for one, the first to fail first
}

// component is what fails and is repaired.
type component struct {
	kind   int
	stream *sim.Stream
	count  uint64      // how often it has failed
	next   sim.Pending // its next failure
	down   bool
}

// NewRenewal returns processes without components, whose events and streams have
// names that begin so. apply fails component number i, or repairs it, and reports
// whether that changes anything: one that is down already for another reason does
// not fail, and its next failure is drawn.
func NewRenewal(e *sim.Engine, name string, apply func(i int, fail bool) bool) *Renewal {
	r := &Renewal{e: e, name: name, apply: apply}
	r.failed = sim.Bind(e, name+"/failed", sim.Fault, r.onFailed)
	r.repaired = sim.Bind(e, name+"/repaired", sim.Fault, r.onRepaired)
	return r
}

// Add lets n more components fail that share the process p and its crews, and
// returns the number of the first. Each is named for its stream.
func (r *Renewal) Add(p *Process, n int, name func(i int) string) int {
	first := len(r.components)
	up, repair := p.laws()
	r.kinds = append(r.kinds, kind{up: up, repair: repair, crews: p.Crews})
	for i := range n {
		r.components = append(r.components, component{kind: len(r.kinds) - 1, stream: r.e.Stream(r.name + "/" + name(i))})
		r.schedule(first + i)
	}
	return first
}

// The occasions for which a component draws, by their place in its sequence.
const (
	drawUp = iota
	drawRepair
	drawAfter
	draws
)

func (c *component) draw(what uint64) float64 { return c.stream.Nth(c.count*draws + what) }

// schedule draws when a component fails that works.
func (r *Renewal) schedule(i int) {
	c := &r.components[i]
	c.next = r.failed.Set(dist.Seconds(r.kinds[c.kind].up.Quantile(c.draw(drawUp))), uint32(i))
}

// onFailed is when a component fails. One that is down already, by the timeline,
// does not fail again: its next failure is drawn.
func (r *Renewal) onFailed(i uint32) {
	c := &r.components[i]
	if !r.apply(int(i), true) {
		c.count++
		r.schedule(int(i))
		return
	}
	u := c.draw(drawAfter)
	r.mend(int(i))
	if r.after != nil {
		r.after(int(i), u)
	}
}

// strike fails a component now, unless it is down. What would have been its next
// failure is this one.
func (r *Renewal) strike(i int) {
	c := &r.components[i]
	if c.down || !r.apply(i, true) {
		return
	}
	r.e.Cancel(c.next)
	r.mend(i)
}

// mend has a component repaired that has failed, once a crew is free.
func (r *Renewal) mend(i int) {
	c := &r.components[i]
	k := &r.kinds[c.kind]
	c.down = true
	if k.crews > 0 && k.busy == k.crews {
		k.waiting = append(k.waiting, i)
		return
	}
	k.busy++
	r.repaired.After(dist.Seconds(k.repair.Quantile(c.draw(drawRepair))), uint32(i))
}

// onRepaired is when a component works again.
func (r *Renewal) onRepaired(i uint32) {
	c := &r.components[i]
	k := &r.kinds[c.kind]
	c.down = false
	c.count++
	r.apply(int(i), false)
	r.schedule(int(i))
	k.busy--
	if len(k.waiting) > 0 {
		next := k.waiting[0]
		k.waiting = k.waiting[1:]
		r.mend(next)
	}
}
