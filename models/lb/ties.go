package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Ties is how strong a persistence record is: what a balancer does with a client
// whose server cannot or should not take it. Zero values are the defaults. A
// server in maintenance is never used, and records are not deleted when their
// server goes (but see ClearOnDown): a client that stayed silent while its
// server was away finds it again.
type Ties struct {
	// Full is for a server at its limit: wait for it as the service's full and
	// queue say (HAProxy), override the limit (IPVS), or reschedule (nginx,
	// KEMP, F5).
	Full string `yaml:"full" doc:"the client's server is at its limit: wait (as the service's full and queue say), override or reschedule"`
	// Drained is for a server that drains or has no weight: keep (HAProxy,
	// nginx, IPVS, F5) or discard (KEMP at layer 4, NetScaler, IPVS with
	// expire_quiescent_template).
	Drained string `yaml:"drained" doc:"the client's server drains or has weight 0: keep or discard"`
	// DrainTime ends keep (KEMP at layer 7), as the end of the service's Drain
	// does; 0: only that.
	DrainTime time.Duration `yaml:"drain_time" doc:"with drained: keep, how long that lasts; 0: until the drain ends or the server is taken out"`
	// Down is for a server that is believed down: reschedule, or keep, which
	// HAProxy calls option persist.
	Down string `yaml:"down" doc:"the client's server is down: reschedule, or keep, as haproxy's option persist"`
	// TouchDown lets a record live on when it is looked up, be its server up or
	// down (HAProxy's stick tables). It shows where nothing is stored later.
	TouchDown bool `yaml:"touch_down" doc:"a look at the record of a server that is down refreshes it, as haproxy's stick tables"`
	// Store is when a record is written: as a client is sent to a server, or
	// when that has taken the connection (HAProxy's store-response, learned
	// cookies).
	Store string `yaml:"store" doc:"when the record is written: sent (to a server) or taken (by it)"`
	// Share is the name of a table that services have in common: KEMP's port
	// following, F5's match across services. Records keep the server, whichever
	// member of the service it is.
	Share string `yaml:"share,omitempty" doc:"services that give the same name here share one table"`
	// ClearOnDown forgets the records of a server when it is marked down. With
	// a shared table KEMP does so for both services.
	ClearOnDown bool `yaml:"clear_on_down" doc:"the records of a server are cleared when it is marked down, in all services that share them"`
}

// The words of Ties. The first of each list is the default.
var (
	fullTies    = []string{"wait", "override", "reschedule"}
	drainedTies = []string{"keep", "discard"}
	downTies    = []string{"reschedule", "keep"}
	storeTimes  = []string{"sent", "taken"}
)

// NewTies returns the defaults.
func NewTies() Ties {
	return Ties{Full: fullTies[0], Drained: drainedTies[0], Down: downTies[0], Store: storeTimes[0]}
}

// Validate checks the fields.
func (t *Ties) Validate() []flow.Problem {
	var ps []flow.Problem
	for _, w := range []struct {
		path, word string
		known      []string
	}{{"full", t.Full, fullTies}, {"drained", t.Drained, drainedTies}, {"down", t.Down, downTies}, {"store", t.Store, storeTimes}} {
		ps = append(ps, flow.OneOfOrNone(w.path, w.word, w.known...)...)
	}
	if t.DrainTime < 0 {
		ps = append(ps, flow.Problem{Path: "drain_time", Text: fmt.Sprintf("%v is negative", t.DrainTime)})
	}
	if t.DrainTime > 0 && t.Drained == "discard" {
		ps = append(ps, flow.Problem{Path: "drain_time", Text: "records of a server that drains are discarded at once", Hint: "write drained: keep"})
	}
	return ps
}

// Tied returns the ties themselves; modes that embed them implement Tying.
func (t *Ties) Tied() *Ties { return t }

// Tying is implemented by persistence modes that have ties.
type Tying interface{ Tied() *Ties }

// recall looks the client's record up and returns the member that it keeps the
// client on, -1 if the client is to be scheduled. The query then says where the
// client was and why it is not kept there.
func (in *instance) recall(q *Query) int {
	r := in.persist.Lookup(q)
	q.was, q.why = r.Last, r.Why
	if r.Member < 0 {
		return -1
	}
	m := int(r.Member)
	switch ms := &in.members[m]; {
	case ms.duty.off():
		q.why = flow.Drained
	case !ms.alive() && in.ties.Down != "keep":
		q.why = flow.ServerDown
		if in.ties.TouchDown {
			in.persist.Touch(q)
		}
	case !r.Open && in.leaves(m, q.Now):
		q.why = flow.Drained
	default:
		return m
	}
	return -1
}

// leaves reports whether clients are no longer kept on member m because it
// drains or has no weight, or has drained for as long as the service says: who is
// reset then would come straight back.
func (in *instance) leaves(m int, now sim.Time) bool {
	ms := &in.members[m]
	if !ms.leaves() {
		return false
	}
	return ms.over || in.ties.Drained == "discard" || in.ties.DrainTime > 0 && now >= ms.drained.Add(in.ties.DrainTime)
}

// drains starts the clock of DrainTime when member m begins to drain or loses
// its weight.
func (in *instance) drains(m int, before bool) {
	ms := &in.members[m]
	if ms.leaves() && !before {
		ms.drained = in.b.e.Now()
	}
}

// remember stores the record of a client that member m is given.
func (in *instance) remember(q *Query, m int, at string) {
	if (in.ties.Store == "taken") == (at == "taken") {
		in.persist.Store(q, m, q.why)
	}
}

// lost forgets the records of member m, which is down, where it is to be so, and
// gives its connections their fate.
func (in *instance) lost(m int) {
	in.parts(m)
	if in.persist != nil && in.ties.ClearOnDown {
		in.persist.Clear(m)
	}
}

// tables are those that several services share, by name.
type tables map[string]any

func (t tables) get(name string, build func() any) any {
	if t[name] == nil {
		t[name] = build()
	}
	return t[name]
}
