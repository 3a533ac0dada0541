package scenarios

import (
	"fmt"
	"math"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// warn reports what is allowed but probably not meant.
func (l *loader) warn(doc *strict.Document, c *census) {
	returns := l.followTimeline(doc, c)
	l.followCluster(doc, c)
	l.warnPorts(doc, c)
	l.warnNetwork(doc, c)
	if c.Config.Cluster != nil {
		l.warnCluster(doc, c)
	}
	for i := range c.Config.Balancer.Services {
		l.warnOverload(doc, c, &c.Config.Balancer.Services[i])
		if c.Config.NLB != nil {
			continue
		}
		l.warnProduct(doc, c, i)
		l.warnPriority(doc, c, i)
		l.warnKey(doc, c, i)
		l.warnRamp(doc, c, i, returns[i])
	}
	if c.Config.NLB != nil {
		l.warnHosts(doc, c)
	}
}

// warnOverload compares a service's load with the cores of its servers.
func (l *loader) warnOverload(doc *strict.Document, c *census, s *lb.Service) {
	var demand float64
	var sums, first string
	for k := range c.Config.Traffic {
		t, x := &c.Config.Traffic[k], &c.loads[k]
		if t.To != s.Name || x.cores == 0 {
			continue
		}
		demand += x.cores
		sums += fmt.Sprintf("from traffic.%s: %s. ", t.Name, x.sum)
		if first == "" {
			first = fmt.Sprintf("traffic[%d]", k)
		}
	}
	cores := c.usedCores(s)
	if demand < cores || first == "" {
		return
	}
	if cores == 0 {
		l.warning(doc, first, fmt.Sprintf("service %s has no server that takes connections: every weight is 0", s.Name), "give a server a weight above 0")
		return
	}
	l.warning(doc, first, fmt.Sprintf("offered load of service %s is %s %% of its servers (%.3g cores of demand, %.0f cores)", s.Name, short(math.Round(100*demand/cores)), demand, cores),
		sums+c.consequence(s, demand, cores)+" Lower the rate or add servers")
}

// consequence says what becomes of a load that is more than the servers have
// cores.
func (c *census) consequence(s *lb.Service, demand, cores float64) string {
	if !c.sheds(s) {
		return "There is no steady state: response times grow until the end."
	}
	return fmt.Sprintf("What can wait is bounded: once that is full, about %s %% is turned away (1 - %.3g/%.3g).", short(math.Round(1000*(1-cores/demand))/10), cores, demand)
}

// sheds reports whether the service and its servers turn away what they cannot
// serve. A limit of connections does not keep a connection's requests from
// waiting, where these come at a rate of their own.
func (c *census) sheds(s *lb.Service) bool {
	rated := false
	for i := range c.Config.Traffic {
		t := &c.Config.Traffic[i]
		rated = rated || t.To == s.Name && s.Mode != lb.HTTP && t.Requests != nil && t.Requests.Rate > 0
	}
	for _, m := range s.Servers {
		limited := m.MaxConnections > 0 && !rated && (s.Queue != lb.Unlimited || s.Full == lb.FullRejects)
		if m.Weight > 0 && c.servers[m.Name].Queue == server.Unlimited && !limited {
			return false
		}
	}
	return true
}

// usedCores returns the cores of the servers that a service uses while none is
// down. Where servers can be full, those that stand by come in as well.
func (c *census) usedCores(s *lb.Service) float64 {
	cores, limited := 0, false
	used := inUse(s)
	for i, m := range s.Servers {
		if used[i] {
			cores += c.servers[m.Name].Cores
			limited = limited || m.MaxConnections > 0
		}
	}
	if p, ok := s.Scheduler.(*sched.Priority); ok && limited && p.Like != "haproxy" && p.Like != "envoy" {
		return c.coresOf(s.Name)
	}
	return float64(cores)
}

// inUse says which servers of a service get connections while all are up and
// none is full: those with a weight, and of groups by priority the ones that
// come first.
func inUse(s *lb.Service) []bool {
	used := make([]bool, len(s.Servers))
	p, grouped := s.Scheduler.(*sched.Priority)
	if !grouped {
		for i, m := range s.Servers {
			used[i] = m.Weight > 0
		}
		return used
	}
	// One group after the other, as long as those in use are too few.
	rank := func(m lb.MemberConfig) int {
		switch {
		case m.Backup:
			return -1
		case p.Like == "haproxy" || p.Like == "nginx":
			return 0
		}
		return m.Priority
	}
	least, n := max(1, p.MinActive), 0
	if p.MinActive == 0 {
		least = len(s.Servers)
	}
	if p.Like == "haproxy" || p.Like == "nginx" || p.Like == "envoy" {
		least = 1
	}
	for n < least {
		next := -2
		for i, m := range s.Servers {
			if !used[i] && m.Weight > 0 && (!m.Backup || n == 0) {
				next = max(next, rank(m))
			}
		}
		if next == -2 {
			break
		}
		for i, m := range s.Servers {
			if m.Weight > 0 && rank(m) == next {
				used[i] = true
				n++
			}
		}
	}
	return used
}

// warnKey reports a hash, or persistence, over something that no request to the
// service has.
func (l *loader) warnKey(doc *strict.Document, c *census, service int) {
	s := &c.Config.Balancer.Services[service]
	policy := s.Scheduler
	if p, ok := policy.(*sched.Priority); ok {
		policy = p.Within
	}
	warn := func(policy any, part, what string) {
		p, ok := policy.(interface{ Key() string })
		if !ok || c.sends(s.Name, p.Key()) {
			return
		}
		l.warning(doc, fmt.Sprintf("balancer.services[%d].%s", service, part),
			fmt.Sprintf("no request to service %s has the key %q that is %s", s.Name, p.Key(), what),
			fmt.Sprintf("write keys: [{name: %s, values: 1000}] in its traffic", p.Key()))
	}
	warn(policy, "scheduler", "hashed: servers are picked in turn or at random")
	warn(s.Persistence, "persistence", "looked up: nobody is kept on a server")
}

// sends reports whether some traffic to a service has a key.
func (c *census) sends(service, key string) bool {
	return slices.ContainsFunc(c.Config.Traffic, func(t traffic.Stream) bool {
		return t.To == service && slices.ContainsFunc(t.Keys, func(k traffic.Key) bool { return k.Name == key })
	})
}

func (l *loader) warning(doc *strict.Document, path, text, hint string) {
	d := doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint})
	d.Severity = strict.Warning
	l.found = append(l.found, d)
}
