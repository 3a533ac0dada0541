package models_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
)

// known is what the tests of this package must reproduce; testdata/README.md
// says where it comes from.
var known = theory.Load("testdata/theory.json")

func TestMain(m *testing.M) { os.Exit(known.Run(m)) }

// system is a queueing system: requests of mean length 1 s to one or more
// servers, and how much of it to simulate.
type system struct {
	rows      string // the ids of its rows begin with one of these words
	variant   string // tells systems with the same rows apart
	rate      float64
	law       dist.Spec // of the service time; nil: exponential
	servers   int       // 0: one
	balancers int       // 0: one
	cores     int       // of each server; 0: one
	places    int       // requests that one server holds; 0: any number
	sharing   bool      // processor sharing instead of first come, first served
	scheduler lb.SchedulerPolicy
	clients   int           // a closed loop of so many clients, instead of rate,
	think     time.Duration // with this mean think time
	speeds    []float64     // of the servers, the fastest first, whose mean service time the law has; nil: alike
	weighted  bool          // their weights are their speeds
	jobs      float64       // millions of requests to simulate, over all replications
	warmup    time.Duration // 0: see measures

	// What takes longer to see than a test may: statistics, or * for all of them, that
	// a test looks at briefly, and how many times as many requests it takes to
	// validate them.
	slow string
	more float64
	skip string // a statistic that is left to another system
}

const replications = 16

// replicated is how many replications there are; of what is slow in all, few.
func (s *system) replicated() int {
	if s.slow == "*" && theory.Brief() {
		return 6
	}
	return replications
}

// isSlow reports whether a statistic of the system is.
func (s *system) isSlow(statistic string) bool {
	return s.slow == "*" || slices.Contains(strings.Fields(s.slow), statistic)
}

// check compares a row with a statistic.
func (s *system) check(t *testing.T, id, statistic string, all []*measure) {
	t.Helper()
	s.checkNumber(t, id, statistic, known.Row(t, id).Number(), values(all, statistics[statistic]))
}

// checkNumber compares a number of a row.
func (s *system) checkNumber(t *testing.T, id, statistic string, want float64, x []float64) {
	t.Helper()
	switch {
	case !s.isSlow(statistic):
		known.CheckNumber(t, id, want, x)
	case s.slow == "*" || !testing.Short(): // else there is nothing left to look at
		known.CheckNumberBriefly(t, id, want, x)
	}
}

// statistics are what rows are about, by the last part of their ids.
var statistics = map[string]func(m *measure) float64{
	"L":    func(m *measure) float64 { return m.mean(m.present) },
	"varL": varPresent,
	"varN": varPresent,
	"Lq":   func(m *measure) float64 { return m.meter(func(s flow.ServerMeter) float64 { return s.QueueArea }) },
	"utilisation": func(m *measure) float64 {
		return m.meter(func(s flow.ServerMeter) float64 { return s.BusyArea / float64(s.Cores) }) / float64(len(m.at))
	},
	"W":      func(m *measure) float64 { return mean(m.response) },
	"R":      func(m *measure) float64 { return mean(m.response) },
	"Wq":     func(m *measure) float64 { return mean(m.wait) },
	"Wq2":    func(m *measure) float64 { return variance(m.wait) + mean(m.wait)*mean(m.wait) },
	"varW":   func(m *measure) float64 { return variance(m.response) },
	"W_p50":  func(m *measure) float64 { return m.quantile(0.50) },
	"W_p90":  func(m *measure) float64 { return m.quantile(0.90) },
	"W_p95":  func(m *measure) float64 { return m.quantile(0.95) },
	"W_p99":  func(m *measure) float64 { return m.quantile(0.99) },
	"Wq_p90": func(m *measure) float64 { return m.waitQuantile(0.90) },
	"Wq_p95": func(m *measure) float64 { return m.waitQuantile(0.95) },
	"Wq_p99": func(m *measure) float64 { return m.waitQuantile(0.99) },

	"P_wait":    waitedShare,
	"Pwait":     waitedShare,
	"sigma":     waitedShare, // an arrival finds its server busy
	"busy_mean": func(m *measure) float64 { return mean(m.busy) },
	"busy_var":  func(m *measure) float64 { return variance(m.busy) },

	"P_block":         blocked,
	"call_congestion": blocked,
	"time_congestion": func(m *measure) float64 { return m.mean(m.atLeast[m.after[0].Cores]) },
	"throughput":      func(m *measure) float64 { return float64(m.ended[flow.Completed]) / m.seconds() },
	"mean_abs_diff":   func(m *measure) float64 { return m.mean(m.difference) },

	"tail1":  atLeast(1),
	"tail2":  atLeast(2),
	"tail5":  atLeast(5),
	"tail10": atLeast(10),
}

