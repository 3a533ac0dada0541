package lb

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Backend is the world behind the balancer. It answers only what a probe or a
// connection attempt would find out.
type Backend interface {
	// Connect tells what a TCP connection to the server would meet.
	Connect(server int32) Answer
}

// Answer is what a connection attempt meets.
type Answer uint8

// The answers.
const (
	Accepts Answer = iota
	Refuses        // the machine answers, the port is closed
	Silent         // nothing answers
)

// Front is told what becomes of connections that waited in a queue.
type Front interface {
	// Taken reports that a server now holds the connection.
	Taken(id flow.ConnID)
	// Refused reports that the connection attempt failed.
	Refused(id flow.ConnID, o flow.Outcome)
}

// Balancer runs the virtual services.
type Balancer struct {
	e        *sim.Engine
	fl       *flow.Flows
	backend  Backend
	front    Front
	observer flow.Observer
	names    []string // of servers
	services []*service
	probe    sim.Port[uint64] // service and member
	giveUp   sim.Port[uint64] // a probe's time-out
	// refused counts attempts that were sent to a dead server.
	refused uint64
	query   Query // of the decision under way; here so that it is not allocated
}

// service is the state of one virtual service.
type service struct {
	index     int
	config    Service
	view      View
	members   []memberState
	scheduler Scheduler
	tracker   Tracker
	changed   Membership
	persist   Persistence
	ramp      Ramp
	ramping   []int // members in a ramp, in the order of their return
	queue     waiting
}

// memberState is what the balancer keeps of a member besides the View.
type memberState struct {
	server  int32
	limit   int32 // connections at a time; 0: no limit
	weight  int64 // configured, times FullWeight
	up      bool  // as the probes say
	streak  int   // probes in a row that contradict up
	upSince sim.Time
	queue   waiting // persistent clients of a member that is full
	conns   flow.Area
}

// New returns a balancer all of whose servers are believed up. The configs
// must be valid, with Server set in each member; names are the servers'.
func New(e *sim.Engine, fl *flow.Flows, config Config, names []string, clients int, backend Backend, front Front, obs flow.Observer) *Balancer {
	b := &Balancer{e: e, fl: fl, backend: backend, front: front, observer: obs, names: names}
	b.probe = sim.Bind(e, "lb/probe", sim.Arrive, b.onProbe)
	b.giveUp = sim.Bind(e, "lb/probe-timeout", sim.Expire, b.onGiveUp)
	for i, c := range config.Services {
		s := &service{index: i, config: c}
		s.view.Members = make([]Member, len(c.Servers))
		s.members = make([]memberState, len(c.Servers))
		serverNames := make([]string, len(c.Servers))
		for m, mc := range c.Servers {
			s.members[m] = memberState{server: mc.Server, limit: int32(mc.MaxConnections), weight: int64(mc.Weight) * FullWeight, up: true}
			s.view.Members[m] = Member{Base: int64(mc.Weight), Weight: s.members[m].weight, Usable: mc.Weight > 0, Limit: int32(mc.MaxConnections)}
			serverNames[m] = names[mc.Server]
		}
		s.scheduler = c.Scheduler.NewScheduler(Env{
			View: &s.view, Rand: e.Stream("lb/" + c.Name + "/scheduler"), Addrs: fl.Addrs, Names: serverNames,
		})
		s.tracker, _ = s.scheduler.(Tracker)
		s.changed, _ = s.scheduler.(Membership)
		s.persist = c.Persistence.NewPersistence(clients, len(fl.Addrs))
		s.ramp = c.SlowStart.NewRamp()
		b.services = append(b.services, s)
		b.startProbes(s)
	}
	return b
}

// Refused returns how many connection attempts were sent to a dead server.
func (b *Balancer) Refused() uint64 { return b.refused }

// Open finds a server for the connection. It returns Accepted when a server
// took it (c.Server is set) or when it waits in a queue (c.Server is
// flow.NoServer; Front is told later), Rejected when no server can, and Reset
// when the chosen server turned out to be dead.
func (b *Balancer) Open(id flow.ConnID) flow.Outcome {
	c := b.fl.Conns.At(uint32(id))
	s := b.services[c.Service]
	q := b.ask(c)
	if len(s.ramping) > 0 {
		b.advanceRamps(s, q.Now)
	}
	m := -1
	if s.persist != nil {
		if kept, ok := s.persist.Lookup(q); ok {
			ms := &s.members[kept]
			switch {
			case !ms.up:
				c.Moved = flow.ServerDown
			case s.full(kept):
				return b.wait(s, &ms.queue, id)
			default:
				m = kept
			}
		}
	}
	if m < 0 {
		if m = s.scheduler.Pick(q); m < 0 {
			if s.anyFull() {
				return b.wait(s, &s.queue, id)
			}
			return flow.Rejected
		}
	}
	return b.connect(s, m, c, q)
}

