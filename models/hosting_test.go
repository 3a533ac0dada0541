package models_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// chronicle is a diary of all notes and of where machines are.
type chronicle struct {
	diary
	all    []string
	placed []string
	names  *cluster.Config
}

func (d *chronicle) Noted(n flow.Note) {
	d.diary.Noted(n)
	d.all = append(d.all, fmt.Sprintf("%v %s %s", n.At.Sub(0).Seconds(), n.Actor, n.Text))
}

func (d *chronicle) Placed(vm, host int, is flow.Condition, now sim.Time) {
	on := "none"
	if host >= 0 {
		on = d.names.Hosts[host].Name
	}
	d.placed = append(d.placed, fmt.Sprintf("%v %s %s %s", now.Seconds(), d.names.VMs[vm].Name, on, is))
}

func (d *chronicle) Mounted(int, int, sim.Time) {}

// when is the first time at which an actor is said to do something.
func (d *chronicle) when(t *testing.T, what string) (at float64) {
	t.Helper()
	for _, n := range d.all {
		if strings.Contains(n, what) {
			fmt.Sscan(n, &at)
			return at
		}
	}
	t.Fatalf("nobody says %q:\n%s", what, strings.Join(d.all, "\n"))
	return 0
}

// longest is the longest time for which a completed request was under way.
func (d *chronicle) longest() (most float64) {
	for _, w := range d.waits {
		most = max(most, w[1]-w[0])
	}
	return most
}

// hosted puts the servers on machines of the same names: each on a host of its own,
// hv1 and so on, as far as there are any, and then on the first again.
func hosted(c *models.Config, platform string, hosts int) *cluster.Config {
	x := &cluster.Config{}
	x.SetDefaults()
	x.Platform, _ = place.Table.Lookup(platform)
	for h := range hosts {
		x.Hosts = append(x.Hosts, cluster.Host{Name: fmt.Sprintf("hv%d", h+1), Cores: 16, Memory: 64e9})
	}
	for i := range c.Servers {
		s := &c.Servers[i]
		s.VM = s.Name
		x.VMs = append(x.VMs, cluster.VM{
			Name: s.Name, Cores: s.Cores, Memory: 1e9, Priority: cluster.Medium, On: x.Hosts[i%hosts].Name,
			Boot: 10 * second, Service: 5 * second,
		})
	}
	c.Cluster = x
	return x
}

// chronicled runs a world with a cluster for so many seconds.
func chronicled(t *testing.T, c models.Config, seconds int) (*models.World, *chronicle) {
	t.Helper()
	d := &chronicle{diary: diary{why: map[flow.Refusal]int{}}, names: c.Cluster}
	for _, s := range c.Balancer.Services {
		d.diary.names = append(d.diary.names, s.Name)
	}
	w := build(t, c, t.Name(), 0, d)
	for at := range seconds {
		run(t, w, time.Duration(at+1)*second)
	}
	return w, d
}

func at(seconds float64) time.Duration { return time.Duration(seconds * 1e9) }

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every second request is lost from when a host fails until a check has noticed.
// Then nobody is lost, not even while the machine boots.
func TestHostFails(t *testing.T) {
	c := plain([]string{"ex1", "ex2"}, map[string][]string{"rpc": {"ex1", "ex2"}},
		models.Action{At: at(20.55), Fail: "hv1"}, models.Action{At: at(40.55), Recover: "hv1"})
	c.Balancer.Services[0].Health = lb.Health{Kind: lb.TCPCheck, Every: 5 * second, Timeout: second, Fall: 1, Rise: 1}
	hosted(&c, "none", 2)
	w, d := chronicled(t, c, 80)
	d.wantNotes(t, "20.55 hv1 fails", "20.55 vm:ex1 is down", "20.55 ex1 falls silent with its virtual machine",
		"40.55 hv1 is up", "55.55 vm:ex1 is online on hv1", "55.55 ex1 comes back, empty")
	down := d.when(t, "rpc ex1 is down")
	lost := d.between(0, 80, "rpc timed_out") + d.between(0, 80, "rpc reset")
	if want := int(math.Round(5 * (down - 20.55))); lost < want-1 || lost > want+1 || want < 5 {
		t.Errorf("%d requests were lost, want %d: it was marked down at %v", lost, want, down)
	}
	same(t, "placed", d.placed, "0 ex1 hv1 serving", "0 ex2 hv2 serving", "20.55 ex1 none waiting", "40.55 ex1 hv1 booting", "55.55 ex1 hv1 serving")
	now := w.Engine().Now()
	if m := w.VMMeter(0, now); m.Up != 45*second || m.Outages != 1 || m.Restarts != 1 || m.Failovers != 0 {
		t.Errorf("ex1: %+v", m)
	}
	if m := w.ClusterMeter(now); m.Hosts != 2 || m.HostsUp != 140e9 || m.HostFailures != 1 {
		t.Errorf("hosts: %+v", m)
	}
}

