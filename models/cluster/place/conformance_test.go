package place

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// overcommits are the platforms that put machines where their memory has no room.
var overcommits = []string{"proxmox"}

// parameters are ways in which platforms work besides their defaults.
var parameters = map[string][]string{
	"nova": {"policy=soft-anti-affinity retry=1m", "policy=affinity cpu_allocation_ratio=0.5", "policy=soft-affinity", "max_server_per_host=2 host_subset_size=2"},
	"kubernetes": {
		"anti_affinity.rule=required", "anti_affinity.rule=required anti_affinity.topology_key=rack",
		"anti_affinity.topology_key=rack topology_spread.when_unsatisfiable=schedule-anyway",
		"topology_spread.when_unsatisfiable=schedule-anyway topology_spread.topology_key=rack topology_spread.max_skew=3",
		"topology_spread.when_unsatisfiable=do-not-schedule ties=first",
		"topology_spread.when_unsatisfiable=do-not-schedule topology_spread.topology_key=rack topology_spread.node_taints=honor topology_spread.min_domains=2",
		"topology_spread.when_unsatisfiable=do-not-schedule topology_spread.topology_key=site",
	},
	"nomad": {"scheduler_algorithm=spread", "spread.attribute=host", "spread.attribute=rack", "spread.attribute=site restart_attempts=0"},
}

// TestConformance lets hosts and machines of random clusters come, go, fail and
// move under each platform, and checks each decision: only hosts that are up and
// that may have the machine, room, reasons that fit, and the same again from the
// same stream.
func TestConformance(t *testing.T) {
	for _, kind := range Table {
		t.Run(kind.Name, func(t *testing.T) {
			for seed := range uint64(200) {
				first, second := anything(kind.Name, seed), anything(kind.Name, seed)
				for i, line := range first {
					if strings.Contains(line, "wrong") || strings.Contains(line, "without an end") {
						t.Fatalf("seed %d: %s\n%s", seed, line, strings.Join(first[max(0, i-20):i+1], "\n"))
					}
				}
				if !slices.Equal(first, second) {
					t.Fatalf("seed %d: not the same twice", seed)
				}
			}
		})
	}
}

// anything tells what a random cluster does.
func anything(kind string, seed uint64) []string {
	rand := sim.NewStream(seed, 0, "anything")
	pick := func(of ...string) string { return of[rand.IntN(len(of))] }
	r := newRig()
	must := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		r.say("> %s", line)
		if err := r.Command(line); err != nil {
			panic(err)
		}
	}
	nodes, machines := 1+rand.IntN(6), 1+rand.IntN(15)
	host := func() string { return fmt.Sprintf("h%d", rand.IntN(nodes)) }
	machine := func() string { return fmt.Sprintf("m%d", rand.IntN(machines)) }
	for h := range nodes {
		must("hosts h%d memory=%dGB cores=%d rack=r%d", h, 8+rand.IntN(57), 1+rand.IntN(16), rand.IntN(3))
	}
	for m := range machines {
		line := fmt.Sprintf("vm m%d memory=%dGB reserved=%s priority=%s", m, 1+rand.IntN(16), pick("0", "0.5", "2"), pick("1000", "2000", "3000"))
		for _, o := range []string{"classes=A", "classes=A,B", "preferred=" + host() + "," + host(), "possible=" + host() + "," + host()} {
			if rand.IntN(4) == 0 {
				line += " " + o
			}
		}
		must("%s", line)
	}
	if options := parameters[kind]; rand.IntN(2) == 0 && len(options) > 0 {
		kind += " " + pick(options...)
	}
	must("platform %s", kind)
	shuffleWords(r.policy, rand)
	for m := range machines {
		must("place m%d", m)
	}
	for range 60 {
		switch rand.IntN(9) {
		case 0, 1:
			must("fail %s", host())
		case 2, 3:
			must("join %s", host())
		case 4:
			must("leave %s", host())
		case 5:
			must("%s %s", pick("fail", "move"), r.running(machine()))
		case 6:
			must("wait %s", pick("1s", "2m", "1h", "5h"))
		case 7:
			must("%s %s %s", pick("add-class", "overwrite-class"), pick("A", "B", "C"), machine())
		case 8:
			must("pass")
		}
	}
	return r.Flush()
}

