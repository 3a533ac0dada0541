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

// duty is what the operator wants of a member.
type duty uint8

const (
	ready    duty = iota
	draining      // only clients that belong to it
	away          // nobody: maintenance
	absent        // nobody: it is not in the table
)

// off reports whether the member gets nobody at all.
func (d duty) off() bool { return d >= away }

// memberState is what a balancer keeps of a member besides the View.
type memberState struct {
	server  int32
	limit   int32  // connections at a time, as configured; 0: no limit
	weight  int64  // full effective weight
	up      bool   // as the probes say
	tried   bool   // did not take the connection that is being placed
	ejected bool   // as an outlier
	refused uint64 // attempts that met it dead
	errors  int    // in a row, see Observe
	serving bool   // its free places are being given away
	wanting bool   // it would be usable but for its limit
	duty    duty
	streak  int // probes in a row that contradict up
	upSince sim.Time
	drained sim.Time // when it began to drain or lost its weight
	// drainEnd is the end of its draining, if that has one.
	drainEnd  sim.Pending
	emptied   bool    // it has been noted that it has no connections left
	suspended bool    // what is sent over its connections is dropped until it is back
	base      int64   // weight as the operator has set it, while it is not in the table
	queue     waiting // connections that wait for this member
	conns     flow.Area
	failing   failures
	ascent    ascent
}

// alive reports whether the balancer believes that the member works: its
// probes succeed, and so do connections, and it is no outlier.
func (ms *memberState) alive() bool { return ms.up && !ms.failing.out && !ms.ejected }

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
	in := &instance{b: b, service: s, id: len(b.instances), via: uint8(k), actor: c.Name, linger: c.Linger, passive: c.Health.Kind == Passive, sorry: -1}
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

// count changes the number of connections of member m.
func (in *instance) count(m int, by int32) {
	v := &in.view.Members[m]
	v.Active += by
	in.members[m].conns.Set(float64(v.Active), in.b.e.Now())
	if v.Limit > 0 {
		in.refresh(m)
	}
	if in.tracker != nil {
		in.tracker.Counted(m)
	}
	if in.reports {
		in.hold(m, by)
	}
	if v.Active == 0 && in.members[m].duty != ready {
		in.noteEmpty(m)
	}
}

// refresh recomputes whether member m is usable, or would be but for its limit,
// and tells the scheduler. It is to be called after whatever decides that has
// changed: an arrival that finds no place looks at the counts alone.
func (in *instance) refresh(m int) {
	v := &in.view.Members[m]
	ms := &in.members[m]
	if resume := float64(in.config.Resume); resume > 0 {
		v.Crowded = v.Limit > 0 && (v.Active >= v.Limit || v.Crowded && float64(v.Active) >= resume*float64(v.Limit))
	}
	open, full := in.open(m) && !ms.tried, v.Full()
	if wanting := open && full; wanting != ms.wanting {
		ms.wanting = wanting
		if wanting {
			in.fulls++
		} else {
			in.fulls--
		}
	}
	usable := open && !ms.ascent.held && !(full && in.config.hidesFull())
	if usable == v.Usable {
		return
	}
	v.Usable = usable
	if in.changed != nil {
		in.changed.Changed(m)
	}
}

// full reports whether member m is at its limit.
func (in *instance) full(m int) bool { return in.view.Members[m].Full() }

// keeps reports whether connections may wait for member m and be given to it
// then. In a panic that holds for members that are down as for others: they are
// picked as well. A persistence record of one that is down is another matter,
// see recall: by default it does not hold even so, but the scheduler may pick
// the same. Envoy's stateful sessions pass over an unhealthy host, panic or not
// (override_host_status, source/common/upstream/host_utility.cc).
func (in *instance) keeps(m int) bool {
	ms := &in.members[m]
	return (ms.alive() || in.panicking) && !ms.duty.off()
}

// open reports whether member m is given connections that belong to nobody,
// unless it is full.
func (in *instance) open(m int) bool {
	return in.keeps(m) && in.members[m].duty == ready && in.view.Members[m].Weight > 0
}

func (in *instance) setTried(m int, tried bool) {
	in.members[m].tried = tried
	in.refresh(m)
}

// back puts member m in use again, at the bottom of its ramp if it has one,
// and reports whether it did: for one that is out, drained or without weight
// there is another time to come.
func (in *instance) back(m int, cause Cause) bool {
	ms := &in.members[m]
	if ms.alive() {
		in.rejoin(m)
	}
	if !ms.alive() || ms.duty != ready || ms.weight == 0 {
		return false
	}
	in.welcome(m, cause)
	return true
}

// setWeight sets the effective weight of member m.
func (in *instance) setWeight(m int, w int64) {
	v := &in.view.Members[m]
	if in.members[m].weight == 0 {
		w = 0
	}
	if v.Weight == w {
		return
	}
	v.Weight = w
	if in.changed != nil {
		in.changed.Changed(m)
	}
	in.refresh(m)
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
