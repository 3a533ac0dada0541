package models_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dag"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// mailboxWorld has members s1 to sN without a cluster and databases with their
// copies on the members that are named, and clients that send requests over a
// connection each.
func mailboxWorld(members, clients int, rate flow.Rate, rule traffic.Mailboxes, copies [][]int) models.Config {
	c := models.Config{
		Sites: []snat.Site{{Name: "home", Clients: clients}},
		Traffic: []traffic.Stream{{
			Name: "mail", From: []string{"home"}, Mailboxes: &rule,
			Requests: &traffic.Requests{Rate: rate, Demand: &dist.Constant{Mean: 2 * time.Millisecond}},
			Retry:    traffic.Retry{Attempts: 1, Backoff: &traffic.ConstantBackoff{First: second, Jitter: traffic.NoJitter}},
		}},
		DAG: &dag.Config{},
	}
	addServers(&c, members, server.Config{Cores: 4, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.RoundRobin{Like: "none"})
	c.DAG.SetDefaults()
	for i := range members {
		m := dag.Member{Name: fmt.Sprintf("s%d", i+1)}
		m.SetDefaults()
		c.DAG.Members = append(c.DAG.Members, m)
	}
	for i, on := range copies {
		d := dag.Database{Name: fmt.Sprintf("db%d", i+1)}
		d.SetDefaults()
		for _, m := range on {
			x := dag.Copy{On: c.DAG.Members[m].Name}
			x.SetDefaults()
			d.Copies = append(d.Copies, x)
		}
		c.DAG.Databases = append(c.DAG.Databases, d)
	}
	return c
}

// mailLog counts how requests end, and where.
type mailLog struct {
	silent
	databases int
	conns     map[flow.ConnID]flow.ClientID
	ended     map[flow.Outcome]int
	why       map[flow.Refusal]int
	last      sim.Time      // when one was turned away last
	first     sim.Time      // and first
	longest   time.Duration // answer
	since     sim.Time
	worked    []int // completed since then, by server
	active    []int // databases by member
	on        []int
}

func newMailLog(c models.Config) *mailLog {
	l := &mailLog{
		ended: map[flow.Outcome]int{}, why: map[flow.Refusal]int{}, first: -1,
		worked: make([]int, len(c.Servers)), active: make([]int, len(c.Servers)), on: make([]int, len(c.DAG.Databases)),
	}
	for i := range l.on {
		l.on[i] = -1
	}
	return l
}

func (l *mailLog) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	l.ended[o]++
	switch o {
	case flow.Rejected:
		l.why[r.Why]++
		if l.last = now; l.first < 0 {
			l.first = now
		}
	case flow.Completed:
		l.longest = max(l.longest, now.Sub(r.Asked))
		if now >= l.since {
			l.worked[r.Server]++
		}
	}
}

func (l *mailLog) Placed(int, int, flow.Condition, sim.Time) {}

func (l *mailLog) Mounted(database, member int, _ sim.Time) {
	if at := l.on[database]; at >= 0 {
		l.active[at]--
	}
	if l.on[database] = member; member >= 0 {
		l.active[member]++
	}
}

// A database of two fails and is mounted elsewhere 20 s later (1 s to decide, 19 s
// to mount): of 200 requests a second half are for it, 2000 in all, and they are
// turned away at once.
func TestRequestsOfADismountedDatabase(t *testing.T) {
	const rate, outage = 200.0, 20.0
	c := mailboxWorld(2, 1000, rate/1000, traffic.Mailboxes{}, [][]int{{0, 1}, {1, 0}})
	c.Timeline = []models.Action{{At: 100 * second, Fail: "db1"}}
	l := newMailLog(c)
	run(t, build(t, c, "dismounted", 0, l), 200*second)
	want := rate * outage / 2
	if n := float64(l.ended[flow.Rejected]); math.Abs(n-want) > 4*math.Sqrt(want) || l.why[flow.Dismounted] != l.ended[flow.Rejected] {
		t.Errorf("%v ended, %v told why, of which %g should be rejected as their database is not mounted", l.ended, l.why, want)
	}
	if l.first < sim.Time(100*second) || l.last >= sim.Time(120*second) || l.ended[flow.Reset] > 0 {
		t.Errorf("they are rejected from %v to %v, %v in all", l.first, l.last, l.ended)
	}
}

// The same where requests wait: nothing is lost, and the first has waited for 20 s.
func TestRequestsThatWaitForTheirDatabase(t *testing.T) {
	c := mailboxWorld(2, 1000, 0.2, traffic.Mailboxes{WhileDismounted: traffic.AwaitMounted}, [][]int{{0, 1}, {1, 0}})
	c.Timeline = []models.Action{{At: 100 * second, Fail: "db1"}}
	l := newMailLog(c)
	run(t, build(t, c, "waiting", 0, l), 200*second)
	if len(l.ended) != 1 || l.longest < 19500*time.Millisecond || l.longest > 21*second {
		t.Errorf("%v ended, the longest took %v", l.ended, l.longest)
	}
}

