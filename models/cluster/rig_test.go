package cluster_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// A rig is a cluster in a run, with what it tells its observer and its machines.
type rig struct {
	text    bytes.Buffer // the configuration
	shuffle uint64
	e       *sim.Engine
	config  cluster.Config
	c       *cluster.Cluster
	down    map[int]bool // by machine, as told
	out     []string
	quiet   bool
}

// configOf reads a configuration as a scenario has it, but for names, which may be
// of the form N[1-3].
func configOf(text string) (*cluster.Config, error) {
	policies := strict.NewPolicies(strict.PolicyOf(place.Table, strict.PolicyOptions{}), strict.PolicyOf(dist.Table, strict.PolicyOptions{}))
	doc, mistakes := strict.Parse("cluster.yaml", []byte(text))
	if mistakes != nil {
		return nil, mistakes
	}
	var c cluster.Config
	c.SetDefaults()
	if mistakes = doc.Decode(&c, policies); mistakes != nil {
		return nil, mistakes
	}
	var hosts []cluster.Host
	for _, h := range c.Hosts {
		for _, name := range expand(h.Name, h.Names) {
			h.Name, h.Names = name, ""
			hosts = append(hosts, h)
		}
	}
	var vms []cluster.VM
	for _, v := range c.VMs {
		for _, name := range expand(v.Name, v.Names) {
			v.Name, v.Names = name, ""
			vms = append(vms, v)
		}
	}
	c.Hosts, c.VMs = hosts, vms
	return &c, flow.Join(append(flow.Check(&c), c.CheckNames()...))
}

// expand lists the names that N[1-3] stands for, or the one name that is given.
func expand(name, pattern string) (names []string) {
	stem, numbers, many := strings.Cut(strings.TrimSuffix(pattern, "]"), "[")
	if !many {
		return []string{name}
	}
	first, last, _ := strings.Cut(numbers, "-")
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(last)
	for i := a; i <= b; i++ {
		names = append(names, stem+strconv.Itoa(i))
	}
	return names
}

// build makes the cluster of the configuration so far.
func (r *rig) build() error {
	if r.c != nil {
		return nil
	}
	config, err := configOf(r.text.String())
	if err != nil {
		return err
	}
	r.config = *config
	r.e = sim.New(1, 0)
	r.e.ShuffleTies(r.shuffle)
	r.down = map[int]bool{}
	r.c = cluster.New(r.e, &r.config, cluster.Options{Machines: r, Observer: r})
	return nil
}

// Command carries out one line; what is none of these is a line of the
// configuration:
//
//	at 10s fail N1 ex1 r1     hosts, machines, domains; recover
//	at 10s crash ex1          the platform starts it again
//	at 10s isolate N1         cut-off: clients are, too; rejoin
//	at 10s maintain N1        resume
//	at 10s live ex1 N2        quick, cold; move ex1: where the platform wants
//	at 10s start ex1          stop
//	run 5m                    until that time
//	show                      where the machines are, and what has been counted
func (r *rig) Command(line string) error {
	f := strings.Fields(line)
	if f[0] != "at" && f[0] != "run" && f[0] != "show" {
		r.text.WriteString(line + "\n")
		return nil
	}
	if err := r.build(); err != nil {
		return err
	}
	if f[0] == "show" {
		r.show()
		return nil
	}
	at, err := strict.ParseDuration(f[1])
	if err != nil {
		return err
	}
	if f[0] == "run" {
		r.e.Run(sim.Time(at))
		return nil
	}
	if len(f) < 4 {
		return fmt.Errorf("nothing is named")
	}
	do, err := r.action(f[2], f[3:])
	if err == nil {
		sim.Bind(r.e, "test/"+line, sim.Fault, func(uint32) { do() }).At(sim.Time(at), 0)
	}
	return err
}

// Flush returns what was printed.
func (r *rig) Flush() []string {
	out := r.out
	r.out = nil
	return out
}

