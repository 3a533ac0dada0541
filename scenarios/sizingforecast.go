package scenarios

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
)

// A Forecast is what formulas say of the servers of a case at the busiest time. It
// shows where to begin the search for a number of servers, and what the answer of the
// simulation can be compared with; nothing is decided by it.
type Forecast struct {
	// Demand is what is asked of the servers at the busiest time, in cores; Cores is
	// what those that are up have.
	Demand, Cores float64
	// Imbalance is how much more than the mean the busiest server is expected to get,
	// because clients stay where they are or are mapped by their addresses; 1 if
	// nothing keeps work from being even.
	Imbalance float64
	// Utilization is that of all servers, Most that of the busiest.
	Utilization, Most float64
	// Response is the mean response time in seconds, Wait the part of it spent
	// waiting; infinite if the servers cannot keep up.
	Response, Wait float64
}

// Forecast computes what the servers that the section sizing of base counts have to
// do in a case of it, which f is, while so many of them are down.
func (f *File) Forecast(base *File, down int) Forecast {
	c := takeCensus(&f.Variants[0])
	sized := c.sizedServers(base)
	up := len(sized) - down
	x := Forecast{Imbalance: 1}
	if up < 1 {
		x.Utilization, x.Most, x.Response, x.Wait = math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)
		return x
	}
	var rate, squares float64 // of requests; of the demand, weighted
	pooled := true
	for i := range c.Config.Balancer.Services {
		s := &c.Config.Balancer.Services[i]
		n := 0
		for _, m := range s.Servers {
			if slices.Contains(sized, m.Name) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		part := float64(n-down) / float64(len(s.Servers)-down) // that the others leave
		for k := range c.Config.Traffic {
			if t := &c.Config.Traffic[k]; t.To == s.Name {
				l := &c.loads[k]
				x.Demand += part * l.cores * l.rise
				rate += part * l.requests * l.rise
				cv := c.variation(k)
				squares += part * l.requests * l.rise * (1 + cv*cv)
			}
		}
		x.Imbalance = max(x.Imbalance, c.imbalance(s, up))
		pooled = pooled && c.poolsRequests(s)
	}
	of := c.servers[sized[0]]
	x.Cores = float64(up * of.Cores)
	x.Utilization = x.Demand / x.Cores
	x.Most = x.Utilization * x.Imbalance
	if rate == 0 {
		return x
	}
	demand := x.Demand / rate
	cores, load := of.Cores, x.Imbalance*x.Demand/float64(up)
	if pooled {
		cores, load = up*of.Cores, x.Demand
	}
	x.Wait = meanWait(cores, load, demand)
	if of.Discipline == server.FIFO { // Allen and Cunneen; sharing does not depend on it
		x.Wait *= squares / rate / 2
	}
	x.Response = demand + x.Wait
	return x
}

// sizedServers are the servers that are counted, by name.
func (c *census) sizedServers(base *File) (names []string) {
	counted := base.Scenario.counted()
	for i, k := range c.listed {
		if k == counted {
			names = append(names, c.Config.Servers[i].Name)
		}
	}
	return names
}

// variation is the coefficient of variation of a stream's demand.
func (c *census) variation(stream int) float64 {
	t := &c.Config.Traffic[stream]
	spec := t.Demand
	if t.Requests != nil {
		spec = t.Requests.Demand
	}
	if spec == nil {
		return 1
	}
	const points = 1000
	law, sum, squares := spec.Build(), 0.0, 0.0
	for i := range points {
		v := law.Quantile((float64(i) + 0.5) / points)
		sum += v
		squares += float64(v * v)
	}
	if sum == 0 {
		return 0
	}
	mean := sum / points
	return math.Sqrt(max(0, squares/points/float64(mean*mean)-1))
}

// poolsRequests reports whether a service's servers are about as good as one queue
// for all of them: each request is sent where there is room.
func (c *census) poolsRequests(s *lb.Service) bool {
	switch s.Scheduler.(type) {
	case *sched.LeastConnections, *sched.ShortestExpectedDelay, *sched.NeverQueue, *sched.JoinIdleQueue, *sched.First, *sched.LeastResponseTime:
	default:
		limited := slices.ContainsFunc(s.Servers, func(m lb.MemberConfig) bool { return m.MaxConnections > 0 })
		if !limited || s.Queue == 0 {
			return false
		}
	}
	if c.Persists(s) {
		return false
	}
	for i := range c.Config.Traffic {
		if t := &c.Config.Traffic[i]; t.To == s.Name && t.Requests != nil && s.Mode != lb.HTTP {
			return false
		}
	}
	return true
}