// Clients who wait for 5 s at most give up: what comes in the first 15 s of the
// outage, but for those who have a request under way already and those that
// reconnect.
func TestClientsGiveUpOnADatabase(t *testing.T) {
	c := mailboxWorld(2, 1000, 0.02, traffic.Mailboxes{WhileDismounted: traffic.AwaitMounted}, [][]int{{0, 1}, {1, 0}})
	c.Traffic[0].Retry.Timeout = 5 * second
	c.Timeline = []models.Action{{At: 100 * second, Fail: "db1"}}
	l := newMailLog(c)
	run(t, build(t, c, "patience", 0, l), 200*second)
	want := 15 * 20 / 2.0
	if n := float64(l.ended[flow.TimedOut]); math.Abs(n-want) > 4*math.Sqrt(want) || l.longest > 5*second {
		t.Errorf("%v ended, of which %g should have timed out; the longest took %v", l.ended, want, l.longest)
	}
}

// Load after failure: 24,000 mailboxes on 6 members are 4,000 each, with one member
// down 4,800 and with two 6,000, if the copies of each member's databases are spread
// over the others. The requests that each server works on follow, although the
// balancer gives all the same number of connections.
func TestLoadAfterFailures(t *testing.T) {
	var copies [][]int
	for a := range 6 { // 20 databases for each member: one for each order of two others
		for b := range 6 {
			for x := range 6 {
				if a != b && b != x && a != x {
					copies = append(copies, []int{a, b, x})
				}
			}
		}
	}
	c := mailboxWorld(6, 24_000, 0.02, traffic.Mailboxes{}, copies)
	c.DAG.PreferenceMove = 0
	c.Timeline = []models.Action{{At: 100 * second, Fail: "s6"}, {At: 300 * second, Fail: "s5"}}
	l := newMailLog(c)
	w := build(t, c, "load", 0, l)
	per := 24_000 / len(copies)
	for _, part := range []struct {
		from, to time.Duration
		members  int
		want     int // mailboxes of each
	}{{0, 100 * second, 6, 4000}, {150 * second, 300 * second, 5, 4800}, {350 * second, 500 * second, 4, 6000}} {
		run(t, w, part.from)
		l.since, l.worked = sim.Time(part.from), make([]int, 6)
		run(t, w, part.to-1)
		for s := range part.members {
			mailboxes := l.active[s] * per
			want := float64(part.want) * 0.02 * (part.to - part.from).Seconds()
			if mailboxes != part.want || math.Abs(float64(l.worked[s])-want) > 5*math.Sqrt(want) {
				t.Errorf("from %v to %v: server %d has %d mailboxes and worked on %d requests, want %d and %g", part.from, part.to, s+1, mailboxes, l.worked[s], part.want, want)
			}
		}
	}
}

// What a server passes on costs it a share of the request's time, beside the work of
// the server that does it: with all mailboxes on the other server, 10 % of it.
func TestRelayCosts(t *testing.T) {
	c := mailboxWorld(2, 1000, 0.2, traffic.Mailboxes{Relay: 0.1}, [][]int{{0}})
	c.DAG.Witness = dag.Outside
	w := build(t, c, "relay", 0, nil)
	run(t, w, 500*second)
	now := w.Engine().Now()
	work := w.ServerMeter(0, now).BusyArea / 1e9    // 200/s × 2 ms × 500 s
	passing := w.ServerMeter(1, now).BusyArea / 1e9 // of half of them a tenth
	if math.Abs(work-200) > 200*0.02 || math.Abs(passing-10) > 10*0.03 {
		t.Errorf("the server with the mailboxes has worked for %g s, the other for %g s; want 200 and 10", work, passing)
	}
}

// A balancer that deals out the clients in turn does not give those of a database
// one server: of two servers each passes on half of what it gets.
func TestMailboxesAreSpreadOverConnections(t *testing.T) {
	c := mailboxWorld(2, 1000, 0.2, traffic.Mailboxes{Relay: 0.1}, [][]int{{0, 1}, {1, 0}})
	w := build(t, c, "spread", 0, nil)
	run(t, w, 500*second)
	work := 0.0
	for s := range 2 {
		work += w.ServerMeter(s, w.Engine().Now()).BusyArea / 1e9
	}
	if math.Abs(work-210) > 210*0.02 { // 200 s, and a tenth of half of it
		t.Errorf("the servers have worked for %g s, want 210", work)
	}
}

