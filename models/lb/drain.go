package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Drain is how long a server drains and what becomes then of the connections
// that it still has. No client opens new ones from then on; until when persistent
// clients do, if that is sooner, is the persistence record's, see Ties.
type Drain struct {
	// Time is how long a server drains, 0 to 7 days; 0: until the operator ends
	// it. ALB and NLB: 300 s (deregistration delay); KEMP: 300 s (unverified).
	Time time.Duration `yaml:"time" doc:"how long a server drains; 0s: until the operator ends it"`
	// Then is keep, or cut: the connections that are left are reset (NetScaler's
	// delay, ALB), or cut-unless-kept: the same, and at once where no client has a
	// persistence record of the server (KEMP's dropatdrainend).
	Then string `yaml:"then" doc:"what becomes of the connections that are left then: keep, cut, or cut-unless-kept (at once, if nobody has a record of the server)"`
}

// DrainEnds lists what may become of connections at the end of a drain; the
// first is the default.
var DrainEnds = flow.Table[string]{
	{Name: "keep", Doc: "they go on", New: func() string { return "keep" }},
	{Name: "cut", Doc: "they are reset", New: func() string { return "cut" }},
	{Name: "cut-unless-kept", Doc: "they are reset, and at once where no client has a persistence record of the server", New: func() string { return "cut-unless-kept" }},
}

// SetDefaults makes it a drain that the operator ends.
func (d *Drain) SetDefaults() { d.Then = "keep" }

// Validate checks the drain's own fields.
func (d *Drain) Validate() []flow.Problem {
	ps := flow.OneOfOrNone("then", d.Then, DrainEnds.Names()...)
	if d.Time < 0 || d.Time > 7*24*time.Hour {
		ps = append(ps, flow.Problem{Path: "time", Text: fmt.Sprintf("%v is not between 0s and 168h", d.Time)})
	}
	if d.cuts() && d.Time == 0 {
		ps = append(ps, flow.Problem{Path: "then", Text: "the drain does not end", Hint: "give it a time"})
	}
	return ps
}

// cuts reports whether connections are reset at the end.
func (d *Drain) cuts() bool { return d.Then == "cut" || d.Then == "cut-unless-kept" }

// lasts returns how long member m drains.
func (in *instance) lasts(m int) time.Duration {
	d := &in.config.Drain
	if d.Then != "cut-unless-kept" {
		return d.Time
	}
	if k, ok := in.persist.(Keeper); ok && k.Keeps(m, in.b.e.Now()) {
		return d.Time
	}
	return 0
}

// timeDrain starts or stops the clock of member m's drain.
func (in *instance) timeDrain(m int) {
	ms := &in.members[m]
	in.b.e.Cancel(ms.drainEnd)
	ms.drainEnd, ms.over, ms.emptied = 0, false, false
	if ms.duty == draining && in.config.Drain.Time > 0 {
		ms.drainEnd = in.b.ports.drained.Set(in.lasts(m), place(in, m))
	}
	in.noteEmpty(m)
}

func (b *Balancer) onDrained(at uint64) {
	in, m := b.at(at)
	in.members[m].drainEnd, in.members[m].over = 0, true
	if n := in.view.Members[m].Active; n > 0 && in.config.Drain.cuts() {
		b.note(flow.Adjusted, in, m, "has drained for long enough: its connections are reset")
		b.front.Cut(in.heldBy(m))
		return
	}
	if !in.members[m].emptied {
		b.note(flow.Adjusted, in, m, "has drained for long enough: its connections go on")
	}
}

// noteEmpty tells the operator that member m, which is out, has no connection
// left; once, though persistent clients may come back to one that drains.
func (in *instance) noteEmpty(m int) {
	ms := &in.members[m]
	if ms.duty == ready || ms.emptied || in.view.Members[m].Active > 0 || ms.queue.n > 0 || m == in.sorry {
		return
	}
	ms.emptied = true
	if ms.duty != absent {
		in.b.note(flow.Emptied, in, m, "is empty: it can be taken out")
	}
}