// Two machines share the one core of their host: each has half of it while both
// have work. Requests of a second come at 0 and at 0.5 s: the first has 0.5 s left
// when the second comes, and is done at 1.5 s, when the second has 0.5 s left.
func TestContention(t *testing.T) {
	c := plain([]string{"ex1", "ex2"}, map[string][]string{"a": {"ex1"}, "b": {"ex2"}})
	for i, first := range []float64{1, 1.5} {
		c.Servers[i] = server.Config{Name: c.Servers[i].Name, Cores: 1, Queue: server.Unlimited, Discipline: server.PS}
		v := &flow.Visits{Clients: []string{"x"}, Addrs: recorded().Addrs[:1], Home: []uint32{0}}
		v.List = []flow.Visit{{At: sim.Time(at(first)), Service: -1, Demand: second}}
		c.Sites = append(c.Sites, snat.Site{Name: "log" + c.Traffic[i].Name, Visits: v})
		c.Traffic[i].From, c.Traffic[i].Arrivals, c.Traffic[i].Demand = []string{"log" + c.Traffic[i].Name}, &traffic.Replay{}, nil
	}
	hosted(&c, "none", 1).Hosts[0].Cores = 1
	w, d := chronicled(t, c, 10)
	if len(d.waits) != 2 || math.Abs(d.waits[0][1]-2.5) > 1e-6 || math.Abs(d.waits[1][1]-3) > 1e-6 {
		t.Errorf("asked and answered at %v", d.waits)
	}
	for v, want := range []time.Duration{second / 2, second / 2} {
		// Each has run at half its speed for a second.
		if got := w.VMMeter(v, w.Engine().Now()).Ready; (got - want).Abs() > time.Microsecond {
			t.Errorf("machine %d waited %v for cores, want %v", v, got, want)
		}
	}
}

// Whoever of two machines works: the core does as long as there is work. With
// exponential demands the number of requests is that of one M/M/1 then, whose
// response time at both rates together is 1/(1 - 0.7) s, against 1/(1 - 0.35) s of
// one with a core of its own.
func TestContentionOverTime(t *testing.T) {
	for _, x := range []struct {
		cores int
		want  float64
	}{{1, 1 / (1 - 0.7)}, {2, 1 / (1 - 0.35)}} {
		c := plain([]string{"ex1", "ex2"}, map[string][]string{"a": {"ex1"}, "b": {"ex2"}})
		for i := range c.Servers {
			c.Servers[i] = server.Config{Name: c.Servers[i].Name, Cores: 1, Queue: server.Unlimited, Discipline: server.PS}
			c.Traffic[i].Arrivals, c.Traffic[i].Demand = &traffic.Poisson{Rate: 0.35}, &dist.Exponential{Mean: second}
		}
		hosted(&c, "none", 1).Hosts[0].Cores = x.cores
		sum := &times{}
		run(t, build(t, c, t.Name(), 0, sum), 200000*second)
		if got := sum.total / float64(sum.n); math.Abs(got/x.want-1) > 0.04 {
			t.Errorf("%d cores: requests take %.3f s, want %.3f", x.cores, got, x.want)
		}
	}
}

// times adds up response times.
type times struct {
	silent
	n     int
	total float64
}

func (s *times) Finished(r *flow.Request, _ flow.Outcome, now sim.Time) {
	s.n++
	s.total += now.Sub(r.Asked).Seconds()
}

// A live migration loses nothing. Who asks when the machine begins to stand still
// waits for that long.
func TestStunIsSeen(t *testing.T) {
	c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}}, models.Action{At: at(20), Migrate: "ex1", To: "hv2"})
	hosted(&c, "none", 2)
	w, d := chronicled(t, c, 40)
	if lost := len(d.waits) - d.between(0, 40, "rpc completed"); lost != 0 || len(d.waits) < 398 {
		t.Errorf("%d of %d requests were not answered", lost, len(d.waits))
	}
	// It moves 1 GB in a second, and stands still from 21 s on for half a second.
	if got := d.longest(); got < 0.41 || got > 0.511 {
		t.Errorf("the longest request took %v s", got)
	}
	same(t, "placed", d.placed, "0 ex1 hv1 serving", "20 ex1 hv1 moving", "21.5 ex1 hv2 serving")
	if m := w.VMMeter(0, w.Engine().Now()); m.Up != 40*second || m.Stunned != second/2 || m.Migrations != 1 {
		t.Errorf("ex1: %+v", m)
	}
}

