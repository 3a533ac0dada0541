package lab

import (
	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/server"
	"lbsim/scenarios"
	"lbsim/sim"
)

// scene is what was observed, as a world that a recorder observes: it tells the
// recorder what happens and keeps the counts that a world would keep.
type scene struct {
	config   *models.Config
	o        *Observation
	engine   *sim.Engine
	recorder flow.Observer
	conns    []flow.Conn // by visit
	asked    []flow.Request
	there    []bool // by visit: a server has it
	services []sceneService
	machines []sceneMachine
}

// sceneService is a service.
type sceneService struct {
	members []sceneMember
	waiting flow.Area // for a server
	most    int
	limited bool
}

// sceneMember is a server of a service.
type sceneMember struct {
	server    int
	held      flow.Area
	down, out bool // as the balancer believes, and by its operator
	draining  bool // out, and not known to be empty
	refused   uint64
}

// sceneMachine is a server.
type sceneMachine struct {
	failed     bool
	busy, wait flow.Area
	waitMost   int
	work       int // requests that it has
}

func newScene(p *scenarios.Plan, o *Observation, e *sim.Engine, recorder flow.Observer) *scene {
	s := &scene{
		config: &p.Config, o: o, engine: e, recorder: recorder,
		conns: make([]flow.Conn, len(o.Visits)), asked: make([]flow.Request, len(o.Visits)), there: make([]bool, len(o.Visits)),
		machines: make([]sceneMachine, len(p.Config.Servers)),
	}
	number := map[string]int{}
	for i := range p.Config.Servers {
		number[p.Config.Servers[i].Name] = i
	}
	joins := models.Joining(p.Config.Timeline)
	for i := range p.Config.Balancer.Services {
		var one sceneService
		for _, m := range p.Config.Balancer.Services[i].Servers {
			one.limited = one.limited || m.MaxConnections > 0
			one.members = append(one.members, sceneMember{server: number[m.Name], out: joins[m.Name] || m.Weight == 0})
		}
		s.services = append(s.services, one)
	}
	list := p.Config.Sites[0].Visits.List
	for i := range o.Visits {
		v, c := &o.Visits[i], &s.conns[i]
		c.Seq, c.Attempt = uint32(i), 1
		c.Asked = sim.Time(max(0, v.Began))
		c.Tried = c.Asked
		c.Client, c.Addr = flow.ClientID(list[i].Client), flow.AddrID(list[i].Addr)
		c.Service, c.Member, c.Server = uint16(o.Arrivals[v.Arrival].Service), -1, flow.NoServer
	}
	return s
}

// play carries out what was seen.
func (s *scene) play(x occurrence) {
	switch i := x.index; x.what {
	case marked:
		s.mark(&s.o.Marks[i])
	case began:
		s.waits(i, +1)
		if v := &s.o.Visits[i]; !v.wasTaken() && v.isOver() {
			s.end(i)
		}
	case taken:
		s.take(i)
		if s.o.Visits[i].isOver() {
			s.end(i)
		}
	case ended:
		s.end(i)
	}
}

// waits counts one more or less that no server has yet.
func (s *scene) waits(i, by int) {
	q := &s.services[s.conns[i].Service]
	n := int(q.waiting.Level()) + by
	q.waiting.Set(float64(n), s.engine.Now())
	q.most = max(q.most, n)
}

// take gives a visit to its server.
func (s *scene) take(i int) {
	s.waits(i, -1)
	v, c, now := &s.o.Visits[i], &s.conns[i], s.engine.Now()
	members := s.services[c.Service].members
	for m := range members {
		if members[m].server == v.Server {
			c.Member, c.Server = int32(m), int32(v.Server)
		}
	}
	m := &members[c.Member]
	if m.down && s.passive(int(c.Service)) {
		s.note(flow.MarkedUp, int(c.Service), m, "is used again: a connection succeeded")
	}
	m.held.Set(m.held.Level()+1, now)
	c.Opened, c.State = now, flow.Open
	s.there[i] = true
	s.recorder.Assigned(flow.ConnID(i), c, flow.Accepted, now)
	s.recorder.Opened(flow.ConnID(i), c, now)
	if s.o.Arrivals[v.Arrival].Request {
		s.ask(i)
		s.works(c.Server, +1)
	}
}

// ask reports the request that a visit came for.
func (s *scene) ask(i int) {
	c, now := &s.conns[i], s.engine.Now()
	s.asked[i] = flow.Request{
		Asked: c.Asked, Sent: now, Started: -1, Demand: s.o.Arrivals[s.o.Visits[i].Arrival].Demand,
		Conn: flow.ConnID(i), Server: c.Server, Service: c.Service, Attempt: 1,
	}
	s.recorder.Arrived(&s.asked[i], now)
}

// end ends a visit.
func (s *scene) end(i int) {
	v, c, now := &s.o.Visits[i], &s.conns[i], s.engine.Now()
	outcome := v.Outcome
	if outcome == flow.Unanswered { // the client has given up by now
		outcome = flow.TimedOut
	}
	request := s.o.Arrivals[v.Arrival].Request
	if !s.there[i] {
		s.waits(i, -1)
		s.recorder.Assigned(flow.ConnID(i), c, outcome, now)
		if request {
			s.ask(i)
			s.recorder.Finished(&s.asked[i], outcome, now)
		}
		return
	}
	s.there[i] = false
	m := &s.services[c.Service].members[c.Member]
	if request {
		s.works(c.Server, -1)
		s.recorder.Finished(&s.asked[i], outcome, now)
	}
	m.held.Set(m.held.Level()-1, now)
	s.recorder.Closed(flow.ConnID(i), c, outcome, now)
	s.emptied(int(c.Service), m)
}

// works counts a request more or less at a server.
func (s *scene) works(server int32, by int) {
	m, now := &s.machines[server], s.engine.Now()
	m.work += by
	m.busy.Set(float64(min(m.work, s.config.Servers[server].Cores)), now)
	waiting := max(0, m.work-places(&s.config.Servers[server]))
	m.wait.Set(float64(waiting), now)
	m.waitMost = max(m.waitMost, waiting)
}

// places is how many requests a server works on at a time.
func places(c *server.Config) int {
	switch {
	case c.Discipline == server.FIFO && (c.Slots == 0 || c.Slots > c.Cores):
		return c.Cores
	case c.Slots > 0:
		return c.Slots
	}
	return maxArrivals
}
