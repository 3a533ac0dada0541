package scenarios

import (
	"fmt"
	"time"

	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// What a run takes is estimated before it is made, so that a scenario whose
// numbers are all possible one by one, but not together, is refused at once
// and not after the machine's memory is gone.
const (
	// maxEvents bounds the events of one replication: some hours of computing.
	maxEvents = 5e10
	// maxAllEvents bounds those of all replications of all variants: some days.
	maxAllEvents = 1e12
	// maxHeld bounds the connections that are expected to be open at a time,
	// below the bound at which the models stop a run.
	maxHeld = 3_000_000
	// maxWaiting bounds the requests that are expected to wait at the end of a
	// run whose servers cannot keep up. It is well above the bound at which the
	// models stop, because the estimate is rough.
	maxWaiting = 10_000_000
	// maxMemory bounds what one replication takes while it runs, in bytes.
	maxMemory = 2e9
	// maxResults bounds what is kept of all replications, in bytes.
	maxResults = 4e9
	// maxReturns bounds how often a server comes back: each return is
	// measured with histograms of its own.
	maxReturns = 300
	// rarest is the lowest rate of arrivals, one in a hundred years.
	rarest = 1 / (100 * 8766 * 3600.0)
)

// Measured sizes in bytes.
const (
	bytesPerConnection = 420       // with a request under way
	bytesPerClient     = 64        // with its address
	bytesPerVisit      = 80        // read, and laid out for a replay
	bytesPerWindow     = 1_000_000 // its histograms
	bytesPerReturn     = 400_000
	bytesPerMetric     = 48
	bytesPerPort       = 48 // at rest, while their queue grows
)

// part is what one part of a scenario contributes to a sum.
type part struct {
	path, what string
	n          float64
}

type parts []part

func (p parts) total() (sum float64) {
	for _, x := range p {
		sum += x.n
	}
	return sum
}

func (p parts) largest() part {
	most := part{}
	for _, x := range p {
		if x.n > most.n {
			most = x
		}
	}
	return most
}

// checkSize refuses runs that would not end in sensible time or fit in memory.
func (l *loader) checkSize(doc *strict.Document, c *census) {
	for i := range c.Config.Traffic {
		if a := c.Config.Traffic[i].Arrivals; a != nil && a.PerSecond() > 0 && a.PerSecond() < rarest {
			l.bad(doc, fmt.Sprintf("traffic[%d].arrivals.rate", i), "that is less than one arrival in 100 years", "")
		}
	}
	if n := c.returns(); n > maxReturns {
		l.bad(doc, "timeline", fmt.Sprintf("servers come back to their services %d times; at most %d can be measured", n, maxReturns), "")
	}
	if open := c.open(); open.total() > maxHeld {
		l.bad(doc, open.largest().path, fmt.Sprintf("about %s connections would be open at a time; at most %d fit", short(open.total()), maxHeld),
			"lower clients, per_client, rate or lifetime")
		return
	}
	if events := c.events(); events.total() > maxEvents {
		l.bad(doc, events.largest().path, fmt.Sprintf("with this a replication has about %s events, %s of computing; at most %s are run",
			short(events.total()), computing(events.total()), short(maxEvents)), "shorten duration or lower what happens per second")
		return
	}
	if memory := c.memory(); memory.total() > maxMemory {
		most := memory.largest()
		l.bad(doc, most.path, fmt.Sprintf("a replication would take about %.0f GB of memory, most of it for %s; at most %.0f GB are used",
			memory.total()/1e9, most.what, maxMemory/1e9), "")
		return
	}
	l.checkWaiting(doc, c)
}

// open estimates the connections that are open at a time.
func (c *census) open() (sum parts) {
	for i := range c.loads {
		sum = append(sum, part{fmt.Sprintf("traffic[%d]", i), "", c.loads[i].most})
	}
	return sum
}

// events estimates the events of a replication.
func (c *census) events() (sum parts) {
	attempts, returns := c.attempts(), float64(c.returns())
	sum = append(sum, part{"nlb.heartbeat", "", c.heartbeats()}, part{"timeline", "", c.settling()})
	sum = append(sum, c.failureEvents()...)
	for i := range c.loads {
		x := &c.loads[i]
		each := 2.0
		if c.Config.Network != nil {
			each += 2 // there and back
		}
		sum = append(sum, part{fmt.Sprintf("traffic[%d]", i), "", ((x.openings*c.seconds+x.visits)*3+x.requests*c.seconds*each)*x.rise + x.held})
	}
	for i := range c.Config.Balancer.Services {
		s := &c.Config.Balancer.Services[i]
		if s.Health.Probes() {
			n := c.seconds / s.Health.Shortest().Seconds() * float64(len(s.Servers)*max(1, s.Instances))
			sum = append(sum, part{fmt.Sprintf("balancer.services[%d].health.every", i), "", n})
		}
		if o := s.Health.Outlier; o != nil {
			n := c.seconds / o.Interval.Seconds() * float64(max(1, s.Instances))
			sum = append(sum, part{fmt.Sprintf("balancer.services[%d].health.outlier.interval", i), "", n})
		}
		if every := asksEvery(s.Scheduler); every > 0 {
			n := c.seconds / every.Seconds() * float64(len(s.Servers)*max(1, s.Instances))
			sum = append(sum, part{fmt.Sprintf("balancer.services[%d].scheduler.every", i), "", n})
		}
		if r, ok := s.SlowStart.(*ramp.RequestRate); ok && r.Interval > 0 {
			n := returns * c.seconds / r.Interval.Seconds() * float64(max(1, s.Instances))
			sum = append(sum, part{fmt.Sprintf("balancer.services[%d].slow_start.interval", i), "", n})
		}
		// While a server that came back takes its place, each connection is
		// counted against all servers, a hundred of them in the time of an
		// event.
		sum = append(sum, part{"timeline", "", returns * float64(len(s.Servers)) * attempts / 100})
	}
	return sum
}

// settling is the cost, in events, of finding out at each event of the timeline
// which servers have all that they depend on.
func (c *census) settling() float64 {
	needs, targets := 0, 0
	for i := range c.Config.Servers {
		needs += len(c.Config.Servers[i].Depends)
	}
	for i := range c.Config.Timeline {
		targets += len(c.Config.Timeline[i].Targets())
	}
	return float64(needs) * float64(targets) / 100
}

// asksEvery returns the time between two questions that a scheduler asks a
// server, 0 if it asks none.
func asksEvery(p lb.SchedulerPolicy) time.Duration {
	switch p := p.(type) {
	case *sched.Priority:
		return asksEvery(p.Within)
	case *sched.Adaptive:
		return p.Every
	case *sched.WeightedResponseTime:
		return p.Every
	}
	return 0
}

// memory estimates the bytes that a replication takes.
func (c *census) memory() (sum parts) {
	add := func(path, what string, n float64) { sum = append(sum, part{path, what, n}) }
	clients, visits := 0.0, 0.0
	for i := range c.Config.Sites {
		s := &c.Config.Sites[i]
		clients += float64(clientsOf(s) + addressesOf(s)) // an address takes as much
	}
	for i := range c.loads {
		visits += c.loads[i].visits
	}
	add("sites", "the clients", clients*bytesPerClient)
	add("traffic", "the recorded connections", visits*bytesPerVisit)
	add("traffic", "the open connections", c.open().total()*bytesPerConnection)
	for i := range c.Config.Traffic {
		retry := &c.Config.Traffic[i].Retry
		if b := retry.Budget; b != nil && b.Scope == traffic.ScopeClient {
			add(fmt.Sprintf("traffic[%d].retry.budget.scope", i), "the clients' retry budgets", clients*90)
		}
		if b := retry.Breaker; b != nil && b.Scope == traffic.ScopeClient {
			add(fmt.Sprintf("traffic[%d].retry.breaker.scope", i), "the clients' circuit breakers", clients*16)
		}
		for k, key := range c.Config.Traffic[i].Keys {
			add(fmt.Sprintf("traffic[%d].keys[%d].values", i, k), "the values of a key", float64(key.Values)*8)
		}
	}
	add("sites", "the ports that rest", c.restingPorts()*bytesPerPort)
	windows := float64(1 + len(c.Scenario.Spans()))
	add("expect", "the measured spans of time", windows*bytesPerWindow)
	attempts := c.attempts()
	add("cluster", "hosts, machines and databases", c.clusterBytes())
	add("timeline", "measuring the returns of servers", c.measuredReturns()*bytesPerReturn)
	for i := range c.Config.Balancer.Services {
		s := &c.Config.Balancer.Services[i]
		at := fmt.Sprintf("balancer.services[%d]", i)
		if c.Persists(s) {
			add(at+".persistence", "the persistence records of its clients", clients*40)
		}
		if c.Persists(s) || c.Scenario.asksForSessions() {
			add(at+".persistence", "the sessions of its clients", clients*12)
		}
		if _, hash := s.Scheduler.(*sched.SourceHash); hash {
			add(at+".scheduler", "the hashes of the addresses", clients*8)
		}
		// Which clients each server had is kept as a bit for each pair, in
		// pages of 512 bytes, by each window and once more at the end.
		n, users := float64(len(s.Servers)), c.clientsOf(s.Name)
		add(at+".servers", fmt.Sprintf("keeping apart the clients of each server (%s servers, %s clients)", short(n), short(users)),
			(1+windows)*min(n*users/8, attempts*512))
	}
	return sum
}

// addressesOf returns the number of outside addresses of a site.
func addressesOf(s *snat.Site) int {
	switch {
	case s.NAT == nil:
		return 0
	case s.NAT.Prefix != 0:
		return len(s.Visits.Addrs)
	}
	return s.NAT.Outside(clientsOf(s))
}

// returns counts how often a service gets a server back.
func (c *census) returns() (n int) {
	services := map[string]int{} // by server
	for i := range c.Config.Balancer.Services {
		for _, m := range c.Config.Balancer.Services[i].Servers {
			services[m.Name]++
		}
	}
	for _, a := range c.Config.Timeline {
		if a.Recover != "" {
			for _, name := range a.Targets() {
				n += services[name]
			}
		}
	}
	return n
}

// checkWaiting refuses open traffic so far above what its servers can do that
// the waiting requests would not fit in memory.
func (l *loader) checkWaiting(doc *strict.Document, c *census) {
	for i := range c.Config.Balancer.Services {
		s := &c.Config.Balancer.Services[i]
		demand, first, rate := 0.0, "", 0.0
		for k := range c.Config.Traffic {
			if c.Config.Traffic[k].To == s.Name {
				demand += c.loads[k].cores
				if c.Config.Traffic[k].Arrivals != nil && c.loads[k].cores > 0 {
					rate += c.loads[k].openings
					if first == "" {
						first = fmt.Sprintf("traffic[%d]", k)
					}
				}
			}
		}
		cores := c.coresOf(s.Name)
		if rate == 0 || demand <= cores || c.bounded(s) {
			continue
		}
		if waiting := rate * (1 - cores/demand) * c.seconds; waiting > maxWaiting {
			l.bad(doc, first, fmt.Sprintf("the servers of %s cannot keep up: they have %.0f cores for a demand of %s, and about %s requests would wait at the end", s.Name, cores, short(demand), short(waiting)),
				"lower the rate, add servers, or give them a queue that ends")
		}
	}
}

// totals are what one replication of each variant amounts to, added up.
type totals struct {
	events, attempts float64
	kept             float64 // bytes of results
	drawn            float64 // bytes of all that is written
}

func (t *totals) add(c *census) {
	t.events += c.events().total()
	t.attempts += c.attempts()
	kept := c.kept()
	t.kept += kept
	t.drawn += 5 * kept // mean, lowest and highest of each series, as text
}

// checkTotals refuses more replications of more variants than can be run or
// kept.
func (l *loader) checkTotals(doc *strict.Document, f *File) {
	n := float64(f.Scenario.Replications.Most())
	events, kept, all := n*l.sum.events, n*l.sum.kept+l.sum.drawn, n*float64(len(f.Variants))
	f.Connections, f.Events = n*l.sum.attempts, events
	switch {
	case events > maxAllEvents:
		l.bad(doc, "replications", fmt.Sprintf("together, %.0f replications have about %s events, %s of computing; at most %s are run",
			all, short(events), computing(events), short(maxAllEvents)), "lower replications or shorten duration")
	case kept > maxResults:
		l.bad(doc, "replications", fmt.Sprintf("the results of all replications (%.0f) would take about %.0f GB of memory; at most %.0f GB are used",
			all, kept/1e9, maxResults/1e9), "lower replications, or drop variants or services")
	}
	l.checkParts(doc, f)
}

// kept estimates the bytes of a replication's result: series of up to 64
// servers of each service at up to 1200 times, and metrics of all.
func (c *census) kept() float64 {
	series, metrics := 2, (80+c.partMetrics())*(1+len(c.Scenario.Spans()))
	for i := range c.Config.Balancer.Services {
		n := len(c.Config.Balancer.Services[i].Servers)
		series += 1 + 3*min(n, 64)
		metrics += 20 + 8*n
	}
	return float64(series)*min(1200, c.seconds)*8 + float64(metrics)*bytesPerMetric
}

// computing says how long one core computes at five million events a second.
func computing(events float64) string {
	for _, u := range []struct {
		seconds float64
		name    string
	}{{365 * 86400, "years"}, {86400, "days"}, {3600, "hours"}} {
		if n := events / 5e6 / u.seconds; n >= 2 {
			return short(float64(int64(n))) + " " + u.name
		}
	}
	return "an hour"
}
