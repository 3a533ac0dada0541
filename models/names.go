package models

import (
	"strings"

	"lbsim/models/flow"
)

// Names are what the timeline of a configuration can name, for those who check it
// before there is a world.
type Names struct {
	*directory
	traffic [theBalancer][]string // names of servers, services and sites
}

// Names returns what the timeline can name, whatever it does.
func (c *Config) Names() *Names {
	var n Names
	list := func(of targetKind, count int, name func(int) string) map[string]int {
		for i := range count {
			n.traffic[of] = append(n.traffic[of], name(i))
		}
		return numbers(count, name)
	}
	servers := list(aServer, len(c.Servers), func(i int) string { return c.Servers[i].Name })
	services := list(aService, len(c.Balancer.Services), func(i int) string { return c.Balancer.Services[i].Name })
	sites := list(aSite, len(c.Sites), func(i int) string { return c.Sites[i].Name })
	n.directory = newDirectory(&resolved{Config: *c}, servers, services, sites)
	return &n
}

// Check returns what is wrong with what an event names and with how it does what
// it does, but for what it sets.
func (n *Names) Check(a *Action) []flow.Problem {
	_, problems := n.resolve(a)
	return problems
}

// What returns the kind of targetKind that a name means to an event's verb, such as
// host or virtual machine, and the name without a word before a colon; "" if it
// means nothing.
func (n *Names) What(a *Action, name string) (kind, plain string) {
	v, _ := a.verb()
	x, problem := n.find(name, v)
	if problem.Text != "" {
		return "", name
	}
	if word := prefixes[x.of]; word != "" && strings.HasPrefix(name, word+":") && len(n.hosted[name]) == 0 {
		name = name[len(word)+1:]
	}
	return words[x.of], name
}

// A Kind is one kind of what the timeline can name, with the names.
type Kind struct {
	Noun, Plural string
	// Prefix is the word that says before a colon that this kind is meant, "" if
	// there is only one of the kind.
	Prefix string
	Names  []string
}

// For lists the targets of which an event can do what it does, in the order in which
// their names are looked for.
func (n *Names) For(a *Action) (kinds []Kind) {
	v, _ := a.verb()
	for of := range targetKind(len(words)) {
		names := n.listed[of]
		switch {
		case of < theBalancer:
			names = n.traffic[of]
		case of == theBalancer:
			names = []string{balancerName}
		}
		if len(names) > 0 && can(v, of) {
			kinds = append(kinds, Kind{words[of], plurals[of], prefixes[of], names})
		}
	}
	return kinds
}
