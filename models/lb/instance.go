package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// service is the state of one virtual service.
type service struct {
	index     int
	config    *Service
	instances []*instance
	spread    *sim.Stream // which instance a connection or client meets
	listens   bool        // the scheduler wants to know how long requests took
	held      []int32     // connections by member, over all instances; nil unless idle servers are reported
	toldIdle  []IdleQueue // by member: who has its report that it is idle
}

// instance is one balancer that serves a service. It decides from its own
// counts, its own probes and its own persistence table.
type instance struct {
	b *Balancer
	*service
	id    int // in Balancer.instances
	via   uint8
	actor string // in notes

	// What the configuration says, for each connection to look at.
	linger  time.Duration
	passive bool // checks watch what becomes of connections
	reports bool // the scheduler wants idle servers

	view      View
	members   []memberState
	scheduler Scheduler
	tracker   Tracker
	changed   Membership
	persist   Persistence
	holder    Holder       // the persistence, if it minds open connections
	bound     BoundCounter // the scheduler, if it minds what persistence does
	ties      Ties
	probes    []probing   // by member; nil if none are probed
	jitter    *sim.Stream // of the intervals between probes; nil if they have none
	failures  *Failures   // the passive checks; nil if there are none
	outlier   *outliers   // nil if none are looked for
	ramp      Ramp
	stepped   Stepped // the ramp, if it goes in steps
	ramping   []int   // members in a ramp that goes on all the time
	permitted []int   // members whose share or rate of connections is bounded
	turns     turns
	queue     waiting // connections that wait for any member
	waits     int     // connections in this queue and in those of the members
	waitsMost int     // the most since ResetPeaks
	waitsArea flow.Area
	fulls     int   // members that are wanting
	panicking bool  // so few members are up that all are used
	silent    bool  // the member that was tried last did not answer
	sorry     int   // member that answers those whom no other takes; -1: none
	tries     []int // members that did not take the connection that is being placed
}

func (b *Balancer) newService(index int, c *Service, o Options) *service {
	s := &service{index: index, config: c}
	n := max(1, c.Instances)
	if n > 1 {
		s.spread = b.e.Stream("lb/" + c.Name + "/spread")
	}
	for k := range n {
		in := b.newInstance(s, k, n, o)
		s.instances = append(s.instances, in)
		if _, ok := in.scheduler.(Feedback); ok {
			s.listens = true
		}
		if _, ok := in.scheduler.(IdleQueue); ok && s.held == nil {
			s.held = make([]int32, len(c.Servers))
			s.toldIdle = make([]IdleQueue, len(c.Servers))
			s.spread = b.e.Stream("lb/" + c.Name + "/spread")
		}
	}
	for m := range s.held {
		s.reportIdle(m)
	}
	return s
}

func (b *Balancer) newInstance(s *service, k, of int, o Options) *instance {
	c := s.config
	in := &instance{b: b, service: s, id: len(b.instances), via: uint8(k), actor: c.Name, linger: c.Linger, sorry: -1}
	stream := "lb/" + c.Name + "/scheduler"
	if of > 1 {
		in.actor = fmt.Sprintf("%s/%d", c.Name, k+1)
		stream = fmt.Sprintf("%s/%d", stream, k)
	}
	b.instances = append(b.instances, in)
	in.view.Members = make([]Member, len(c.Servers))
	in.members = make([]memberState, len(c.Servers))
	names := make([]string, len(c.Servers))
	for m, mc := range c.Servers {
		in.members[m] = memberState{server: mc.Server, limit: int32(mc.MaxConnections), weight: int64(mc.Weight) * FullWeight, up: true}
		in.view.Members[m] = Member{
			Base: int64(mc.Weight), Weight: in.members[m].weight, Limit: int32(mc.MaxConnections),
			Priority: int32(mc.Priority), Backup: mc.Backup, Usable: mc.Weight > 0,
		}
		names[m] = b.names[mc.Server]
		if mc.Sorry {
			in.sorry = m
		}
		if mc.Absent || mc.Sorry {
			in.leaveTable(m)
			in.view.Members[m].Weight, in.view.Members[m].Usable = 0, false
		}
	}
	in.scheduler = c.Scheduler.NewScheduler(Env{
		View: &in.view, Rand: b.e.Stream(stream), Addrs: b.fl.Addrs, Names: names, Keys: o.Keys,
		MaxFails: c.Health.maxFails(), Probe: func(m int) Load { return b.backend.Load(in.members[m].server) },
		Instance: k, Instances: of, Now: b.e.Now,
	})
	_, in.reports = in.scheduler.(IdleQueue)
	in.tracker, _ = in.scheduler.(Tracker)
	in.changed, _ = in.scheduler.(Membership)
	in.newPersistence(o)
	in.ramp = c.SlowStart.NewRamp(basisOf(c.Scheduler))
	in.stepped, _ = in.ramp.(Stepped)
	in.turns.begin(in, Started)
	b.startWatching(in)
	b.startProbes(in)
	b.startPolls(in)
	return in
}

func (in *instance) newPersistence(o Options) {
	b, c := in.b, in.config
	env := PersistenceEnv{
		Clients: o.Clients, Addrs: b.fl.Addrs, Keys: o.Keys, Habits: o.Habits, Rand: b.e.Stream("lb/" + c.Name + "/persistence"),
		PerRequest: c.Mode == HTTP, Service: in.index, Instance: int(in.via), Shared: b.tables.get,
	}
	for _, m := range in.members {
		env.Servers = append(env.Servers, m.server)
	}
	in.persist = c.Persistence.NewPersistence(env)
	in.holder, _ = in.persist.(Holder)
	in.bound, _ = in.scheduler.(BoundCounter)
	if t, ok := c.Persistence.(Tying); ok {
		in.ties = *t.Tied()
	}
}

// instanceFor returns the instance that a connection meets: with SpreadClients
// each client has its own, as with a name that resolves to several addresses,
// otherwise each connection, as with routes of equal cost.
func (s *service) instanceFor(c *flow.Conn) *instance {
	if len(s.instances) > 1 {
		who := uint64(c.Seq)
		if s.config.Spread == SpreadClients {
			who = uint64(c.Client)
		}
		c.Via = uint8(s.spread.Nth(who) * float64(len(s.instances)))
	}
	return s.instances[c.Via]
}

// pick asks the scheduler, or takes turns where a ramp wants it.
func (in *instance) pick(q *Query) int {
	if in.ramp == nil {
		return in.scheduler.Pick(q)
	}
	in.checkPermits(q.Now)
	if m := in.turns.pick(in, q.Now); m >= 0 {
		return m
	}
	m := in.scheduler.Pick(q)
	if m < 0 && in.liftPermits() {
		return in.scheduler.Pick(q)
	}
	return m
}

// judgePanic decides whether so few servers are up that all are used, as Envoy
// does below 50 %: better some failures than to crush those that are left.
func (in *instance) judgePanic() {
	if in.config.Panic == 0 {
		return
	}
	all, healthy := 0, 0
	for m := range in.members {
		if ms := &in.members[m]; ms.weight > 0 && ms.duty == ready {
			all++
			if ms.alive() {
				healthy++
			}
		}
	}
	panicking := float64(healthy) < float64(in.config.Panic)*float64(all)
	if panicking == in.panicking {
		return
	}
	in.panicking = panicking
	for m := range in.members {
		in.refresh(m)
	}
}
