package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// diary notes how requests end, second by second, and what the timeline says.
type diary struct {
	silent
	ended [200]map[string]int // by the second in which they ended: "service outcome"
	notes []string
	waits [][2]float64 // when the completed requests were asked and answered, in seconds
	names []string     // of services
	why   map[flow.Refusal]int
}

func (d *diary) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	at := &d.ended[int(now.Seconds())]
	if *at == nil {
		*at = map[string]int{}
	}
	(*at)[fmt.Sprintf("%s %s", d.names[r.Service], o)]++
	if o == flow.Completed {
		d.waits = append(d.waits, [2]float64{r.Asked.Seconds(), now.Seconds()})
	}
}

func (d *diary) Noted(n flow.Note) {
	if n.Kind == flow.Failed || n.Kind == flow.Recovered {
		d.notes = append(d.notes, fmt.Sprintf("%v %s %s", n.At.Sub(0).Seconds(), n.Actor, n.Text))
	}
}

func (d *diary) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, _ sim.Time) {
	if o == flow.Rejected {
		d.why[c.Why]++
	}
}

// between counts what ended in a span of seconds.
func (d *diary) between(from, to int, what string) (n int) {
	for _, at := range d.ended[from:to] {
		n += at[what]
	}
	return n
}

// plain is a world of servers of four slots, with services that are each asked
// ten times a second for 10 ms of work, and whose clients do not try again.
func plain(servers []string, services map[string][]string, timeline ...models.Action) models.Config {
	c := models.Config{Sites: []snat.Site{{Name: "all", Clients: 100}}, Timeline: timeline}
	for _, name := range servers {
		c.Servers = append(c.Servers, server.Config{Name: name, Cores: 2, Slots: 4, Queue: server.Unlimited, Discipline: server.FIFO})
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range services {
			if !yield(name) {
				return
			}
		}
	}) {
		s := lb.Service{Name: name, Instances: 1, Queue: lb.Unlimited, Scheduler: &sched.RoundRobin{Like: "none"}, Health: lb.Health{Kind: lb.NoCheck}}
		for _, m := range services[name] {
			s.Servers = append(s.Servers, lb.MemberConfig{Name: m, Weight: 1})
		}
		c.Balancer.Services = append(c.Balancer.Services, s)
		c.Traffic = append(c.Traffic, traffic.Stream{
			Name: name, From: []string{"all"}, To: name, Retry: traffic.Retry{Attempts: 1},
			Arrivals: &traffic.Deterministic{Rate: 10}, Demand: &dist.Constant{Mean: 10 * time.Millisecond},
		})
	}
	return c
}

func follow(t *testing.T, c models.Config, seconds int) (*models.World, *diary) {
	t.Helper()
	d := &diary{why: map[flow.Refusal]int{}}
	for _, s := range c.Balancer.Services {
		d.names = append(d.names, s.Name)
	}
	w := build(t, c, t.Name(), 0, d)
	for at := range seconds {
		run(t, w, time.Duration(at+1)*second)
	}
	return w, d
}

