package product_test

import (
	"fmt"
	"strings"
	"testing"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/sim"
)

// rig is a balancer with a product's values, of whose three servers the first is
// called a. Clients have an address each.
type rig struct {
	t      *testing.T
	e      *sim.Engine
	flows  flow.Flows
	b      *lb.Balancer
	silent map[int32]bool
	closed map[int32]bool
	cut    map[flow.ConnID]string // what became of connections
	notes  []string
	seq    uint32
}

const newcomer = 1 // the first of the clients that the balancer does not know

// newRig builds a service of a product.
func newRig(t *testing.T, name string, lines ...string) *rig {
	t.Helper()
	r := &rig{t: t, e: sim.New(1, 0), silent: map[int32]bool{}, closed: map[int32]bool{}, cut: map[flow.ConnID]string{}}
	plan := load(t, service(name, lines...)).Variants[0]
	config := plan.Config
	config.Complete()
	for i := range config.Balancer.Services[0].Servers {
		config.Balancer.Services[0].Servers[i].Server = int32(i)
	}
	for i := range 256 {
		r.flows.Addrs = append(r.flows.Addrs, address(i))
	}
	r.b = lb.New(r.e, &r.flows, config.Balancer, lb.Options{
		Names: []string{"a", "b", "c"}, Clients: 256, Backend: r, Front: r, Observer: r,
	})
	return r
}

func (r *rig) at(seconds float64) { r.e.Run(sim.Time(seconds * 1e9)) }

// open lets a client connect and returns the connection and its server.
func (r *rig) open(client int) (flow.ConnID, int32) {
	i, c := r.flows.Conns.New()
	c.Client, c.Addr, c.Seq, c.Member, c.Server = flow.ClientID(client), flow.AddrID(client), r.seq, -1, flow.NoServer
	c.State = flow.Open
	r.seq++
	if o := r.b.Open(flow.ConnID(i)); o != flow.Accepted {
		r.flows.Conns.Free(i)
		return 0, flow.NoServer
	}
	return flow.ConnID(i), r.flows.Conns.At(i).Server
}

// onA returns a connection to server a and its client, who may belong there.
func (r *rig) onA() (flow.ConnID, int) {
	r.t.Helper()
	for client := 200; client < 250; client++ {
		if id, s := r.open(client); s == 0 {
			return id, client
		}
	}
	r.t.Fatal("nobody is given server a")
	return 0, 0
}

// becomes tells what has become of a connection.
func (r *rig) becomes(id flow.ConnID) string {
	if what := r.cut[id]; what != "" {
		return what
	}
	return "goes on"
}

// reaches reports whether a new connection of a client comes to server a, as one
// of several newcomers does if any may.
func (r *rig) reaches(clients ...int) bool {
	for _, c := range clients {
		if _, s := r.open(c); s == 0 {
			return true
		}
	}
	return false
}

func newcomers() (clients []int) {
	for c := newcomer; c < newcomer+60; c++ {
		clients = append(clients, c)
	}
	return clients
}

// Connect implements lb.Backend.
func (r *rig) Connect(s int32, _ int) flow.Answer {
	switch {
	case r.silent[s]:
		return flow.Silent
	case r.closed[s]:
		return flow.Refuses
	}
	return flow.Accepts
}