func varPresent(m *measure) float64 {
	l := m.mean(m.present)
	return m.mean(m.squared) - l*l
}

func waitedShare(m *measure) float64 { return float64(m.waited) / float64(len(m.wait)) }

func blocked(m *measure) float64 { return float64(m.ended[flow.Rejected]) / float64(m.arrived) }

// atLeast is the mean share of servers with k requests or more.
func atLeast(k int) func(m *measure) float64 {
	return func(m *measure) float64 { return m.mean(m.atLeast[k]) / float64(len(m.at)) }
}

// slowdown is the mean response time of the requests with a demand between from
// and to, over their mean demand; NaN if these are too few to tell.
func slowdown(from, to float64) func(m *measure) float64 {
	return func(m *measure) float64 {
		var n, response, demand float64
		for i, x := range m.demand {
			if x >= from && x < to {
				n, response, demand = n+1, response+m.response[i], demand+x
			}
		}
		if n < 2000 {
			return math.NaN()
		}
		return response / demand
	}
}

// config describes the system as a world.
func (s *system) config() models.Config {
	c := models.Config{Sites: []snat.Site{{Name: "clients", Clients: max(1, s.clients)}}}
	law := s.law
	if law == nil {
		law = &dist.Exponential{Mean: time.Second}
	}
	stream := traffic.Stream{Name: "requests", From: []string{"clients"}, Retry: traffic.Retry{Attempts: 1}}
	if s.clients > 0 {
		stream.Requests = &traffic.Requests{Think: &dist.Exponential{Mean: s.think}, Demand: law}
	} else {
		stream.Arrivals, stream.Demand = &traffic.Poisson{Rate: flow.Rate(s.rate)}, law
	}
	c.Traffic = []traffic.Stream{stream}
	one := server.Config{Cores: max(1, s.cores), Queue: server.Unlimited, Discipline: server.FIFO}
	if s.sharing {
		one.Discipline = server.PS
	}
	if s.places > 0 {
		one.Queue = s.places - one.Cores
	}
	addServers(&c, max(1, s.servers), one, s.scheduler)
	c.Balancer.Services[0].Instances = s.balancers
	for i, speed := range s.speeds {
		if speed < s.speeds[0] {
			c.Servers[i].Cold = &server.Cold{Factor: s.speeds[0] / speed, For: always, AtStart: true}
		}
		if s.weighted {
			c.Balancer.Services[0].Servers[i].Weight = int(speed)
		}
	}
	return c
}

// always is so much longer than a run of a day that a server is as slow at its end as
// at its beginning, to a thousandth.
const always = 365 * 24 * time.Hour

// addServers gives the world n servers that are alike and one service of them.
func addServers(c *models.Config, n int, one server.Config, policy lb.SchedulerPolicy) {
	service := lb.Service{Name: "all", Instances: 1, Queue: lb.Unlimited, Scheduler: policy, Health: lb.Health{Kind: lb.NoCheck}}
	for i := range n {
		one.Name = fmt.Sprintf("s%d", i+1)
		c.Servers = append(c.Servers, one)
		service.Servers = append(service.Servers, lb.MemberConfig{Name: one.Name, Weight: 1})
	}
	c.Balancer.Services = append(c.Balancer.Services, service)
}

