package traffic

import (
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// stream is the state of one traffic stream.
type stream struct {
	config Stream
	index  uint16
	gaps   Gaps // between arrivals; nil: a population or a replay
	held   bool // a population, whose connections' Owners are slots
	single bool // each connection carries one request and is closed by the answer
	// exchanges is whether the requests of held connections are attempts of
	// their own; see exchange.go.
	exchanges bool
	arrived   uint32
	perClient int          // slots of each client of a population
	visits    []flow.Visit // of a replay
	clients   chooser

	lifetime draw
	pause    draw // between the connections of a population's client
	demand   draw // of an arriving connection's request
	asks     draw // of a held connection's requests
	setup    draw
	tls      *handshakes // nil: setup is all that connections need
	think    draw
	gap      time.Duration // mean time between a connection's requests; 0: closed loop or none
	uniform  *sim.Stream   // times between requests
	backoff  *sim.Stream
	residual *sim.Stream
	notice   *sim.Stream // when lost connections are noticed
	resend   *sim.Stream // waits before requests are sent again
	peak     *rise
	budgets  *budgets  // nil: retries are not limited
	breakers *breakers // nil: there are none

	// What the configuration says, for each request to look at.
	limited    bool      // there is a time-out
	restrained bool      // there are budgets or breakers
	resends    bool      // requests over held connections are sent again
	keys       []keyDraw // by number of the key
	recorded   [][]int32 // of a replay: by number of the key, then by visit; nil: not recorded
}

// add makes a stream of its configuration.
func (g *Generator) add(index uint16, c Stream) {
	name := "traffic/" + c.Name
	st := &stream{
		config: c, index: index,
		uniform:  g.e.Stream(name + "/gaps"),
		backoff:  g.e.Stream(name + "/backoff"),
		residual: g.e.Stream(name + "/residual"),
		notice:   g.e.Stream(name + "/notice"),
		resend:   g.e.Stream(name + "/resend"),
		peak:     c.Peak.build(),
		budgets:  newBudgets(c.Retry.Budget, g.pop, c.Sites),
		breakers: newBreakers(c.Retry.Breaker, g.pop, c.Sites),
		limited:  c.Retry.Timeout > 0,
		demand:   newDraw(g.e, name+"/demand", c.Demand),
		clients:  newChooser(g.pop, c.Sites, g.e.Stream(name+"/clients")),
	}
	if c.Setup != nil {
		st.setup = newDraw(g.e, name+"/setup", c.Setup.Demand)
		st.tls = newHandshakes(g.e, name, &c, g.pop)
	}
	if c.single() {
		st.demand = newDraw(g.e, name+"/demand", &dist.Constant{})
	}
	st.perClient = 1
	if c.Connections != nil {
		st.perClient = c.Connections.PerClient
		st.lifetime = newDraw(g.e, name+"/lifetime", c.Connections.Lifetime)
		st.pause = newDraw(g.e, name+"/pause", c.Connections.Pause)
	}
	if c.Requests != nil {
		st.asks = newDraw(g.e, name+"/demand", c.Requests.Demand)
		st.think = newDraw(g.e, name+"/think", c.Requests.Think)
		if c.Requests.Think == nil {
			st.gap = max(1, dist.Seconds(float64(st.perClient)/float64(c.Requests.Rate)))
		}
	}
	g.streams = append(g.streams, st)
	g.addKeys(st, name)
	st.exchanges = c.PerRequest && c.Requests != nil
	st.held = c.Arrivals == nil && !st.exchanges
	st.restrained = st.budgets != nil || st.breakers != nil
	st.resends = st.held && st.asks.on() && c.Retry.Attempts > 1
	if _, replay := c.Arrivals.(*Replay); c.Arrivals != nil && !replay {
		st.gaps = c.Arrivals.Gaps(g.e.Stream(name+"/arrivals"), c.Peak)
	}
	st.single = st.exchanges || st.gaps != nil && st.demand.on() && !st.lifetime.on()
}
