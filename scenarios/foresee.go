package scenarios

import (
	"fmt"
	"math"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/strict"
)

// warn reports what is allowed but probably not meant.
func (l *loader) warn(doc *strict.Document, c *census) {
	for i := range c.Config.Balancer.Services {
		l.warnOverload(doc, c, &c.Config.Balancer.Services[i])
		l.warnRamp(doc, c, i)
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

// warnRamp reports a ramp that is too short to hold back a least-connection
// storm. With weight t/R the returned server is allowed n/(n-1) T/R times its
// fair share of new connections at first, capped at n times by there being no
// more: a ramp R below T/(n-1) changes nothing at the start.
func (l *loader) warnRamp(doc *strict.Document, c *census, service int) {
	s := &c.Config.Balancer.Services[service]
	r, isLinear := s.SlowStart.(*ramp.Linear)
	_, least := s.Scheduler.(*sched.LeastConnections)
	n := len(s.Servers)
	if !isLinear || !least || n < 2 || !c.rejoins(s) {
		return
	}
	var held, openings float64
	for k := range c.Config.Traffic {
		if c.Config.Traffic[k].To == s.Name {
			held += c.loads[k].held
			openings += c.loads[k].openings
		}
	}
	refill := held / float64(n-1) / openings
	if openings == 0 || r.Time.Seconds() >= refill {
		return
	}
	l.warning(doc, fmt.Sprintf("balancer.services[%d].slow_start", service),
		fmt.Sprintf("a ramp of %s is shorter than %s, the time in which all new connections together replace those of one server: it changes nothing at the start of the storm", strict.FormatDuration(r.Time), seconds(math.Round(refill*10)/10)),
		fmt.Sprintf("each of the other %d servers holds about %.0f connections and %.3g new ones arrive per second: %.0f / %.3g = %.3g s; a ramp that is to bite must be longer", n-1, held/float64(n-1), openings, held/float64(n-1), openings, refill))
}

// rejoins reports whether a server of the service comes back during the run.
func (c *census) rejoins(s *lb.Service) bool {
	for _, a := range c.Config.Timeline {
		for _, m := range s.Servers {
			if a.Recover == m.Name {
				return true
			}
		}
	}
	return false
}

func (l *loader) warning(doc *strict.Document, path, text, hint string) {
	d := doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint})
	d.Severity = strict.Warning
	l.found = append(l.found, d)
}
