package scenarios

import (
	"fmt"
	"slices"
	"strings"

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
		hint := "it has " + strings.Join(has, ", ")
		switch timed := slices.ContainsFunc(has, func(kind string) bool { return kind == "haproxy" || kind == "envoy" || kind == "linear" }); {
		case len(has) == 1 && has[0] == "none":
			hint = "it has none"
		case j[0] == "slow_start.kind" && timed:
			hint += "; a time alone, as slow_start: 60s, is its own"
		}
		l.warning(doc, path, fmt.Sprintf("%s has no %s %s; lbsim runs it all the same", own.Title, j[1], kind), hint)
	}
}
