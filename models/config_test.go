package models_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// operated is a world of three servers and short requests, ten a second.
func operated(events ...models.Action) models.Config {
	c := models.Config{
		Sites: []snat.Site{{Name: "office", Clients: 100}},
		Traffic: []traffic.Stream{{
			Name: "web", From: []string{"office"}, Retry: traffic.Retry{Attempts: 1},
			Arrivals: &traffic.Deterministic{Rate: 10}, Demand: &dist.Constant{Mean: time.Millisecond},
		}},
		Timeline: events,
	}
	addServers(&c, 3, server.Config{Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{Like: "none"})
	return c
}

// perSecond counts the connections of each server in each second.
type perSecond struct {
	silent
	count [][3]int
	notes []string
}

func (p *perSecond) Assigned(_ flow.ConnID, c *flow.Conn, _ flow.Outcome, now sim.Time) {
	for len(p.count) <= int(now.Seconds()) {
		p.count = append(p.count, [3]int{})
	}
	p.count[int(now.Seconds())][c.Server]++
}

func (p *perSecond) Noted(n flow.Note) { p.notes = append(p.notes, n.Text) }

// What the timeline says happens, to one server or to several.
func TestTimeline(t *testing.T) {
	weight := func(s, n string, v int) map[string]int {
		return map[string]int{"balancer.services.all.servers." + s + "." + n: v}
	}
	o := &perSecond{}
	run(t, build(t, operated(
		models.Action{At: 6 * second, Drain: "s1"},
		models.Action{At: 12 * second, Enable: "s1"},
		models.Action{At: 18 * second, Disable: "s[2-3]", Names: []string{"s2", "s3"}},
		models.Action{At: 24 * second, Enable: "s[2-3]", Names: []string{"s2", "s3"}},
		models.Action{At: 30 * second, Set: weight("s3", "weight", 0)},
		models.Action{At: 36 * second, Set: weight("s3", "weight", 8)},
		models.Action{At: 42 * second, Set: weight("s3", "max_connections", 5)},
	), "timeline", 0, o), 44*second)
	for at, want := range map[int][3]int{3: {10, 10, 10}, 9: {0, 15, 15}, 15: {10, 10, 10}, 21: {30, 0, 0}, 27: {10, 10, 10}, 33: {15, 15, 0}, 39: {3, 3, 24}} {
		var got [3]int
		for s := at - 1; s <= at+1; s++ { // 3 seconds: 30 connections
			for k := range got {
				got[k] += o.count[s][k]
			}
		}
		for k := range got {
			if d := got[k] - want[k]; d < -1 || d > 1 {
				t.Errorf("about %d s: %v, want %v", at, got, want)
			}
		}
	}
	want := []string{
		"s1 drains: it gets no new clients", "s1 is empty: it can be taken out", "s1 is put back",
		"s2 is taken out for maintenance", "s2 is empty: it can be taken out",
		"s3 is taken out for maintenance", "s3 is empty: it can be taken out", "s2 is put back", "s3 is put back",
		"s3 has weight 0 instead of 1", "s3 has weight 8 instead of 0", "s3 may hold 5 connections at a time",
	}
	if !slices.Equal(o.notes, want) {
		t.Errorf("got %q, want %q", o.notes, want)
	}
}

func TestTimelineMistakes(t *testing.T) {
	at := "balancer.services.all.servers."
	for _, c := range []struct {
		event models.Action
		want  string
	}{
		{models.Action{}, "timeline[0]: an event of the timeline does one thing: fail, recover, drain, disable, enable, add, remove, migrate, start, stop, switchover, classes, split or set"},
		{models.Action{Drain: "s1", Enable: "s2"}, "timeline[0]: an event of the timeline does one thing: fail, recover, drain, disable, enable, add, remove, migrate, start, stop, switchover, classes, split or set"},
		{models.Action{Drain: "s9"}, `timeline[0].drain: server "s9" does not exist`},
		{models.Action{Set: map[string]int{at + "s1.wait": 1}}, "timeline[0].set: " + at + "s1.wait cannot be set in the middle of a run (the nearest that can is " + at + "s1.weight)"},
		{models.Action{Set: map[string]int{"balancer.services.al.servers.s33.max_conn": 1}}, "timeline[0].set: balancer.services.al.servers.s33.max_conn cannot be set in the middle of a run (the nearest that can is " + at + "s3.max_connections)"},
		{models.Action{Set: map[string]int{"servers.s2.cores": 1}}, "timeline[0].set: servers.s2.cores cannot be set in the middle of a run (the nearest that can is " + at + "s1.weight)"},
		{models.Action{Set: map[string]int{at + "s1.weight": 65536}}, "timeline[0].set: " + at + "s1.weight: 65536 is not between 0 and 65535"},
		{models.Action{Set: map[string]int{at + "s1.max_connections": -1}}, "timeline[0].set: " + at + "s1.max_connections: -1 is negative (0 means no limit)"},
		{models.Action{Set: map[string]int{at + "s1.max_connections": 2_000_000_000}}, "timeline[0].set: " + at + "s1.max_connections: 2000000000 is more than 1000000000"},
	} {
		problems := operated(c.event).Check()
		if len(problems) != 1 || problems[0].Error() != c.want {
			t.Errorf("got %v, want %s", problems, c.want)
		}
	}
}

// Every service has the mode that it says, and its streams follow.
func TestServicesAreChecked(t *testing.T) {
	c := operated()
	s := &c.Balancer.Services[0]
	s.Mode, s.Spread, s.Full, s.Resume, s.Panic = "udp", "dns", "wait", 2, -1
	want := []string{
		`balancer.services[0].mode: "udp" is not one of tcp, http`,
		`balancer.services[0].spread: "dns" is not one of connection, client`,
		`balancer.services[0].full: "wait" is not one of next, server-queue, queue, reject`,
		`balancer.services[0].resume: 2 is not between 0 and 1`,
		`balancer.services[0].panic: -1 is not between 0 and 1`,
	}
	var got []string
	for _, p := range c.Check() {
		got = append(got, p.Error())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