func (d *diary) wantNotes(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(d.notes, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the timeline says\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// What clients see of each way in which something can break, between 10 and 20
// seconds.
func TestWaysToFail(t *testing.T) {
	two := map[string][]string{"rpc": {"ex1"}, "web": {"ex1"}}
	for _, c := range []struct {
		name     string
		fail     string
		how      models.Failure
		rpc, web string // what becomes of requests meanwhile; "" of those that nobody answers
		late     int    // requests that are answered when it is over
		said     [2]string
	}{
		{"server crashes", "ex1", models.Crash, "reset", "reset", 0, [2]string{"ex1 fails: its connections are reset", "ex1 comes back, empty"}},
		{"server falls silent", "ex1", models.Silent, "timed_out", "timed_out", 0, [2]string{"ex1 falls silent: nobody is told", "ex1 comes back, empty"}},
		{"server hangs", "ex1", models.Hang, "", "", 200, [2]string{"ex1 hangs: its ports are open, but it answers nothing", "ex1 works again"}},
		{"service crashes", "ex1/rpc", models.Crash, "reset", "completed", 0, [2]string{"ex1/rpc fails: its connections are reset", "ex1/rpc works again"}},
		{"service hangs, and takes all slots", "ex1/rpc", models.Hang, "", "", 196, [2]string{"ex1/rpc hangs: its port is open, but it answers nothing", "ex1/rpc works again"}},
		{"service hangs everywhere", "rpc", models.Hang, "", "", 196, [2]string{"ex1/rpc hangs: its port is open, but it answers nothing", "ex1/rpc works again"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := follow(t, plain([]string{"ex1"}, two,
				models.Action{At: 10500 * time.Millisecond, Fail: c.fail, How: c.how}, models.Action{At: 20500 * time.Millisecond, Recover: c.fail}), 30)
			d.wantNotes(t, "10.5 "+c.said[0], "20.5 "+c.said[1])
			for service, outcome := range map[string]string{"rpc": c.rpc, "web": c.web} {
				if n := d.between(0, 10, service+" completed") + d.between(23, 30, service+" completed"); n < 169 {
					t.Errorf("%s: %d requests completed while all was well", service, n)
				}
				n := d.between(12, 20, service+" "+outcome)
				for _, at := range d.ended[12:20] {
					for what, k := range at {
						if strings.HasPrefix(what, service) && what != service+" "+outcome {
							t.Errorf("%s: %d %s meanwhile", service, k, what)
						}
					}
				}
				if outcome != "" && n != 80 {
					t.Errorf("%s: %d %s meanwhile, want 80", service, n, outcome)
				}
			}
			late := 0
			for _, w := range d.waits {
				if w[0] < 20.5 && w[1] >= 20.5 {
					late++
				}
			}
			if late < c.late-1 || late > c.late+1 {
				t.Errorf("%d requests were answered when it was over, want %d", late, c.late)
			}
		})
	}
}

// A crash of one service loses its requests, whether they were served or waited,
// and nobody else's.
func TestCrashOfOneServiceLosesItsRequests(t *testing.T) {
	c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}, "web": {"ex1"}},
		models.Action{At: 10 * second, Fail: "ex1/rpc", How: models.Crash}, models.Action{At: 11 * second, Recover: "ex1/rpc"})
	for i := range c.Traffic {
		c.Traffic[i].Demand = &dist.Constant{Mean: 150 * time.Millisecond} // three cores of work for two
	}
	w, d := follow(t, c, 60)
	reset := d.between(10, 11, "rpc reset")
	if lost := reset - 9; lost < 25 || lost > 60 || d.between(0, 60, "web reset") > 0 {
		t.Errorf("%d of rpc were lost and %d of web", lost, d.between(0, 60, "web reset"))
	}
	if busy := w.ServerMeter(0, w.Engine().Now()).BusyArea / 1e9; busy < 119 || busy > 120 {
		t.Errorf("two cores worked for %v s in a minute of too much work", busy)
	}
}