// The server behind crashes: clients of the other one get errors for what it worked
// on, and keep their connections.
func TestServerBehindCrashes(t *testing.T) {
	for _, how := range []models.Failure{models.Crash, models.Silent} {
		c := mailboxWorld(2, 1000, 0.2, traffic.Mailboxes{}, [][]int{{0, 1}})
		c.Traffic[0].Requests.Demand = &dist.Constant{Mean: 10 * time.Millisecond}
		c.Timeline = []models.Action{{At: 100 * second, Fail: "s1", How: how}, {At: 200 * second, Recover: "s1"}}
		l := newMailLog(c)
		w := build(t, c, "behind "+string(how), 0, l)
		run(t, w, 99999*time.Millisecond)
		before := l.ended[flow.Reset]
		run(t, w, 150*second)
		if n := l.ended[flow.Reset] - before; n == 0 || n > 30 {
			t.Errorf("%s: %d requests are reset, of about 2 under way", how, n)
		}
		run(t, w, 400*second)
		under := 0
		w.Requests(func(*flow.Request) { under++ })
		if under > 20 {
			t.Errorf("%s: %d requests are under way long after", how, under)
		}
	}
}

// logOns counts the connections that were set up after a time, by client.
type logOns struct {
	*mailLog
	of map[flow.ClientID]int
}

func (l *logOns) Opened(_ flow.ConnID, c *flow.Conn, now sim.Time) {
	if now > l.since {
		l.of[c.Client]++
	}
}

// The host of one of two members fails. Its databases are back after 33 s (the
// primary active manager was there); the clients who were connected to it notice by
// themselves, are sent to the other server once the balancer knows, and log on there,
// each once. Those of the other server keep their connections.
func TestHostFailureSeenByClients(t *testing.T) {
	c := mailboxWorld(2, 1000, 0.2, traffic.Mailboxes{}, [][]int{{0, 1}, {1, 0}})
	cost := &dist.Constant{Mean: 5 * time.Millisecond}
	c.Traffic[0].Setup = &traffic.Setup{Demand: cost, LogOn: cost}
	c.Traffic[0].Retry.Timeout, c.Traffic[0].Retry.ConnectTimeout, c.Traffic[0].Retry.SYNTimeout = 5*second, 21*second, second
	c.Balancer.Services[0].Health = lb.Health{Kind: lb.TCPCheck, Every: 3 * second, Timeout: 2 * second, Fall: 3, Rise: 1}
	platform, _ := place.Table.Lookup("vsphere")
	c.Cluster = &cluster.Config{Platform: platform}
	c.Cluster.SetDefaults()
	for i, host := range []string{"hv2", "hv1"} { // hv1 is the primary host
		vm := cluster.VM{}
		vm.SetDefaults()
		vm.Name, vm.On, vm.Cores, vm.Memory, vm.Service = "s"+fmt.Sprint(i+1), host, 4, 16e9, 3*time.Minute
		c.Servers[i].VM = vm.Name
		c.Cluster.VMs = append(c.Cluster.VMs, vm)
	}
	for _, host := range []string{"hv1", "hv2"} {
		c.Cluster.Hosts = append(c.Cluster.Hosts, cluster.Host{Name: host, Cores: 16, Memory: 64e9})
	}
	c.Timeline = []models.Action{{At: 100 * second, Fail: "hv2"}}
	l := &logOns{newMailLog(c), map[flow.ClientID]int{}}
	l.since = sim.Time(100 * second)
	w := build(t, c, "host", 0, l)
	run(t, w, 300*second)
	on := [2]int{}
	w.Conns(func(_ flow.ConnID, c *flow.Conn) { on[c.Server]++ })
	if on != [2]int{0, 1000} || len(l.of) != 500 {
		t.Errorf("the servers have %v connections, and %d clients have logged on", on, len(l.of))
	}
	for client, n := range l.of {
		if n != 1 {
			t.Errorf("client %d has logged on %d times", client, n)
		}
	}
	if m := w.DatabaseMeter(0, w.Engine().Now()); m.Dismounted != 33*second || m.Failovers != 1 {
		t.Errorf("db1: %+v", m)
	}
	// A quarter of the clients have a connection that lasts and no database, and
	// those who have come over in the meantime as well: 250 to 500 of them.
	if n := float64(l.why[flow.Dismounted]); n < 0.9*250*0.2*33 || n > 1.1*500*0.2*33 {
		t.Errorf("%g requests were turned away", n)
	}
	if l.ended[flow.Reset] > 0 || l.ended[flow.TimedOut] == 0 {
		t.Errorf("%v", l.ended)
	}
	run(t, w, 500*second) // s1 is back at 358 s, and nobody logs on again for that
	if len(l.of) != 500 {
		t.Errorf("%d clients have logged on", len(l.of))
	}
}

