package scenarios

import (
	"fmt"
	"strings"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// Bounds on what one scenario may describe.
const (
	maxServers = 10_000
	maxSites   = 10_000
)

// expander turns a scenario into a models.Config: names such as ex[1-4] become
// four servers, references become names that exist, logs and traces are read.
type expander struct {
	*loader
	doc      *strict.Document
	scenario *Scenario
}

func (e *expander) expand() models.Config {
	s := e.scenario
	c := models.Config{Timeline: s.Timeline}
	servers, sites, services := e.newNames("server", "servers"), e.newNames("site", "sites"), e.newNames("service", "services")
	for i := range s.Servers {
		for _, name := range servers.define(fmt.Sprintf("servers[%d]", i), s.Servers[i].Name, s.Servers[i].Names, maxServers) {
			one := s.Servers[i]
			one.Name, one.Names = name, ""
			c.Servers = append(c.Servers, one)
		}
	}
	clients := 0
	for i := range s.Sites {
		at := fmt.Sprintf("sites[%d]", i)
		site := s.Sites[i]
		e.readSite(at, &site)
		for _, name := range sites.define(at, site.Name, site.Names, maxSites) {
			site.Name, site.Names = name, ""
			c.Sites = append(c.Sites, site)
			clients += site.Clients
			if clients > snat.MaxClients {
				e.bad(e.doc, at, fmt.Sprintf("with this site there are more than %d clients", snat.MaxClients), "")
				return c
			}
		}
	}
	for i := range s.Balancer.Services {
		c.Balancer.Services = append(c.Balancer.Services, e.service(i, &s.Balancer.Services[i], servers, services))
	}
	names := e.newNames("traffic stream", "streams")
	for i := range s.Traffic {
		at := fmt.Sprintf("traffic[%d]", i)
		names.define(at, s.Traffic[i].Name, "", 1)
		t := s.Traffic[i]
		e.stream(at, &t, &c, sites, services)
		c.Traffic = append(c.Traffic, t)
	}
	for i, a := range s.Timeline {
		if a.Fail != "" {
			servers.resolve(fmt.Sprintf("timeline[%d].fail", i), a.Fail)
		}
		if a.Recover != "" {
			servers.resolve(fmt.Sprintf("timeline[%d].recover", i), a.Recover)
		}
	}
	return c
}

func (e *expander) service(i int, s *lb.Service, servers, services *names) lb.Service {
	at := fmt.Sprintf("balancer.services[%d]", i)
	services.define(at, s.Name, "", 1)
	out := *s
	out.Servers = nil
	used := map[string]bool{}
	for m := range s.Servers {
		where := fmt.Sprintf("%s.servers[%d]", at, m)
		for _, name := range servers.resolve(where, s.Servers[m].Name) {
			if used[name] {
				e.bad(e.doc, where, fmt.Sprintf("server %q is in the service twice", name), "")
			}
			used[name] = true
			one := s.Servers[m]
			one.Name = name
			out.Servers = append(out.Servers, one)
		}
	}
	return out
}

// stream resolves a traffic stream's sites and service; a trace becomes a site
// of its own.
func (e *expander) stream(at string, t *traffic.Stream, c *models.Config, sites, services *names) {
	patterns := t.From
	t.From = nil
	for k, pattern := range patterns {
		t.From = append(t.From, sites.resolve(fmt.Sprintf("%s.from[%d]", at, k), pattern)...)
	}
	switch {
	case t.To != "":
		services.resolve(at+".to", t.To)
	case len(services.order) == 1:
		t.To = services.order[0]
	default:
		e.bad(e.doc, at, "which service is asked?", "write to: "+strings.Join(services.order, " or to: "))
	}
	if t.Trace != "" {
		visits := e.readTrace(at+".trace", t.Trace, services)
		if visits == nil {
			return
		}
		site := snat.Site{Name: "trace " + t.Name, Visits: visits}
		c.Sites = append(c.Sites, site)
		t.From, t.Arrivals = []string{site.Name}, &traffic.Replay{}
		// The sites of the file are not those of the trace.
		t.Trace = ""
		return
	}
	if _, replay := t.Arrivals.(*traffic.Replay); replay {
		e.checkReplay(at, t.From, c.Sites)
	}
}

// checkReplay reports the sites of a replayed stream that have no log.
func (e *expander) checkReplay(at string, from []string, all []snat.Site) {
	for _, name := range from {
		for i := range all {
			if all[i].Name == name && all[i].Visits == nil {
				e.bad(e.doc, at+".arrivals", fmt.Sprintf("site %q has no log to replay", name), "give the site a log, or use arrivals: {kind: poisson, rate: ...}")
			}
		}
	}
}

// names are the names of one kind of thing.
type names struct {
	*expander
	noun, plural string
	order        []string
	at           map[string]string // where each was defined
}

func (e *expander) newNames(noun, plural string) *names {
	return &names{expander: e, noun: noun, plural: plural, at: map[string]string{}}
}

// define adds a name, or the names of a pattern, and returns them.
func (n *names) define(at, name, pattern string, limit int) []string {
	list := []string{name}
	if pattern != "" {
		expanded, err := strict.ExpandNames(pattern, limit)
		if err != nil {
			n.found = append(n.found, n.doc.Mistake(at+".names", err))
			return nil
		}
		list = expanded
	}
	for _, one := range list {
		if first, twice := n.at[one]; twice {
			n.bad(n.doc, at, fmt.Sprintf("%s %q exists already", n.noun, one), fmt.Sprintf("the first is in line %d", n.doc.At(first).Line))
			return nil
		}
		n.at[one] = at
		n.order = append(n.order, one)
	}
	if len(n.order) > limit && limit > 1 {
		n.bad(n.doc, at, fmt.Sprintf("there are more than %d %s", limit, n.plural), "")
		return nil
	}
	return list
}

// resolve returns the names that a reference stands for.
func (n *names) resolve(at, pattern string) []string {
	list, err := strict.ExpandNames(pattern, maxServers)
	if err != nil {
		n.found = append(n.found, n.doc.Mistake(at, err))
		return nil
	}
	for _, one := range list {
		if _, ok := n.at[one]; !ok {
			n.bad(n.doc, at, fmt.Sprintf("%s %q does not exist", n.noun, one), n.hint(one))
			return nil
		}
	}
	return list
}

// hint helps with a name that does not exist.
func (n *names) hint(name string) string {
	if near := strict.Nearest(name, n.order); near != "" {
		return "did you mean " + near + "?"
	}
	switch k := len(n.order); {
	case k == 0:
		return fmt.Sprintf("there are no %s", n.plural)
	case k <= 12:
		return fmt.Sprintf("%s are %s", n.plural, strings.Join(n.order, " "))
	default:
		return fmt.Sprintf("%s are %s ... %s", n.plural, strings.Join(n.order[:3], " "), n.order[k-1])
	}
}
