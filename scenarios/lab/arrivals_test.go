package lab

import (
	"net/netip"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/sim"
)

const keyed = `name: keyed
duration: 20s
sites: [{name: web, clients: 50, nat: {addresses: 3}}]
traffic:
  - name: pages
    from: [web]
    arrivals: {kind: poisson, rate: 50/s}
    demand: {kind: exponential, mean: 5ms}
    keys: [{name: url, values: 300, skew: 0.8}, {name: X-Tenant, values: 40, per: client}]
    retry: {attempts: 3, timeout: 2s}
balancer:
  product: haproxy
  services: [{name: www, mode: http, scheduler: url-hash, servers: ["s[1-3]"]}]
servers: [{names: "s[1-3]"}]
timeline: [{at: 5s, fail: s1}]
`

// The arrivals are those of the scenario's own traffic, whatever its timeline does, and
// a simulation of them reads the same in their requests.
func TestArrivalsCarryKeys(t *testing.T) {
	f := load(t, keyed)
	p := &f.Variants[0]
	list, warnings, err := arrivalsOf(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(warnings, func(s string) bool { return strings.Contains(s, "nobody tries again") }) {
		t.Errorf("warnings %q", warnings)
	}
	own := &reader{}
	watch(t, p.Config, p.Scenario.Seed, own)
	if len(list) < 900 || len(own.at) != len(list) {
		t.Fatalf("%d arrivals, %d in the scenario", len(list), len(own.at))
	}
	r, err := newReplay(p, "simulated", []*Observation{planned(p, list)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	replayed := &reader{}
	watch(t, r.file.Variants[0].Config, 1, replayed)
	for i, a := range list {
		text := "url=" + a.URL + " X-Tenant=" + a.Headers[0].Value + " "
		if sim.Time(a.At) != own.at[i] || own.read[i] != text || replayed.read[i] != text || !a.Request || a.Demand == 0 {
			t.Fatalf("arrival %d: %+v; the scenario has %v %s, its replay %v %s", i, a, own.at[i], own.read[i], replayed.at[i], replayed.read[i])
		}
	}
}

// watch runs a world for the time of the test's scenario.
func watch(t *testing.T, c models.Config, seed uint64, r *reader) {
	w, err := models.New(c, seed, 0, r)
	if err != nil {
		t.Fatal(err)
	}
	r.w = w
	if err := w.Run(20 * time.Second); err != nil {
		t.Fatal(err)
	}
}

// reader notes when first attempts are made, and what can be read in them.
type reader struct {
	watcher
	w    *models.World
	at   []sim.Time
	read []string
}

func (r *reader) Assigned(id flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	if c.Attempt > 1 {
		return
	}
	text := ""
	r.w.Readings(id, func(key, value string) { text += key + "=" + value + " " })
	i := sort.Search(len(r.at), func(i int) bool { return r.at[i] > c.Asked }) // some wait before they are assigned
	r.at, r.read = slices.Insert(r.at, i, c.Asked), slices.Insert(r.read, i, text)
}

func (r *reader) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (r *reader) Noted(flow.Note)                                        {}

// Connections that are there at the end stay to the end, and requests over them are
// left out with a warning.
func TestArrivalsOfPopulation(t *testing.T) {
	f := load(t, `name: held
duration: 10s
sites: [{name: staff, clients: 20}]
traffic: [{name: mail, from: [staff], connections: {per_client: 2}, requests: {rate: 1/s, demand: 1ms}, setup: {demand: 10ms}}]
balancer: {product: nginx, services: [{name: all, servers: ["s[1-2]"]}]}
servers: [{names: "s[1-2]"}]
`)
	list, warnings, err := arrivalsOf(&f.Variants[0], 0)
	if err != nil || len(list) != 40 {
		t.Fatalf("%d arrivals, %v", len(list), err)
	}
	for _, a := range list {
		if a.Request || a.At != 0 || a.Hold != 10*time.Second {
			t.Errorf("%+v", a)
		}
	}
	all := strings.Join(warnings, "\n")
	for _, want := range []string{"over connections that clients hold are left out", "clients come when they would", "what opening a connection costs"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning has %q:\n%s", want, all)
		}
	}
}

// Addresses of loopback stand for themselves, others for as much of them as is free,
// and none for two.
func TestLoopback(t *testing.T) {
	var in []netip.Addr
	for _, text := range []string{"10.1.2.3", "127.1.2.3", "192.0.2.9", "11.1.2.4", "10.1.2.4", "10.0.0.1", "10.1.2.255", "2001:db8::1", "::ffff:127.3.3.3"} {
		in = append(in, netip.MustParseAddr(text))
	}
	// 127.0 is left to the balancer: 192.0.2.9 cannot be 127.0.2.9.
	want := []string{"127.128.0.1", "127.1.2.3", "127.128.0.2", "127.1.2.4", "127.128.0.3", "127.128.0.4", "127.128.0.5", "127.128.0.6", "127.3.3.3"}
	for i, a := range loopback(in) {
		if a.String() != want[i] {
			t.Errorf("%v is %v, want %s", in[i], a, want[i])
		}
	}
}
