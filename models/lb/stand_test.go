package lb_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// stand is a balancer with everything around it played by the test. Its servers
// are called a, b, c, ...
type stand struct {
	t       tester
	e       *sim.Engine
	flows   flow.Flows
	b       *lb.Balancer
	answers []flow.Answer // by server, what a connection attempt meets
	seq     uint32
	log     []string // what the balancer told the clients
	notes   []flow.Note

	attempts []byte   // servers that were asked to take a connection
	checks   []uint64 // numbers of the checks under way, if they are not answered at once
	slow     bool     // the test answers checks itself
	says     lb.Load  // what agents are told

	// What the test does when a connection that waited is taken or refused.
	taken   func(id flow.ConnID)
	refused func(id flow.ConnID)
	cut     func(id flow.ConnID)
}

// tester is a test, of package testing or rapid.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const clients = 26 // called A to Z; each has an address of its own

// newStand builds a balancer with one service. The config's policies may be
// left out: round robin, no persistence, no ramp.
func newStand(t tester, c lb.Service, members ...lb.MemberConfig) *stand {
	t.Helper()
	s := &stand{t: t, e: sim.New(1, 0), answers: make([]flow.Answer, len(members))}
	var names []string
	for i := range members {
		members[i].Server = int32(i)
		members[i].Name = string(rune('a' + i))
		names = append(names, members[i].Name)
	}
	for i := range clients {
		s.flows.Addrs = append(s.flows.Addrs, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
	}
	c.Name, c.Servers = "rpc", members
	if c.Scheduler == nil {
		c.Scheduler = &sched.RoundRobin{}
	}
	if c.Persistence == nil {
		c.Persistence = persist.None{}
	}
	if c.SlowStart == nil {
		c.SlowStart = ramp.None{}
	}
	if c.Health.Kind == "" {
		c.Health.Kind = lb.NoCheck
	}
	s.b = lb.New(s.e, &s.flows, lb.Config{Services: []lb.Service{c}},
		lb.Options{Names: names, Clients: clients, Backend: s, Front: s, Observer: s})
	return s
}

// alike returns n members with a limit of connections.
func alike(n, limit int) []lb.MemberConfig {
	m := make([]lb.MemberConfig, n)
	for i := range m {
		m[i] = lb.MemberConfig{Weight: 1, MaxConnections: limit}
	}
	return m
}

// at runs the clock to t seconds.
func (s *stand) at(t float64) { s.e.Run(sim.Time(t * 1e9)) }

// open lets a client ask for a connection, and returns its number and what came
// of it: the server's name, "waits", "rejected" or "reset".
func (s *stand) open(client byte) (flow.ConnID, string) {
	return s.openAs(flow.ClientID(client - 'A'))
}

// openAs is open for clients that have no letter.
func (s *stand) openAs(client flow.ClientID) (flow.ConnID, string) {
	i, c := s.flows.Conns.New()
	c.Client, c.Addr = client, flow.AddrID(client%clients)
	c.Seq, c.Member, c.Server = s.seq, -1, flow.NoServer
	s.seq++
	o := s.b.Open(flow.ConnID(i))
	c = s.flows.Conns.At(i)
	switch {
	case o != flow.Accepted:
		return flow.ConnID(i), o.String()
	case c.Server == flow.NoServer:
		return flow.ConnID(i), "waits"
	}
	return flow.ConnID(i), string(rune('a' + c.Server))
}

// expectOpen opens a connection, and the test fails if not this comes of it.
func (s *stand) expectOpen(client byte, want string) flow.ConnID {
	s.t.Helper()
	id, got := s.open(client)
	if got != want {
		s.t.Errorf("at %v %c: got %s, want %s", s.e.Now(), client, got, want)
	}
	return id
}

// expectEach opens a connection for each client of a list and compares what
// comes of them.
func (s *stand) expectEach(clients, want string) (ids []flow.ConnID) {
	s.t.Helper()
	var got []string
	for c := range strings.FieldsSeq(clients) {
		id, o := s.open(c[0])
		ids, got = append(ids, id), append(got, o)
	}
	if g := strings.Join(got, " "); g != want {
		s.t.Errorf("at %v %s: got %s, want %s", s.e.Now(), clients, g, want)
	}
	return ids
}

// placed opens a connection for each of the clients, closes it if a server took
// it, and returns what came of them.
func (s *stand) placed(clients string) string {
	var got []string
	for i := range len(clients) {
		id, o := s.open(clients[i])
		if len(o) == 1 {
			s.close(id)
		}
		got = append(got, o)
	}
	return strings.Join(got, " ")
}

func (s *stand) close(id flow.ConnID) {
	s.b.Close(id)
	s.flows.Conns.Free(uint32(id))
}

// expectLog compares what waiting clients were told since the last call.
func (s *stand) expectLog(want ...string) {
	s.t.Helper()
	if !slices.Equal(s.log, want) {
		s.t.Errorf("at %v: got %s, want %s", s.e.Now(), strings.Join(s.log, "; "), strings.Join(want, "; "))
	}
	s.log = nil
}

// expectNotes compares what the balancer has noted so far.
func (s *stand) expectNotes(want ...string) {
	s.t.Helper()
	var got []string
	for _, n := range s.notes {
		got = append(got, n.Text)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("at %v: got %q, want %q", s.e.Now(), got, want)
	}
}

func (s *stand) name(id flow.ConnID) string {
	return string(rune('A' + s.flows.Conns.At(uint32(id)).Client))
}

// Connect implements lb.Backend.
func (s *stand) Connect(server int32, _ int) flow.Answer {
	s.attempts = append(s.attempts, 'a'+byte(server))
	return s.answers[server]
}

// Load implements lb.Backend.
func (s *stand) Load(server int32) lb.Load {
	l := s.says
	l.Alive = s.answers[server] == flow.Accepts
	return l
}

// Check implements lb.Backend.
func (s *stand) Check(server int32, _ int, number uint64, _ time.Duration) {
	if s.slow {
		s.checks = append(s.checks, number)
		return
	}
	s.b.Checked(number, 0, s.answers[server] == flow.Accepts)
}

// Taken implements lb.Front.
func (s *stand) Taken(id flow.ConnID) {
	s.log = append(s.log, fmt.Sprintf("%s to %c", s.name(id), 'a'+s.flows.Conns.At(uint32(id)).Server))
	if s.taken != nil {
		s.taken(id)
	}
}

// Refused implements lb.Front.
func (s *stand) Refused(id flow.ConnID, o flow.Outcome) {
	s.log = append(s.log, fmt.Sprintf("%s %v", s.name(id), o))
	if s.refused != nil {
		s.refused(id)
	}
}

// Cut implements lb.Front.
func (s *stand) Cut(ids []flow.ConnID) {
	for _, id := range ids {
		s.log = append(s.log, s.name(id)+" cut")
		if s.cut != nil {
			s.cut(id)
		}
		s.close(id)
	}
}

// Blocked implements lb.Front.
func (s *stand) Blocked(ids []flow.ConnID) { s.logAll(ids, "blocked") }

// Released implements lb.Front.
func (s *stand) Released(ids []flow.ConnID) { s.logAll(ids, "released") }

// Leaves implements lb.Front.
func (s *stand) Leaves(flow.ConnID) {}

// Moved implements lb.Front.
func (s *stand) Moved(id flow.ConnID, ok bool) {
	s.log = append(s.log, fmt.Sprintf("%s moved to %c, %v", s.name(id), 'a'+s.flows.Conns.At(uint32(id)).Server, ok))
}

func (s *stand) logAll(ids []flow.ConnID, what string) {
	for _, id := range ids {
		s.log = append(s.log, s.name(id)+" "+what)
	}
}

// Noted implements flow.Observer.
func (s *stand) Noted(n flow.Note)                                      { s.notes = append(s.notes, n) }
func (*stand) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (*stand) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (*stand) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (*stand) Arrived(*flow.Request, sim.Time)                          {}
func (*stand) Finished(*flow.Request, flow.Outcome, sim.Time)           {}

// checks is a health check that sees everything within a second.
var checks = lb.Health{Kind: lb.TCPCheck, Every: time.Second, Timeout: time.Second / 2, Fall: 1, Rise: 1}