// In a quick migration, a machine stands still for long: 4 GB are saved and read at
// 400 MB/s. Connections stay, and what is sent over them is answered afterwards.
func TestQuickMigrationPauses(t *testing.T) {
	c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}}, models.Action{At: at(20), Migrate: "ex1", To: "hv2", Migration: "quick"})
	c.Sites[0].Clients = 10
	c.Traffic[0].Arrivals, c.Traffic[0].Demand = nil, nil
	c.Traffic[0].Connections = &traffic.Connections{PerClient: 1}
	c.Traffic[0].Requests = &traffic.Requests{Rate: 0.5, Demand: &dist.Constant{Mean: 10 * time.Millisecond}}
	hosted(&c, "none", 2).VMs[0].Memory = 4e9
	w, d := chronicled(t, c, 60)
	d.wantNotes(t, "20 vm:ex1 is down", "20 ex1 stands still: it is saved", "40 vm:ex1 is online on hv2", "40 ex1 goes on where it was")
	if got := d.longest(); got < 18 || got > 20.5 {
		t.Errorf("the longest request took %v s", got)
	}
	if n := d.between(0, 60, "rpc completed"); n < 200 || n != len(d.waits) || d.between(0, 60, "rpc reset")+d.between(21, 40, "rpc completed") > 0 {
		t.Errorf("%v", d.ended[:60])
	}
	if _, connections := w.Present(); connections != 10 {
		t.Errorf("%d connections are left of 10", connections)
	}
}

// A machine that boots has empty caches, and one that only nobody heard has not.
func TestColdAfterBoot(t *testing.T) {
	for _, x := range []struct {
		name       string
		break_     models.Action
		back, want float64
		said       string
	}{
		{"it crashes", models.Action{At: at(20.5), Fail: "vm:ex1"}, 36, 0.02, "ex1 comes back, empty"},
		{"its host is cut off for a while", models.Action{At: at(20.5), Fail: "hv1", How: models.Unreachable}, 28, 0.01, "ex1 goes on where it was"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}}, x.break_, models.Action{At: at(27.5), Recover: "hv1"})
			c.Servers[0].Cold = &server.Cold{Factor: 2, For: 1e6 * time.Second}
			hosted(&c, "none", 1)
			_, d := chronicled(t, c, 60)
			d.when(t, x.said)
			for _, w := range d.waits {
				if took := w[1] - w[0]; w[0] > x.back && math.Abs(took-x.want) > 1e-4 || w[1] < 20 && took > 0.0101 {
					t.Fatalf("asked at %v, answered after %v", w[0], took)
				}
			}
		})
	}
}

// A datastore takes all machines whose disks are there, on whatever host.
func TestDatastoreFails(t *testing.T) {
	c := plain([]string{"ex1", "ex2"}, map[string][]string{"rpc": {"ex1", "ex2"}},
		models.Action{At: at(20.5), Fail: "iscsi"}, models.Action{At: at(40.5), Recover: "iscsi"})
	x := hosted(&c, "wsfc", 2)
	x.Hosts[0].Datastore, x.Hosts[1].Datastore = "iscsi", "iscsi"
	w, d := chronicled(t, c, 80)
	if n := d.between(21, 55, "rpc completed"); n > 0 || d.between(56, 80, "rpc completed") < 230 {
		t.Errorf("%d requests were answered without disks: %v", n, d.ended[:80])
	}
	same(t, "placed", d.placed, "0 ex1 hv1 serving", "0 ex2 hv2 serving", "20.5 ex1 hv1 waiting", "20.5 ex2 hv2 waiting",
		"40.5 ex1 hv1 booting", "40.5 ex2 hv2 booting", "55.5 ex1 hv1 serving", "55.5 ex2 hv2 serving")
	up := w.ServiceMeter(0, w.Engine().Now()).Up
	if up[0] != 35*second || up[1] != 0 || up[2] != 45*second {
		t.Errorf("so many servers worked: %v", up)
	}
}

