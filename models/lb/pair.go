package lb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models/flow"
)

// Pair is a second balancer that stands by and takes over when the first one
// fails. As long as it has not, nobody answers at the services' addresses.
//
// How long that takes follows from VRRP (RFC 5798, section 6.1) unless Failover
// says it: three advertisements missed, and a skew by priority.
type Pair struct {
	// Failover is the time from the failure until the standby serves; 0: as
	// VRRP has it. KEMP: 3 s, 6 s, ... 15 s; F5: 3 s (unverified).
	Failover time.Duration `yaml:"failover" doc:"time from a balancer's failure until the other serves; 0s: three advertisements and the skew of VRRP"`
	// Advert is the time between two advertisements of the active balancer.
	Advert time.Duration `yaml:"advert" doc:"VRRP: time between two advertisements"`
	// Priority is the standby's, 1 to 254.
	Priority int `yaml:"priority" doc:"VRRP: priority of the standby, 1 to 254"`
	// Sync is what the active balancer tells the standby.
	Sync []Synced `yaml:"sync,omitempty" doc:"what the standby knows: connections, persistence"`
	// Preempt is whether the balancer that failed takes over again when it is
	// back, with another gap.
	Preempt bool `yaml:"preempt" doc:"whether the balancer that failed takes over again when it is back"`
	// Keepalive is the time within which clients notice that a connection over
	// which they send nothing is no more.
	Keepalive time.Duration `yaml:"keepalive" doc:"time within which clients notice that an idle connection is lost; those that send something notice at once"`
}

// Synced is something that a standby knows of the active balancer.
type Synced string

// What a standby can know.
const (
	SyncedConnections Synced = "connections"
	SyncedPersistence Synced = "persistence"
)

// Synceds lists what a standby can know.
var Synceds = flow.Table[Synced]{
	{Name: "connections", Doc: "connections go on after the gap: layer 4 only, with KEMP, IPVS and F5 mirroring", New: func() Synced { return SyncedConnections }},
	{Name: "persistence", Doc: "clients keep their servers", New: func() Synced { return SyncedPersistence }},
}

// SetDefaults makes it a pair with the timers of VRRP that tells its standby
// nothing.
func (p *Pair) SetDefaults() {
	*p = Pair{Advert: time.Second, Priority: 100, Keepalive: time.Minute}
}

// Validate checks the pair's own fields.
func (p *Pair) Validate() []flow.Problem {
	var ps []flow.Problem
	between := func(path string, d, least, most time.Duration) {
		if d < least || d > most {
			ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf("%v is not between %v and %v", d, least, most)})
		}
	}
	between("failover", p.Failover, 0, 24*time.Hour)
	between("advert", p.Advert, 10*time.Millisecond, 41*time.Second)
	between("keepalive", p.Keepalive, 0, 24*time.Hour)
	if p.Priority < 1 || p.Priority > 254 {
		ps = append(ps, flow.Problem{Path: "priority", Text: fmt.Sprintf("%d is not between 1 and 254", p.Priority)})
	}
	for i, s := range p.Sync {
		ps = append(ps, flow.OneOfOrNone(fmt.Sprintf("sync[%d]", i), s, Synceds.Names()...)...)
		if slices.Contains(p.Sync[:i], s) {
			ps = append(ps, flow.Problem{Path: fmt.Sprintf("sync[%d]", i), Text: string(s) + " is there twice"})
		}
	}
	return ps
}

// Skew is how much longer a standby waits the lower its priority is.
func (p *Pair) Skew() time.Duration { return p.Advert * time.Duration(256-p.Priority) / 256 }

// Gap is how long nobody serves after a failure; after an orderly handover,
// which announces itself, it is the skew alone.
func (p *Pair) Gap(orderly bool) time.Duration {
	switch {
	case orderly:
		return p.Skew()
	case p.Failover > 0:
		return p.Failover
	}
	return 3*p.Advert + p.Skew()
}

// Keeps reports whether the standby knows something.
func (p *Pair) Keeps(s Synced) bool { return p != nil && slices.Contains(p.Sync, s) }

// Loses says in a sentence what a take-over loses.
func (p *Pair) Loses() string {
	var lost []string
	for _, s := range Synceds {
		if !p.Keeps(s.New()) {
			lost = append(lost, s.Name)
		}
	}
	if lost == nil {
		return "connections and persistence kept"
	}
	return strings.Join(lost, " and ") + " lost"
}

// Away tells the balancer whether anybody answers at its addresses.
func (b *Balancer) Away(away bool) { b.away = away }

// Replace makes the balancer another that knows of the clients what Pair.Sync
// says, and nothing without a pair. The caller ends the connections that servers
// have taken, unless they are known; those that wait in queues are returned, and
// the caller ends them.
func (b *Balancer) Replace(p *Pair) (queued []flow.ConnID) {
	for _, in := range b.instances {
		if in.persist != nil && !p.Keeps(SyncedPersistence) {
			in.persist.Forget()
		}
		for m := range in.members {
			queued = append(queued, in.empty(&in.members[m].queue)...)
			in.queued(m)
		}
		queued = append(queued, in.empty(&in.queue)...)
	}
	return append(queued, b.hangUp(func(*dial) bool { return true })...)
}

// empty takes all connections out of a queue.
func (in *instance) empty(w *waiting) (out []flow.ConnID) {
	for w.n > 0 {
		out = append(out, in.next(w))
	}
	return out
}
