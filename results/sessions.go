package results

import (
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A session is what a client has with a service: a series of connections with no
// silence between them that is too long. It is broken when the next connection
// goes to another server than the last one, where what the client did so far is
// not known, unless servers share it. That is seen here as the clients see it,
// whatever persistence goes by; connections that a client has at the same time
// belong to one session.
//
// There is one for each client of each service, so it is small: the time stands
// in two halves, which need not begin at a multiple of 8 bytes.
type session struct {
	// high and low are, together, when the client's last connection ended; or,
	// if negative, how many it has open.
	high, low uint32
	member    int32 // that took its last connection, from 1; 0: it had none
}

func (s *session) use() int64 { return int64(uint64(s.high)<<32 | uint64(s.low)) }

func (s *session) setUse(x int64) { s.high, s.low = uint32(uint64(x)>>32), uint32(x) }

// took counts a connection that a member took. It reports whether it continues
// a session, whose connections are less than idle apart, and whether it breaks
// it.
func (s *session) took(member int32, now sim.Time, idle time.Duration) (continues, breaks bool) {
	use := s.use()
	continues = s.member != 0 && (use < 0 || now.Sub(sim.Time(use)) < idle)
	breaks = continues && s.member != member+1
	s.member = member + 1
	s.setUse(min(use, 0) - 1)
	return continues, breaks
}

// gave counts the end of a connection that a member had taken.
func (s *session) gave(now sim.Time) {
	use := s.use() + 1
	if use == 0 {
		use = int64(now)
	}
	s.setUse(use)
}

// sessions are those of a service, by client.
type sessions []session

// of returns the session of a connection's client, of so many or more.
func (s *sessions) of(c *flow.Conn, clients int) *session {
	if n := len(*s); int(c.Client) >= n {
		clients = max(clients, int(c.Client)+1)
		*s = slices.Grow(*s, clients-n)[:clients]
	}
	return &(*s)[c.Client]
}

// moves counts connections that a server took: those of persistent clients by
// why they moved, and those of all clients by what they did to their sessions.
type moves struct {
	by                [flow.Expired + 1]uint64 // by flow.Move
	continued, broken uint64
}

func (m *moves) took(s *session, member int32, now sim.Time, idle time.Duration) {
	continues, breaks := s.took(member, now, idle)
	if continues {
		m.continued++
	}
	if breaks {
		m.broken++
	}
}

// since returns what was counted since m was the earlier value.
func (m moves) since(earlier *moves) moves {
	for k := range m.by {
		m.by[k] -= earlier.by[k]
	}
	m.continued -= earlier.continued
	m.broken -= earlier.broken
	return m
}

// and returns what was counted in m and in other.
func (m moves) and(other *moves) moves {
	for k := range m.by {
		m.by[k] += other.by[k]
	}
	m.continued += other.continued
	m.broken += other.broken
	return m
}

// movedMetrics are the names of the metrics of moves, by their reasons from the
// first after flow.Stayed on.
func movedMetrics() (names []string) {
	for why := flow.Stayed + 1; why <= flow.Expired; why++ {
		names = append(names, "moved."+why.String())
	}
	return names
}

// listReasons adds why persistent clients moved.
func (m *moves) listReasons(out *values) {
	for i, name := range movedMetrics() {
		out.add(name, "", float64(m.by[flow.Stayed+1+flow.Move(i)]))
	}
}

// listBroken adds the sessions that were broken.
func (m *moves) listBroken(out *values) {
	out.add("broken_sessions", "", float64(m.broken))
	out.add("broken_sessions_share", "", ratio(float64(m.broken), float64(m.continued)))
}

// persistent reports whether any service keeps clients on servers.
func (r *Recorder) persistent() bool {
	return slices.ContainsFunc(r.setting.Services, func(s ServiceSetting) bool { return s.Persistent })
}
