package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// census is what a variant amounts to on average, before it is run.
type census struct {
	*Plan
	seconds float64
	loads   []load // by traffic stream
	sites   map[string]*snat.Site
	servers map[string]*server.Config
}

// load is what a traffic stream amounts to, on average.
type load struct {
	openings float64 // connections opened per second
	visits   float64 // recorded connections that are replayed
	held     float64 // connections open at a time
	most     float64 // the same at the highest rate of arrivals
	requests float64 // per second
	cores    float64 // demand on the servers, in cores
	clients  float64
	lifetime float64 // mean of a connection, seconds; infinite for the whole run
	sum      string  // the arithmetic of cores
	// rise is how many times as much there is at the highest rate.
	rise float64
}

func takeCensus(p *Plan) *census {
	c := &census{
		Plan: p, seconds: p.Scenario.Duration.Seconds(),
		sites: map[string]*snat.Site{}, servers: map[string]*server.Config{},
	}
	for i := range p.Config.Sites {
		c.sites[p.Config.Sites[i].Name] = &p.Config.Sites[i]
	}
	for i := range p.Config.Servers {
		c.servers[p.Config.Servers[i].Name] = &p.Config.Servers[i]
	}
	for i := range p.Config.Traffic {
		c.loads = append(c.loads, c.load(&p.Config.Traffic[i]))
	}
	return c
}

// shortest is the time below which models do not let anything follow itself:
// neither think times nor the lifetimes of connections that are replaced.
const shortest = 1e-6

// load computes a stream's averages.
func (c *census) load(t *traffic.Stream) load {
	x := load{rise: 1}
	if m := t.Peak.Mean(c.Scenario.Duration); m > 0 {
		x.rise = t.Peak.Highest() / m
	}
	visits := 0
	for _, name := range t.From {
		s := c.sites[name]
		x.clients += float64(clientsOf(s))
		if s.Visits != nil {
			visits += len(s.Visits.List)
		}
	}
	if _, replay := t.Arrivals.(*traffic.Replay); replay {
		x.visits = float64(visits)
		return x
	}
	x.lifetime = math.Inf(1)
	perClient := 1.0
	if t.Connections != nil {
		perClient = float64(t.Connections.PerClient)
		if t.Connections.Lifetime != nil {
			x.lifetime = max(shortest, t.Connections.Lifetime.Build().Mean())
		}
	}
	if t.Arrivals != nil {
		x.openings = t.Arrivals.PerSecond()
		if p, ok := t.Arrivals.(*traffic.Profile); ok {
			x.openings = p.MeanOver(c.Scenario.Duration)
		}
		if x.openings > 0 {
			x.rise *= t.Arrivals.Highest() / x.openings
		}
		x.openings *= t.Peak.Mean(c.Scenario.Duration)
		if math.IsInf(x.lifetime, 1) {
			x.lifetime = 0
		}
		x.held = x.openings * x.lifetime
		x.most = x.held * x.rise
	} else {
		x.held = x.clients * perClient
		x.most = x.held
		x.openings = x.held / x.lifetime
	}
	c.addDemand(&x, t, perClient)
	return x
}

func (c *census) addDemand(x *load, t *traffic.Stream, perClient float64) {
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
		add(x.openings, d, fmt.Sprintf("%s/s x %s", short(x.openings), seconds(d)))
	}
	if r := t.Requests; r != nil {
		d := r.Demand.Build().Mean()
		switch {
		case r.Rate > 0:
			users := x.held / perClient
			x.requests = users * float64(r.Rate)
			sum := fmt.Sprintf("%s clients x %s x %s", short(users), strict.FormatRate(r.Rate), seconds(d))
			if m := t.Peak.Mean(c.Scenario.Duration); m != 1 {
				x.requests *= m
				sum += fmt.Sprintf(" x %.3g for the peak", m)
			}
			add(x.requests, d, sum)
		default:
			// A closed loop slows down with its servers and cannot overload them.
			x.requests = min(x.held/max(shortest, r.Think.Build().Mean()+d), c.coresOf(t.To)/d)
		}
	}
	if t.Setup != nil {
		d := t.Setup.Most(c.offloads(t.To))
		add(x.openings, d, fmt.Sprintf("%s new connections/s x %s", short(x.openings), seconds(d)))
	}
}

