package nlb

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Backend is the machines behind the hosts.
type Backend interface {
	// Connect tells what a connection to a service of the server would meet.
	Connect(server int32, service int) flow.Answer
	// Alive reports whether the server's machine runs, and with it its driver;
	// its services are another matter.
	Alive(server int32) bool
	// Stands reports whether the machine stands still for a while, as at the end of
	// a live migration: its driver sends nothing, and goes on as it was.
	Stands(server int32) bool
}

// Front is told of connections that hosts give up.
type Front interface {
	// Reset ends those of the connections that a host has accepted for which it
	// concerns says so, and closes them.
	Reset(concerns func(c *flow.Conn) bool)
}

// Service is one service of the cluster with its port rule.
type Service struct {
	Name    string
	Rule    Rule
	Members []Member
}

// Member is a host as a service has it.
type Member struct {
	Server   int32
	Weight   int  // load weight, 0 to MaxWeight
	Priority int  // handling priority in mode single, from 1; 0: the host's number
	Absent   bool // it has yet to be added: its host is stopped at first
}

// Options are what a cluster needs besides its configuration.
type Options struct {
	Names    []string // of the servers
	Hosts    []int32  // the servers that are hosts, by rising host identifier
	Services []Service
	Clients  int
	Backend  Backend
	Front    Front
	Observer flow.Observer
}

// Cluster is hosts that share the services' addresses.
type Cluster struct {
	e        *sim.Engine
	fl       *flow.Flows
	config   Config
	backend  Backend
	front    Front
	observer flow.Observer
	names    []string
	hosts    []host  // by rising host identifier
	place    []int   // in hosts, by server; -1: it is none
	rules    []*rule // by service
	// present are the hosts that the next table is for, joined those of the table
	// in force.
	present, joined hosts
	converging      sim.Pending
	converged       sim.Port[uint32]
	tick            sim.Port[uint32]
	refused         uint64 // attempts that met a dead service or host
}

// hosts is a set of hosts.
type hosts uint32

func (s hosts) has(h int) bool { return s>>h&1 != 0 }
func (s *hosts) add(h int)     { *s |= 1 << h }
func (s *hosts) drop(h int)    { *s &^= 1 << h }

// host is the driver of one host.
type host struct {
	server int32
	duty   duty
	// runs is whether the driver was alive at its last heartbeat; serves, whether
	// it takes connections: it has joined and nobody has stopped it.
	runs, serves bool
	news         bool            // its next heartbeat tells of a change
	stood        bool            // its machine has stood still since its last heartbeat
	returns      bool            // it joins at the end of convergence, and
	back         flow.NoteKind   // how that is noted
	heard        hosts           // since its last heartbeat
	missed       [MaxHosts]uint8 // heartbeats of each other host, in a row
	conns        int
}

// duty is what the operator wants of a host.
type duty uint8

const (
	started  duty = iota
	draining      // drainstop: it serves what it has
	stopped
)

// New returns a cluster whose hosts have joined, except for those that are absent.
// The config must be valid, and the hosts no more than MaxHosts.
func New(e *sim.Engine, fl *flow.Flows, config Config, o Options) *Cluster {
	cl := &Cluster{
		e: e, fl: fl, config: config, backend: o.Backend, front: o.Front, observer: o.Observer, names: o.Names,
		hosts: make([]host, len(o.Hosts)), place: make([]int, len(o.Names)),
	}
	cl.tick = sim.Bind(e, "nlb/heartbeat", sim.Expire, cl.onTick)
	cl.converged = sim.Bind(e, "nlb/converged", sim.Expire, func(uint32) { cl.onConverged() })
	for s := range cl.place {
		cl.place[s] = -1
	}
	phase := e.Stream("nlb/phase")
	for h, server := range o.Hosts {
		cl.hosts[h] = host{server: server, runs: true, serves: true, heard: ^hosts(0)}
		cl.place[server] = h
		cl.present.add(h)
		cl.tick.After(time.Duration(phase.Nth(uint64(h))*float64(config.Heartbeat)), uint32(h))
	}
	for _, s := range o.Services {
		for _, m := range s.Members {
			if m.Absent {
				n := &cl.hosts[cl.place[m.Server]]
				n.duty, n.serves = stopped, false
				cl.present.drop(cl.place[m.Server])
			}
		}
	}
	cl.joined = cl.present
	cl.newRules(o)
	return cl
}

// Refused returns how many connection attempts met a dead service or host.
func (cl *Cluster) Refused() uint64 { return cl.refused }

// failed counts an attempt that met a dead service or host.
func (cl *Cluster) failed(r *rule, h int) {
	cl.refused++
	r.refused[r.member[h]]++
}

// Open lets the host accept the connection that the connection falls to. It
// returns Accepted if its service takes it (c.Server is set), Reset if the port
// is closed there, and Unanswered if no host takes it or the host is dead: all
// others drop the packet.
func (cl *Cluster) Open(id flow.ConnID) flow.Outcome {
	c := cl.fl.Conns.At(uint32(id))
	r := cl.rules[c.Service]
	h := cl.taker(r, c)
	if h == nobody {
		return flow.Unanswered
	}
	n := &cl.hosts[h]
	answer := cl.backend.Connect(n.server, int(c.Service))
	if answer == flow.Silent {
		cl.failed(r, h)
		return flow.Unanswered
	}
	if !n.serves {
		return flow.Unanswered
	}
	c.Member, c.Server = int32(r.member[h]), n.server
	if answer == flow.Refuses {
		cl.failed(r, h)
		return flow.Reset
	}
	if r.seen != nil {
		c.Moved = cl.whyMoved(r, c, h)
	}
	r.accept(c, h)
	r.count(int(c.Member), +1, cl.e.Now())
	n.conns++
	return flow.Accepted
}

// taker returns the host that a new connection falls to, nobody if there is
// none.
func (cl *Cluster) taker(r *rule, c *flow.Conn) int {
	switch {
	case r.owner == nil:
		return r.first
	case r.records != nil:
		if h := cl.recorded(r, c); h != nobody {
			return h
		}
	}
	return int(r.owner[r.bucket(c)])
}

// Close ends a connection that a host had accepted.
func (cl *Cluster) Close(id flow.ConnID) {
	c := cl.fl.Conns.At(uint32(id))
	r, h := cl.rules[c.Service], cl.place[c.Server]
	now := cl.e.Now()
	r.release(c, h, now)
	r.count(int(c.Member), -1, now)
	n := &cl.hosts[h]
	n.conns--
	n.endDrain()
}

// Meter reads the counters of a service's member. One that takes nothing by the
// table in force has no weight.
func (cl *Cluster) Meter(service, m int, now sim.Time) flow.Meter {
	r := cl.rules[service]
	out := flow.Meter{Conns: r.conns[m], ConnsArea: r.areas[m].Value(now), Refused: r.refused[m]}
	h := cl.place[r.servers[m]]
	if cl.hosts[h].serves && r.uses(h, cl.joined) {
		out.Weight = 1
	}
	return out
}

// QueueMeter reads that there are no queues.
func (cl *Cluster) QueueMeter(int, sim.Time) flow.QueueMeter { return flow.QueueMeter{} }

// ResetPeaks does nothing: there is nothing whose largest value is kept.
func (cl *Cluster) ResetPeaks() {}

// Answered does nothing: hosts do not look at their load.
func (cl *Cluster) Answered(*flow.Request) {}

// Checked is never called: hosts check no services.
func (cl *Cluster) Checked(uint64, time.Duration, bool) {}

// Restarted does nothing: a driver that has started tells the others itself.
func (cl *Cluster) Restarted(int32) {}
