package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// judged are the paths of a service's policies, with what each is called.
var judged = [][2]string{
	{"scheduler.kind", "scheduler"}, {"scheduler.table", "table"},
	{"persistence.kind", "persistence"}, {"slow_start.kind", "slow start"}, {"health.kind", "health check"},
}

// warnProduct reports what the service's product has nothing for.
func (l *loader) warnProduct(doc *strict.Document, c *census, service int) {
	own := productOf(&c.Scenario.Balancer, &c.Config.Balancer.Services[service])
	if own == nil {
		return
	}
	for _, j := range judged {
		path, has := fmt.Sprintf("balancer.services[%d].%s", service, j[0]), own.Has[j[0]]
		kind := word(doc, path)
		if at := fmt.Sprintf("balancer.services[%d].slow_start", service); j[0] == "slow_start.kind" && kind == "" && doc.Lookup(at) != nil {
			kind, path = "linear", at // a ramp without a kind
		}
		if kind == "" || len(has) == 0 || slices.Contains(has, kind) {
			continue
		}
		hint := knows(has)
		switch timed := slices.ContainsFunc(has, func(kind string) bool { return kind == "haproxy" || kind == "envoy" || kind == "linear" }); {
		case len(has) == 1 && has[0] == "none":
		case j[0] == "slow_start.kind" && timed:
			hint += "; a time alone, as slow_start: 60s, is its own"
		}
		l.warning(doc, path, fmt.Sprintf("%s has no %s %s; lbsim runs it all the same", own.Title, j[1], kind), hint)
	}
}

// knows says what a product has.
func knows(kinds []string) string {
	const none = "none"
	some := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return kind == none })
	switch {
	case len(some) == 0:
		return "it has none"
	case len(some) < len(kinds):
		return "it knows " + strings.Join(some, ", ") + ", or none"
	}
	return "it knows " + strings.Join(some, ", ")
}

// warnPriority reports priorities that do nothing, and groups of servers that
// the service's product does not have.
func (l *loader) warnPriority(doc *strict.Document, c *census, service int) {
	written, policy := c.Scenario.Balancer.Services[service].Servers, c.Config.Balancer.Services[service].Scheduler
	differs := func(m lb.MemberConfig) bool { return m.Priority != written[0].Priority }
	p, ok := policy.(*sched.Priority)
	at := func(ranked func(lb.MemberConfig) bool, key string) string {
		return fmt.Sprintf("balancer.services[%d].servers[%d].%s", service, slices.IndexFunc(written, ranked), key)
	}
	isRanked := func(m lb.MemberConfig) bool { return m.Priority != 0 }
	switch {
	case !ok:
	case (p.Like == "haproxy" || p.Like == "nginx") && slices.ContainsFunc(written, differs):
		l.warning(doc, at(isRanked, "priority"), fmt.Sprintf("this does nothing: %s has no priorities, only servers that stand by", product.Find(p.Like).Title),
			"write backup: true for servers that stand by, or scheduler: {kind: priority, like: none}")
	default:
		own := productOf(&c.Scenario.Balancer, &c.Config.Balancer.Services[service])
		if own == nil || slices.Contains(own.Has["scheduler.kind"], "priority") || word(doc, fmt.Sprintf("balancer.services[%d].scheduler.kind", service)) == "priority" {
			return
		}
		key := "priority"
		if !slices.ContainsFunc(written, isRanked) {
			key, isRanked = "backup", func(m lb.MemberConfig) bool { return m.Backup }
		}
		if slices.ContainsFunc(written, isRanked) {
			l.warning(doc, at(isRanked, key), fmt.Sprintf("%s has no priorities and no servers that stand by; lbsim runs it all the same", own.Title), "")
		}
	}
}
