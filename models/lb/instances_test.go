package lb_test

import (
	"fmt"
	"slices"
	"testing"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

func (s *stand) via(id flow.ConnID) uint8 { return s.flows.Conns.At(uint32(id)).Via }

// Each balancer has a record of a client of its own, and its own turns.
func TestInstancesKnowOnlyTheirOwn(t *testing.T) {
	p := &homes{}
	s := newStand(t, lb.Service{Instances: 2, Scheduler: p}, alike(3, 0)...)
	var held [2][3]int
	var ids []flow.ConnID
	for i := range 60 {
		id, _ := s.openAs(flow.ClientID(i))
		ids = append(ids, id)
		c := s.flows.Conns.At(uint32(id))
		held[c.Via][c.Member]++
	}
	for k, h := range p.made {
		for m, v := range h.env.View.Members {
			if int(v.Active) != held[k][m] || v.Active == 0 {
				t.Errorf("balancer %d counts %d connections of %c, it holds %d", k, v.Active, 'a'+m, held[k][m])
			}
		}
	}
	for m := range 3 {
		if got := s.b.Meter(0, m, 0); got.Conns != 20 || got.Weight != 1 {
			t.Errorf("together they count %+v of %c", got, 'a'+m)
		}
	}
	for _, id := range ids {
		s.close(id)
	}
	for k, h := range p.made {
		for m, v := range h.env.View.Members {
			if v.Active != 0 || h.env.Instance != k || h.env.Instances != 2 {
				t.Errorf("balancer %d of %d still counts %d of %c", h.env.Instance, h.env.Instances, v.Active, 'a'+m)
			}
		}
	}
}

// A persistent client may have one server with each of the balancers.
func TestInstancesHaveTheirOwnRecords(t *testing.T) {
	s := newStand(t, lb.Service{Instances: 4, Persistence: sticky, Scheduler: &sched.Random{}}, alike(50, 0)...)
	home := map[uint8]string{}
	servers := map[string]bool{}
	for range 100 {
		id, server := s.open('A')
		if was, ok := home[s.via(id)]; ok && was != server {
			t.Errorf("balancer %d sends A to %s and then to %s", s.via(id), was, server)
		}
		home[s.via(id)], servers[server] = server, true
	}
	if len(home) != 4 || len(servers) < 3 { // two of four may meet in one of 50
		t.Errorf("with %d balancers A has %d servers", len(home), len(servers))
	}
}

// Each probes for itself, at times of its own.
func TestInstancesProbeByThemselves(t *testing.T) {
	s := newStand(t, lb.Service{Instances: 2, Health: checks}, alike(2, 0)...)
	s.dead("b")
	s.at(2)
	var got []string
	for _, n := range s.notes {
		got = append(got, fmt.Sprintf("%v %s: %s", n.At, n.Actor, n.Text))
	}
	want := []string{"750ms rpc/2: b is down: 1 check failed", "1s rpc/1: b is down: 1 check failed"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if w := s.b.Meter(0, 1, s.e.Now()).Weight; w != 0 {
		t.Errorf("its weight is %v", w)
	}
}

// An operator's word reaches all of them.
func TestInstancesAreOperatedTogether(t *testing.T) {
	s := newStand(t, lb.Service{Instances: 3}, alike(2, 0)...)
	s.b.Disable(0)
	s.b.SetWeight(0, 1, 5)
	for i := range 30 {
		if id, got := s.openAs(flow.ClientID(i)); got != "b" {
			t.Errorf("balancer %d: %s", s.via(id), got)
		}
	}
	if len(s.notes) != 9 { // out, empty and weighed, from each
		t.Errorf("%+v", s.notes)
	}
}

// Connections meet any balancer, or clients always the same; each gets its
// share.
func TestSpread(t *testing.T) {
	const n, conns = 5, 10_000
	for spread, perClient := range map[lb.Spread]bool{lb.SpreadConnections: false, lb.SpreadClients: true} {
		s := newStand(t, lb.Service{Instances: n, Spread: spread}, alike(1, 0)...)
		var count [n]int
		of := map[flow.ClientID]uint8{}
		moved := false
		for i := range conns {
			client := flow.ClientID(i % (conns / 2))
			id, _ := s.openAs(client)
			count[s.via(id)]++
			if was, ok := of[client]; ok && was != s.via(id) {
				moved = true
			}
			of[client] = s.via(id)
		}
		if moved == perClient {
			t.Errorf("%s: that clients move is %v", spread, moved)
		}
		for k, c := range count {
			if c < conns/n-200 || c > conns/n+200 { // 4 or 5 standard deviations
				t.Errorf("%s: balancer %d has %d of %d", spread, k, c, conns)
			}
		}
	}
}

// A server reports to one balancer when it has no connection from any.
func TestIdleServersReport(t *testing.T) {
	p := &asking{asks: 1, wants: reports}
	s := newStand(t, lb.Service{Instances: 2, Scheduler: p}, alike(2, 0)...)
	expect := func(want string) {
		t.Helper()
		var got []byte
		for _, a := range p.made {
			got = append(got, a.idle...)
			a.idle = nil
		}
		slices.Sort(got)
		if string(got) != want {
			t.Errorf("reports of %q, want %q", got, want)
		}
	}
	expect("ab") // all are idle when the run begins
	var a [2]flow.ConnID
	for a[0], a[1] = s.expectOpen('A', "a"), s.expectOpen('A', "a"); s.via(a[0]) == s.via(a[1]); a[1] = s.expectOpen('A', "a") {
		s.close(a[1])
	}
	expect("")
	s.close(a[0])
	expect("") // the other balancer's is still there
	s.close(a[1])
	expect("a")
}

// To the one with the fewest reports of those that it looks at.
func TestIdleServersChoose(t *testing.T) {
	for asks, most := range map[int]int{1: 30, 8: 24} {
		p := &asking{asks: asks, wants: reports}
		newStand(t, lb.Service{Instances: 2, Scheduler: p}, alike(40, 0)...)
		n := [2]int{len(p.made[0].idle), len(p.made[1].idle)}
		if n[0]+n[1] != 40 || max(n[0], n[1]) > most {
			t.Errorf("looking at %d, 40 servers report to two balancers as %v", asks, n)
		}
	}
}

// A service has 1 to 255 balancers; 0 is what programs leave out.
func TestNumberOfInstances(t *testing.T) {
	for n, good := range map[int]bool{-1: false, 0: true, 1: true, 255: true, 256: false} {
		var s lb.Service
		s.SetDefaults()
		s.Instances = n
		bad := slices.ContainsFunc(s.Validate(), func(p flow.Problem) bool { return p.Path == "instances" })
		if bad == good {
			t.Errorf("instances: %d: refused is %v", n, bad)
		}
	}
}
