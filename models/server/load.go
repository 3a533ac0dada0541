package server

import (
	"math/bits"
	"slices"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// A probe asks a server how long a request would take that came now. The answer
// is the median of what the last few requests took that met about as many others
// (Prequal, NSDI 2024). Servers keep these times from the first probe on.

// latencies are the response times of a server's last requests, in classes by
// how many others they met: one for each number below 8, from there on four for
// each doubling.
type latencies [latencyClasses]struct {
	last [latencyDepth]time.Duration // a circle
	seen int
}

const (
	latencyClasses = 32 // the last class begins at 448
	latencyDepth   = 15 // of 7 the median is so uncertain that Prequal picks by chance
)

func latencyClass(met uint) int {
	if met < 8 {
		return int(met)
	}
	e := bits.Len(met) - 1
	return min(4*(e-3)+8+int(met>>(e-2)&3), latencyClasses-1)
}

// add notes what a request took.
func (l *latencies) add(r *flow.Request, now sim.Time) {
	if r.Work != flow.Ask {
		return
	}
	c := &l[latencyClass(uint(r.Met))]
	c.last[c.seen%latencyDepth] = now.Sub(r.Reached())
	c.seen++
}

// expect returns the time for a request that would meet so many others: that of
// the nearest class with requests, the busier of two.
func (l *latencies) expect(met uint) time.Duration {
	class := latencyClass(met)
	for d := range latencyClasses {
		for _, c := range [2]int{class + d, class - d} {
			if c >= 0 && c < latencyClasses && l[c].seen > 0 {
				return l.median(c)
			}
		}
	}
	return 0
}

// median is the upper one if there are two.
func (l *latencies) median(class int) time.Duration {
	c := &l[class]
	sorted := c.last
	n := min(c.seen, latencyDepth)
	slices.Sort(sorted[:n])
	return sorted[n/2]
}

// Latency answers a probe of server s: how long a request would take, as far as
// the server can tell; 0 as long as it knows nothing.
func (p *Pool) Latency(s int32) time.Duration {
	m := &p.machines[s]
	if m.latencies == nil {
		m.latencies = new(latencies)
	}
	return m.latencies.expect(uint(p.Present(s)))
}

// served is called with each request that machine m has served.
func (p *Pool) served(m *machine, id flow.RequestID) {
	if m.latencies != nil {
		m.latencies.add(p.fl.Requests.At(uint32(id)), p.e.Now())
	}
}
