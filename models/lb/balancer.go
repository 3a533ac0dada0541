package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Backend is the world behind the balancer. It answers only what a probe, an
// agent or a connection attempt would find out.
type Backend interface {
	// Connect tells what a TCP connection to a service of the server would meet.
	Connect(server int32, service int) flow.Answer
	// Load tells what the server says of its load when it is asked.
	Load(server int32) Load
	// Check sends a service of the server a request that demands so much. When it
	// ends, the balancer's Checked is called with the number.
	Check(server int32, service int, number uint64, demand time.Duration)
}

// Load is what a server says of itself.
type Load struct {
	// Alive is whether the server answers; the other fields are 0 if not.
	Alive bool
	// Requests is how many it has, in service and waiting.
	Requests int
	// Busy is the time for which its cores have worked so far, divided by the
	// number of cores: the difference of two readings is a utilisation.
	Busy time.Duration
	// Latency is how long requests took, as the median of those that met about
	// as many others; 0 as long as none has been served.
	Latency time.Duration
}

// Front is told what becomes of connections that waited, in a queue or for a
// server, and of those whose server goes.
type Front interface {
	// Taken reports that a server now holds the connection.
	Taken(id flow.ConnID)
	// Refused reports that the connection attempt failed.
	Refused(id flow.ConnID, o flow.Outcome)
	// Cut resets connections that servers hold, with what is under way over them.
	// It closes each.
	Cut(ids []flow.ConnID)
	// Blocked reports that nothing passes over the connections any more, and
	// Released that it does again; see Conn.Path.
	Blocked(ids []flow.ConnID)
	Released(ids []flow.ConnID)
	// Leaves reports that the connection will go on at another server, and Moved
	// that it does, or else that there is none that takes it.
	Leaves(id flow.ConnID)
	Moved(id flow.ConnID, ok bool)
}

// Balancer runs the virtual services.
type Balancer struct {
	e         *sim.Engine
	fl        *flow.Flows
	backend   Backend
	front     Front
	observer  flow.Observer
	faces     Faces    // nil: transparent
	names     []string // of servers
	services  []*service
	first     []*instance // of each service
	instances []*instance // of all services
	listens   bool        // a scheduler wants to know how long requests took
	away      bool        // nobody answers at the services' addresses
	ports     ports
	// refused counts attempts that were sent to a dead server.
	refused uint64
	tables  tables
	dials   dials
	query   Query // of the decision under way; here so that it is not allocated
}

// ports are what can happen to a balancer by itself. Arguments are an instance
// and a member, see place.
type ports struct {
	probe     sim.Port[uint64] // a health check is due
	giveUp    sim.Port[uint64] // a health check's time-out
	rise      sim.Port[uint64] // the end of the time for which a server has to be good
	tick      sim.Port[uint64] // outliers are looked for
	step      sim.Port[uint64] // a slow ramp's next step
	poll      sim.Port[uint64] // the scheduler's question after a server's load
	check     sim.Port[uint64] // the scheduler's check of a server's response time
	forgive   sim.Port[uint64] // the end of the time for which failures count
	settle    sim.Port[uint64] // connections look round after their server has failed
	forgotten sim.Port[uint64] // a closed connection leaves the table
	part      sim.Port[uint64] // the connections of a server that is down have their fate
	drained   sim.Port[uint64] // a server has drained for long enough
	dial      sim.Port[uint32] // a connection under way to a server goes on
}

// place packs an instance and one of its members.
func place(in *instance, m int) uint64 { return uint64(in.id)<<32 | uint64(m) }

func (b *Balancer) at(place uint64) (*instance, int) {
	return b.instances[place>>32], int(uint32(place))
}

// Options are what a balancer needs besides its configuration.
type Options struct {
	Names    []string // of the servers
	Clients  int
	Backend  Backend
	Front    Front
	Observer flow.Observer
	Keys     KeySource // nil: connections have no keys
	Faces    Faces     // nil: the balancer is transparent
	Habits   Habits    // nil: clients keep cookies and TLS sessions for ever
}