// What depends on something that does not work hangs with its ports open, along
// the whole chain, and goes on when that is over.
func TestDependencies(t *testing.T) {
	services := map[string][]string{"web": {"app1", "app2"}, "sql": {"db1", "db2"}}
	for _, c := range []struct {
		name     string
		depends  map[string][]string
		timeline []models.Action
		notes    []string
		hung     [2]int // web is not answered between these seconds
	}{
		{
			"chain", map[string][]string{"app1": {"db1/sql"}, "app2": {"db1"}, "db1": {"dc1"}},
			[]models.Action{{At: 10 * second, Fail: "dc1", How: models.Silent}, {At: 20 * second, Recover: "dc1"}},
			[]string{
				"10 dc1 falls silent: nobody is told",
				"10 db1 hangs: it depends on dc1, which does not work",
				"10 app1 hangs: it depends on db1/sql, which does not work",
				"10 app2 hangs: it depends on db1, which does not work",
				"20 dc1 comes back, empty",
				"20 db1 goes on: all that it depends on works",
				"20 app1 goes on: all that it depends on works",
				"20 app2 goes on: all that it depends on works",
			}, [2]int{11, 20},
		},
		{
			"one server of a service is enough", map[string][]string{"app1": {"sql"}, "app2": {"sql"}},
			[]models.Action{{At: 10 * second, Fail: "db1"}, {At: 12 * second, Fail: "db2/sql"}, {At: 15 * second, Recover: "db1"}},
			[]string{
				"10 db1 fails: its connections are reset",
				"12 db2/sql hangs: its port is open, but it answers nothing",
				"12 app1 hangs: it depends on sql, which does not work",
				"12 app2 hangs: it depends on sql, which does not work",
				"15 db1 comes back, empty",
				"15 app1 goes on: all that it depends on works",
				"15 app2 goes on: all that it depends on works",
			}, [2]int{13, 15},
		},
		{
			"it comes back to something that is not there", map[string][]string{"app1": {"dc1"}, "app2": {"dc1"}},
			[]models.Action{{At: 10 * second, Fail: "dc1", How: models.Hang}, {At: 11 * second, Fail: "app1"}, {At: 12 * second, Recover: "app1"}, {At: 15 * second, Recover: "dc1"}},
			[]string{
				"10 dc1 hangs: its ports are open, but it answers nothing",
				"10 app1 hangs: it depends on dc1, which does not work",
				"10 app2 hangs: it depends on dc1, which does not work",
				"11 app1 fails: its connections are reset",
				"12 app1 comes back, empty",
				"12 app1 hangs: it depends on dc1, which does not work",
				"15 dc1 works again",
				"15 app1 goes on: all that it depends on works",
				"15 app2 goes on: all that it depends on works",
			}, [2]int{12, 15},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := plain([]string{"app1", "app2", "db1", "db2", "dc1"}, services, c.timeline...)
			for i := range config.Servers {
				config.Servers[i].Depends = c.depends[config.Servers[i].Name]
			}
			_, d := follow(t, config, 40)
			d.wantNotes(t, c.notes...)
			if n := d.between(c.hung[0], c.hung[1], "web completed"); n > 0 {
				t.Errorf("%d requests to web were answered while it hung", n)
			}
			if n := d.between(c.hung[1]+1, c.hung[1]+11, "web completed"); n < 99 {
				t.Errorf("%d requests to web were answered in the 10 s after", n)
			}
		})
	}
}

// Nothing can depend on itself, and names must mean something.
func TestDependenciesThatCannotBe(t *testing.T) {
	for _, c := range []struct{ name, of, on, want string }{
		{"itself", "app", "app", "app depends on itself: app -> app"},
		{"its own service", "app", "web", "app depends on itself: app -> web -> app"},
		{"a circle", "dc", "app", "app depends on itself: app -> db -> dc -> app"},
		{"nothing", "dc", "nobody", `server "nobody" does not exist`},
	} {
		config := plain([]string{"app", "db", "dc"}, map[string][]string{"web": {"app"}})
		config.Servers[0].Depends, config.Servers[1].Depends = []string{"db"}, []string{"dc"}
		for i := range config.Servers {
			if config.Servers[i].Name == c.of {
				config.Servers[i].Depends = []string{c.on}
			}
		}
		if _, err := models.New(config, 1, 0, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// A server whose memory is full refuses connections, or fails and comes back when
// the timeline says so.
func TestOutOfMemory(t *testing.T) {
	for _, full := range []server.OutOfMemory{server.Refuse, server.Crash} {
		c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}}, models.Action{At: 20 * second, Recover: "ex1"})
		c.Servers[0].Memory = &server.Memory{Total: 50_000_000, PerConnection: 1_000_000, Full: full}
		c.Traffic[0].Connections = &traffic.Connections{PerClient: 1, Lifetime: &dist.Constant{Mean: 6 * second}}
		w, d := follow(t, c, 24)
		_, connections := w.Present()
		want := []string{"5.1 ex1 has no memory left for another connection", "5.1 ex1 fails: its connections are reset", "20 ex1 comes back, empty"}
		if full == server.Refuse {
			want = nil
			if connections != 50 {
				t.Errorf("%d connections", connections)
			}
		}
		d.wantNotes(t, want...)
		if n := d.why[flow.OutOfMemory]; n < 1 || full == server.Crash && n != 1 {
			t.Errorf("%v were refused", d.why)
		}
	}
}
