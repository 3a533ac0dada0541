package models

import (
	"fmt"
	"slices"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// resolveVMs finds the virtual machine that each server is.
func (r *resolved) resolveVMs() (problems []flow.Problem) {
	bad := func(i int, format string, args ...any) {
		problems = append(problems, flow.Problem{Path: fmt.Sprintf("servers[%d].vm", i), Text: fmt.Sprintf(format, args...)})
	}
	vms := map[string]int{}
	if r.Cluster != nil {
		vms = numbers(len(r.Cluster.VMs), func(i int) string { return r.Cluster.VMs[i].Name })
		r.vm, r.guest = slices.Repeat([]int{-1}, len(r.Servers)), slices.Repeat([]int32{flow.NoServer}, len(vms))
	}
	for i := range r.Servers {
		name := r.Servers[i].VM
		if name == "" {
			continue
		}
		v, ok := vms[name]
		switch {
		case !ok:
			bad(i, "virtual machine %q does not exist", name)
		case r.guest[v] != flow.NoServer:
			bad(i, "%s is server %s already", name, r.Servers[r.guest[v]].Name)
		default:
			r.vm[i], r.guest[v] = v, int32(i)
		}
	}
	return problems
}

// host puts servers on virtual machines and members into the database group, if
// there are any.
func (w *World) host() {
	if w.config.Cluster != nil {
		w.cluster = cluster.New(w.engine, w.config.Cluster, cluster.Options{Machines: (*machines)(w), Observer: w.obs})
		for v, s := range w.config.guest {
			if s != flow.NoServer && !w.cluster.Serving(v) {
				w.servers.Fail(s, flow.Silent)
			}
		}
	}
	w.newGroup()
}

// machines is the world to a cluster: what befalls the servers that are virtual
// machines.
type machines World

// Down implements cluster.Machines.
func (w *machines) Down(vm int, how cluster.Ending) {
	defer (*World)(w).reviewGroup(how)
	s := w.config.guest[vm]
	if s == flow.NoServer {
		return
	}
	if how == cluster.ShutDown {
		(*World)(w).noteServer(flow.Failed, s, "is shut down: its connections are reset")
		w.servers.Fail(s, flow.Silent)
		(*World)(w).reset(s, -1)
	} else {
		(*World)(w).noteServer(flow.Failed, s, "falls silent with its virtual machine")
		w.servers.Fail(s, flow.Silent)
	}
	(*World)(w).settle()
}

// Up implements cluster.Machines.
func (w *machines) Up(vm int, cold bool) {
	defer (*World)(w).reviewGroup(cluster.Lost)
	s := w.config.guest[vm]
	if s == flow.NoServer {
		return
	}
	(*World)(w).repair(s, -1, &action{})
	(*World)(w).settle()
}

// Speed implements cluster.Machines.
func (w *machines) Speed(vm int, factor float64) {
	if s := w.config.guest[vm]; s != flow.NoServer {
		w.servers.SetSpeed(s, factor)
	}
}

// Stun implements cluster.Machines.
func (w *machines) Stun(vm int, d time.Duration) { (*World)(w).stunMember(vm, d) }

// operateCluster carries out an event of the timeline on a host, a virtual machine
// or what they have in common.
func (w *World) operateCluster(a *action) {
	c, n := w.cluster, a.number
	switch a.verb {
	case failing:
		switch {
		case a.of == aHost && a.how != "":
			c.Isolate(n, a.how == Unreachable)
		case a.of == aHost:
			c.FailHost(n)
		case a.of == aVM:
			c.CrashVM(n)
		default:
			c.FailDomain(domainOf(a.of), n)
		}
	case recovering:
		switch a.of {
		case aHost:
			c.Rejoin(n)
			c.RecoverHost(n)
		case aVM:
			c.RecoverVM(n)
		default:
			c.RecoverDomain(domainOf(a.of), n)
		}
	case draining:
		c.Maintain(n)
	case enabling:
		c.Resume(n)
	case migrating:
		c.Migrate(n, a.to, a.migration)
	case starting:
		c.StartVM(n)
	case stopping:
		c.StopVM(n)
	case editing:
		c.SetClasses(n, a.classes.edit(c.View().ClassNames(n)))
	}
}

// domainOf returns the kind of domain that a thing is.
func domainOf(of thing) int { return slices.Index(domainThings[:], of) }

// edit returns the class names that are left of those that there are.
func (e *ClassEdit) edit(names []string) []string {
	switch {
	case e.Clear:
		return cluster.ClearClasses(names)
	case e.Overwrite != "":
		return cluster.OverwriteClasses(names, e.Overwrite)
	}
	return cluster.AddClass(names, e.Add)
}
