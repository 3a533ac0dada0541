package models

import (
	"fmt"
	"slices"

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
		w.newGuests()
	}
	w.newGroup()
}

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

// domainOf returns the kind of domain that a target is.
func domainOf(of targetKind) int { return slices.Index(domainTargets[:], of) }

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
