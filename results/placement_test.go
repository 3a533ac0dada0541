package results

import (
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// hosted is a world of two hosts with three machines, of which two have a class,
// and of a group with one database. Of each moment it knows what had happened until
// then: the first host fails at 20 s with its machine, which is on the second from
// 25 s on and answers from 40 s on, until 60 s.
type hosted struct{ idle }

// during is how much of a span has passed.
func during(now sim.Time, from, to float64) time.Duration {
	t := min(max(now.Seconds(), from), to) - from
	return time.Duration(t * 1e9)
}

func passed(now sim.Time, at float64) int {
	if now.Seconds() >= at {
		return 1
	}
	return 0
}

func (hosted) VMs() int       { return 3 }
func (hosted) Classes() int   { return 1 }
func (hosted) Databases() int { return 1 }

func (hosted) ClusterMeter(now sim.Time) flow.ClusterMeter {
	return flow.ClusterMeter{
		Hosts: 2, HostsUp: 2*float64(now) - float64(during(now, 20, 60)), HostFailures: passed(now, 20),
		Restarts: passed(now, 25), Failovers: passed(now, 25), Migrations: passed(now, 60),
	}
}

func (hosted) VMMeter(vm int, now sim.Time) flow.VMMeter {
	m := flow.VMMeter{Name: [...]string{"mail.1", "mail.2", "web"}[vm], Up: time.Duration(now), Ready: during(now, 40, 60) / 4}
	if vm == 0 {
		m.Up -= during(now, 20, 40)
		m.Outages, m.Restarts, m.Failovers, m.Migrations = passed(now, 20), passed(now, 25), passed(now, 25), passed(now, 60)
		m.Stunned = during(now, 60, 60.5)
	}
	return m
}

func (hosted) ClassMeter(_ int, now sim.Time) flow.ClassMeter {
	one := during(now, 20, 40)
	return flow.ClassMeter{
		Name: "MAIL", Members: 2, Up: []time.Duration{0, one, time.Duration(now) - one}, Together: during(now, 25, 60), Failovers: passed(now, 25),
	}
}

func (hosted) ServiceMeter(_ int, now sim.Time) flow.ServiceMeter {
	none, one := during(now, 20, 30), during(now, 30, 40)
	return flow.ServiceMeter{Up: []time.Duration{none, one, time.Duration(now) - none - one}}
}

func (hosted) GroupMeter(now sim.Time) flow.GroupMeter {
	return flow.GroupMeter{WithoutQuorum: during(now, 20, 22), Losses: passed(now, 20)}
}

func (hosted) DatabaseMeter(_ int, now sim.Time) flow.DatabaseMeter {
	return flow.DatabaseMeter{Name: "db1", Dismounted: during(now, 20, 26), Thin: during(now, 20, 50), Failovers: passed(now, 26), LostLogs: 3 * passed(now, 26)}
}

var hostedNames = Names{
	Hosts: []string{"a", "b"}, VMs: []string{"mail.1", "mail.2", "web"}, Classes: [][]string{{"MAIL"}, {"MAIL"}, nil},
	Members: []string{"mail.1", "mail.2"}, Databases: []string{"db1"},
}

// watch runs what befalls the machines past a recorder.
func watch(s Setting) *Recorder {
	const second = sim.Time(time.Second)
	r := NewRecorder(s)
	for vm, host := range [...]int{0, 1, 1} {
		r.Placed(vm, host, flow.Serving, 0)
	}
	r.Mounted(0, 0, 0)
	e := sim.New(1, 0)
	r.Attach(e, hosted{})
	host := func(at sim.Time, kind flow.NoteKind) {
		e.Run(at * second)
		r.Noted(flow.Note{At: at * second, Kind: kind, Service: -1, Server: -1, Actor: "a", Text: "a"})
	}
	host(20, flow.Failed)
	r.Placed(0, 0, flow.Stopped, 20*second)
	r.Mounted(0, -1, 20*second)
	e.Run(25 * second)
	r.Placed(0, -1, flow.Pending, 25*second)
	r.Placed(0, 1, flow.Booting, 25*second)
	r.Mounted(0, 1, 26*second)
	e.Run(40 * second)
	r.Placed(0, 1, flow.Serving, 40*second)
	host(60, flow.TakenOut) // what is told of hosts has no service
	r.Placed(0, 0, flow.Serving, 60*second)
	host(61, flow.Emptied)
	host(62, flow.PutBack)
	e.Run(sim.Time(s.Duration))
	return r
}

// The warm-up of 30 s and a window from 20 to 60 s each measure what happens in
// them alone.
func TestPlacementIsMeasuredByWindow(t *testing.T) {
	r := watch(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0, 1}}}, Servers: []string{"s1", "s2"},
		Warmup: 30 * time.Second, Duration: 110 * time.Second, Windows: [][2]time.Duration{{20 * time.Second, 60 * time.Second}}, Placement: hostedNames,
	})
	runs := []*Run{r.Finish()}
	v := Gather("base", runs)
	for _, c := range []struct {
		metric         string
		whole, between float64
	}{
		{"services.web.availability", 1, 0.75}, {"services.web.downtime", 0, 10}, {"services.web.members_up.mean", 1.875, 1.25}, {"services.web.members_up.min", 1, 0},
		{"availability", 1, 0.75}, {"downtime", 0, 10}, {"members_up.mean", 1.875, 1.25}, {"members_up.min", 1, 0},
		{"classes.MAIL.availability", 1, 1}, {"classes.MAIL.members_up.min", 1, 1}, {"classes.MAIL.members_up.at_least.1", 1, 1},
		{"classes.MAIL.members_up.at_least.2", 0.875, 0.5}, {"classes.MAIL.colocated_time", 30, 35}, {"classes.MAIL.colocated_share", 0.375, 0.875},
		{"classes.MAIL.failovers", 0, 1}, {"colocated_time", 30, 35}, {"colocated_share", 0.375, 0.875},
		{"vms.mail.1.availability", 0.875, 0.5}, {"vms.mail.1.downtime", 10, 20}, {"vms.mail.1.outages", 0, 0}, {"vms.mail.1.stun_time", 0.5, 0},
		{"vms.mail.1.migrations", 1, 1}, {"vms.web.availability", 1, 1}, {"vms.web.cpu_ready", 0.0625, 0.125}, {"cpu_ready", 0.0625, 0.125},
		{"hosts_up.mean", 1.625, 1}, {"host_failures", 0, 0}, {"failovers", 0, 1}, {"restarts", 0, 1}, {"migrations", 1, 1}, {"stun_time", 0.5, 0},
		{"databases.db1.availability", 1, 0.85}, {"databases.db1.downtime", 0, 6}, {"databases.db1.thin_time", 20, 30}, {"databases.db1.lost_logs", 0, 3},
		{"databases.availability", 1, 0.85}, {"databases.mounted.mean", 1, 0.85}, {"databases.failovers", 0, 1}, {"quorum.downtime", 0, 2},
	} {
		whole, ok := v.Metric(c.metric)
		if !ok || math.Abs(whole.Mean-c.whole) > 1e-12 {
			t.Errorf("%s is %v, want %v", c.metric, whole.Mean, c.whole)
		}
		if got := WindowMetric(0, c.metric, runs); got.Name == "" || math.Abs(got.Mean-c.between) > 1e-12 {
			t.Errorf("%s from 20 to 60 s is %v, want %v", c.metric, got.Mean, c.between)
		}
	}
	if len(v.VMs) != 3 || len(v.Classes) != 1 || len(v.Databases) != 1 {
		t.Errorf("%d machines, %d classes, %d databases", len(v.VMs), len(v.Classes), len(v.Databases))
	}
	if _, ok := v.Metrics.Get("drain.time"); ok {
		t.Error("a host that is emptied counts as a server that drains")
	}
}