// A server's programs and its machine fail by themselves. A boot makes programs run
// that had failed, and a machine that comes back as it was does not.
func TestProgramsAndMachines(t *testing.T) {
	program, cut, crash := models.Action{At: at(10.5), Fail: "ex1"}, models.Action{At: at(20.5), Fail: "hv1", How: models.Unreachable}, models.Action{At: at(20.5), Fail: "vm:ex1"}
	back := models.Action{At: at(24.5), Recover: "hv1"}
	for _, x := range []struct {
		name     string
		timeline []models.Action
		want     []string
	}{
		{"cut off, and failed", []models.Action{program, cut, back, {At: at(30.5), Recover: "ex1"}}, []string{"10.5 ex1 fails: its connections are reset",
			"20.5 hv1 is cut off from the others", "20.5 vm:ex1 is down", "24.5 hv1 is heard again", "24.5 vm:ex1 is online on hv1", "30.5 ex1 comes back, empty"}},
		{"repaired meanwhile", []models.Action{program, cut, {At: at(22.5), Recover: "ex1"}, back}, []string{"10.5 ex1 fails: its connections are reset",
			"20.5 hv1 is cut off from the others", "20.5 vm:ex1 is down", "24.5 hv1 is heard again", "24.5 vm:ex1 is online on hv1", "24.5 ex1 comes back, empty"}},
		{"failed, and booted", []models.Action{program, crash}, []string{"10.5 ex1 fails: its connections are reset", "20.5 vm:ex1 is down",
			"35.5 vm:ex1 is online on hv1", "35.5 ex1 comes back, empty"}},
		{"nothing fails twice", []models.Action{crash, {At: at(22.5), Fail: "ex1"}, {At: at(23.5), Recover: "ex1"}}, []string{"20.5 vm:ex1 is down",
			"20.5 ex1 falls silent with its virtual machine", "35.5 vm:ex1 is online on hv1", "35.5 ex1 comes back, empty"}},
		{"shut down", []models.Action{{At: at(20.5), Stop: "ex1"}, {At: at(30.5), Start: "ex1"}}, []string{"20.5 vm:ex1 is down",
			"20.5 ex1 is shut down: its connections are reset", "45.5 vm:ex1 is online on hv1", "45.5 ex1 comes back, empty"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := plain([]string{"ex1"}, map[string][]string{"rpc": {"ex1"}}, x.timeline...)
			hosted(&c, "none", 1)
			_, d := chronicled(t, c, 60)
			d.wantNotes(t, x.want...)
			if n := d.between(46, 60, "rpc completed"); n < 139 {
				t.Errorf("%d requests were answered in the end", n)
			}
		})
	}
}

// What depends on a server on a machine hangs with it.
func TestDependsOnMachine(t *testing.T) {
	c := plain([]string{"ex1", "dc1"}, map[string][]string{"rpc": {"ex1"}},
		models.Action{At: at(20.5), Fail: "hv2"}, models.Action{At: at(30.5), Recover: "hv2"})
	c.Servers[0].Depends = []string{"dc1"}
	hosted(&c, "none", 2)
	_, d := chronicled(t, c, 60)
	d.wantNotes(t, "20.5 hv2 fails", "20.5 vm:dc1 is down", "20.5 dc1 falls silent with its virtual machine",
		"20.5 ex1 hangs: it depends on dc1, which does not work", "30.5 hv2 is up", "45.5 vm:dc1 is online on hv2", "45.5 dc1 comes back, empty",
		"45.5 ex1 goes on: all that it depends on works")
}

// A machine for which there is no room does not serve until there is.
func TestNoRoomAtFirst(t *testing.T) {
	c := plain([]string{"ex1", "ex2"}, map[string][]string{"rpc": {"ex2"}}, models.Action{At: at(20.5), Stop: "ex1"})
	x := hosted(&c, "wsfc", 1)
	x.VMs[0].Memory, x.VMs[1].Memory, x.VMs[1].On = 50e9, 50e9, ""
	_, d := chronicled(t, c, 60)
	same(t, "placed", d.placed, "0 ex1 hv1 serving", "0 ex2 none waiting", "20.5 ex1 none off", "20.5 ex2 hv1 booting", "35.5 ex2 hv1 serving")
	if n := d.between(0, 35, "rpc completed"); n > 0 || d.between(36, 60, "rpc completed") < 230 {
		t.Errorf("%v", d.ended[:60])
	}
}

// The same run is the same.
func TestHostedIsReproducible(t *testing.T) {
	var first string
	for range 3 {
		c := plain([]string{"ex1", "ex2", "ex3"}, map[string][]string{"rpc": {"ex1", "ex2", "ex3"}})
		x := hosted(&c, "vsphere", 2)
		x.Hosts[0].Cores, x.Hosts[1].Cores = 2, 2
		x.Failures = &cluster.Failures{Host: &cluster.Process{MTBF: 60 * second, MTTR: 20 * second}}
		c.Failures = &models.Breakdowns{Server: &models.Breakdown{Process: cluster.Process{MTBF: 60 * second, MTTR: 5 * second}}}
		c.Traffic[0].Arrivals = &traffic.Poisson{Rate: 50}
		w, d := chronicled(t, c, 190)
		got := fmt.Sprint(w.Engine().Stats().Fingerprint, len(d.waits), d.placed)
		if first == "" {
			first = got
		}
		if got != first {
			t.Fatalf("%s\nthen\n%s", first, got)
		}
	}
}

