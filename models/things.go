package models

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// thing is a kind of what the timeline can name.
type thing uint8

const (
	aServer thing = iota
	aService
	aSite
	theBalancer
	aHost
	aVM
	aRack
	aDataCentre
	aDatastore
	aDatabase
	aCopy // of a database on a member
	theWitness
	theNetwork // of the database group
	theGroup
)

// prefixes are the words that say, before a colon, what a name is that several
// things have; "" where there is no such doubt.
var prefixes = [...]string{"server", "service", "site", "", "host", "vm", "rack", "datacentre", "datastore", "database", "", "", "", ""}

// words are what things are called in messages.
var words = [...]string{
	"server", "service", "site", "balancer", "host", "virtual machine", "rack", "data centre", "datastore", "database",
	"copy", "witness", "network", "group",
}

// The words that stand for what there is once.
const (
	balancerName = "balancer"
	witnessName  = "witness"
	networkName  = "network"
	groupName    = "dag"
)

// directory finds what a name of the timeline means.
type directory struct {
	servers, services, sites map[string]int
	things                   map[string][]entry // of clusters and database groups
	members                  map[string]int
}

// entry is a thing that has a name.
type entry struct {
	of     thing
	number int
	copy   int // of aCopy: the member
}

func newDirectory(r *resolved, servers, services, sites map[string]int) *directory {
	d := &directory{servers: servers, services: services, sites: sites, things: map[string][]entry{}, members: map[string]int{}}
	add := func(name string, e entry) {
		if name != "" {
			d.things[name] = append(d.things[name], e)
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
				add(name, entry{of: domainThings[kind], number: i})
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

// domainThings are what the kinds of domains are.
var domainThings = [cluster.DomainKinds]thing{cluster.Rack: aRack, cluster.Site: aDataCentre, cluster.Datastore: aDatastore}

// find returns what a name means to a verb. Of things that have the same name the
// server comes first, then what else traffic knows; a word before a colon, as in
// vm:ex1, says which of them is meant.
func (d *directory) find(name string, v verb) (x action, problem flow.Problem) {
	if v <= removing {
		if x, ok := target(name, v, d.servers, d.services); ok {
			return x, flow.Problem{}
		}
		if n, ok := d.sites[name]; ok && v <= recovering {
			return action{of: aSite, number: n, server: flow.NoServer, service: -1}, flow.Problem{}
		}
	}
	word, rest, prefixed := strings.Cut(name, ":")
	kind := thing(slices.Index(prefixes[:], word))
	found := d.things[name]
	if prefixed && word != "" && kind < theWitness {
		if kind <= aSite {
			return d.find(rest, v)
		}
		found = slices.DeleteFunc(slices.Clone(d.things[rest]), func(e entry) bool { return e.of != kind })
	}
	found = slices.DeleteFunc(slices.Clone(found), func(e entry) bool { return !accepts[v][e.of] })
	switch {
	case len(found) == 0:
		return x, flow.Problem{Text: d.missing(name, v)}
	case len(found) > 1:
		return x, flow.Problem{
			Text: fmt.Sprintf("%q is a %s and a %s", name, words[found[0].of], words[found[1].of]),
			Hint: fmt.Sprintf("write %s:%s", prefixes[found[0].of], name),
		}
	}
	return action{of: found[0].of, number: found[0].number, to: found[0].copy, server: flow.NoServer, service: -1}, flow.Problem{}
}

// accepts says what of clusters and database groups each verb can be done to.
var accepts = [len(verbNames)]map[thing]bool{
	failing:    {aHost: true, aVM: true, aRack: true, aDataCentre: true, aDatastore: true, aDatabase: true, theWitness: true},
	recovering: {aHost: true, aVM: true, aRack: true, aDataCentre: true, aDatastore: true, aCopy: true, theWitness: true, theNetwork: true},
	draining:   {aHost: true},
	enabling:   {aHost: true, theGroup: true},
	migrating:  {aVM: true},
	starting:   {aVM: true},
	stopping:   {aVM: true},
	switching:  {aDatabase: true},
	editing:    {aVM: true},
}

// missing says that a verb can do nothing to what a name means, if it means
// anything.
func (d *directory) missing(name string, v verb) string {
	if found := d.things[name]; len(found) > 0 {
		return fmt.Sprintf("%s is a %s, to which %s does nothing", name, words[found[0].of], verbNames[v])
	}
	switch v {
	case migrating, starting, stopping, editing:
		return fmt.Sprintf("virtual machine %q does not exist", name)
	case switching:
		return fmt.Sprintf("database %q does not exist", name)
	}
	return fmt.Sprintf("server %q does not exist", name)
}
