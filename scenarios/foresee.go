package scenarios

import (
	"fmt"
	"math"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// warn reports what is allowed but probably not meant.
func (l *loader) warn(doc *strict.Document, c *census) {
	returns := l.followTimeline(doc, c)
	for i := range c.Config.Balancer.Services {
		l.warnOverload(doc, c, &c.Config.Balancer.Services[i])
		l.warnProduct(doc, c, i)
		l.warnKey(doc, c, i)
		l.warnRamp(doc, c, i, returns[i])
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
	cores := c.coresOf(s.Name)
	if demand < cores || first == "" {
		return
	}
	if cores == 0 {
		l.warning(doc, first, fmt.Sprintf("service %s has no server that takes connections: every weight is 0", s.Name), "give a server a weight above 0")
		return
	}
	l.warning(doc, first, fmt.Sprintf("offered load of service %s is %s %% of its servers (%.3g cores of demand, %.0f cores)", s.Name, short(math.Round(100*demand/cores)), demand, cores),
		sums+"There is no steady state: response times grow until the end. Lower the rate or add servers")
}

// warnKey reports a hash over something that no request to the service has.
func (l *loader) warnKey(doc *strict.Document, c *census, service int) {
	s := &c.Config.Balancer.Services[service]
	policy := s.Scheduler
	if p, ok := policy.(*sched.Priority); ok {
		policy = p.Within
	}
	hash, ok := policy.(interface{ Key() string })
	if !ok {
		return
	}
	for i := range c.Config.Traffic {
		t := &c.Config.Traffic[i]
		has := func(k traffic.Key) bool { return k.Name == hash.Key() }
		if t.To == s.Name && slices.ContainsFunc(t.Keys, has) {
			return
		}
	}
	l.warning(doc, fmt.Sprintf("balancer.services[%d].scheduler", service),
		fmt.Sprintf("no request to service %s has the key %q that is hashed: servers are picked in turn or at random", s.Name, hash.Key()),
		fmt.Sprintf("write keys: [{name: %s, values: 1000}] in its traffic", hash.Key()))
}

func (l *loader) warning(doc *strict.Document, path, text, hint string) {
	d := doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint})
	d.Severity = strict.Warning
	l.found = append(l.found, d)
}
