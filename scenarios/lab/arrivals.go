package lab

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/scenarios"
	"lbsim/sim"
)

// maxArrivals bounds the arrivals of one run, each of which takes a connection, a
// few kilobytes and, for the time that it lasts, a port and four file descriptors.
const maxArrivals = 200_000

// arrivalsOf returns what the clients of a variant do in a run in which nothing is
// the matter: without its timeline and failures, before servers that turn nobody
// away. Those of a closed loop do in the lab what they did there, whatever becomes
// of their connections. The warnings are what of the traffic the lab leaves out.
func arrivalsOf(p *scenarios.Plan, replication uint64) ([]Arrival, []string, error) {
	o := &arrivalObserver{plan: p}
	w, err := models.New(undisturbed(p.Config), p.Scenario.Seed, replication, o)
	if err != nil {
		return nil, nil, err
	}
	o.world = w
	const parts = 100
	for i := range time.Duration(parts) {
		if err := w.Run(p.Scenario.Duration * (i + 1) / parts); err != nil {
			return nil, nil, err
		}
		if len(o.list) > maxArrivals {
			return nil, nil, fmt.Errorf("there are more than %d arrivals, %d by %v: shorten duration or lower the rates", maxArrivals, len(o.list), w.Engine().Now())
		}
	}
	if len(o.list) == 0 {
		return nil, nil, fmt.Errorf("nobody comes within %v", p.Scenario.Duration)
	}
	for i, open := range o.open {
		if open && !o.list[i].Request { // to the end
			o.list[i].Hold = p.Scenario.Duration
		}
	}
	local := loopback(w.Population().Addrs)
	for i := range o.list {
		o.list[i].Source = local[o.addr[i]]
	}
	return o.list, o.warnings(), nil
}

// undisturbed is a world in which all clients get what they ask for.
func undisturbed(c models.Config) models.Config {
	c.Timeline, c.Failures = nil, nil
	services := c.Balancer.Services
	c.Balancer = lb.Config{Services: make([]lb.Service, len(services))}
	for i := range services {
		s := &c.Balancer.Services[i]
		s.SetDefaults()
		s.Name, s.Mode = services[i].Name, services[i].Mode
		s.Scheduler, s.Persistence, s.SlowStart = &sched.RoundRobin{Like: "none"}, persist.None{}, ramp.None{}
		s.Health.Kind = "none"
		for _, m := range services[i].Servers {
			if !m.Sorry {
				s.Servers = append(s.Servers, lb.MemberConfig{Name: m.Name, Weight: 1})
			}
		}
	}
	servers := c.Servers
	c.Servers = make([]server.Config, len(servers))
	for i := range servers {
		c.Servers[i] = server.Config{Name: servers[i].Name, Cores: servers[i].Cores, Queue: server.Unlimited, Discipline: servers[i].Discipline}
	}
	c.Traffic = slices.Clone(c.Traffic)
	for i := range c.Traffic {
		t := &c.Traffic[i]
		t.Setup = nil
		t.Retry.Timeout, t.Retry.Attempts, t.Retry.Budget, t.Retry.Breaker = 0, 1, nil, nil
	}
	return c
}

// arrivalObserver notes the connections of a run.
type arrivalObserver struct {
	plan  *scenarios.Plan
	world *models.World
	list  []Arrival
	addr  []flow.AddrID // of list
	since []sim.Time    // of list: when its connection was opened
	open  []bool        // of list: its connection is
	at    []int         // by ConnID: its place in list, -1: none
	kept  int           // requests over connections that clients hold
	away  int           // attempts that came from no port
	long  int           // connections that would last on after the answer
}

// Assigned implements flow.Observer.
func (o *arrivalObserver) Assigned(id flow.ConnID, c *flow.Conn, result flow.Outcome, _ sim.Time) {
	for int(id) >= len(o.at) {
		o.at = append(o.at, -1)
	}
	o.at[id] = -1
	if result != flow.Accepted {
		o.away++
		return
	}
	o.at[id] = len(o.list)
	a := Arrival{At: time.Duration(c.Asked), Client: uint32(c.Client), Service: int(c.Service)}
	o.world.Readings(id, func(key, text string) {
		if key == "url" {
			a.URL = text
		} else {
			a.Headers = append(a.Headers, Header{key, text})
		}
	})
	o.list, o.addr = append(o.list, a), append(o.addr, c.Addr)
	o.since, o.open = append(o.since, c.Asked), append(o.open, false)
}

// Opened implements flow.Observer.
func (o *arrivalObserver) Opened(id flow.ConnID, _ *flow.Conn, now sim.Time) {
	if i := o.at[id]; i >= 0 {
		o.since[i], o.open[i] = now, true
	}
}

// Closed implements flow.Observer.
func (o *arrivalObserver) Closed(id flow.ConnID, _ *flow.Conn, _ flow.Outcome, now sim.Time) {
	i := o.at[id]
	if i < 0 {
		return
	}
	a := &o.list[i]
	o.open[i] = false
	if !a.Request {
		a.Hold = now.Sub(o.since[i])
	}
}

// Arrived implements flow.Observer.
func (o *arrivalObserver) Arrived(r *flow.Request, _ sim.Time) {
	i := o.at[r.Conn]
	if i < 0 {
		return
	}
	t := &o.plan.Config.Traffic[r.Stream]
	if t.Requests != nil && o.plan.Config.Balancer.Services[r.Service].Mode != lb.HTTP {
		o.kept++
		return
	}
	if t.Connections != nil && t.Connections.Lifetime != nil && t.Requests == nil {
		o.long++
	}
	o.list[i].Request, o.list[i].Demand = true, r.Demand
}

// Finished implements flow.Observer.
func (o *arrivalObserver) Finished(r *flow.Request, _ flow.Outcome, _ sim.Time) {
	if i := o.at[r.Conn]; i >= 0 && o.list[i].Request {
		o.open[i] = false // which the answer closes
	}
}

// Noted implements flow.Observer.
func (o *arrivalObserver) Noted(flow.Note) {}

// warnings are what of the traffic the arrivals do not say.
func (o *arrivalObserver) warnings() (list []string) {
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if o.kept > 0 {
		say("%d requests over connections that clients hold are left out: in the lab, such connections carry nothing", o.kept)
	}
	if o.long > 0 {
		say("%d connections would go on after the answer to their request: in the lab the answer closes them", o.long)
	}
	if o.away > 0 {
		say("%d connection attempts that are turned away whatever happens are left out", o.away)
	}
	for i := range o.plan.Config.Traffic {
		t := &o.plan.Config.Traffic[i]
		if first := &o.plan.Config.Traffic[0]; t.Retry.Timeout != first.Retry.Timeout {
			say("traffic %s: in the simulation clients wait as long for an answer as those of %s", t.Name, first.Name)
		}
		if t.Arrivals == nil {
			say("traffic %s: clients come when they would if nothing happened, and not again before that when they are cut off", t.Name)
		} else if t.Retry.Attempts > 1 {
			say("traffic %s: in the lab nobody tries again", t.Name)
		}
		if t.Setup != nil && !free(t.Setup.Demand) {
			say("traffic %s: what opening a connection costs is left out", t.Name)
		}
		if b := t.Behaviour; b != nil && (b.Cookies < 1 || b.Renegotiates > 0) {
			say("traffic %s: in the lab all clients return cookies, and keep TLS sessions", t.Name)
		}
	}
	return list
}

// free reports whether a demand is nothing.
func free(d dist.Spec) bool { return d == nil || d.Build().Mean() == 0 }
