package traffic

import (
	"fmt"
	"slices"

	"lbsim/models/flow"
	"lbsim/sim"
)

// Balancer is where clients open their connections.
type Balancer interface {
	// Open asks for a server; see lb.Balancer.Open.
	Open(id flow.ConnID) flow.Outcome
	// Close gives a connection back that a server had taken.
	Close(id flow.ConnID)
}

// Servers is where the requests of an open connection go.
type Servers interface {
	// Submit gives a request to a server; see server.Pool.Submit.
	Submit(server int32, id flow.RequestID) flow.Outcome
}

// Population is who the clients are and where they come from.
type Population interface {
	// Group returns the clients of a site.
	Group(site int) *flow.Group
	// Address returns the address from which a client opens its next connection.
	Address(c flow.ClientID) flow.AddrID
}

// Ports is what limits the connections of clients behind a NAT device.
type Ports interface {
	// TakePort reports whether the connection's source address has a port left
	// for it.
	TakePort(c *flow.Conn, now sim.Time) bool
	// ReleasePort gives back what TakePort gave.
	ReleasePort(c *flow.Conn, now sim.Time)
}

// Doors is what lets servers refuse connections for where they come from.
type Doors interface {
	// Admit reports whether the connection's server lets it in; if not, c.Why says why.
	Admit(c *flow.Conn) bool
	// Leave ends a connection that was let in.
	Leave(c *flow.Conn)
}

// Generator is all clients of a run.
type Generator struct {
	e        *sim.Engine
	fl       *flow.Flows
	pop      Population
	balancer Balancer
	servers  Servers
	ports    Ports // nil: nobody lacks any
	doors    Doors // nil: every server lets everybody in
	obs      flow.Observer
	streams  []*stream
	slots    []slot
	stays    []stay   // by slot, from the first that is not of a population
	vacant   []uint32 // slots of exchanges that have ended
	keys     []string // what streams call their keys
	replays  []replay
	paused   flow.Slab[paused]
	failed   flow.Request // one that is reported but was never sent
	seq      uint32       // connection attempts so far

	terminator int32 // the machine that does handshakes for servers
	distant    bool  // connections take time to be opened; see network.go

	deadlines deadlines
	quitter   quitter // the balancer, if it has queues
	resends   flow.Slab[resend]
	lines     []line        // by slot; nil if no request is sent again over a held connection
	cut       []*flow.Group // sites that are cut off; nil: none

	arrive sim.Port[uint32] // the next arrival of an open stream
	visit  sim.Port[uint32] // the next recorded arrival of a replay
	dial   sim.Port[uint32] // a slot opens its connection
	retry  sim.Port[uint32] // a paused attempt is tried again
	ask    sim.Port[uint32] // a connection's next request
	end    sim.Port[uint32] // a connection's lifetime is over
	notice sim.Port[uint32] // a client notices that its connection is no more
	giveUp sim.Port[uint32] // a request's time-out
	expire sim.Port[uint32] // the time-out of a connection attempt that no server has taken
	syn    sim.Port[uint32] // a SYN is sent again
	again  sim.Port[uint32] // a request is sent again over a held connection
}

// slot is one connection that a client keeps open: of a population for the
// whole run, replaced when it ends.
type slot struct {
	due    sim.Time // when the request planned last is to be sent
	client flow.ClientID
	opens  uint32 // connections opened so far
	asks   uint32 // requests planned so far
	fails  uint16 // failures in a row
	stream uint16
}

// paused is an arriving connection that waits to be tried again.
type paused struct {
	asked   sim.Time
	client  flow.ClientID
	owner   uint32
	draws   uint32
	service uint16
	stream  uint16
	attempt uint16
}

// maxUnderWay bounds the connections and requests that exist at a time, so
// that a system that cannot keep up ends in an error and not in the machine's
// memory.
const maxUnderWay = 4_000_000

// Overload is the panic of a run in which more is under way than fits.
type Overload struct{ At sim.Time }

func (o Overload) Error() string {
	return fmt.Sprintf("more than %d connections or requests are under way at %v: the servers cannot keep up with the traffic", maxUnderWay, o.At)
}

