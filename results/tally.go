package results

import (
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// serviceTally is what a window counts for one service.
type serviceTally struct {
	requests outcomes // in the window once it is closed, before it until then
	conns    outcomes
	refused  uint64 // connections that failed as the server was dead; counted as requests are
	dead     uint64 // attempts that met a dead server, also those of connections that another one took
	turned   turned // attempts that were turned away and tell why; counted as requests are
	moves    moves  // counted as requests are
	response timings
	wait     timings
	connect  timings
	network  *network // nil: there is none
	members  []memberTally
	moved    clientSet
	shutOut  clientSet // clients whose connections a server refused for their source address
	queue    flow.QueueMeter
	heldMax  int // connections at a time
	opening  busiest
}

// busiest finds the second with the most connections opened.
type busiest struct {
	second   sim.Time // the second under the clock
	inSecond int      // connections opened in it
	most     int      // in one second
}

func (b *busiest) opened(now sim.Time) {
	if now >= b.second+sim.Time(time.Second) {
		b.most = max(b.most, b.inSecond)
		b.inSecond = 0
		b.second += (now - b.second) / sim.Time(time.Second) * sim.Time(time.Second)
	}
	b.inSecond++
}

// memberTally is what a window counts for one member of a service.
type memberTally struct {
	conns int // held at the start, or taken since
	users clientSet
	seen  clientSet        // source addresses, where they are translated: the clients', or the balancer's
	from  map[uint32]int32 // clients by the source address from which each came first
	area  float64          // integral of the connections held
}

// add counts a connection's client and, if told to, the address that the server
// sees.
func (m *memberTally) add(c *flow.Conn, address bool) {
	fresh := m.users.add(uint32(c.Client))
	if !address {
		return
	}
	source := uint32(c.Addr)
	if c.Face > 0 {
		source = uint32(c.Face - 1)
	}
	m.seen.add(source)
	if fresh {
		if m.from == nil {
			m.from = map[uint32]int32{}
		}
		m.from[source]++
	}
}

// busiest returns how many clients are behind the source address that most are
// behind.
func (m *memberTally) busiest() (most int32) {
	for _, n := range m.from {
		most = max(most, n)
	}
	return most
}

// responses are the response times: those of connections where there are no
// requests.
func (s *serviceTally) responses(requests bool) *timings {
	if requests {
		return &s.response
	}
	return &s.connect
}
