package scenarios

import (
	"fmt"
	"math"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// What can be said of a run before it is made: how long it will take, whether
// the servers can carry the load, whether a ramp can do anything.

// maxEvents bounds the expected number of events of one replication: some
// hours of computing.
const maxEvents = 5e10

// checkSize refuses runs that would not end in sensible time or fit in memory.
func (l *loader) checkSize(doc *strict.Document, p *Plan) {
	seconds := p.Scenario.Duration.Seconds()
	var events, open float64
	worst, at := 0.0, 0
	for i := range p.Config.Traffic {
		c := census(&p.Config, &p.Config.Traffic[i])
		n := c.openings*3*seconds + c.requests*2*seconds
		events += n
		open += c.held
		if n > worst {
			worst, at = n, i
		}
	}
	for i := range p.Config.Balancer.Services {
		s := &p.Config.Balancer.Services[i]
		if s.Health.Kind != lb.NoCheck {
			events += seconds / s.Health.Every.Seconds() * float64(len(s.Servers))
		}
	}
	where := fmt.Sprintf("traffic[%d]", at)
	if open > maxHeld {
		l.bad(doc, where, fmt.Sprintf("about %.3g connections would be open at a time; at most %.0e fit", open, float64(maxHeld)), "lower clients, per_client, rate or lifetime")
	}
	if events > maxEvents {
		l.bad(doc, where, fmt.Sprintf("a replication would have about %.2g events; at most %.0e are run", events, float64(maxEvents)), "shorten duration or lower the rates")
	}
}

// maxHeld bounds the connections that are expected to be open at a time.
const maxHeld = 10_000_000

// load is what a traffic stream amounts to, on average.
type load struct {
	openings float64 // connections opened per second
	held     float64 // connections open at a time
	requests float64 // per second
	cores    float64 // demand on the servers, in cores
	clients  float64
	lifetime float64 // mean of a connection, seconds; infinite for the whole run
	sum      string  // the arithmetic of cores
}

// census computes a stream's averages. Replayed traffic counts as nothing: it
// ends by itself.
func census(c *models.Config, t *traffic.Stream) load {
	var x load
	for _, name := range t.From {
		for i := range c.Sites {
			if s := &c.Sites[i]; s.Name == name {
				x.clients += float64(s.Clients)
				if s.Visits != nil {
					x.clients += float64(len(s.Visits.Clients))
				}
			}
		}
	}
	if _, replay := t.Arrivals.(*traffic.Replay); replay {
		return load{clients: x.clients}
	}
	x.lifetime = math.Inf(1)
	perClient, pause := 1.0, 0.0
	if t.Connections != nil {
		perClient = float64(t.Connections.PerClient)
		if t.Connections.Lifetime != nil {
			x.lifetime = t.Connections.Lifetime.Build().Mean()
			if t.Connections.Pause != nil {
				pause = t.Connections.Pause.Build().Mean()
			}
		}
	}
	if t.Arrivals != nil {
		x.openings = t.Arrivals.PerSecond()
		if math.IsInf(x.lifetime, 1) {
			x.lifetime = 0
		}
		x.held = x.openings * x.lifetime
	} else {
		x.held = x.clients * perClient
		x.openings = x.held / (x.lifetime + pause)
	}
	x.addDemand(t, perClient)
	return x
}

func (x *load) addDemand(t *traffic.Stream, perClient float64) {
	add := func(rate, demand float64, sum string) {
		x.cores += rate * demand
		if x.sum != "" {
			x.sum += " + "
		}
		x.sum += sum
	}
	if t.Demand != nil {
		d := t.Demand.Build().Mean()
		x.requests = x.openings
		add(x.openings, d, fmt.Sprintf("%.4g/s x %s", x.openings, seconds(d)))
	}
	if r := t.Requests; r != nil {
		d := r.Demand.Build().Mean()
		switch {
		case r.Rate > 0:
			users := x.held / perClient
			x.requests = users * float64(r.Rate)
			add(x.requests, d, fmt.Sprintf("%.4g clients x %s x %s", users, strict.FormatRate(r.Rate), seconds(d)))
		default:
			// A closed loop slows down with its servers and cannot overload them.
			think := r.Think.Build().Mean()
			x.requests = x.held / (think + d)
		}
	}
	if t.Setup != nil {
		d := t.Setup.Demand.Build().Mean()
		add(x.openings, d, fmt.Sprintf("%.4g new connections/s x %s", x.openings, seconds(d)))
	}
}

func seconds(s float64) string {
	return time.Duration(math.Round(s * 1e9)).Round(time.Microsecond).String()
}

// warn reports what is allowed but probably not meant.
func (l *loader) warn(doc *strict.Document, p *Plan) {
	l.warnOverload(doc, p)
	for i := range p.Config.Balancer.Services {
		l.warnRamp(doc, p, i)
	}
}

// warnOverload compares each service's load with the cores of its servers.
func (l *loader) warnOverload(doc *strict.Document, p *Plan) {
	for i := range p.Config.Balancer.Services {
		s := &p.Config.Balancer.Services[i]
		cores := 0.0
		for _, m := range s.Servers {
			for k := range p.Config.Servers {
				if p.Config.Servers[k].Name == m.Name {
					cores += float64(p.Config.Servers[k].Cores)
				}
			}
		}
		var demand float64
		var sums, first string
		for k := range p.Config.Traffic {
			t := &p.Config.Traffic[k]
			if t.To != s.Name {
				continue
			}
			x := census(&p.Config, t)
			demand += x.cores
			if x.cores > 0 {
				sums += fmt.Sprintf("from traffic.%s: %s. ", t.Name, x.sum)
				if first == "" {
					first = fmt.Sprintf("traffic[%d]", k)
				}
			}
		}
		if demand < cores || first == "" {
			continue
		}
		l.warning(doc, first, fmt.Sprintf("offered load of service %s is %.0f %% of its servers (%.3g cores of demand, %.0f cores)", s.Name, 100*demand/cores, demand, cores),
			sums+"There is no steady state: response times grow until the end. Lower the rate or add servers")
	}
}

// warnRamp reports a ramp that is too short to hold back a least-connection
// storm. With weight t/R the returned server is allowed n/(n-1) T/R times its
// fair share of new connections at first, capped at n times by there being no
// more: a ramp R below T/(n-1) changes nothing at the start.
func (l *loader) warnRamp(doc *strict.Document, p *Plan, service int) {
	s := &p.Config.Balancer.Services[service]
	r, isLinear := s.SlowStart.(*ramp.Linear)
	_, least := s.Scheduler.(*sched.LeastConnections)
	n := len(s.Servers)
	if !isLinear || !least || n < 2 || !rejoins(p, s) {
		return
	}
	var held, openings float64
	for k := range p.Config.Traffic {
		if t := &p.Config.Traffic[k]; t.To == s.Name {
			x := census(&p.Config, t)
			held += x.held
			openings += x.openings
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
func rejoins(p *Plan, s *lb.Service) bool {
	for _, a := range p.Config.Timeline {
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
