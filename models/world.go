package models

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dag"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// World is one replication of one variant: clients, balancer and servers on an
// engine of their own.
type World struct {
	engine   *sim.Engine
	flows    flow.Flows
	pop      *snat.Population
	clients  *traffic.Generator
	balancer director
	lb       *lb.Balancer // the same; nil: Windows NLB's hosts do without
	servers  *server.Pool
	faces    *snat.Faces      // nil: the balancer is transparent
	outage   *outage          // nil: nothing happens to the balancer
	cluster  *cluster.Cluster // nil: no server is a virtual machine
	guests   *guests          // nil: likewise
	group    *group           // nil: there is no database group
	stores   *stores          // nil: nobody has mailboxes
	network  *network         // nil: nothing is far from anything
	working  []working        // by service; nil where nobody asks
	config   resolved
	obs      flow.Observer
	act      sim.Port[uint32]
	again    []flow.Request // what was under way over the connection that changes servers now
}

// New builds a world at time 0. It returns every problem of the configuration,
// joined. The observer is told what happens; it may be nil.
func New(c Config, seed, replication uint64, obs flow.Observer) (*World, error) {
	if problems := c.Check(); len(problems) > 0 {
		return nil, flow.Join(problems)
	}
	c.Complete()
	r, _ := c.resolve()
	if obs == nil {
		obs = nobody{}
	}
	w := &World{engine: sim.New(seed, replication), config: r, obs: obs}
	w.act = sim.Bind(w.engine, "timeline", sim.Fault, w.onAction)
	for i, a := range r.actions {
		w.act.At(sim.Time(a.at), uint32(i))
	}
	w.pop = snat.NewPopulation(w.engine, c.Sites, len(c.Balancer.Services))
	w.flows.Addrs = w.pop.Addrs
	w.servers = server.New(w.engine, &w.flows, r.machines(), (*answers)(w))
	names := make([]string, len(r.Servers))
	for i := range names {
		names[i] = r.Servers[i].Name
	}
	w.clients = traffic.New(w.engine, &w.flows, w.pop, r.Traffic, w.overheard())
	w.clients.Terminate(int32(len(r.Servers)))
	if c.NLB != nil {
		w.balancer = w.newCluster(names)
	} else {
		w.lb = w.newBalancer(names)
		w.balancer = w.lb
	}
	if w.pop.Translates() {
		w.clients.Translate(w.pop)
	}
	w.host()
	if w.servers.Guarded() {
		w.clients.Guard(w.servers)
	}
	var servers traffic.Servers = w.servers
	if w.outage = w.newOutage(); w.outage != nil {
		servers = (*gate)(w)
	} else if w.stores != nil {
		servers = (*relays)(w)
	}
	if err := w.connect(servers); err != nil {
		return nil, err
	}
	if w.network != nil {
		servers = (*wire)(w)
	}
	w.clients.Start(w.balancer, servers)
	w.breakDown()
	w.working = w.newWorking()
	return w, nil
}

// newBalancer returns the director of a world with a balancer.
func (w *World) newBalancer(names []string) *lb.Balancer {
	options := lb.Options{
		Names: names, Clients: w.pop.Clients(), Backend: (*backend)(w), Front: (*front)(w), Observer: w.obs, Keys: (*keys)(w),
		Habits: w.clients.Habits(),
	}
	if w.faces = newFaces(&w.config.Balancer); w.faces != nil {
		options.Faces = w.faces
	}
	return lb.New(w.engine, &w.flows, w.config.Balancer, options)
}

