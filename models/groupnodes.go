package models

import (
	"fmt"

	"lbsim/models/dag"
	"lbsim/models/flow"
)

// groupNode is the server, the virtual machine and the host that a member or the
// witness of a database group is, each by number; -1: it is none.
type groupNode struct{ server, vm, host int }

// noNode is a witness that fails with nothing.
var noNode = groupNode{-1, -1, -1}

// resolveGroup finds the machines of the database group. Of those that have the
// same name the server comes first, then the virtual machine.
func (r *resolved) resolveGroup(servers map[string]int) (problems []flow.Problem) {
	if r.DAG == nil {
		return nil
	}
	vms, hosts := map[string]int{}, map[string]int{}
	if c := r.Cluster; c != nil {
		vms = numbers(len(c.VMs), func(i int) string { return c.VMs[i].Name })
		hosts = numbers(len(c.Hosts), func(i int) string { return c.Hosts[i].Name })
	}
	find := func(name string) (at groupNode, ok bool) {
		at = noNode
		if s, ok := servers[name]; ok {
			at.server = s
			if r.vm != nil {
				at.vm = r.vm[s]
			}
			return at, true
		}
		v, ok := vms[name]
		if ok {
			at.vm, at.server = v, int(r.guest[v])
		}
		return at, ok
	}
	taken := map[groupNode]string{}
	r.members = make([]groupNode, len(r.DAG.Members))
	for i := range r.DAG.Members {
		name, path := r.DAG.Members[i].Name, fmt.Sprintf("dag.members[%d].name", i)
		at, ok := find(name)
		switch other, twice := taken[at]; {
		case name == "": // which the member says itself
		case !ok:
			problems = append(problems, flow.Problem{
				Path: path, Text: fmt.Sprintf("member %q is neither a server nor a virtual machine", name),
				Hint: r.likeMember(name),
			})
		case twice && other != name:
			problems = append(problems, flow.Problem{Path: path, Text: fmt.Sprintf("%s is the same machine as member %s", name, other)})
		}
		r.members[i], taken[at] = at, name
	}
	r.witness = noNode
	switch w := r.DAG.Witness; w {
	case dag.None, dag.Outside, "":
	default:
		at, ok := find(w)
		if h, host := hosts[w]; !ok && host {
			at.host, ok = h, true
		}
		switch member := taken[at]; {
		case !ok:
			problems = append(problems, flow.Problem{
				Path: "dag.witness", Text: fmt.Sprintf("%q is neither a server, a virtual machine nor a host", w),
				Hint: "outside: it fails with none of them; none: there is no witness",
			})
		case member != "": // manage-dags, Exchange documentation
			problems = append(problems, flow.Problem{
				Path: "dag.witness", Text: fmt.Sprintf("the witness cannot be on %s, which is a member of the group", member),
				Hint: "name another machine, or the host if both are on one",
			})
		}
		r.witness = at
	}
	return problems
}

// likeMember names what could be meant by the name of a member.
func (r *resolved) likeMember(name string) string {
	var known []string
	for i := range r.Servers {
		known = append(known, r.Servers[i].Name)
	}
	if r.Cluster != nil {
		for i := range r.Cluster.VMs {
			known = append(known, r.Cluster.VMs[i].Name)
		}
	}
	if near := flow.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}

// runs reports whether a machine is there for the others.
func (w *World) runs(at groupNode) bool {
	switch {
	case at.host >= 0 && !w.cluster.Answers(at.host):
		return false
	case at.vm >= 0 && !w.cluster.Serving(at.vm):
		return false
	}
	return at.server < 0 || w.servers.Up(int32(at.server))
}
