package place

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// A rig is a small cluster by hand: hosts fail at once, machines start at once,
// and moves end at once. Machines are placed by priority, highest first, then by
// name, each seeing where the earlier ones have gone.
type rig struct {
	view   cluster.View
	kind   string
	policy cluster.Policy
	placer cluster.Placer
	now    sim.Time

	from    []int      // by machine: the host it was on
	attempt []int      // by machine: how often it was asked for
	retry   []sim.Time // by machine: when to ask again, 0: not by the clock
	out     []string
}

func newRig() *rig { return &rig{} }

func (r *rig) Flush() []string {
	out := r.out
	r.out = nil
	return out
}

func (r *rig) say(format string, args ...any) { r.out = append(r.out, fmt.Sprintf(format, args...)) }

// Command carries out one line:
//
//	hosts N1 N2 memory=64GB cores=16 rack=r1 site=s1   more hosts
//	vm ex1 ex2 on=N1 memory=4GB cores=2 reserved=0.5 priority=2000
//	    classes=P,Q preferred=N1,N2 possible=N1,N2  more machines
//	platform KIND key=value section.key=value  with its parameters
//	fail N1 N2   hosts fail at the same instant; fail ex1: a machine fails
//	join N1      a host comes (back): who waits is asked for, then moves
//	place ex1    a machine is started, if admission control lets it
//	move ex1     an operator moves it; leave N1 does so with all on a host
//	pass         the periodic look for improvements
//	wait 1h      time passes, at 2h: until then; machines are asked for anew
//	add-class P ex1 ex2, overwrite-class P ex1, clear-classes ex1
//	show         where the machines are; timing: how long the platform takes
func (r *rig) Command(line string) error {
	f := strings.Fields(line)
	verb, args := f[0], f[1:]
	switch verb {
	case "hosts":
		return r.addHosts(args)
	case "vm":
		return r.addMachines(args)
	case "platform":
		return r.choose(args)
	}
	if r.placer == nil {
		if r.policy == nil {
			return fmt.Errorf("no platform yet")
		}
		r.placer = r.policy.NewPlacer(cluster.Env{View: &r.view, Rand: sim.NewStream(1, 0, "cluster/place")})
	}
	switch verb {
	case "fail":
		return r.fail(args)
	case "join":
		return r.each(args, r.hostNamed, r.join)
	case "place":
		return r.each(args, r.machineNamed, func(vm int) { r.ask(vm, cluster.Started) })
	case "move":
		return r.each(args, r.machineNamed, func(vm int) { r.ask(vm, cluster.Planned) })
	case "leave":
		return r.each(args, r.hostNamed, r.leave)
	case "pass":
		r.repair(cluster.Periodic)
	case "wait", "at":
		return r.wait(verb, args[0])
	case "add-class", "overwrite-class", "clear-classes":
		return r.edit(verb, args)
	case "show":
		r.show()
	case "timing":
		r.say("%s", strings.TrimSpace(describe(r.policy.Timing())))
	default:
		return fmt.Errorf("no such command")
	}
	return nil
}

func (r *rig) addHosts(args []string) error {
	names, options := options(args)
	for _, name := range names {
		h := cluster.HostView{Name: name, Up: true, Memory: 1e12, Cores: 64}
		for _, o := range options {
			var err error
			switch o.key {
			case "memory":
				h.Memory, err = bytesOf(o.value)
			case "cores":
				h.Cores, err = strconv.Atoi(o.value)
			case "rack", "site", "datastore":
				r.label(&h, o)
			default:
				err = fmt.Errorf("no option %s", o.key)
			}
			if err != nil {
				return err
			}
		}
		h.Free = h.Memory
		r.view.Hosts = append(r.view.Hosts, h)
	}
	return nil
}

// label puts a host into a domain, which is a new one if need be.
func (r *rig) label(h *cluster.HostView, o option) {
	kind := slices.Index([]string{"rack", "site", "datastore"}, o.key)
	if !slices.Contains(r.view.Labels[kind], o.value) {
		r.view.Labels[kind] = append(r.view.Labels[kind], o.value)
	}
	for len(h.Domain) <= kind {
		h.Domain = append(h.Domain, -1)
	}
	h.Domain[kind] = int32(slices.Index(r.view.Labels[kind], o.value))
}

