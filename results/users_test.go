package results

import (
	"testing"

	"lbsim/models/flow"
)

// Clients count once, behind the address that they came from first; where the
// balancer translates, that is one of its own.
func TestClientsBehindASource(t *testing.T) {
	for _, c := range []struct {
		name          string
		conns         []flow.Conn
		sources, most int
		users         int
	}{
		{"nobody", nil, 0, 0, 0},
		{"one address", []flow.Conn{{Client: 1, Addr: 7}, {Client: 2, Addr: 7}, {Client: 3, Addr: 7}, {Client: 1, Addr: 7}}, 1, 3, 3},
		{"two addresses", []flow.Conn{{Client: 1, Addr: 7}, {Client: 2, Addr: 8}, {Client: 3, Addr: 8}}, 2, 2, 3},
		{"a client that moves", []flow.Conn{{Client: 1, Addr: 7}, {Client: 1, Addr: 8}, {Client: 70, Addr: 8}}, 2, 1, 2},
		{"one arm", []flow.Conn{{Client: 1, Addr: 7, Face: 1}, {Client: 2, Addr: 8, Face: 2}, {Client: 3, Addr: 9, Face: 1}}, 2, 2, 3},
	} {
		var m memberTally
		for i := range c.conns {
			m.add(&c.conns[i], true)
		}
		if got := int(m.busiest()); got != c.most || m.seen.count() != c.sources || m.users.count() != c.users {
			t.Errorf("%s: %d of %d clients behind one of %d sources", c.name, got, m.users.count(), m.seen.count())
		}
	}
}