// Existing connections when a server goes down: the columns of what is known of
// each product, with its default and its option.
func TestExistingConnectionsWhenDown(t *testing.T) {
	for _, c := range []struct {
		product string
		lines   []string
		want    string
		back    string // when the server is back
	}{
		{"haproxy", nil, "goes on", "goes on"},
		{"haproxy", []string{"on_down: reset"}, "is reset", "is reset"}, // on-marked-down shutdown-sessions
		{"nginx", []string{"health: tcp"}, "goes on", "goes on"},
		{"envoy", nil, "goes on", "goes on"},
		{"envoy", []string{"on_down: reset"}, "is reset", "is reset"}, // close_connections_on_host_health_failure
		{"kemp", nil, "goes on", "goes on"},
		{"kemp", []string{"on_down: reset"}, "is reset", "is reset"}, // droponfail
		{"f5", nil, "goes on", "goes on"},                            // none
		{"f5", []string{"on_down: reset"}, "is reset", "is reset"},
		{"f5", []string{"on_down: drop"}, "is dropped in silence", "is dropped in silence"},
		{"f5", []string{"on_down: reselect"}, "moves", "moves"},
		{"ipvs", nil, "is held", "goes on"},
		{"ipvs", []string{"on_down: reset"}, "is reset", "is reset"}, // expire_nodest_conn
		{"netscaler", nil, "goes on", "goes on"},
		{"alb", nil, "is reset", "is reset"},
	} {
		t.Run(strings.Join(append([]string{c.product}, c.lines...), " "), func(t *testing.T) {
			r := newRig(t, c.product, c.lines...)
			id, _ := r.onA()
			r.at(100)
			r.closed[0] = true
			r.at(200)
			if got := r.becomes(id); got != c.want {
				t.Errorf("an existing connection %s, want: %s; %s", got, c.want, strings.Join(r.notes, "; "))
			}
			if r.reaches(newcomers()...) {
				t.Errorf("a newcomer reaches the server that is down; %s", strings.Join(r.notes, "; "))
			}
			r.closed[0] = false
			r.at(400)
			if got := r.becomes(id); got != c.back {
				t.Errorf("when the server is back, an existing connection %s, want: %s", got, c.back)
			}
		})
	}
}

// Drain and disable: what becomes of existing connections, of clients with a
// record of the server and of newcomers, and how it ends. The clock starts when
// the operator acts.
func TestDrainAndDisable(t *testing.T) {
	const (
		drain   = "drain"
		disable = "disable"
		weight  = "weight 0"
	)
	type row struct {
		product, order string
		lines          []string
		bound          bool    // clients with a record are accepted
		ends           float64 // seconds until they no longer are, or connections are cut; 0: never
		cut            bool    // connections are cut then
	}
	persistent := "persistence: {kind: source-ip, timeout: 2h}"
	cookie := "persistence: {kind: cookie-insert, timeout: 2h}"
	for _, c := range []row{
		{"haproxy", drain, []string{persistent}, true, 0, false},
		{"haproxy", weight, []string{persistent}, true, 0, false},
		{"haproxy", disable, []string{persistent}, false, 0, false},
		{"nginx", drain, []string{cookie}, true, 0, false},
		{"nginx", disable, []string{cookie}, false, 0, false}, // down
		{"envoy", disable, []string{persistent}, false, 0, false},
		{"kemp", drain, []string{persistent}, true, 300, false},
		{"kemp", drain, []string{persistent, "drain: {time: 300s, then: cut-unless-kept}"}, true, 300, true},        // dropatdrainend
		{"kemp", drain, []string{"drain: {time: 300s, then: cut-unless-kept}"}, false, 0.001, true},                 // without records
		{"kemp", drain, []string{"persistence: {kind: source-ip, timeout: 2h, drained: discard}"}, false, 0, false}, // layer 4
		{"f5", drain, []string{persistent}, true, 0, false},                                                         // disabled
		{"f5", disable, []string{persistent}, false, 0, false},                                                      // forced offline
		{"netscaler", drain, []string{persistent, "drain: {time: 60s, then: cut}"}, false, 60, true},
		{"alb", drain, []string{cookie}, false, 300, true},
		{"ipvs", weight, []string{persistent}, true, 0, false},
		{"ipvs", drain, []string{persistent}, true, 0, false},
	} {
		t.Run(fmt.Sprintf("%s %s %v", c.product, c.order, c.lines), func(t *testing.T) {
			r := newRig(t, c.product, append(c.lines, "health: none")...)
			id, client := r.onA()
			r.at(100)
			switch c.order {
			case drain:
				r.b.Drain(0)
			case disable:
				r.b.Disable(0)
			default:
				r.b.SetWeight(0, 0, 0)
			}
			expect := func(when string, bound bool, existing string) {
				t.Helper()
				if got := r.becomes(id); got != existing {
					t.Errorf("%s an existing connection %s, want: %s; %s", when, got, existing, strings.Join(r.notes, "; "))
				}
				if got := r.reaches(client); got != bound {
					t.Errorf("%s a client with a record comes to the server: %v, want %v", when, got, bound)
				}
				if r.reaches(newcomers()...) {
					t.Errorf("%s a newcomer comes to the server", when)
				}
			}
			existing := "goes on"
			if c.ends == 0 || c.ends > 1 {
				r.at(100 + max(1, c.ends) - 0.5)
				expect("before the end", c.bound, existing)
			}
			if c.cut {
				existing = "is reset"
			}
			r.at(100 + max(3600, c.ends) + 1)
			expect("after the end", c.bound && c.ends == 0, existing)
		})
	}
}