// action is what a verb does to what is named.
func (r *rig) action(verb string, names []string) (func(), error) {
	moves := map[string]cluster.Migration{"live": cluster.Live, "quick": cluster.Quick, "cold": cluster.Cold}
	if kind, ok := moves[verb]; ok {
		vm, to := r.vm(names[0]), r.host(names[1])
		return func() { r.c.Migrate(vm, to, kind) }, nil
	}
	hosts := map[string]func(int){
		"fail": r.c.FailHost, "recover": r.c.RecoverHost, "maintain": r.c.Maintain, "resume": r.c.Resume, "rejoin": r.c.Rejoin,
		"isolate": func(h int) { r.c.Isolate(h, false) }, "cut-off": func(h int) { r.c.Isolate(h, true) },
	}
	vms := map[string]func(int){
		"fail": r.c.FailVM, "recover": r.c.RecoverVM, "crash": r.c.CrashVM, "start": r.c.StartVM, "stop": r.c.StopVM,
		"move": func(v int) { r.c.Migrate(v, -1, cluster.Live) },
	}
	domains := map[string]func(kind, label int){"fail": r.c.FailDomain, "recover": r.c.RecoverDomain}
	var all []func()
	for _, name := range names {
		h, v := r.host(name), r.vm(name)
		kind, label := r.domain(name)
		switch {
		case h >= 0 && hosts[verb] != nil:
			all = append(all, func() { hosts[verb](h) })
		case v >= 0 && vms[verb] != nil:
			all = append(all, func() { vms[verb](v) })
		case kind >= 0 && domains[verb] != nil:
			all = append(all, func() { domains[verb](kind, label) })
		default:
			return nil, fmt.Errorf("cannot %s %s", verb, name)
		}
	}
	return func() {
		for _, do := range all {
			do()
		}
	}, nil
}

func (r *rig) host(name string) int {
	for i := range r.config.Hosts {
		if r.config.Hosts[i].Name == name {
			return i
		}
	}
	return -1
}

func (r *rig) vm(name string) int {
	for i := range r.config.VMs {
		if r.config.VMs[i].Name == name {
			return i
		}
	}
	return -1
}

func (r *rig) domain(name string) (kind, label int) {
	for kind, labels := range r.c.View().Labels {
		for label, l := range labels {
			if l == name {
				return kind, label
			}
		}
	}
	return -1, -1
}

func (r *rig) show() {
	view, now := r.c.View(), r.e.Now()
	for i := range view.VMs {
		v, on := &view.VMs[i], "none"
		if v.Host >= 0 {
			on = view.Hosts[v.Host].Name
		}
		m := r.c.VMMeter(i, now)
		r.out = append(r.out, fmt.Sprintf("%s %s on %s, up %v, outages %d, restarts %d, failovers %d, migrations %d",
			v.Name, v.State, on, m.Up, m.Outages, m.Restarts, m.Failovers, m.Migrations))
	}
	for k, name := range view.Classes {
		m := r.c.ClassMeter(k, now)
		r.out = append(r.out, fmt.Sprintf("%s up %v, together %v", name, m.Up, m.Together))
	}
}

func (r *rig) say(format string, args ...any) {
	if !r.quiet {
		r.out = append(r.out, fmt.Sprintf("%9.3fs ", r.e.Now().Seconds())+fmt.Sprintf(format, args...))
	}
}

func (r *rig) Noted(n flow.Note) { r.say("%s %s", n.Actor, n.Text) }

// Down notes that a machine is down, and prints how that came about if it was in
// order.
func (r *rig) Down(vm int, how cluster.Ending) {
	r.down[vm] = true
	if name := r.config.VMs[vm].Name; how == cluster.Saved {
		r.say("vm:%s has been saved", name)
	} else if how == cluster.ShutDown {
		r.say("vm:%s has been shut down", name)
	}
}

func (r *rig) Up(vm int, _ bool)       { delete(r.down, vm) }
func (r *rig) Speed(int, float64)      {}
func (r *rig) Stun(int, time.Duration) {}

func (r *rig) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (r *rig) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (r *rig) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (r *rig) Arrived(*flow.Request, sim.Time)                          {}
func (r *rig) Finished(*flow.Request, flow.Outcome, sim.Time)           {}

// rigOf builds a rig of a configuration.
func rigOf(t testing.TB, text string) *rig {
	t.Helper()
	r := &rig{}
	r.text.WriteString(text)
	if err := r.build(); err != nil {
		t.Fatal(err)
	}
	return r
}
