package models

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// directory finds what a name of the timeline means.
type directory struct {
	servers, services, sites map[string]int
	hosted                   map[string][]entry // of clusters and database groups
	members                  map[string]int
	listed                   [len(words)][]string // the same by kind, in their order
}

// entry is what one name means.
type entry struct {
	of     targetKind
	number int
	copy   int // of aCopy: the member
}

func newDirectory(r *resolved, servers, services, sites map[string]int) *directory {
	d := &directory{servers: servers, services: services, sites: sites, hosted: map[string][]entry{}, members: map[string]int{}}
	add := func(name string, e entry) {
		if name != "" {
			d.hosted[name] = append(d.hosted[name], e)
			d.listed[e.of] = append(d.listed[e.of], name)
		}
	}
	if c := r.Cluster; c != nil {
		for i := range c.Hosts {
			add(c.Hosts[i].Name, entry{of: aHost, number: i})
		}
		for i := range c.VMs {
			add(c.VMs[i].Name, entry{of: aVM, number: i})
		}
		for kind, labels := range c.Labels() {
			for i, name := range labels {
				add(name, entry{of: domainTargets[kind], number: i})
			}
		}
	}
	if g := r.DAG; g != nil {
		for i := range g.Members {
			d.members[g.Members[i].Name] = i
		}
		for i := range g.Databases {
			add(g.Databases[i].Name, entry{of: aDatabase, number: i})
			for _, c := range g.Databases[i].Copies {
				add(g.Databases[i].Name+"/"+c.On, entry{of: aCopy, number: i, copy: d.members[c.On]})
			}
		}
		add(witnessName, entry{of: theWitness})
		add(networkName, entry{of: theNetwork})
		add(groupName, entry{of: theGroup})
	}
	return d
}

// find returns what a name means to a verb. Of those that have the same name the
// server comes first, then what else traffic knows; a word before a colon, as in
// vm:ex1, says which of them is meant.
func (d *directory) find(name string, v verb) (x action, problem flow.Problem) {
	if x, ok := d.ofTraffic(name, v); ok {
		return x, flow.Problem{}
	}
	found := d.hosted[name]
	if word, rest, prefixed := strings.Cut(name, ":"); prefixed && word != "" && len(found) == 0 {
		kind := targetKind(slices.Index(prefixes[:], word))
		switch x, ok := d.ofTraffic(rest, v); {
		case ok && x.of == kind:
			return x, flow.Problem{}
		case kind < theWitness:
			found = slices.DeleteFunc(slices.Clone(d.hosted[rest]), func(e entry) bool { return e.of != kind })
		}
	}
	if len(found) == 0 {
		if word, rest, prefixed := strings.Cut(name, ":"); prefixed && word != "" && slices.Contains(prefixes[:], word) {
			kind := targetKind(slices.Index(prefixes[:], word))
			if can(v, kind) {
				return x, flow.Problem{Text: fmt.Sprintf("%s %q does not exist", words[kind], rest)}
			}
			return x, flow.Problem{Text: fmt.Sprintf("a %s is nothing to which %s does anything", words[kind], verbNames[v]), Hint: suits(v)}
		}
	}
	fit := slices.DeleteFunc(slices.Clone(found), func(e entry) bool { return !accepts[v][e.of] })
	switch {
	case len(fit) > 1:
		return x, flow.Problem{
			Text: fmt.Sprintf("%q is a %s and a %s", name, words[fit[0].of], words[fit[1].of]),
			Hint: fmt.Sprintf("write %s:%s or %s:%s", prefixes[fit[0].of], name, prefixes[fit[1].of], name),
		}
	case len(fit) == 1:
		return action{of: fit[0].of, number: fit[0].number, to: fit[0].copy, server: flow.NoServer, service: -1}, flow.Problem{}
	case name == balancerName:
		return x, flow.Problem{Text: "a balancer fails, recovers, is disabled or enabled", Hint: "name a server"}
	case len(found) > 0 && found[0].of == theNetwork && v == failing:
		return x, flow.Problem{Text: "the network is divided, and does not fail as a whole", Hint: "write split: [[ex1, witness], [ex2]]"}
	case len(found) > 0:
		return x, flow.Problem{Text: fmt.Sprintf("%s is a %s, to which %s does nothing", name, words[found[0].of], verbNames[v]), Hint: suits(v)}
	}
	if x, ok := d.ofTraffic(name, failing); ok {
		return x, flow.Problem{Text: fmt.Sprintf("%s is a %s, to which %s does nothing", name, words[x.of], verbNames[v]), Hint: suits(v)}
	}
	return x, flow.Problem{Text: d.missing(name, v)}
}

// ofTraffic returns what a name means of what a world without a cluster has.
func (d *directory) ofTraffic(name string, v verb) (x action, ok bool) {
	if v > removing {
		return x, false
	}
	if x, ok := target(name, v, d.servers, d.services); ok {
		return x, true
	}
	n, ok := d.sites[name]
	return action{of: aSite, number: n, server: flow.NoServer, service: -1}, ok && v <= recovering
}

// missing says that nothing has a name.
func (d *directory) missing(name string, v verb) string {
	switch {
	case v == migrating, v == starting, v == stopping, v == editing:
		return fmt.Sprintf("virtual machine %q does not exist", name)
	case v == switching:
		return fmt.Sprintf("database %q does not exist", name)
	case len(d.hosted) > 0 && v != adding && v != removing && v != disabling:
		return fmt.Sprintf("%q does not exist", name)
	}
	return fmt.Sprintf("server %q does not exist", name)
}
