package nlb

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// stand is a cluster with everything around it played by the test. Its hosts are
// a, b, c, ...; its 250 clients have an address each.
type stand struct {
	t       *testing.T
	e       *sim.Engine
	flows   flow.Flows
	cl      *Cluster
	answers []flow.Answer // by server
	seq     uint32
	notes   []flow.Note
	resets  []flow.ConnID
}

const clients = 250

func newStand(t *testing.T, hosts int, change func(*Config, *[]Service)) *stand {
	t.Helper()
	s := &stand{t: t, e: sim.New(1, 0), answers: make([]flow.Answer, hosts)}
	for i := range clients {
		s.flows.Addrs = append(s.flows.Addrs, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
	}
	var c Config
	c.SetDefaults()
	one := Service{Name: "rpc"}
	one.Rule.SetDefaults()
	o := Options{Clients: clients, Backend: s, Front: s, Observer: s}
	for h := range hosts {
		o.Names = append(o.Names, string(rune('a'+h)))
		o.Hosts = append(o.Hosts, int32(h))
		one.Members = append(one.Members, Member{Server: int32(h), Weight: DefaultWeight})
	}
	services := []Service{one}
	if change != nil {
		change(&c, &services)
	}
	o.Services = services
	s.cl = New(s.e, &s.flows, c, o)
	return s
}

func (s *stand) Connect(server int32, _ int) flow.Answer { return s.answers[server] }
func (s *stand) Stands(int32) bool                       { return false }
func (s *stand) Alive(server int32) bool                 { return s.answers[server] != flow.Silent }

func (s *stand) Reset(concerns func(c *flow.Conn) bool) {
	s.flows.Conns.All(func(i uint32, c *flow.Conn) {
		if c.Server != flow.NoServer && concerns(c) {
			s.resets = append(s.resets, flow.ConnID(i))
			s.close(flow.ConnID(i))
		}
	})
}

func (s *stand) Noted(n flow.Note)                                        { s.notes = append(s.notes, n) }
func (s *stand) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (s *stand) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (s *stand) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (s *stand) Arrived(*flow.Request, sim.Time)                          {}
func (s *stand) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
func (s *stand) at(seconds float64)                                       { s.e.Run(sim.Time(seconds * 1e9)) }
func (s *stand) close(id flow.ConnID)                                     { s.cl.Close(id); s.flows.Conns.Free(uint32(id)) }
func (s *stand) conn(id flow.ConnID) *flow.Conn                           { return s.flows.Conns.At(uint32(id)) }

// ask lets a client open a connection to a service. It returns what comes of it:
// the name of the host, "reset" or "unanswered".
func (s *stand) ask(service, client int) (flow.ConnID, string) {
	i, c := s.flows.Conns.New()
	c.Client, c.Addr, c.Service = flow.ClientID(client), flow.AddrID(client), uint16(service)
	c.Seq, c.Member, c.Server = s.seq, -1, flow.NoServer
	s.seq++
	o := s.cl.Open(flow.ConnID(i))
	if c = s.flows.Conns.At(i); o != flow.Accepted {
		s.flows.Conns.Free(i)
		return 0, o.String()
	}
	return flow.ConnID(i), string(rune('a' + c.Server))
}

// takers opens and closes a connection of every client of a service, and returns
// what came of it for each, and how often.
func (s *stand) takers(service int) (by []string, count map[string]int) {
	count = map[string]int{}
	for client := range clients {
		id, what := s.ask(service, client)
		if what == "reset" || what == "unanswered" {
			what = "-"
		} else {
			s.close(id)
		}
		by = append(by, what)
		count[what]++
	}
	return by, count
}

// buckets returns how many of its 60 buckets each host has, as a text.
func (s *stand) buckets() string {
	var n []int
	for h := range s.cl.hosts {
		n = append(n, s.cl.rules[0].owned(h))
	}
	return fmt.Sprint(n)
}

func (s *stand) expectBuckets(want string) {
	s.t.Helper()
	if got := s.buckets(); got != want {
		s.t.Errorf("at %v the buckets are %s, want %s", s.e.Now(), got, want)
	}
}

// noted returns when something was noted first at or after a time, in seconds, -1
// if it was not.
func (s *stand) noted(kind flow.NoteKind, from float64) float64 {
	for _, n := range s.notes {
		if n.Kind == kind && n.At.Seconds() >= from {
			return n.At.Seconds()
		}
	}
	return -1
}

// inStep lets all hosts send their heartbeats at whole seconds, in the order of
// their numbers.
func (s *stand) inStep() {
	s.cl.tick.CancelIf(func(uint32) bool { return true })
	for h := range s.cl.hosts {
		s.cl.tick.At(0, uint32(h))
	}
}

// with changes the only rule.
func with(mode Filtering, affinity Affinity, extended time.Duration) func(*Config, *[]Service) {
	return func(_ *Config, s *[]Service) { (*s)[0].Rule = Rule{Mode: mode, Affinity: affinity, Extended: extended} }
}
