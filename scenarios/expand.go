package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// Bounds on what one scenario may describe, patterns such as ex[1-4] counted
// as the names that they stand for.
const (
	maxServers  = 10_000
	maxSites    = 10_000
	maxServices = 1000
	maxStreams  = 1000
	// maxNames bounds the servers and sites, and what refers to them, of all
	// variants together.
	maxNames = 500_000
)

// expander turns a scenario into a models.Config: names such as ex[1-4] become
// four servers, references become names that exist, logs and traces are read.
type expander struct {
	*loader
	doc      *strict.Document
	scenario *Scenario
	unread   strict.Diagnostics    // what of the scenario could not be read
	sites    map[string]*snat.Site // by name, when they are known
	listed   []int                 // see Plan
}

func (e *expander) expand() models.Config {
	s := e.scenario
	c := models.Config{Timeline: slices.Clone(s.Timeline), Failures: s.Failures, Network: s.Network}
	servers, sites := e.newNames("server", "servers", "servers", maxServers), e.newNames("site", "sites", "sites", maxSites)
	services := e.newNames("service", "services", "balancer.services", maxServices)
	streams := e.newNames("traffic stream", "traffic streams", "traffic", maxStreams)
	for i := range s.Servers {
		at := fmt.Sprintf("servers[%d]", i)
		e.mostCount(at+".slots", s.Servers[i].Slots)
		e.mostCount(at+".queue", s.Servers[i].Queue)
		for _, name := range servers.define(at, s.Servers[i].Name, s.Servers[i].Names) {
			one := s.Servers[i]
			one.Name, one.Names = name, ""
			c.Servers, e.listed = append(c.Servers, one), append(e.listed, i)
		}
	}
	for i := range s.Sites {
		at := fmt.Sprintf("sites[%d]", i)
		site := s.Sites[i]
		e.readSite(at, &site)
		for _, name := range sites.define(at, site.Name, site.Names) {
			site.Name, site.Names = name, ""
			c.Sites = append(c.Sites, site)
		}
	}
	e.checkClients(c.Sites)
	s.hostsOf(&c)
	c.Balancer.Source, c.Balancer.Pair, c.Balancer.TLS = s.Balancer.Source, s.Balancer.Pair, s.Balancer.TLS
	for i := range s.Balancer.Services {
		c.Balancer.Services = append(c.Balancer.Services, e.service(i, &s.Balancer.Services[i], servers, services))
	}
	for i := range s.Traffic {
		at := fmt.Sprintf("traffic[%d]", i)
		streams.define(at, s.Traffic[i].Name, "")
		t := s.Traffic[i]
		e.stream(at, &t, &c, sites, services)
		c.Traffic = append(c.Traffic, t)
	}
	e.depends(&c, servers, services)
	hosts, vms := e.cluster(&c, servers)
	members, databases := e.group(&c, servers, hosts, vms)
	e.timeline(&c, &namespace{servers, services, sites, hosts, vms, members, databases})
	return c
}

// checkClients bounds the clients of all sites together and remembers the
// sites by name.
func (e *expander) checkClients(sites []snat.Site) {
	e.sites = map[string]*snat.Site{}
	clients := 0
	for i := range sites {
		e.sites[sites[i].Name] = &sites[i]
		clients += clientsOf(&sites[i])
	}
	if clients > snat.MaxClients && len(sites) > 1 { // one alone is checked by itself
		e.bad(e.doc, "sites", fmt.Sprintf("the sites have %d clients together; at most %d are possible", clients, snat.MaxClients), "")
	}
}

// clientsOf returns the number of a site's clients, those of its log included.
func clientsOf(s *snat.Site) int {
	if s.Visits != nil {
		return len(s.Visits.Clients)
	}
	return max(0, s.Clients)
}

func (e *expander) service(i int, s *lb.Service, servers, services *names) lb.Service {
	at := fmt.Sprintf("balancer.services[%d]", i)
	services.define(at, s.Name, "")
	e.mostCount(at+".queue", s.Queue)
	if s.Instances == 0 { // for programs that stands for the default
		e.bad(e.doc, at+".instances", "0 is not between 1 and 255", "")
	}
	e.mostTime(at+".health.every", s.Health.Every)
	e.mostTime(at+".health.timeout", s.Health.Timeout)
	out := *s
	out.Servers = nil
	used := map[string]bool{}
	for m := range s.Servers {
		where := fmt.Sprintf("%s.servers[%d]", at, m)
		if s.Servers[m].Sorry {
			where = at + ".sorry"
		}
		e.mostCount(where+".max_connections", s.Servers[m].MaxConnections)
		list := servers.resolve(where, s.Servers[m].Name)
		if s.Servers[m].Sorry && len(list) > 1 {
			e.bad(e.doc, where, "one server says sorry", "write "+list[0])
			continue
		}
		for _, name := range list {
			if used[name] && s.Servers[m].Sorry {
				e.bad(e.doc, where, fmt.Sprintf("%s is one of the service's servers", name), "name another one: it answers when none of them does")
				break
			}
			if used[name] {
				e.bad(e.doc, where, fmt.Sprintf("server %q is in the service twice", name), "")
				break
			}
			used[name] = true
			one := s.Servers[m]
			one.Name = name
			out.Servers = append(out.Servers, one)
		}
	}
	return out
}

// maxCount bounds numbers of things that are counted in 32 bits.
const maxCount = 1_000_000_000