// A server that is taken out of the table: HAProxy insists on an order of steps,
// IPVS holds what it has, the others finish it.
func TestRemoval(t *testing.T) {
	for _, c := range []struct {
		product         string
		removed         bool
		existing, added string
	}{
		{"haproxy", false, "goes on", "goes on"}, {"nginx", true, "goes on", "goes on"},
		{"envoy", true, "goes on", "goes on"}, {"ipvs", true, "is held", "goes on"},
	} {
		r := newRig(t, c.product, "health: none")
		id, _ := r.onA()
		r.b.Remove(0)
		if got := r.becomes(id); got != c.existing {
			t.Errorf("%s: an existing connection %s, want: %s", c.product, got, c.existing)
		}
		if r.reaches(newcomers()...) == c.removed {
			t.Errorf("%s: newcomers come to the server: %v", c.product, !c.removed)
		}
		r.b.Add(0)
		if got := r.becomes(id); got != c.added {
			t.Errorf("%s: when it is added again, an existing connection %s, want: %s", c.product, got, c.added)
		}
		if !r.reaches(newcomers()...) {
			t.Errorf("%s: nobody comes to the server that is back", c.product)
		}
	}
}

// How long a silent server holds a connection up, and what is tried then: three
// more times a second apart where HAProxy may not go elsewhere, which it may with
// option redispatch alone; others at once elsewhere.
func TestSilentServerHoldsUp(t *testing.T) {
	for _, c := range []struct {
		product string
		lines   []string
		after   float64 // seconds until the client is told; 0: its SYN is not answered
		told    string
	}{
		{"haproxy", []string{"persistence: {kind: source-ip}"}, 5 + 3*6, "reset"},
		{"haproxy", []string{"scheduler: round-robin"}, 5 + 3*6, "reset"},
		{"haproxy", []string{"scheduler: round-robin", "redispatch: 3"}, 5, "taken"},
		{"nginx", nil, 60, "taken"},
		{"envoy", nil, 5, "reset"},
		{"alb", nil, 10, "reset"},
		{"ipvs", nil, 0, ""}, {"kemp", nil, 0, ""}, {"f5", nil, 0, ""},
	} {
		r := newRig(t, c.product, append(c.lines, "health: none")...)
		r.silent[0] = true
		var id flow.ConnID
		for client := newcomer; client < 60; client++ {
			i, conn := r.flows.Conns.New()
			conn.Client, conn.Addr, conn.Seq, conn.Member, conn.Server = flow.ClientID(client), flow.AddrID(client), r.seq, -1, flow.NoServer
			r.seq++
			o := r.b.Open(flow.ConnID(i))
			if conn = r.flows.Conns.At(i); conn.Member == 0 {
				if c.after == 0 && o != flow.Unanswered || c.after > 0 && o != flow.Accepted {
					t.Errorf("%s: %v", c.product, o)
				}
				id = flow.ConnID(i)
				break
			}
		}
		if c.after == 0 {
			continue
		}
		r.at(c.after - 0.001)
		if got := r.cut[id]; got != "" {
			t.Errorf("%s: %s too soon", c.product, got)
		}
		r.at(c.after)
		if got := r.cut[id]; got != c.told {
			t.Errorf("%s: after %v s %q, want %q", c.product, c.after, got, c.told)
		}
	}
}