// New returns a balancer all of whose servers are believed up. The config must
// be valid, with Server set in each member.
func New(e *sim.Engine, fl *flow.Flows, config Config, o Options) *Balancer {
	b := &Balancer{e: e, fl: fl, backend: o.Backend, front: o.Front, observer: o.Observer, faces: o.Faces, names: o.Names, tables: tables{}}
	b.ports = ports{
		probe:     sim.Bind(e, "lb/probe", sim.Arrive, b.onProbe),
		giveUp:    sim.Bind(e, "lb/probe-timeout", sim.Expire, b.onGiveUp),
		rise:      sim.Bind(e, "lb/probe-up", sim.Expire, b.onRise),
		tick:      sim.Bind(e, "lb/outlier", sim.Expire, b.onTick),
		step:      sim.Bind(e, "lb/ramp", sim.Expire, b.onStep),
		poll:      sim.Bind(e, "lb/poll", sim.Arrive, b.onPoll),
		check:     sim.Bind(e, "lb/check", sim.Arrive, b.onCheck),
		forgive:   sim.Bind(e, "lb/forgive", sim.Expire, b.onForgive),
		settle:    sim.Bind(e, "lb/settle", sim.Arrive, b.onSettle),
		forgotten: sim.Bind(e, "lb/forgotten", sim.Expire, b.onForgotten),
		part:      sim.Bind(e, "lb/part", sim.Arrive, b.onPart),
		drained:   sim.Bind(e, "lb/drained", sim.Expire, b.onDrained),
		dial:      sim.Bind(e, "lb/dial", sim.Expire, b.onDial),
	}
	for i := range config.Services {
		s := b.newService(i, &config.Services[i], o)
		b.services, b.first = append(b.services, s), append(b.first, s.instances[0])
		b.listens = b.listens || s.listens
	}
	return b
}

// Refused returns how many connection attempts were sent to a dead server.
func (b *Balancer) Refused() uint64 { return b.refused }

// Close ends a connection that a server had taken.
func (b *Balancer) Close(id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	if c.Path == flow.Dead {
		return // it is closed already, and its client does not know
	}
	in := b.first[c.Service]
	if c.Via > 0 {
		in = in.instances[c.Via]
	}
	m := int(c.Member)
	if in.linger > 0 && m != in.sorry {
		in.view.Members[m].Inactive++
		b.ports.forgotten.After(in.linger, place(in, m))
	}
	if b.faces != nil {
		b.faces.Release(c, b.e.Now())
	}
	if in.holder != nil && m != in.sorry {
		in.holder.Gave(b.ask(id, c), m)
	}
	in.count(m, -1)
	if in.queue.n > 0 || in.view.Members[m].Queued > 0 {
		b.serveQueues(in, m)
	}
}

func (b *Balancer) onForgotten(at uint64) {
	in, m := b.at(at)
	in.view.Members[m].Inactive--
	if in.tracker != nil {
		in.tracker.Counted(m)
	}
}

// Answered tells the balancer that a request was answered.
func (b *Balancer) Answered(r *flow.Request) {
	if b.listens {
		b.answered(r)
	}
}

func (b *Balancer) answered(r *flow.Request) {
	s := b.services[r.Service]
	c := b.fl.Conns.At(uint32(r.Conn))
	if l, ok := s.instances[c.Via].scheduler.(Feedback); ok {
		now := b.e.Now()
		l.Answered(int(c.Member), now.Sub(r.Reached()), now)
	}
}

func (b *Balancer) note(kind flow.NoteKind, in *instance, m int, text string) {
	server := in.members[m].server
	b.observer.Noted(flow.Note{
		At: b.e.Now(), Kind: kind, Service: in.index, Server: int(server),
		Actor: in.actor, Text: fmt.Sprintf("%s %s", b.names[server], text),
	})
}

// Meter reads the counters of member m of a service, over all its instances;
// the weight is their mean.
func (b *Balancer) Meter(service, m int, now sim.Time) flow.Meter {
	var r flow.Meter
	s := b.services[service]
	for _, in := range s.instances {
		v, ms := &in.view.Members[m], &in.members[m]
		r.Conns += int(v.Active)
		r.ConnsArea += ms.conns.Value(now)
		r.Refused += ms.refused
		if ms.alive() && ms.duty == ready && ms.weight > 0 {
			r.Weight += float64(v.Weight) / float64(ms.weight)
		}
	}
	r.Weight /= float64(len(s.instances))
	return r
}