// mostCount reports a number that is too large to count to.
func (e *expander) mostCount(at string, n int) {
	if n > maxCount {
		e.bad(e.doc, at, fmt.Sprintf("%d is more than %d", n, maxCount), "")
	}
}

// mostTime reports a duration that is longer than any run.
func (e *expander) mostTime(at string, d time.Duration) {
	if d > maxDuration {
		e.bad(e.doc, at, strict.FormatDuration(d)+" is more than 10 years", "")
	}
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
	case len(services.order) > 0 && !services.incomplete && !e.unread.Hide(e.doc.Path(at+".to")):
		e.bad(e.doc, at, "which service is asked?", "write to: "+services.order[0]+"; "+services.listed())
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
		e.checkReplay(at, t.From)
	}
}

// checkReplay reports the first site of a replayed stream that has no log.
func (e *expander) checkReplay(at string, from []string) {
	for _, name := range from {
		if site := e.sites[name]; site != nil && site.Log == "" {
			e.bad(e.doc, at+".arrivals", fmt.Sprintf("site %q has no log to replay", name), "give the site a log, or use arrivals: {kind: poisson, rate: ...}")
			return
		}
	}
}

// names are the names of one kind of thing.
type names struct {
	*expander
	noun, plural string
	list         string // the path to their definitions
	limit        int
	order        []string
	at           map[string]string // where each was defined
	// incomplete is set when a definition has a mistake of its own: references
	// that lead nowhere may then be right.
	incomplete bool
}

// newNames returns the names that are defined in the list at a path.
func (e *expander) newNames(noun, plural, list string, limit int) *names {
	return &names{
		expander: e, noun: noun, plural: plural, list: list, limit: limit,
		at: map[string]string{}, incomplete: e.unread.Hide(list),
	}
}

// define adds a name, or the names of a pattern, and returns them. A missing
// name has been reported before.
func (n *names) define(at, name, pattern string) []string {
	if pattern != "" {
		return n.defineAs(at+".names", at, pattern)
	}
	if len(name) > maxName {
		n.bad(n.doc, at+".name", fmt.Sprintf("the name is longer than %d characters", maxName), "")
		return n.add(at, nil)
	}
	return n.add(at, []string{name})
}

// defineAs adds the names of a pattern that is not beside a name: where is its own
// path.
func (n *names) defineAs(where, at, pattern string) []string {
	if pattern == "" {
		return n.add(at, nil)
	}
	return n.add(at, n.expandNames(where, pattern))
}

// add adds the names of what is defined at a path.
func (n *names) add(at string, list []string) []string {
	if len(list) == 0 || list[0] == "" {
		n.incomplete = true
		return nil
	}
	for _, one := range list {
		if first, twice := n.at[one]; twice {
			n.bad(n.doc, at, fmt.Sprintf("%s %q exists already", n.noun, one), fmt.Sprintf("the first is on line %d", n.doc.At(first).Line))
			n.incomplete = true
			return nil
		}
		n.at[one] = at
		n.order = append(n.order, one)
	}
	if before := len(n.order) - len(list); len(n.order) > n.limit && before <= n.limit {
		n.bad(n.doc, at, fmt.Sprintf("there are more than %d %s", n.limit, n.plural), "")
	}
	return list
}

// expandNames returns the names that a pattern stands for, unless those of the
// whole file become too many.
func (n *names) expandNames(at, pattern string) []string {
	switch {
	case n.loader.names > maxNames:
		return nil
	case len(pattern) > maxName:
		n.incomplete = true
		n.bad(n.doc, at, fmt.Sprintf("the name is longer than %d characters", maxName), "")
		return nil
	}
	list, err := strict.ExpandNames(pattern, n.limit)
	if err != nil {
		n.found = append(n.found, n.doc.Mistake(at, err))
		return nil
	}
	if n.loader.names += len(list); n.loader.names > maxNames {
		n.bad(n.doc, n.list, fmt.Sprintf("the lists of servers and sites, of all variants together, name more than %d", maxNames), "")
		return nil
	}
	return list
}

// resolve returns the names that a reference stands for.
func (n *names) resolve(at, pattern string) []string {
	if pattern == "" || len(pattern) > maxName && n.incomplete {
		return nil // reported before
	}
	list := n.expandNames(at, pattern)
	for _, one := range list {
		if _, ok := n.at[one]; !ok {
			if !n.incomplete {
				n.bad(n.doc, at, fmt.Sprintf("%s %q does not exist", n.noun, one), n.hint(one))
			}
			return nil
		}
	}
	return list
}

// hint helps with a name that does not exist.
func (n *names) hint(name string) string {
	// Of names that differ in their numbers, none is nearer than another.
	word := strings.TrimRight(name, "0123456789")
	if near := n.nearest(name, n.order); near != "" && strings.TrimRight(near, "0123456789") != word {
		return "did you mean " + near + "?"
	}
	return n.listed()
}

// listed enumerates the names, the first and the last of many.
func (n *names) listed() string {
	switch k := len(n.order); {
	case k == 0:
		return fmt.Sprintf("there are no %s", n.plural)
	case k == 1:
		return fmt.Sprintf("the only %s is %s", n.noun, n.order[0])
	case k > 12:
		return fmt.Sprintf("%s are %s ... %s", n.plural, strings.Join(n.order[:3], " "), n.order[k-1])
	}
	return fmt.Sprintf("%s are %s", n.plural, strings.Join(n.order, " "))
}
