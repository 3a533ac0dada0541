package models

import "lbsim/models/flow"

// Names are what the timeline of a configuration can name, for those who check it
// before there is a world.
type Names struct {
	*directory
	traffic [theBalancer][]string // names of servers, services and sites
}

// Names returns what the timeline can name, whatever it does.
func (c *Config) Names() *Names {
	var n Names
	list := func(of thing, count int, name func(int) string) map[string]int {
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

// Is reports whether a name means a thing of a cluster or a database group to an
// event's verb, or several of which it is not known which is meant.
func (n *Names) Is(a *Action, name string) bool {
	v, _ := a.verb()
	_, traffic := n.ofTraffic(name, v)
	return !traffic && len(n.things[name]) > 0
}

// A Kind is things of one kind with their names.
type Kind struct {
	Plural string
	Names  []string
}

// For lists the things to which an event can do what it does, in the order in which
// their names are looked for.
func (n *Names) For(a *Action) (kinds []Kind) {
	v, _ := a.verb()
	for of := range thing(len(words)) {
		names := n.listed[of]
		switch {
		case of < theBalancer:
			names = n.traffic[of]
		case of == theBalancer:
			names = []string{balancerName}
		}
		if len(names) > 0 && can(v, of) {
			kinds = append(kinds, Kind{plurals[of], names})
		}
	}
	return kinds
}
