package experiment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
	"lbsim/sim"
)

// chances observes what clients do, as far as chance decides it.
type chances struct {
	arrivals map[uint16][]string         // by stream: who connects when
	requests map[string][]time.Duration  // demands, by stream and by whom the connection was opened for
	sent     map[string]map[sim.Time]int // place of a request in requests, by when it was sent
	owner    map[flow.ConnID]string
}

func (r *chances) Assigned(id flow.ConnID, c *flow.Conn, _ flow.Outcome, _ sim.Time) {
	r.arrivals[c.Stream] = append(r.arrivals[c.Stream], fmt.Sprintf("%d client %d", c.Tried, c.Client))
	r.owner[id] = fmt.Sprintf("%d/%d", c.Stream, c.Owner)
}

func (r *chances) Arrived(q *flow.Request, now sim.Time) {
	who := r.owner[q.Conn]
	if r.sent[who] == nil {
		r.sent[who] = map[sim.Time]int{}
	}
	r.sent[who][now] = len(r.requests[who])
	r.requests[who] = append(r.requests[who], q.Demand)
}

func (*chances) Opened(flow.ConnID, *flow.Conn, sim.Time)               {}
func (*chances) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (*chances) Finished(*flow.Request, flow.Outcome, sim.Time)         {}
func (*chances) Noted(flow.Note)                                        {}

// watch runs one replication of a variant until the given time.
func watch(t *testing.T, p scenarios.Plan, until time.Duration) *chances {
	t.Helper()
	r := &chances{map[uint16][]string{}, map[string][]time.Duration{}, map[string]map[sim.Time]int{}, map[flow.ConnID]string{}}
	w, err := models.New(p.Config, p.Scenario.Seed, 1, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(until); err != nil {
		t.Fatal(err)
	}
	return r
}

// Whatever sits between clients and servers, an open stream brings the same
// clients at the same instants with the same demands.
func TestVariantsSeeTheSameArrivals(t *testing.T) {
	f := libraryScenario(t, "source-ip-nat")
	bySite := map[string][]*chances{}
	for _, p := range f.Variants {
		site := p.Config.Traffic[0].From[0]
		bySite[site] = append(bySite[site], watch(t, p, p.Scenario.Duration))
	}
	if len(bySite) != 2 {
		t.Errorf("%d sites: the test has lost its point", len(bySite))
	}
	for site, all := range bySite {
		if len(all) < 3 || len(all[0].arrivals[0]) < 1000 {
			t.Errorf("%s: too little to compare", site)
		}
		for _, r := range all[1:] {
			if diff := cmp.Diff(all[0].arrivals, r.arrivals); diff != "" {
				t.Errorf("%s: other arrivals:\n%.500s", site, diff)
			}
			if diff := cmp.Diff(all[0].requests, r.requests); diff != "" {
				t.Errorf("%s: other demands:\n%.500s", site, diff)
			}
		}
	}
}

// Clients that hold connections reconnect when a server fails, at other times
// in each variant. Still each of them sends the same requests at the same
// instants, except those that fall due while it has no connection.
func TestVariantsSeeTheSameRequests(t *testing.T) {
	f := libraryScenario(t, "rejoin-storm")
	base := watch(t, f.Variants[0], f.Scenario.Duration)
	moved := false
	for _, p := range f.Variants[1:] {
		r := watch(t, p, f.Scenario.Duration)
		moved = moved || !slices.Equal(r.arrivals[0], base.arrivals[0])
		var all, missed int
		for who, sent := range base.sent {
			for at, i := range sent {
				all++
				k, ok := r.sent[who][at]
				switch {
				case !ok:
					missed++
				case r.requests[who][k] != base.requests[who][i]:
					t.Fatalf("%s: at %v %s asks for %v instead of %v", p.Name, at, who, r.requests[who][k], base.requests[who][i])
				}
			}
		}
		if missed > all/20 {
			t.Errorf("%s: %d of %d requests are not sent at the same instant", p.Name, missed, all)
		}
		t.Logf("%s: %d requests, %d missed", p.Name, all, missed)
	}
	if !moved {
		t.Error("no variant changes when clients reconnect: the test has lost its point")
	}
}

const twoStreams = `name: streams
duration: 5m
sites: [{name: here, clients: 100}, {name: there, clients: 100}]
traffic:
  - {name: first, from: [here], to: x, arrivals: {kind: poisson, rate: 10/s}, demand: {kind: exponential, mean: 20ms}}
  - {name: held, from: [here], to: x, connections: {lifetime: {kind: exponential, mean: 30s}}, requests: {rate: 0.2/s, demand: {kind: exponential, mean: 20ms}}}
%sbalancer: {services: [{name: x, scheduler: random, servers: [a, b]}, {name: y, scheduler: random, servers: [b, c]}]}
servers: [{name: a}, {name: b}, {name: c}]
%s`

func streams(t *testing.T, more, variants string) *scenarios.File {
	t.Helper()
	return load(t, scenarios.Source{Name: "streams.yaml", Text: fmt.Appendf(nil, twoStreams, more, variants)})
}

// A stream that is added changes nothing about the others, though they share
// servers.
func TestAnotherStreamShiftsNoOther(t *testing.T) {
	const more = "  - {name: third, from: [there], to: y, arrivals: {kind: poisson, rate: 7/s}, demand: {kind: lognormal, mean: 20ms, cv: 2}}\n"
	alone := watch(t, streams(t, "", "").Variants[0], 5*time.Minute)
	both := watch(t, streams(t, more, "").Variants[0], 5*time.Minute)
	if len(both.arrivals[2]) < 1000 {
		t.Fatal("the third stream is missing")
	}
	if diff := cmp.Diff(alone.arrivals[0], both.arrivals[0]); diff != "" {
		t.Errorf("the open stream arrives otherwise:\n%.500s", diff)
	}
	for who, demands := range alone.requests {
		if !slices.Equal(demands, both.requests[who]) {
			t.Errorf("%s asks for other things", who)
		}
	}
}

// A variant that is added changes nothing about the others.
func TestAnotherVariantShiftsNoOther(t *testing.T) {
	const one = "variants: [{name: random}]\n"
	const two = "variants: [{name: turns, set: {balancer.services.x.scheduler: round-robin}}, {name: random}]\n"
	a := perform(t, streams(t, "", one), experiment.Options{}).Result.Variants
	b := perform(t, streams(t, "", two), experiment.Options{}).Result.Variants
	if a[0].Fingerprint != b[1].Fingerprint || a[0].Fingerprint == b[0].Fingerprint {
		t.Errorf("alone %x, with another %x, the other %x", a[0].Fingerprint, b[1].Fingerprint, b[0].Fingerprint)
	}
}