// coresOf returns the cores of a service's servers that take connections.
func (c *census) coresOf(service string) float64 {
	cores := 0
	for i := range c.Config.Balancer.Services {
		if s := &c.Config.Balancer.Services[i]; s.Name == service {
			for _, m := range s.Servers {
				if m.Weight > 0 {
					cores += c.servers[m.Name].Cores
				}
			}
		}
	}
	return float64(cores)
}

// clientsOf returns the clients of all streams to a service.
func (c *census) clientsOf(service string) float64 {
	n := 0.0
	for i := range c.Config.Traffic {
		if c.Config.Traffic[i].To == service {
			n += c.loads[i].clients
		}
	}
	return n
}

// attempts returns how many connections are opened in a replication.
func (c *census) attempts() float64 {
	n := 0.0
	for i := range c.loads {
		n += c.loads[i].held + c.loads[i].visits + c.loads[i].openings*c.seconds
		if t := &c.Config.Traffic[i]; t.Requests != nil && c.mode(t.To) == lb.HTTP {
			n += c.loads[i].requests * c.seconds // each is an attempt of its own
		}
	}
	return n
}

// offloads reports whether the balancer does a service's TLS handshakes.
func (c *census) offloads(service string) bool {
	return slices.ContainsFunc(c.Config.Balancer.Services, func(s lb.Service) bool { return s.Name == service && s.Offload })
}

// mode returns the mode of a service.
func (c *census) mode(service string) lb.Mode {
	for i := range c.Config.Balancer.Services {
		if s := &c.Config.Balancer.Services[i]; s.Name == service {
			return s.Mode
		}
	}
	return lb.TCP
}

// hasRequests reports whether there are requests and not only connections.
func (c *census) hasRequests() bool {
	for i := range c.Config.Traffic {
		t := &c.Config.Traffic[i]
		if t.HasRequests() {
			return true
		}
		if _, replay := t.Arrivals.(*traffic.Replay); !replay {
			continue
		}
		for _, name := range t.From {
			if hasDemand(c.sites[name].Visits) {
				return true
			}
		}
	}
	return false
}

// checkReplays reports recorded traffic that lies after the end of the run.
func (l *loader) checkReplays(doc *strict.Document, c *census) {
	for i := range c.Config.Traffic {
		if c.loads[i].visits == 0 {
			continue
		}
		all, inTime, last := 0, 0, sim.Time(0)
		for _, name := range c.Config.Traffic[i].From {
			v := c.sites[name].Visits
			if v == nil || len(v.List) == 0 {
				continue
			}
			end := sim.Time(c.Scenario.Duration) + 1
			k, _ := slices.BinarySearchFunc(v.List, end, func(x flow.Visit, t sim.Time) int { return cmp.Compare(x.At, t) })
			all, inTime, last = all+len(v.List), inTime+k, max(last, v.List[len(v.List)-1].At)
		}
		at, end := fmt.Sprintf("traffic[%d]", i), strict.FormatDuration(c.Scenario.Duration)
		switch hint := "the last one comes at " + strict.FormatDuration(last.Sub(0)) + ": write a longer duration"; {
		case inTime == 0:
			l.bad(doc, at, fmt.Sprintf("no recorded connection comes before the end (%s)", end), hint)
		case inTime < all:
			l.warning(doc, at, fmt.Sprintf("%d of the %d recorded connections come after the end (%s) and are left out", all-inTime, all, end), hint)
		}
	}
}

// bounded reports whether neither the service nor its servers let work wait
// without limit.
func (c *census) bounded(s *lb.Service) bool {
	for _, m := range s.Servers {
		limited := m.MaxConnections > 0 && s.Queue != lb.Unlimited
		if c.servers[m.Name].Queue == server.Unlimited && !limited {
			return false
		}
	}
	return true
}

func seconds(s float64) string {
	if s > 1e9 {
		return short(s) + "s"
	}
	return strict.FormatDuration(time.Duration(math.Round(s * 1e9)).Round(time.Microsecond))
}

// short writes an estimate for a message, large ones as 1.5e17.
func short(x float64) string {
	if x >= 1e9 {
		m, e := x, 0
		for ; m >= 10; m /= 10 {
			e++
		}
		return fmt.Sprintf("%.2ge%d", m, e)
	}
	if x >= 10000 {
		unit := math.Pow(10, math.Floor(math.Log10(x))-2)
		return fmt.Sprintf("%.0f", math.Round(x/unit)*unit)
	}
	return fmt.Sprintf("%.4g", x)
}
