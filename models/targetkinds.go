package models

import (
	"strings"

	"lbsim/models/cluster"
)

// targetKind is a kind of what the timeline can name.
type targetKind uint8

const (
	aServer targetKind = iota
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
// of different kinds have; "" where there is no such doubt.
var prefixes = [...]string{"server", "service", "site", "", "host", "vm", "rack", "datacentre", "datastore", "database", "", "", "", ""}

// words are what the kinds are called in messages.
var words = [...]string{
	"server", "service", "site", "balancer", "host", "virtual machine", "rack", "data centre", "datastore", "database",
	"copy", "witness", "network", "group",
}

var plurals = [...]string{
	"servers", "services", "sites", "the balancer", "hosts", "virtual machines", "racks", "data centres", "datastores", "databases",
	"copies such as db1/ex1", "the witness", "the network", "dag",
}

// The words that stand for what there is once.
const (
	balancerName = "balancer"
	witnessName  = "witness"
	networkName  = "network"
	groupName    = "dag"
)

// domainTargets are the kinds of domains as targets.
var domainTargets = [cluster.DomainKinds]targetKind{cluster.Rack: aRack, cluster.Site: aDataCentre, cluster.Datastore: aDatastore}

// accepts says what of clusters and database groups each verb can be done to.
var accepts = [len(verbNames)]map[targetKind]bool{
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

// suits says what a verb does something to.
func suits(v verb) string {
	var kinds []string
	for of := range targetKind(len(words)) {
		if can(v, of) {
			kinds = append(kinds, plurals[of])
		}
	}
	if n := len(kinds) - 1; n > 0 {
		kinds = append(kinds[:n-1], kinds[n-1]+" and "+kinds[n])
	}
	return verbNames[v] + " is for " + strings.Join(kinds, ", ")
}

// can reports whether a verb does something to a kind.
func can(v verb, of targetKind) bool {
	switch {
	case of == aServer:
		return v <= removing
	case of == aService, of == aSite:
		return v <= recovering
	case of == theBalancer:
		_, ok := ofBalancer(v)
		return ok
	}
	return accepts[v][of]
}
