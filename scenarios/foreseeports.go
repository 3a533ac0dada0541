package scenarios

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lbsim/models/lb"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// flowThrough is what goes through some addresses on average.
type flowThrough struct {
	stream int // the one that contributes most
	rate   float64
	open   float64 // connections at a time
	most   float64 // of one stream
}

// add counts a share of what a traffic stream amounts to.
func (f *flowThrough) add(stream int, x *load, share float64) {
	f.rate += share * x.openings
	f.open += share * x.held
	if n := share * (x.openings + x.held); n > f.most {
		f.stream, f.most = stream, n
	}
}

// takesPorts reports whether a stream's connections are modelled: not those over
// which a balancer gets requests one by one, nor recorded ones, whose times are
// not averages.
func (c *census) takesPorts(t *traffic.Stream) bool {
	_, replay := t.Arrivals.(*traffic.Replay)
	return !replay && !(t.Requests != nil && c.mode(t.To) == lb.HTTP)
}

// through returns what goes through the NAT device of a site, to all services or,
// where these have the ports for themselves, to the one that gets most.
func (c *census) through(s *snat.Site) (most flowThrough) {
	var all []flowThrough
	place := map[string]int{} // by service, of those that have ports for themselves
	for k := range c.Config.Traffic {
		t, x := &c.Config.Traffic[k], &c.loads[k]
		if !c.takesPorts(t) || !slices.Contains(t.From, s.Name) {
			continue
		}
		to := ""
		if s.NAT.Mapping == snat.PerDestination {
			to = t.To
		}
		i, ok := place[to]
		if !ok {
			i, all = len(all), append(all, flowThrough{})
			place[to] = i
		}
		all[i].add(k, x, float64(clientsOf(s))/x.clients)
	}
	for _, f := range all {
		if f.most > most.most {
			most = f
		}
	}
	return most
}

// toServers returns what goes from the balancer to the servers of a service.
func (c *census) toServers(s *lb.Service) (f flowThrough) {
	for k := range c.Config.Traffic {
		if t := &c.Config.Traffic[k]; t.To == s.Name && c.takesPorts(t) {
			f.add(k, &c.loads[k], 1)
		}
	}
	return f
}

// warnPorts reports addresses with fewer ports than connections need on average,
// open ones and those whose ports rest (Little's law). Where clients share
// addresses unequally, the largest groups run out before that.
func (l *loader) warnPorts(doc *strict.Document, c *census) {
	told := map[int]bool{} // of several sites with the same traffic, the first is named
	for i := range c.Config.Sites {
		s := &c.Config.Sites[i]
		if s.NAT == nil || s.NAT.Ports == 0 {
			continue
		}
		f := c.through(s)
		if n := addressesOf(s); n > 0 && !told[f.stream] {
			told[f.stream] = l.warnFewPorts(doc, c, f, "each address of site "+s.Name, float64(n), s.NAT.Ports, s.NAT.Rest)
		}
	}
	source := &c.Config.Balancer.Source
	if source.Kind != lb.SNAT {
		return
	}
	for i := range c.Config.Balancer.Services {
		s := &c.Config.Balancer.Services[i]
		n, rest := 0, source.Rest
		for _, used := range inUse(s) {
			if used {
				n++
			}
		}
		if s.Mode == lb.HTTP {
			rest = 0
		}
		if n > 0 {
			l.warnFewPorts(doc, c, c.toServers(s), "each address of the balancer, to each server of "+s.Name+",", float64(n*source.Addresses), source.Ports, rest)
		}
	}
}

// warnFewPorts compares what goes through n addresses with their ports, and
// tells whether there are too few.
func (l *loader) warnFewPorts(doc *strict.Document, c *census, f flowThrough, what string, n float64, ports int, rest time.Duration) bool {
	rate, open := f.rate/n, f.open/n
	if open+rate*rest.Seconds() <= float64(ports) {
		return false
	}
	at := fmt.Sprintf("traffic[%d]", f.stream)
	if rate == 0 || open > float64(ports) && math.IsInf(c.loads[f.stream].lifetime, 1) {
		l.warning(doc, at, fmt.Sprintf("%s has %d ports for about %s connections: others are refused", what, ports, short(open)),
			"give it more addresses or ports")
		return true
	}
	life := math.Round(100*open/rate) / 100
	most := float64(ports) / (life + rest.Seconds())
	l.warning(doc, at, fmt.Sprintf("%s has to carry about %s new connections per second, and its ports allow %s: others are refused", what, short(rate), short(most)),
		fmt.Sprintf("%d ports / (%s open + %s at rest) = %s/s; give it more addresses or ports, or let fewer connections carry more requests", ports, seconds(life), seconds(rest.Seconds()), short(most)))
	return true
}

// restingPorts estimates how many ports rest at a time, of all addresses.
func (c *census) restingPorts() (n float64) {
	for i := range c.Config.Sites {
		s := &c.Config.Sites[i]
		if s.NAT == nil || s.NAT.Ports == 0 {
			continue
		}
		n += min(c.through(s).rate*s.NAT.Rest.Seconds(), float64(addressesOf(s))*float64(s.NAT.Ports))
	}
	source := &c.Config.Balancer.Source
	if source.Kind != lb.SNAT {
		return n
	}
	for i := range c.Config.Balancer.Services {
		if s := &c.Config.Balancer.Services[i]; s.Mode != lb.HTTP {
			all := float64(source.Addresses) * float64(len(s.Servers)) * float64(source.Ports)
			n += min(c.toServers(s).rate*source.Rest.Seconds(), all)
		}
	}
	return n
}