// meanWait is the mean wait in M/M/c with a load in cores (Erlang 1917). With
// processor sharing it is by how much requests are held up on average.
func meanWait(cores int, load, demand float64) float64 {
	if load >= float64(cores) {
		return math.Inf(1)
	}
	b := 1.0 // Erlang B, by its recursion
	for k := 1; k <= cores; k++ {
		b = load * b / (float64(k) + load*b)
	}
	wait := b / (1 - load/float64(cores)*(1-b)) // Erlang C
	return wait * demand / (float64(cores) - load)
}

// imbalance is how much more than the mean the busiest of so many servers of a service
// is expected to get. Clients behind one address stay together where a hash of that or
// persistence by it decides.
func (c *census) imbalance(s *lb.Service, servers int) float64 {
	hashed := Hashes(s)
	_, bySource := s.Persistence.(*persist.SourceIP)
	if servers < 2 || !hashed && !bySource {
		return 1
	}
	var groups []float64
	total := 0.0
	for k := range c.Config.Traffic {
		t := &c.Config.Traffic[k]
		if t.To != s.Name {
			continue
		}
		for _, name := range t.From {
			for _, size := range groupsOf(c.sites[name]) {
				groups = append(groups, size)
				total += size
			}
		}
	}
	if len(groups) == 0 {
		return 1
	}
	most := max(1, float64(servers)*slices.Max(groups)/total)
	if !hashed { // the scheduler evens out what it can
		return most
	}
	const draws = 200
	random := rand.New(rand.NewPCG(1, uint64(len(groups))))
	sum, on := 0.0, make([]float64, servers)
	for range draws {
		clear(on)
		for _, size := range groups {
			on[random.IntN(servers)] += size
		}
		sum += slices.Max(on) * float64(servers) / total
	}
	return max(most, sum/draws)
}

// mostGroups bounds the addresses of a site that are told apart: of more, none
// matters.
const mostGroups = 10_000

// groupsOf returns how many of a site's clients are behind each of its addresses, as
// if all had as many.
func groupsOf(s *snat.Site) []float64 {
	n := clientsOf(s)
	groups := n
	if s.NAT != nil && s.NAT.Addresses > 0 {
		groups = s.NAT.Addresses
	} else if s.NAT != nil && s.NAT.Sharing > 0 {
		groups = (n + s.NAT.Sharing - 1) / s.NAT.Sharing
	}
	groups = max(1, min(groups, mostGroups, n))
	out := make([]float64, groups)
	for i := range out {
		out[i] = float64(n) / float64(groups)
	}
	return out
}

// Hashes reports whether a service maps what it sees of a client to servers, so that
// it matters which of them is down.
func Hashes(s *lb.Service) bool {
	policy := s.Scheduler
	if p, ok := policy.(*sched.Priority); ok {
		policy = p.Within
	}
	switch policy.(type) {
	case *sched.SourceHash, *sched.URLHash, *sched.HeaderHash, *sched.IPHash:
		return true
	}
	return false
}

// Value is what is forecast of a metric; ok is false if formulas do not tell.
func (x *Forecast) Value(metric string) (v float64, ok bool) {
	tail := map[string]float64{"mean": 0, "p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
	family, of, _ := strings.Cut(metric, ".")
	p, isQuantile := tail[of]
	switch {
	case metric == "utilization":
		return x.Utilization, true
	case metric == "utilization.max":
		return x.Most, true
	case family == "response_time" && of == "mean":
		return x.Response, true
	case family == "wait_time" && of == "mean":
		return x.Wait, true
	case family == "response_time" && isQuantile: // about exponential
		return -x.Response * math.Log(1-p), true
	case strings.HasSuffix(metric, "_share") && x.Utilization >= 1:
		return 1 - 1/x.Utilization, true
	}
	return 0, false
}