// Check returns everything that is wrong with the configuration.
func (c Config) Check() []flow.Problem {
	type tree struct { // gives the parts the names they have in a scenario
		Sites    []snat.Site      `yaml:"sites"`
		Traffic  []traffic.Stream `yaml:"traffic"`
		Balancer lb.Config        `yaml:"balancer"`
		NLB      *nlb.Config      `yaml:"nlb"`
		Servers  []server.Config  `yaml:"servers"`
		Cluster  *cluster.Config  `yaml:"cluster"`
		DAG      *dag.Config      `yaml:"dag"`
		Network  *tcp.Config      `yaml:"network"`
		Failures *Breakdowns      `yaml:"failures"`
		Timeline []Action         `yaml:"timeline"`
	}
	problems := flow.Check(tree(c))
	if c.Cluster != nil {
		problems = append(problems, flow.Within("cluster", c.Cluster.CheckNames())...)
	}
	if c.DAG != nil {
		problems = append(problems, flow.Within("dag", c.DAG.CheckNames())...)
	}
	problems = append(problems, c.checkSharing()...)
	_, more := c.resolve()
	return append(problems, more...)
}

// Run runs the world up to the given time after its start. It may be called
// again to go on. It returns traffic.Overload when the servers cannot keep up
// and memory would run out.
func (w *World) Run(until time.Duration) (err error) {
	defer func() {
		if p := recover(); p != nil {
			over, ok := p.(traffic.Overload)
			if !ok {
				panic(p)
			}
			err = over
		}
	}()
	w.engine.Run(sim.Time(until))
	return nil
}

// Engine returns the world's engine, for observers that schedule measurements
// in phase sim.Observe.
func (w *World) Engine() *sim.Engine { return w.engine }

// Population returns the world's clients and their addresses.
func (w *World) Population() *snat.Population { return w.pop }

// Refused returns how many connection attempts were sent to dead servers.
func (w *World) Refused() uint64 { return w.balancer.Refused() }

// Present returns the number of requests and connections under way.
func (w *World) Present() (requests, connections int) {
	w.flows.Requests.All(func(_ uint32, r *flow.Request) {
		if r.Work == flow.Ask && !r.Abandoned {
			requests++
		}
	})
	return requests, w.flows.Conns.Len()
}

// Conns implements flow.Metering.
func (w *World) Conns(f func(id flow.ConnID, c *flow.Conn)) {
	w.flows.Conns.All(func(i uint32, c *flow.Conn) { f(flow.ConnID(i), c) })
}

// Requests calls f for each request under way.
func (w *World) Requests(f func(r *flow.Request)) {
	w.flows.Requests.All(func(_ uint32, r *flow.Request) { f(r) })
}

// Meter implements flow.Metering.
func (w *World) Meter(service, member int, now sim.Time) flow.Meter {
	return w.balancer.Meter(service, member, now)
}

// ServerMeter implements flow.Metering.
func (w *World) ServerMeter(s int, now sim.Time) flow.ServerMeter { return w.servers.Meter(s, now) }

// QueueMeter implements flow.Metering.
func (w *World) QueueMeter(service int, now sim.Time) flow.QueueMeter {
	return w.balancer.QueueMeter(service, now)
}

// ResetPeaks implements flow.Metering.
func (w *World) ResetPeaks() {
	w.balancer.ResetPeaks()
	w.servers.ResetPeaks()
	w.pop.ResetPeaks(w.engine.Now())
	if w.faces != nil {
		w.faces.ResetPeaks(w.engine.Now())
	}
}

// SourceMeter implements flow.Metering.
func (w *World) SourceMeter() flow.SourceMeter {
	m := flow.SourceMeter{Ports: w.pop.Translates() || w.faces != nil, MostPorts: w.pop.MostPorts(), Limits: w.servers.LimitsSources()}
	if w.faces != nil {
		m.MostPorts = max(m.MostPorts, w.faces.MostPorts())
	}
	return m
}

// newFaces returns the addresses that servers see of the balancer, nil if it is
// transparent.
func newFaces(c *lb.Config) *snat.Faces {
	if c.Source.Kind != lb.SNAT {
		return nil
	}
	var members []int
	var kept []bool
	for i := range c.Services {
		members = append(members, len(c.Services[i].Servers))
		kept = append(kept, c.Services[i].Mode == lb.HTTP)
	}
	return snat.NewFaces(c.Source.Addresses, c.Source.Ports, c.Source.Rest, members, kept)
}
