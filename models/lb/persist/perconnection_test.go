package persist_test

import (
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
)

// KEMP's alwayspersist: with 0 the record is looked up for the first request of a
// connection, with 1 for each. Client 0's record is moved from server 1 to 2 by
// client 1, who comes from the same address.
func TestAlwaysPersist(t *testing.T) {
	for _, c := range []struct {
		name, per  string
		perRequest bool // mode http
		at30, at91 int32
	}{
		{"alwayspersist=0", "connection", true, 1, 2}, // the connection goes on; the next one goes by the record
		{"alwayspersist=1", "request", true, 2, 2},
		{"mode tcp", "connection", false, 2, 2},
	} {
		w := newWorld()
		env := w.env(2, 4)
		env.PerRequest = c.perRequest
		p := (&persist.SourceIP{Timeout: hour, Options: persist.Options{Per: c.per}}).NewPersistence(env)
		of := func(client int, at time.Duration) *lb.Query {
			q := w.query(client, at*time.Second)
			q.Addr = 0
			return q
		}
		p.Store(of(0, 0), 1, flow.Stayed)
		p.Lookup(of(1, 10))
		p.Store(of(1, 10), 2, flow.ServerDown)
		r := p.Lookup(of(0, 30))
		if r.Member != c.at30 {
			t.Errorf("%s: at 30 s member %d, want %d", c.name, r.Member, c.at30)
		}
		if r.Last != r.Member && r.Why != flow.ServerDown {
			t.Errorf("%s: moved for %v", c.name, r.Why)
		}
		p.Store(of(0, 30), int(r.Member), r.Why)
		if r := p.Lookup(of(0, 91)); r.Member != c.at91 { // 61 s of silence
			t.Errorf("%s: at 91 s member %d, want %d", c.name, r.Member, c.at91)
		}
	}
}

// In the middle of a connection nothing is stored or refreshed: a client that was
// moved comes back with its next connection, and its record ages.
func TestChangesInMidConnection(t *testing.T) {
	w := newWorld()
	env := w.env(2, 4)
	env.PerRequest = true
	p := (&persist.CookieInsert{Timeout: 5 * time.Minute, Options: persist.Options{Per: "connection", KeepAlive: 2 * time.Minute}}).NewPersistence(env)
	p.Store(w.query(0, 0), 1, flow.Stayed)
	p.Store(w.query(0, time.Minute), 3, flow.ServerDown)
	expect(t, p, w.query(0, 2*time.Minute), 3, 3, flow.Stayed)
	expect(t, p, w.query(0, 3*time.Minute), 1, 3, flow.ServerDown) // the connection has ended
	p.Store(w.query(0, 3*time.Minute), 1, flow.ServerDown)
	for m := 4; m < 15; m++ {
		at := time.Duration(m) * time.Minute
		expect(t, p, w.query(0, at), 1, 1, flow.Stayed)
		p.Store(w.query(0, at), 1, flow.Stayed)
	}
	expect(t, p, w.query(0, 16*time.Minute), -1, 1, flow.Expired) // 13 minutes after the connection was made
	p.Forget()
	expect(t, p, w.query(1, 16*time.Minute), -1, -1, flow.Stayed)
}

// Who has a token goes by it, from the second connection on; others by their
// login names.
func TestBrokerTokens(t *testing.T) {
	w := newWorld()
	env := w.env(1000, 4)
	with := func(tokens, absent flow.Share, fallback string) lb.Persistence {
		p := &persist.RDPToken{Timeout: hour, Tokens: tokens, Absent: absent}
		p.Fallback = fallback
		return p.NewPersistence(env)
	}
	// Every client has a token from its second connection on.
	p := with(1, 0, "")
	if r := p.Lookup(w.query(1, 0)); !r.Absent || r.Member != -1 {
		t.Errorf("the first connection: %+v", r)
	}
	p.Store(w.query(1, 0), 2, flow.Stayed)
	expect(t, p, w.query(1, 1), 2, 2, flow.Stayed)
	// A balancer that takes over reads tokens, and knows no login names.
	p.Forget()
	expect(t, p, w.query(1, 1), 2, 2, flow.Stayed)
	p = with(0, 0, "")
	if r := p.Lookup(w.query(1, 0)); r.Absent {
		t.Errorf("a login name is absent: %+v", r)
	}
	p.Store(w.query(1, 0), 2, flow.Stayed)
	expect(t, p, w.query(1, 1), 2, 2, flow.Stayed)
	p.Forget()
	expect(t, p, w.query(1, 1), -1, 2, flow.Forgotten)
	// Who sends neither goes by the address, or by nothing.
	p = with(0, 1, "source-ip")
	p.Store(w.query(1, 0), 3, flow.Stayed)
	q := w.query(2, 1)
	q.Addr = 1
	expect(t, p, q, 3, 3, flow.Stayed)
	p = with(0, 1, "")
	p.Store(w.query(1, 0), 3, flow.Stayed)
	expect(t, p, w.query(1, 1), -1, -1, flow.Stayed)
	// Shares are of clients.
	p = with(0.3, 0, "")
	tokens := 0
	for i := range 1000 {
		if p.Lookup(w.query(i, 0)).Absent {
			tokens++
		}
	}
	if tokens < 250 || tokens > 350 {
		t.Errorf("%d of 1000 clients have no login name to begin with, 30 %% are expected", tokens)
	}
}

// All balancers of a service read the same cookies and tokens, but each has its
// own table of addresses, and services have their own cookies unless they share.
func TestWhatClientsCarry(t *testing.T) {
	w := newWorld()
	for _, c := range []struct {
		policy  lb.PersistencePolicy
		carried bool
	}{
		{&persist.CookieInsert{Timeout: hour}, true}, {&persist.RDPToken{Timeout: hour, Tokens: 1}, true},
		{&persist.SourceIP{Timeout: hour}, false}, {&persist.CookieServer{Timeout: hour}, false}, {&persist.RDPToken{Timeout: hour}, false},
	} {
		env := w.env(3, 4)
		first := c.policy.NewPersistence(env)
		env.Instance = 1
		second := c.policy.NewPersistence(env)
		env.Service = 1
		other := c.policy.NewPersistence(env)
		first.Store(w.query(1, 0), 2, flow.Stayed)
		if got := second.Lookup(w.query(1, 1)).Member; (got == 2) != c.carried {
			t.Errorf("%T: the second balancer sends the client to %d", c.policy, got)
		}
		if got := other.Lookup(w.query(1, 1)).Member; got != -1 {
			t.Errorf("%T: another service sends the client to %d", c.policy, got)
		}
	}
}