// Without traffic nothing is said of requests, and the class answers for the run.
func TestPlacementAlone(t *testing.T) {
	v := Gather("base", []*Run{watch(Setting{Duration: 100 * time.Second, Placement: hostedNames}).Finish()})
	for _, m := range v.Metrics {
		if math.IsNaN(m.Mean) {
			t.Errorf("%s has no value", m.Name)
		}
	}
	if m, ok := v.Metrics.Get("members_up.mean"); !ok || math.Abs(m.Mean-1.8) > 1e-12 {
		t.Errorf("members up: %v", m.Mean)
	}
	if _, ok := v.Metrics.Get("arrived"); ok {
		t.Error("there are arrivals")
	}
	means := map[string]float64{}
	for _, s := range v.Series {
		for _, x := range s.Mean {
			means[s.Metric] += x * s.Step / 100
		}
	}
	for metric, want := range map[string]float64{
		"hosts_up": 1.6, "vms_up": 2.8, "classes.MAIL.members_up": 1.8, "members.mail.1.databases": 0.2, "members.mail.2.databases": 0.74,
	} {
		if math.Abs(means[metric]-want) > 1e-9 {
			t.Errorf("the mean of %s is %v, want %v", metric, means[metric], want)
		}
	}
}

// Where machines and databases were, without what lasted no time.
func TestHistory(t *testing.T) {
	v := Gather("base", []*Run{watch(Setting{Duration: 100 * time.Second, Placement: hostedNames}).Finish()})
	p := v.Placement
	want := []Stay{
		{0, 0, flow.Serving, 0, 20}, {1, 1, flow.Serving, 0, 100}, {2, 1, flow.Serving, 0, 100},
		{0, 0, flow.Stopped, 20, 25}, {0, 1, flow.Booting, 25, 40}, {0, 1, flow.Serving, 40, 60}, {0, 0, flow.Serving, 60, 100},
	}
	if len(p.Stays) != len(want) {
		t.Fatalf("stays are %v", p.Stays)
	}
	for i := range want {
		if p.Stays[i] != want[i] {
			t.Errorf("stay %d is %v, want %v", i, p.Stays[i], want[i])
		}
	}
	if len(p.Mounts) != 3 || p.Mounts[1] != (Mount{0, -1, 20, 26}) || p.Mounts[2] != (Mount{0, 1, 26, 100}) {
		t.Errorf("mounts are %v", p.Mounts)
	}
}