// measures runs the replications of the system. A tenth of each comes first and
// is not measured, or 100 mean service times if that is longer, so that the
// empty start is forgotten.
func (s *system) measures(t *testing.T) (all []*measure) {
	length := s.length()
	for i := range s.replicated() {
		all = append(all, observe(t, s.config(), s.name(), i, max(length/10, 100*second, s.warmup), length))
	}
	return all
}

// length is how long one replication is, without what comes first.
func (s *system) length() time.Duration {
	rate := s.rate
	if s.clients > 0 {
		rate = float64(s.clients) / (s.think.Seconds() + 1)
	}
	length := time.Duration(s.jobs * 1e6 / replications / rate * 1e9)
	if testing.Short() && s.slow != "*" {
		length /= 10
	}
	if s.more > 0 && !theory.Brief() {
		length = time.Duration(float64(length) * s.more)
	}
	return time.Duration(float64(length) * theory.Part())
}

func (s *system) name() string {
	return strings.TrimSpace(strings.ReplaceAll(s.rows, " ", "+") + " " + s.variant)
}

func values(all []*measure, of func(*measure) float64) (x []float64) {
	for _, m := range all {
		x = append(x, of(m))
	}
	return x
}

// A system is checked against every row whose id is one of its prefixes, alone
// or followed by the name of a statistic.
func TestQueueingTheory(t *testing.T) {
	for _, s := range systems() {
		t.Run(s.name(), func(t *testing.T) {
			t.Parallel()
			all := s.measures(t)
			for prefix := range strings.FieldsSeq(s.rows) {
				for _, id := range known.WithPrefix(prefix + "-") {
					name := strings.TrimPrefix(id, prefix+"-")
					switch _, ok := statistics[name]; {
					case name == s.skip:
					case ok:
						t.Run(id, func(t *testing.T) { s.check(t, id, name, all) })
					case name == "slowdown":
						t.Run(id, func(t *testing.T) { s.checkSlowdown(t, id, all) })
					case name == "tail":
						t.Run(id, func(t *testing.T) { s.checkTail(t, id, all) })
					case name == "bounds":
						t.Run(id, func(t *testing.T) { checkBounds(t, id, all) })
					case name == "closed":
						t.Run(id, func(t *testing.T) { s.check(t, id, "W", all) })
					}
				}
				if known.Has(prefix) {
					t.Run(prefix, func(t *testing.T) { s.check(t, prefix, soleStatistic(prefix), all) })
				}
			}
		})
	}
}

// soleStatistic is what a row is about whose id does not say so.
func soleStatistic(id string) string {
	switch {
	case strings.HasPrefix(id, "erlangB-"):
		return "P_block"
	case strings.HasPrefix(id, "erlangC-"):
		return "P_wait"
	}
	return "W"
}

// Under processor sharing a request takes as many times its demand as any
// other, be it short or long.
func (s *system) checkSlowdown(t *testing.T, id string, all []*measure) {
	row := known.Row(t, id)
	checked := 0
	for _, size := range [][2]float64{{0, 0.3}, {0.3, 1}, {1, 3}, {3, math.Inf(1)}} {
		x := values(all, slowdown(size[0], size[1]))
		if !math.IsNaN(mean(x)) {
			s.checkNumber(t, id, "slowdown", row.Number(), x)
			checked++
		}
	}
	if checked == 0 && !testing.Short() {
		t.Error("too few requests")
	}
}

// The row lists the response times of the best and the worst there could be.
func checkBounds(t *testing.T, id string, all []*measure) {
	bounds := known.Row(t, id).Numbers()
	w := values(all, statistics["W"])
	known.CheckNumber(t, id, max(bounds[0], min(mean(w), bounds[1])), w)
}

// The row lists the shares of servers with at least 1, 2, ... requests. Those
// below one in a thousand take longer to see than a test can wait.
func (s *system) checkTail(t *testing.T, id string, all []*measure) {
	row := known.Row(t, id)
	for i, want := range row.Numbers() {
		if want >= 1e-3 {
			s.checkNumber(t, id, "tail", want, values(all, atLeast(i+1)))
		}
	}
}