// Whatever befalls members, hosts and clients: nothing is lost or counted twice, and
// in the end no request is left that no server has.
func TestLawsWithMailboxes(t *testing.T) {
	for _, mode := range []lb.Mode{lb.TCP, lb.HTTP} {
		for _, way := range []traffic.WhileDismounted{traffic.RejectDismounted, traffic.AwaitMounted} {
			for variant := range 4 {
				name := fmt.Sprintf("%s, %s, %d", mode, way, variant)
				t.Run(name, func(t *testing.T) {
					c := harsh(variant)
					c.Balancer.Services[0].Mode = mode
					c.Balancer.Services[0].Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
					addGroup(&c, &traffic.Mailboxes{WhileDismounted: way, Relay: flow.Share(variant) / 10})
					for i := range c.Traffic {
						if variant > 1 {
							c.Traffic[i].Retry.Timeout = 3 * second
						}
					}
					if variant == 3 {
						c.Timeline = append(c.Timeline, models.Action{At: 62 * second, Fail: "balancer"}, models.Action{At: 64 * second, Recover: "balancer"},
							models.Action{At: 66 * second, Fail: "office"}, models.Action{At: 69 * second, Recover: "office"})
					}
					w := keepBooks(t, name, c)
					if variant%2 == 0 { // fifo, where what is in service has a core
						noneForgotten(t, w, len(c.Servers))
					}
				})
			}
		}
	}
}

// noneForgotten checks that servers have the requests that are said to be there.
func noneForgotten(t *testing.T, w *models.World, servers int) {
	said := make([]int, servers)
	w.Requests(func(r *flow.Request) {
		if r.Held == flow.NotHeld {
			said[r.Server]++
		}
	})
	for s := range servers {
		m := w.ServerMeter(s, w.Engine().Now())
		if has := m.Busy + m.Queue; m.Up && has != said[s] {
			t.Errorf("server %d has %d requests, and %d are said to be there", s+1, has, said[s])
		}
	}
}

// addGroup puts the servers on a cluster of their own number of hosts and makes them
// a database group that is quick to act. Hosts fail beside what fails already.
func addGroup(c *models.Config, rule *traffic.Mailboxes) {
	platform, _ := place.Table.Lookup("vsphere")
	c.Cluster, c.DAG = &cluster.Config{Platform: platform}, &dag.Config{}
	c.Cluster.SetDefaults()
	c.DAG.SetDefaults()
	c.DAG.Heartbeat, c.DAG.Missed, c.DAG.Decide, c.DAG.Mount, c.DAG.PAMMove, c.DAG.Switchover = second/10, 5, second/10, second, second/10, second
	c.DAG.PreferenceMove = 10 * second
	for i := range c.Servers {
		s := &c.Servers[i]
		host, vm := cluster.Host{Name: "h" + s.Name, Cores: 1, Memory: 64e9}, cluster.VM{}
		vm.SetDefaults()
		vm.Name, vm.On, vm.Memory, vm.Boot = "vm-"+s.Name, host.Name, 1e9, 2*second
		s.VM = vm.Name
		c.Cluster.Hosts, c.Cluster.VMs = append(c.Cluster.Hosts, host), append(c.Cluster.VMs, vm)
		m := dag.Member{Name: s.Name}
		m.SetDefaults()
		c.DAG.Members = append(c.DAG.Members, m)
	}
	for i := range 5 {
		d := dag.Database{Name: fmt.Sprintf("db%d", i+1)}
		d.SetDefaults()
		for k := range c.Servers {
			x := dag.Copy{On: c.DAG.Members[(i+k)%len(c.Servers)].Name}
			x.SetDefaults()
			d.Copies = append(d.Copies, x)
		}
		c.DAG.Databases = append(c.DAG.Databases, d)
	}
	for i := range c.Traffic {
		c.Traffic[i].Mailboxes = rule
	}
	c.Timeline = append(c.Timeline,
		models.Action{At: 10 * second, Fail: "hs1"}, models.Action{At: 15 * second, Recover: "hs1"},
		models.Action{At: 30 * second, Fail: "hs3"}, models.Action{At: 31 * second, Fail: "db2"}, models.Action{At: 33 * second, Recover: "hs3"},
		models.Action{At: 35 * second, Migrate: "vm-s3", To: "hs2"}, models.Action{At: 37 * second, Switchover: "db3"},
		models.Action{At: 58 * second, Fail: "s2", How: models.Silent}, models.Action{At: 61 * second, Recover: "s2"},
		models.Action{At: 88 * second, Fail: "s1/all", How: models.Crash}, models.Action{At: 91 * second, Recover: "s1/all"},
	)
}