// New returns the clients of a run, who do nothing yet: a balancer that is built
// next can learn what they will send. The streams must be valid, with Service
// and Sites set.
func New(e *sim.Engine, fl *flow.Flows, pop Population, streams []Stream, obs flow.Observer) *Generator {
	g := &Generator{e: e, fl: fl, pop: pop, obs: obs}
	g.arrive = sim.Bind(e, "traffic/arrive", sim.Arrive, g.onArrive)
	g.visit = sim.Bind(e, "traffic/visit", sim.Arrive, g.onVisit)
	g.dial = sim.Bind(e, "traffic/dial", sim.Arrive, g.onDial)
	g.retry = sim.Bind(e, "traffic/retry", sim.Arrive, g.onRetry)
	g.ask = sim.Bind(e, "traffic/ask", sim.Arrive, g.onAsk)
	g.end = sim.Bind(e, "traffic/end", sim.Depart, g.onEnd)
	g.notice = sim.Bind(e, "traffic/notice", sim.Expire, g.onNotice)
	g.giveUp = sim.Bind(e, "traffic/timeout", sim.Expire, g.onGiveUp)
	g.expire = sim.Bind(e, "traffic/connect-timeout", sim.Expire, g.onExpire)
	g.syn = sim.Bind(e, "traffic/syn", sim.Arrive, g.onSYN)
	g.again = sim.Bind(e, "traffic/resend", sim.Arrive, g.onAgain)
	for i := range streams {
		g.add(uint16(i), streams[i])
	}
	return g
}

// Translate lets the connections need ports.
func (g *Generator) Translate(p Ports) { g.ports = p }

// Guard lets servers refuse connections.
func (g *Generator) Guard(d Doors) { g.doors = d }

// Start schedules the clients' first actions.
func (g *Generator) Start(b Balancer, s Servers) {
	g.balancer, g.servers = b, s
	g.quitter, _ = b.(quitter)
	for _, st := range g.streams {
		switch {
		case st.config.Arrivals == nil:
			g.populate(st)
		case st.gaps != nil:
			g.arrive.After(st.gaps.Next(), uint32(st.index))
		default:
			g.startReplay(st)
		}
		if st.resends {
			g.lines = append(g.lines, make([]line, len(g.slots)-len(g.lines))...)
		}
	}
}

// populate makes the slots of a population. At the start of the run their
// connections are open, as if they had been for a long time.
func (g *Generator) populate(st *stream) {
	for _, s := range st.config.Sites {
		site := g.pop.Group(s)
		g.slots = slices.Grow(g.slots, site.Clients*st.perClient)
		if st.held {
			g.fl.Conns.Reserve(site.Clients * st.perClient)
		}
		for c := range flow.ClientID(site.Clients) {
			for range st.perClient {
				i := uint32(len(g.slots))
				g.slots = append(g.slots, slot{client: site.First + c, stream: st.index})
				if st.exchanges {
					g.nextExchange(st, i)
				} else {
					g.dial.At(0, i)
				}
			}
		}
	}
}

func (g *Generator) onArrive(index uint32) {
	st := g.streams[index]
	g.arrive.After(st.gaps.Next(), index)
	owner := st.arrived
	st.arrived++
	client := st.clients.draw(uint64(owner))
	if st.exchanges {
		g.session(st, client, owner)
		return
	}
	id, _ := g.attempt(st, client, g.pop.Address(client), owner)
	g.open(id)
}

// onDial opens the connection of a slot.
func (g *Generator) onDial(index uint32) {
	s := &g.slots[index]
	st := g.streams[s.stream]
	if st.exchanges {
		g.exchange(st, index)
		return
	}
	s.opens++
	id, c := g.attempt(st, s.client, g.pop.Address(s.client), index)
	c.Attempt = s.fails + 1
	g.open(id)
}

func (g *Generator) onRetry(index uint32) {
	p := *g.paused.At(index)
	g.paused.Free(index)
	st := g.streams[p.stream]
	id, c := g.attempt(st, p.client, g.pop.Address(p.client), p.owner)
	c.Asked, c.Service, c.Attempt, c.Draws = p.asked, p.service, p.attempt, p.draws
	g.open(id)
}
