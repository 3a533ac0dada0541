package scenarios

import (
	"fmt"
	"slices"

	"lbsim/models"
	"lbsim/models/dag"
)

// group turns the members and databases of a database group into single ones.
func (e *expander) group(c *models.Config, servers, hosts, vms *names) (members, databases *names) {
	members, databases = e.newNames("member", "members", "dag.members", dag.MaxMembers), e.newNames("database", "databases", "dag.databases", dag.MaxDatabases)
	s := e.scenario.DAG
	if s == nil {
		return members, databases
	}
	out := *s
	out.Members, out.Databases = nil, nil
	for i := range s.Members {
		one := s.Members[i]
		at := fmt.Sprintf("dag.members[%d]", i)
		for _, one.Name = range members.defineAs(at+".name", at, one.Name) {
			e.member(at+".name", one.Name, servers, vms)
			out.Members = append(out.Members, one)
		}
	}
	e.witness(s.Witness, servers, hosts, vms)
	for i := range s.Databases {
		d, at := &s.Databases[i], fmt.Sprintf("dag.databases[%d]", i)
		one := *d
		one.Copies, one.Names, one.Rotate, one.Each = e.copies(at, d, members), "", false, 0
		list := databases.define(at, d.Name, d.Names)
		if len(one.Copies) == 0 {
			continue // reported
		}
		rotated := dag.Database{Copies: one.Copies, Each: d.Each}
		for k, name := range list {
			one.Name = name
			if d.Rotate {
				one.Copies = rotated.Rotated(k)
			} else {
				one.Copies = slices.Clone(one.Copies)
			}
			out.Databases = append(out.Databases, one)
		}
	}
	c.DAG = &out
	return members, databases
}

// member checks that a member is a machine.
func (e *expander) member(at, name string, servers, vms *names) {
	if servers.at[name] != "" || vms.at[name] != "" || servers.incomplete || vms.incomplete {
		return
	}
	machines := servers
	if len(vms.order) > 0 {
		machines = vms
	}
	e.bad(e.doc, at, fmt.Sprintf("%q is neither a server nor a virtual machine", name), machines.hint(name))
}

// witness checks that the witness is something with which it can fail.
func (e *expander) witness(name string, servers, hosts, vms *names) {
	if name == "" || name == dag.None || name == dag.Outside {
		return
	}
	known := []string{dag.Outside, dag.None}
	for _, of := range []*names{hosts, vms, servers} {
		if of.at[name] != "" || of.incomplete {
			return
		}
		known = append(known, of.order...)
	}
	hint := "write outside if it fails with none of them"
	if near := e.nearest(name, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	e.bad(e.doc, "dag.witness", fmt.Sprintf("%q is neither a host nor a virtual machine nor a server", name), hint)
}

// copies returns the copies of a database one by one.
func (e *expander) copies(at string, d *dag.Database, members *names) (out []dag.Copy) {
	on := map[string]bool{}
	for j := range d.Copies {
		where := fmt.Sprintf("%s.copies[%d]", at, j)
		one := d.Copies[j]
		list := members.resolve(where+".on", one.On)
		if len(list) == 0 {
			return nil
		}
		if one.Preference != 0 && len(list) > 1 {
			e.bad(e.doc, where+".preference", fmt.Sprintf("%d copies cannot all be number %d", len(list), one.Preference), "leave preference out: the order of the copies counts")
			return nil
		}
		for _, one.On = range list {
			if on[one.On] {
				e.bad(e.doc, where+".on", fmt.Sprintf("a second copy on %s", one.On), "a member has at most one copy of a database")
				return nil
			}
			on[one.On] = true
			out = append(out, one)
		}
	}
	if d.Each > len(out) {
		e.bad(e.doc, at+".each", fmt.Sprintf("%d is more than there are copies", d.Each), "")
		return nil
	}
	return out
}
