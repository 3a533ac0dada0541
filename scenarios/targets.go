package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models"
	"lbsim/models/flow"
)

// namespace is all that the timeline can name.
type namespace struct{ servers, services, sites, hosts, vms, members, databases *names }

// timeline turns what its events name into names that exist.
func (e *expander) timeline(c *models.Config, all *namespace) {
	var known *models.Names // what clusters and groups have, once that is needed
	for i := range c.Timeline {
		a := &c.Timeline[i]
		at := fmt.Sprintf("timeline[%d]", i)
		key, name := a.Verb()
		switch {
		case c.Cluster != nil || c.DAG != nil || key != "" && !slices.Contains(trafficVerbs, key) || a.Split != nil:
			if known == nil {
				known = c.Names()
			}
			e.clusterEvent(at, a, known, all)
		case key != "":
			a.Names = e.targets(at+"."+key, key, name, all.servers, all.services, all.sites)
		}
	}
}

// trafficVerbs are done to servers, and to what else there is without a cluster.
var trafficVerbs = []string{"fail", "recover", "drain", "disable", "enable", "add", "remove"}

// clusterEvent checks an event of a scenario with a cluster or a database group, and
// turns its patterns into names.
func (e *expander) clusterEvent(at string, a *models.Action, known *models.Names, all *namespace) {
	key, pattern := a.Verb()
	path := at + "." + a.TargetPath()
	if key != "" { // as many names as there may be virtual machines, of which there may be the most
		if a.Names = all.vms.expandNames(path, pattern); len(a.Names) == 0 {
			return // reported
		}
	}
	a.Split = slices.Clone(a.Split)
	for i, side := range a.Split {
		a.Split[i] = nil
		for k, pattern := range side {
			list := all.members.expandNames(fmt.Sprintf("%s.split[%d][%d]", at, i, k), pattern)
			a.Split[i] = append(a.Split[i], list...)
		}
	}
	if all.incomplete() {
		return
	}
	one := *a
	for _, name := range a.Names {
		one.Names = []string{name}
		if problems := known.Check(&one); len(problems) > 0 {
			e.mistaken(at, &one, problems, known, all)
			return
		}
	}
	if key == "" {
		e.mistaken(at, a, known.Check(a), known, all)
	}
}

// mistaken reports what is wrong with an event that names one target.
func (e *expander) mistaken(at string, a *models.Action, problems []flow.Problem, known *models.Names, all *namespace) {
	for _, p := range problems {
		switch {
		case p.Path == a.TargetPath() && p.Hint == "":
			p.Hint = e.nearestTarget(a.Names[0], known.For(a))
		case p.Path == "to" && p.Hint == "" && a.Migrate != "":
			p.Hint = all.hosts.hint(a.To)
		case p.Path == "to" && p.Hint == "":
			p.Hint = all.members.hint(a.To)
		}
		p.Path = at + "." + p.Path
		e.found = append(e.found, e.doc.Problem(p))
	}
}

// nearestTarget helps with a name that nothing has to which something can be done.
func (e *expander) nearestTarget(name string, kinds []models.Kind) string {
	prefix, rest, prefixed := strings.Cut(name, ":")
	if prefixed && slices.ContainsFunc(kinds, func(k models.Kind) bool { return k.Prefix == prefix && prefix != "" }) {
		kinds = slices.DeleteFunc(slices.Clone(kinds), func(k models.Kind) bool { return k.Prefix != prefix })
		name = rest
	}
	word := strings.TrimRight(name, "0123456789")
	var every, lists, prefixes []string
	for _, k := range kinds {
		if k.Prefix != "" {
			prefixes = append(prefixes, k.Prefix)
		}
		list := (&names{plural: k.Plural, noun: k.Noun, order: k.Names}).listed()
		if k.Prefix == "" && len(k.Names) == 1 { // the balancer, the witness
			every = append(every, k.Names...)
			continue
		}
		if slices.ContainsFunc(k.Names, func(known string) bool { return strings.TrimRight(known, "0123456789") == word }) {
			return list
		}
		every, lists = append(every, k.Names...), append(lists, list)
	}
	if near := e.nearest(name, every); near != "" {
		return "did you mean " + near + "?"
	}
	if prefixed && name != rest {
		return "before a colon stands what kind of thing is meant: " + strings.Join(prefixes, ", ")
	}
	if len(kinds) == 0 {
		return "that is for virtual machines and databases, and the scenario has no section cluster or dag"
	}
	return strings.Join(lists, "; ")
}

// incomplete reports whether some of the definitions have mistakes: names that
// seem not to exist may then be right.
func (all *namespace) incomplete() bool {
	for _, of := range []*names{all.servers, all.services, all.sites, all.hosts, all.vms, all.members, all.databases} {
		if of.incomplete {
			return true
		}
	}
	return false
}

// targets returns the names of that to which an event of the timeline happens:
// servers, or what else can break.
func (e *expander) targets(at, key, pattern string, servers, services, sites *names) []string {
	if list := e.breakable(at, key, pattern, servers, services); list != nil {
		return list
	}
	breaks, site := key == "fail" || key == "recover", sites.at[pattern] != "" && servers.at[pattern] == ""
	switch {
	case site && breaks:
		return []string{pattern}
	case site:
		e.bad(e.doc, at, fmt.Sprintf("%s is a site", pattern), "a site fails and recovers")
		return nil
	}
	if breaks && servers.at[pattern] == "" && !servers.incomplete && !strings.Contains(pattern, "[") {
		others := slices.Concat(services.order, sites.order, []string{"balancer"})
		if near := e.nearest(pattern, others); near != "" && e.nearest(pattern, servers.order) == "" {
			e.bad(e.doc, at, fmt.Sprintf("%q does not exist", pattern), "did you mean "+near+"?")
			return nil
		}
	}
	return servers.resolve(at, pattern)
}

// breakable returns the names of what an event of the timeline breaks or repairs
// if that is no server: the balancer, services, or services of servers as
// in ex[1-2]/rpc. It returns nil if it is something else.
func (e *expander) breakable(at, key, pattern string, servers, services *names) []string {
	if pattern == "balancer" && servers.at[pattern] == "" && key != "drain" {
		return []string{pattern}
	}
	if key != "fail" && key != "recover" || len(pattern) > maxName {
		return nil
	}
	if _, ok := services.at[pattern]; ok && servers.at[pattern] == "" {
		return []string{pattern}
	}
	before, after, found := strings.Cut(pattern, "/")
	if !found {
		return nil
	}
	if _, ok := services.at[after]; !ok && !services.incomplete {
		services.resolve(at, after) // which reports it
		return []string{}
	}
	list := servers.resolve(at, before)
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = name + "/" + after
	}
	return out
}