// Windows NLB's hosts on machines: the heartbeats of one that stands still are
// missed. After five it is left out, and comes back by itself; before, nobody does
// anything.
func TestStunOfNLBHost(t *testing.T) {
	for stun, want := range map[time.Duration][]string{3 * second: nil, 8 * second: {"left out", "has joined"}} {
		c := plain([]string{"ex1", "ex2"}, map[string][]string{"all": {"ex1", "ex2"}}, models.Action{At: at(20), Migrate: "vm:ex1", To: "hv1"})
		withoutBalancer(&c, nlb.Rule{Mode: nlb.Multiple, Affinity: nlb.SingleAffinity})
		x := hosted(&c, "none", 3)
		x.VMs[0].On, x.Migration.Stun = "hv3", stun
		_, d := chronicled(t, c, 60)
		var got []string
		for _, n := range d.all {
			for _, what := range []string{"left out", "has joined"} {
				if strings.Contains(n, what) {
					got = append(got, what)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("stun of %v:\n%s", stun, strings.Join(d.all, "\n"))
		}
	}
}

// Hosts are upgraded one after the other: emptied, rebooted and put back. Clients see
// the stuns of live migrations, and nothing else.
func TestRollingUpgrade(t *testing.T) {
	var timeline []models.Action
	for i, h := range []string{"hv1", "hv2", "hv3"} {
		t0 := 20 + 40*float64(i)
		timeline = append(timeline, models.Action{At: at(t0), Drain: h}, models.Action{At: at(t0 + 10), Fail: h},
			models.Action{At: at(t0 + 25), Recover: h}, models.Action{At: at(t0 + 26), Enable: h})
	}
	for _, how := range []string{"timeline", "maintenance"} {
		t.Run(how, func(t *testing.T) {
			c := plain([]string{"ex1", "ex2", "ex3"}, map[string][]string{"rpc": {"ex1", "ex2", "ex3"}}, timeline...)
			x := hosted(&c, "vsphere", 3)
			if how == "maintenance" {
				c.Timeline, x.Maintenance = nil, &cluster.Maintenance{Every: time.Hour, First: 20 * second, Takes: 15 * second, Patience: time.Minute}
			}
			w, d := chronicled(t, c, 180)
			if n := d.between(0, 180, "rpc completed"); n < 1798 || n != len(d.waits) {
				t.Errorf("%d requests were answered", n)
			}
			if got := d.longest(); got < 0.3 || got > 0.53 {
				t.Errorf("the longest request took %v s", got)
			}
			now := w.Engine().Now()
			m := w.ClusterMeter(now)
			if want := 3*180e9 - 3*15e9; m.HostsUp != want || m.Migrations < 3 {
				t.Errorf("%+v, want hosts up for %v", m, want)
			}
			for v := range 3 {
				if m := w.VMMeter(v, now); m.Outages > 0 {
					t.Errorf("%+v", m)
				}
			}
			if up := w.ServiceMeter(0, now).Up; up[3] != 180*second {
				t.Errorf("so many servers worked: %v", up)
			}
		})
	}
}

// BenchmarkHosted is a service of 400 servers on machines of 100 hosts, which are
// short of cores: every request changes what others have.
func BenchmarkHosted(b *testing.B) {
	for _, cores := range []int{16, 4} {
		b.Run(fmt.Sprintf("%d cores a host", cores), func(b *testing.B) {
			var names []string
			for i := range 400 {
				names = append(names, fmt.Sprintf("s%d", i))
			}
			c := plain(names, map[string][]string{"rpc": names})
			for i := range c.Servers {
				c.Servers[i].Discipline, c.Servers[i].Slots = server.PS, 0
			}
			c.Traffic[0].Arrivals, c.Traffic[0].Demand = &traffic.Poisson{Rate: 20000}, &dist.Exponential{Mean: 10 * time.Millisecond}
			x := hosted(&c, "wsfc", 100)
			for i := range x.Hosts {
				x.Hosts[i].Cores = cores
			}
			for b.Loop() {
				w, err := models.New(c, 1, 0, nil)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Run(10 * time.Second); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(w.Engine().Stats().Fired), "events")
			}
		})
	}
}
