package scenarios

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// warn reports what is allowed but probably not meant.
func (l *loader) warn(doc *strict.Document, c *census) {
	returns := l.followTimeline(doc, c)
	for i := range c.Config.Balancer.Services {
		l.warnOverload(doc, c, &c.Config.Balancer.Services[i])
		l.warnProduct(doc, c, i)
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

func (l *loader) warning(doc *strict.Document, path, text, hint string) {
	d := doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint})
	d.Severity = strict.Warning
	l.found = append(l.found, d)
}