func (r *rig) addMachines(args []string) error {
	names, options := options(args)
	for _, name := range names {
		vm := len(r.view.VMs)
		on := -1
		r.view.VMs = append(r.view.VMs, cluster.VMView{Name: name, Memory: 1e9, Cores: 1, Priority: cluster.Medium, Host: -1, Home: -1})
		r.from, r.attempt, r.retry = append(r.from, -1), append(r.attempt, 0), append(r.retry, 0)
		v := &r.view.VMs[vm]
		for _, o := range options {
			var err error
			switch o.key {
			case "on":
				on, err = r.hostNamed(o.value)
			case "memory":
				v.Memory, err = bytesOf(o.value)
			case "cores":
				v.Cores, err = strconv.Atoi(o.value)
			case "reserved":
				v.Reserved, err = strconv.ParseFloat(o.value, 64)
			case "priority":
				v.Priority, err = strconv.Atoi(o.value)
			case "classes":
				r.view.SetClasses(vm, strings.Split(o.value, ","))
			case "preferred":
				v.Preferred, err = r.hostsNamed(o.value)
			case "possible":
				v.Possible, err = r.hostsNamed(o.value)
			default:
				err = fmt.Errorf("no option %s", o.key)
			}
			if err != nil {
				return err
			}
		}
		if on >= 0 {
			r.put(vm, on)
			v.Home = on
		}
	}
	return nil
}

func (r *rig) choose(args []string) error {
	names, options := options(args)
	r.kind = names[0]
	p, ok := Table.Lookup(r.kind)
	if !ok {
		return fmt.Errorf("no platform %s", r.kind)
	}
	for _, o := range options {
		if err := setParameter(p, o.key, o.value); err != nil {
			return err
		}
	}
	if problems := flow.Check(p); len(problems) > 0 {
		return flow.Join(problems)
	}
	r.policy = p
	return nil
}

func (r *rig) fail(args []string) error {
	cause := cluster.HostFailed
	var lost []int
	for _, name := range args {
		if h, err := r.hostNamed(name); err == nil {
			r.view.Hosts[h].Up = false
			lost = append(lost, slices.Clone(r.view.Hosts[h].VMs)...)
			continue
		}
		vm, err := r.machineNamed(name)
		if err != nil {
			return err
		}
		cause = cluster.MachineFailed
		lost = append(lost, vm)
	}
	for _, vm := range lost {
		r.attempt[vm] = 0
		r.take(vm)
	}
	r.askAll(lost, cause)
	return nil
}

func (r *rig) join(h int) {
	r.view.Hosts[h].Up, r.view.Hosts[h].Leaving = true, false
	r.askAll(r.waiting(func(int) bool { return true }), cluster.Again)
	r.repair(cluster.HostJoined)
}

func (r *rig) leave(h int) {
	r.view.Hosts[h].Leaving = true
	r.askAll(slices.Clone(r.view.Hosts[h].VMs), cluster.Planned)
}

// wait lets time pass and stops at each moment at which somebody is to be asked
// for again.
func (r *rig) wait(verb, text string) error {
	d, err := strict.ParseDuration(text)
	if err != nil {
		return err
	}
	until := sim.Time(d)
	if verb == "wait" {
		until += r.now
	}
	for {
		next := until + 1
		for vm, at := range r.retry {
			if r.view.VMs[vm].Host < 0 && at > 0 && at < next {
				next = at
			}
		}
		if next > until {
			r.now = until
			return nil
		}
		r.now = max(r.now, next)
		r.askAll(r.waiting(func(vm int) bool { return r.retry[vm] == next }), cluster.Again)
	}
}

// waiting are the machines without a host that have been asked for before.
func (r *rig) waiting(also func(vm int) bool) (vms []int) {
	for vm := range r.view.VMs {
		if r.view.VMs[vm].Host < 0 && r.attempt[vm] > 0 && also(vm) {
			vms = append(vms, vm)
		}
	}
	return vms
}

func (r *rig) edit(verb string, args []string) error {
	edits := map[string]func([]string, string) []string{
		"add-class": cluster.AddClass, "overwrite-class": cluster.OverwriteClasses,
		"clear-classes": func(names []string, _ string) []string { return cluster.ClearClasses(names) },
	}
	name := ""
	if verb != "clear-classes" {
		name, args = args[0], args[1:]
	}
	return r.each(args, r.machineNamed, func(vm int) {
		r.view.SetClasses(vm, edits[verb](r.view.ClassNames(vm), name))
		r.say("%s {%s}", r.view.VMs[vm].Name, strings.Join(r.view.ClassNames(vm), " "))
	})
}

func (r *rig) show() {
	for vm := range r.view.VMs {
		r.say("%s %s on %s", r.view.VMs[vm].Name, r.view.VMs[vm].State, r.hostName(r.view.VMs[vm].Host))
	}
}

// askAll asks for machines by priority and name.
func (r *rig) askAll(vms []int, cause cluster.Cause) {
	slices.SortFunc(vms, func(a, b int) int {
		va, vb := &r.view.VMs[a], &r.view.VMs[b]
		return cmp.Or(cmp.Compare(vb.Priority, va.Priority), strings.Compare(va.Name, vb.Name))
	})
	for _, vm := range vms {
		r.ask(vm, cause)
	}
}