// running returns the name of a machine that runs, this one if it does.
func (r *rig) running(name string) string {
	vm, _ := r.machineNamed(name)
	for range r.view.VMs {
		if r.view.VMs[vm].Host >= 0 {
			return r.view.VMs[vm].Name
		}
		vm = (vm + 1) % len(r.view.VMs)
	}
	return "" // none does: nothing fails or moves
}

// shuffleWords turns switches of the platform's parameters at random.
func shuffleWords(p cluster.Policy, rand *sim.Stream) {
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Field(i); f.Kind() {
			case reflect.Bool:
				f.SetBool(rand.IntN(2) == 0)
			case reflect.Struct:
				visit(f)
			}
		}
	}
	visit(reflect.ValueOf(p).Elem())
}

// fault says what is wrong with a decision.
func (r *rig) fault(q cluster.Query, d cluster.Decision) string {
	free := func(h int) (free int64) {
		free = r.view.Hosts[h].Free
		for _, e := range d.Evicted {
			free += r.view.VMs[e].Memory
		}
		return free
	}
	beside := d.Reason == cluster.LastResort || d.Reason == cluster.Outweighed
	chosen := d.Reason == cluster.Normal || beside
	switch {
	case (d.Host >= 0) != chosen:
		return fmt.Sprintf("%s and a host do not fit", d.Reason)
	case d.Host < 0 && len(d.Evicted) > 0:
		return "machines are taken down for nothing"
	case d.Host < 0:
		return ""
	case !r.view.Hosts[d.Host].Usable():
		return "the host is not usable"
	case !r.view.May(d.Host, q.VM):
		return "the host is not a possible one"
	case q.Cause == cluster.Planned && d.Host == q.From:
		return "the machine does not leave"
	case beside && r.view.Clean(d.Host, q.VM):
		return fmt.Sprintf("%s on a clean host", d.Reason)
	case d.Retry != 0:
		return "a retry of what has succeeded"
	case free(d.Host) < r.view.VMs[q.VM].Memory && !slices.Contains(overcommits, r.kind):
		return "the host has no room"
	}
	for _, e := range d.Evicted {
		if r.view.VMs[e].Host != d.Host || r.view.VMs[e].Priority >= r.view.VMs[q.VM].Priority {
			return "a machine is taken down that need not be"
		}
	}
	for _, h := range d.Tried {
		if !r.view.Hosts[h].Usable() || h == d.Host {
			return "a start is tried where there is no use"
		}
	}
	return ""
}

// faultOfMove says what is wrong with a move that is about to be done.
func (r *rig) faultOfMove(m cluster.Move) string {
	switch {
	case r.view.VMs[m.VM].State != cluster.Online:
		return "the machine does not run"
	case r.view.VMs[m.VM].Host == m.To:
		return "the machine is there"
	case !r.view.Hosts[m.To].Usable():
		return "the host is not usable"
	case !r.view.May(m.To, m.VM):
		return "the host is not a possible one"
	case !r.view.Clean(m.To, m.VM):
		return "a move to a machine of the same class"
	case !r.view.Fits(m.To, m.VM) && !slices.Contains(overcommits, r.kind):
		return "the host has no room"
	}
	return ""
}

// The parameters of each platform are valid as they are, and documented.
func TestParameters(t *testing.T) {
	for _, kind := range Table {
		p := kind.New()
		for _, problem := range flow.Check(p) {
			t.Errorf("%s: %v", kind.Name, problem)
		}
		if kind.Doc == "" {
			t.Errorf("%s has no line of documentation", kind.Name)
		}
		documented(t, kind.Name, reflect.TypeOf(p).Elem())
	}
}

func documented(t *testing.T, path string, typ reflect.Type) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" && options != "inline" || name != "" && f.Tag.Get("doc") == "" {
			t.Errorf("%s: %s has no yaml or doc tag", path, f.Name)
		}
		if f.Type.Kind() == reflect.Struct {
			documented(t, path+"."+name, f.Type)
		}
	}
}