// More than can be shown is not kept, but counted.
func TestHistoryIsBounded(t *testing.T) {
	r := NewRecorder(Setting{Duration: time.Hour, Placement: hostedNames})
	for i := range sim.Time(marksMost + 7) {
		r.Placed(0, int(i%2), flow.Serving, i+1)
		r.Mounted(0, int(i%2), i+1)
		r.Noted(flow.Note{At: i, Kind: flow.Failed, Service: -1, Server: -1, Actor: "a"})
	}
	p := r.history.finish(sim.Time(time.Hour))
	if p.Stays != nil || p.Mounts != nil || len(r.marks) != marksMost || r.unlisted != 7 {
		t.Errorf("%d stays, %d mounts, %d marks and %d more", len(p.Stays), len(p.Mounts), len(r.marks), r.unlisted)
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string][3]string{
		"vms.ex1.corp.example.cpu_ready":      {"vms", "ex1.corp.example", "cpu_ready"},
		"classes.MAIL.members_up.at_least.12": {"classes", "MAIL", "members_up.at_least.12"},
		"databases.availability.downtime":     {"databases", "availability", "downtime"},
		"databases.availability":              {},
		"databases.mounted.mean":              {},
		"storm.peak_factor":                   {},
	} {
		if kind, name, metric, _ := splitPath(path); [3]string{kind, name, metric} != want {
			t.Errorf("%s is %q of %q of %q", path, metric, name, kind)
		}
	}
	if term := TermOf("classes.MAIL.members_up.at_least.2"); term.Label != "MAIL: members up, at least 2" || term.Display != Percent {
		t.Errorf("%q as %v", term.Label, term.Display)
	}
}

// Ten years of thousands of machines and databases are more than a Duration holds.
func TestPlacementOfManyForLong(t *testing.T) {
	p := placement{span: 87600 * time.Hour, hosts: flow.ClusterMeter{Hosts: 1}, vms: make([]flow.VMMeter, 10_000), databases: make([]flow.DatabaseMeter, 1600)}
	for i := range p.vms {
		p.vms[i].Up = p.span
	}
	var out values
	p.list(&out)
	for _, x := range out {
		if want := map[string]float64{"members_up.mean": 10_000, "databases.mounted.mean": 1600}[x.name]; want > 0 && math.Abs(x.x-want) > 1e-6 {
			t.Errorf("%s is %v, want %v", x.name, x.x, want)
		}
	}
}