// ask states the decision to be made for a connection.
func (b *Balancer) ask(c *flow.Conn) *Query {
	b.query = Query{c.Client, c.Addr, b.e.Now()}
	return &b.query
}

// connect sends the attempt to member m and stores the persistence record.
func (b *Balancer) connect(s *service, m int, c *flow.Conn, q *Query) flow.Outcome {
	c.Member, c.Server = int32(m), s.members[m].server
	if s.persist != nil {
		s.persist.Store(q, m)
	}
	if b.backend.Connect(c.Server) != Accepts {
		b.refused++
		return flow.Reset
	}
	b.count(s, m, +1, q.Now)
	return flow.Accepted
}

// Close ends a connection that a server had taken.
func (b *Balancer) Close(id flow.ConnID) {
	c := b.fl.Conns.At(uint32(id))
	s := b.services[c.Service]
	m := int(c.Member)
	b.count(s, m, -1, b.e.Now())
	if s.queue.n > 0 || s.members[m].queue.n > 0 {
		b.serveQueues(s, m)
	}
}

// count changes the number of connections of member m.
func (b *Balancer) count(s *service, m int, by int32, now sim.Time) {
	v := &s.view.Members[m]
	ms := &s.members[m]
	v.Active += by
	ms.conns.Set(float64(v.Active), now)
	if ms.limit > 0 {
		b.refresh(s, m)
	}
	if s.tracker != nil {
		s.tracker.Counted(m)
	}
}

// refresh recomputes whether member m is usable and tells the scheduler.
func (b *Balancer) refresh(s *service, m int) {
	v := &s.view.Members[m]
	usable := s.members[m].up && v.Weight > 0 && !s.full(m)
	if usable == v.Usable {
		return
	}
	v.Usable = usable
	if s.changed != nil {
		s.changed.Changed(m)
	}
}

func (s *service) full(m int) bool {
	l := s.members[m].limit
	return l > 0 && s.view.Members[m].Active >= l
}

// anyFull reports whether a member would be usable but for its limit.
func (s *service) anyFull() bool {
	for m := range s.members {
		if s.members[m].up && s.view.Members[m].Weight > 0 && s.full(m) {
			return true
		}
	}
	return false
}

// advanceRamps sets the weights of the members that are in a ramp.
func (b *Balancer) advanceRamps(s *service, now sim.Time) {
	kept := s.ramping[:0]
	for _, m := range s.ramping {
		ms := &s.members[m]
		if !ms.up {
			continue
		}
		f, over := s.ramp.Factor(now - ms.upSince)
		b.setWeight(s, m, max(1, int64(float64(ms.weight)*f)))
		if !over {
			kept = append(kept, m)
			continue
		}
		b.note(flow.RampEnded, s, m, "carries its full weight again")
	}
	s.ramping = kept
}

func (b *Balancer) setWeight(s *service, m int, w int64) {
	v := &s.view.Members[m]
	if s.members[m].weight == 0 {
		w = 0
	}
	if v.Weight == w {
		return
	}
	v.Weight = w
	if s.changed != nil {
		s.changed.Changed(m)
	}
	b.refresh(s, m)
}

func (b *Balancer) note(kind flow.NoteKind, s *service, m int, text string) {
	server := s.members[m].server
	b.observer.Noted(flow.Note{
		At: b.e.Now(), Kind: kind, Service: s.index, Server: int(server),
		Actor: s.config.Name, Text: fmt.Sprintf("%s %s", b.names[server], text),
	})
}

// Meter reads the counters of member m of service s.
func (b *Balancer) Meter(service, m int, now sim.Time) flow.Meter {
	s := b.services[service]
	v := &s.view.Members[m]
	r := flow.Meter{Conns: int(v.Active), ConnsArea: s.members[m].conns.Value(now)}
	if s.members[m].up && s.members[m].weight > 0 {
		r.Weight = float64(v.Weight) / float64(s.members[m].weight)
	}
	return r
}
