package models_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/results"
	"lbsim/sim"
)

// rejoin is a pool of which some servers have long been down, come back empty
// and meet a steady stream of new, long-lived connections.
type rejoin struct {
	servers int
	back    int // servers that return: the first ones
	rate    float64
	hold    time.Duration // mean
	law     dist.Spec     // nil: exponential
	settle  time.Duration // until the others are in a steady state; 0: six mean holds
	policy  lb.SchedulerPolicy
	ramp    lb.RampPolicy
}

func (r rejoin) config() models.Config {
	law := r.law
	if law == nil {
		law = &dist.Exponential{Mean: r.hold}
	}
	c := arriving(r.rate, law)
	addServers(&c, r.servers, plainServer, r.policy)
	service := &c.Balancer.Services[0]
	service.SlowStart = r.ramp
	service.Health = lb.Health{Kind: lb.TCPCheck, Every: 200 * time.Millisecond, Timeout: second, Fall: 1, Rise: 1}
	for s := range r.back {
		name := c.Servers[s].Name
		c.Timeline = append(c.Timeline, models.Action{Fail: name}, models.Action{At: r.recovery(), Recover: name})
	}
	return c
}

func (r rejoin) recovery() time.Duration {
	if r.settle > 0 {
		return r.settle
	}
	return 6 * r.hold // what is missing to the steady state is e^-6, a quarter of a percent
}

// returning observes the returned servers from when the balancer knows of the
// last of them.
type returning struct {
	silent
	r      rejoin
	ups    int
	at     []float64 // connections now, by server
	opened []float64 // since the return, by server
	since  sim.Time  // of the return, -1 before
	before float64   // mean count of the others at the return
	level  sim.Time  // when the returned servers reach the lowest of the others, -1 before
	count  float64   // of a returned server at that time, on average
	fill   []float64 // opened at that time
}

func newReturning(r rejoin) *returning {
	return &returning{r: r, at: make([]float64, r.servers), opened: make([]float64, r.servers), since: -1, level: -1}
}

func (o *returning) Assigned(_ flow.ConnID, c *flow.Conn, out flow.Outcome, now sim.Time) {
	if out != flow.Accepted {
		return
	}
	o.opened[c.Server]++
	o.at[c.Server]++
	o.look(now)
}

func (o *returning) Closed(_ flow.ConnID, c *flow.Conn, _ flow.Outcome, now sim.Time) {
	o.at[c.Server]--
	o.look(now)
}

func (o *returning) Noted(n flow.Note) {
	if n.Kind != flow.MarkedUp {
		return
	}
	if o.ups++; o.ups == o.r.back {
		o.since, o.before = n.At, mean(o.at[o.r.back:])
		clear(o.opened)
	}
}

// look watches for the end of the time in which every new connection goes to
// the returned servers: when they reach the lowest of the others. The others
// have drifted apart by then, so that their mean is reached a little later; in
// the fluid that the theory speaks of, all this happens at once.
func (o *returning) look(now sim.Time) {
	k := o.r.back
	if o.since < 0 || o.level >= 0 || mean(o.at[:k]) < slices.Min(o.at[k:]) {
		return
	}
	o.level, o.count, o.fill = now, mean(o.at[:k]), append([]float64(nil), o.opened...)
}

func sum(x []float64) float64 { return mean(x) * float64(len(x)) }

// both tells two observers.
type both struct{ a, b flow.Observer }

func (t both) Assigned(id flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	t.a.Assigned(id, c, o, now)
	t.b.Assigned(id, c, o, now)
}
func (t both) Opened(id flow.ConnID, c *flow.Conn, now sim.Time) {
	t.a.Opened(id, c, now)
	t.b.Opened(id, c, now)
}
func (t both) Closed(id flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	t.a.Closed(id, c, o, now)
	t.b.Closed(id, c, o, now)
}
func (t both) Arrived(r *flow.Request, now sim.Time) { t.a.Arrived(r, now); t.b.Arrived(r, now) }
func (t both) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	t.a.Finished(r, o, now)
	t.b.Finished(r, o, now)
}
func (t both) Noted(n flow.Note) { t.a.Noted(n); t.b.Noted(n) }

// record runs the world with a recorder beside the observer.
func (r rejoin) record(t *testing.T, o flow.Observer, replication int, length time.Duration) results.Metrics {
	t.Helper()
	c := r.config()
	duration := r.recovery() + length
	setting := results.Setting{Clients: 1, Duration: duration, Services: []results.ServiceSetting{{Name: "all"}}}
	for s := range c.Servers {
		setting.Servers = append(setting.Servers, c.Servers[s].Name)
		setting.Services[0].Servers = append(setting.Services[0].Servers, s)
	}
	recorder := results.NewRecorder(setting)
	w := build(t, c, t.Name(), replication, both{o, recorder})
	recorder.Attach(w.Engine(), w)
	run(t, w, duration)
	return results.Gather("", []*results.Run{recorder.Finish()}).Metrics
}

// Under plain least connections the returned servers get every new connection
// until they are level with the others.
func TestRejoinUnderLeastConnections(t *testing.T) {
	for _, c := range []struct {
		rows string
		r    rejoin
		// band is when the returned server is within 10 % of the mean over all.
		// The returned servers hold what the stream has brought since and is not
		// gone: k x = lambda T F(t), with F the law of the remaining life of a
		// connection, 1 - e^(-t/T) if it is exponential. The total stays lambda T.
		// So x is 90 % of lambda T / n when F(t) = 0.9 k/n.
		band float64
	}{
		{"2-1-600-10", rejoin{servers: 2, back: 1, rate: 10, hold: 600 * second}, -600 * math.Log(1-0.9/2)},
		{"4-1-600-10", rejoin{servers: 4, back: 1, rate: 10, hold: 600 * second}, -600 * math.Log(1-0.9/4)},
		{"10-1-600-50", rejoin{servers: 10, back: 1, rate: 50, hold: 600 * second}, -600 * math.Log(1-0.9/10)},
		{"10-1-3600-20", rejoin{servers: 10, back: 1, rate: 20, hold: 3600 * second}, -3600 * math.Log(1-0.9/10)},
		{"4-2-600-10", rejoin{servers: 4, back: 2, rate: 10, hold: 600 * second}, -600 * math.Log(1-0.9*2/4)},
		{"det-4-600", rejoin{servers: 4, back: 1, rate: 10, hold: 600 * second, law: &dist.Constant{Mean: 600 * second}}, 600 * 0.9 / 4},
		// F of the two last ones has no inverse in closed form.
		{"erl-4-600", rejoin{servers: 4, back: 1, rate: 10, hold: 600 * second, law: &dist.Erlang{Mean: 600 * second, Shape: 2}}, math.NaN()},
		{"hyp-4-600", rejoin{servers: 4, back: 1, rate: 10, hold: 600 * second, settle: 7 * 4200 * second, law: &dist.Hyperexponential{
			Phases: []dist.Phase{{Share: 0.9, Mean: 200 * second}, {Share: 0.1, Mean: 4200 * second}},
		}}, math.NaN()},
	} {
		t.Run(c.rows, func(t *testing.T) {
			t.Parallel()
			r := c.r
			r.policy = &sched.LeastConnections{}
			n, k := float64(r.servers), float64(r.back)
			found := map[string][]float64{}
			for i := range few(12) {
				o := newReturning(r)
				metrics := r.record(t, o, i, time.Duration(1.5*float64(r.hold)))
				if o.level < 0 {
					t.Fatal("the returned server never reaches the others")
				}
				all := sum(o.fill)
				found["t_fill"] = append(found["t_fill"], (o.level - o.since).Seconds())
				found["count_at_fill"] = append(found["count_at_fill"], o.count)
				found["new_conns_total"] = append(found["new_conns_total"], all)
				found["rate_multiple_vs_fair"] = append(found["rate_multiple_vs_fair"], mean(o.fill[:r.back])/(all/n))
				found["others_before"] = append(found["others_before"], o.before)
				for _, name := range []string{"storm.peak_factor", "storm.rebalance_time", "storm.connections", "storm.share_first"} {
					m, _ := metrics.Get(name)
					found[name] = append(found[name], m.Mean)
				}
			}
			prefix := "rejoin-lc-" + c.rows + "-"
			for _, id := range known.WithPrefix(prefix) {
				t.Run(id, func(t *testing.T) { known.Check(t, id, found[id[len(prefix):]]) })
			}
			check := func(metric string, want, tolerance float64) {
				t.Run(metric, func(t *testing.T) { theory.CheckNumber(t, want, tolerance, found[metric]) })
			}
			if r.back == 1 {
				check("storm.peak_factor", n, 0.01)
			} else {
				// Two returned servers share the new connections, but not evenly in
				// every window: the one that happened to lose more gets more.
				check("storm.peak_factor", n/k, 0.25)
			}
			check("storm.share_first", 1/k, 0.05)
			if !math.IsNaN(c.band) {
				check("storm.rebalance_time", c.band, 0.03)
				check("storm.connections", r.rate*c.band/k, 0.05)
			}
		})
	}
}

// The numbers of the theory of ramps are those of a fluid. They do not depend
// on the rate, and at a higher one than that of the rows the connections come
// closer to a fluid.
const fluidRate = 100

// A slow ramp with least connections: the returned server is filled in step
// with its weight, unless that takes more than every new connection.
func TestRampUnderLeastConnections(t *testing.T) {
	for _, c := range ramps {
		t.Run(c.rows, func(t *testing.T) {
			t.Parallel()
			r := c.rejoin(&sched.LeastConnections{})
			n := float64(r.servers)
			// A tenth of the ramp is short against its course: near the ends the
			// multiple changes by less than 2 % over it. With hundreds of new
			// connections in it, the noise of a mean over replications is less.
			const windows = 10
			var multiples [windows][]float64
			for i := range few(8) {
				o := newReturning(r)
				w := build(t, r.config(), t.Name(), i, o)
				run(t, w, r.recovery()+second)
				for k := range windows {
					mine, all := o.opened[0], sum(o.opened)
					run(t, w, time.Duration(o.since)+c.ramp*time.Duration(k+1)/windows)
					multiples[k] = append(multiples[k], (o.opened[0]-mine)/((sum(o.opened)-all)/n))
				}
			}
			peak := multiples[0]
			for _, m := range multiples {
				if mean(m) > mean(peak) {
					peak = m
				}
			}
			prefix := "ramp-wlc-" + c.rows + "-"
			// The formulas for the ends do not know that there is a limit: more
			// than every new connection, n times the fair share, it cannot get.
			end := func(id string, measured []float64) {
				t.Run(id, func(t *testing.T) {
					row := known.Row(t, id)
					known.CheckNumber(t, id, min(n, row.Number()), measured)
				})
			}
			end(prefix+"rate_multiple_start", multiples[0])
			end(prefix+"rate_multiple_end", multiples[windows-1])
			t.Run(prefix+"rate_multiple_peak", func(t *testing.T) { known.Check(t, prefix+"rate_multiple_peak", peak) })
			t.Run(prefix+"R_no_saturation", func(t *testing.T) {
				// At the start the multiple is n R0/R for ramps longer than R0, and n
				// for shorter ones.
				id := prefix + "R_no_saturation"
				if r0 := known.Row(t, id).Number(); c.ramp.Seconds() >= r0 {
					x := slices.Clone(multiples[0])
					for i := range x {
						x[i] *= c.ramp.Seconds() / n
					}
					known.Check(t, id, x)
				} else {
					known.CheckNumber(t, id, n, multiples[0])
				}
			})
		})
	}
}

// jackknife returns what stands for replications of a statistic of the mean course
// of several runs (Tukey's pseudo-values). A course crosses 90 % slowly, so that the
// first time of a single run says more of its noise than of the course.
func jackknife(courses [][]float64, statistic func(course []float64) float64) (x []float64) {
	n := float64(len(courses))
	meanOf := func(without int) []float64 {
		sum, used := make([]float64, len(courses[0])), 0.0
		for i, c := range courses {
			if i == without {
				continue
			}
			used++
			for k, v := range c {
				sum[k] += v
			}
		}
		for k := range sum {
			sum[k] /= used
		}
		return sum
	}
	all := statistic(meanOf(-1))
	for i := range courses {
		x = append(x, n*all-(n-1)*statistic(meanOf(i)))
	}
	return x
}

// With policies that only share out new connections, a ramp keeps the returned
// server below its fair rate, and its count lags by the time that connections
// last.
func TestRampUnderSharing(t *testing.T) {
	for _, c := range ramps {
		for _, policy := range []lb.SchedulerPolicy{&sched.RoundRobin{}, &sched.Random{}} {
			if _, random := policy.(*sched.Random); random && c.ramp != 300*second && c.ramp != 60*second {
				continue // two cases show that it is the same
			}
			t.Run(fmt.Sprintf("%s %T", c.rows, policy), func(t *testing.T) {
				t.Parallel()
				r := c.rejoin(policy)
				fair := r.rate * r.hold.Seconds() / float64(r.servers)
				const step = 2 * second
				var courses [][]float64
				var atEnd, peak []float64
				for i := range few(8) {
					course := make([]float64, 3*int(r.hold/step))
					o := newReturning(r)
					w := build(t, r.config(), t.Name(), i, o)
					run(t, w, r.recovery()+second)
					start := time.Duration(o.since)
					for k := range course {
						run(t, w, start+time.Duration(k+1)*step)
						course[k] = o.at[0] / fair
						if time.Duration(k+1)*step == c.ramp {
							atEnd = append(atEnd, o.at[0]/fair)
							peak = append(peak, o.opened[0]/(sum(o.opened)/float64(r.servers)))
						}
					}
					courses = append(courses, course)
				}
				id := "ramp-wrr-" + c.rows + "-"
				t.Run(id+"count_at_R_over_fair", func(t *testing.T) { known.Check(t, id+"count_at_R_over_fair", atEnd) })
				t.Run(id+"t90", func(t *testing.T) {
					known.Check(t, id+"t90", jackknife(courses, func(course []float64) float64 {
						k := 0
						for k < len(course)-1 && course[k] < 0.9 {
							k++
						}
						return (time.Duration(k+1) * step).Seconds()
					}))
				})
				if m := mean(peak); m > 1 {
					t.Errorf("during the ramp the server gets %.2f times its fair share", m)
				}
			})
		}
	}
}

type rampCase struct {
	rows       string
	servers    int
	hold, ramp time.Duration
}

var ramps = []rampCase{
	{"4-600-100", 4, 600 * second, 100 * second},
	{"4-600-200", 4, 600 * second, 200 * second},
	{"4-600-300", 4, 600 * second, 300 * second},
	{"4-600-600", 4, 600 * second, 600 * second},
	{"10-600-120", 10, 600 * second, 120 * second},
	{"10-600-60", 10, 600 * second, 60 * second},
}

func (c rampCase) rejoin(policy lb.SchedulerPolicy) rejoin {
	return rejoin{servers: c.servers, back: 1, rate: fluidRate, hold: c.hold, policy: policy, ramp: &ramp.Linear{Time: c.ramp}}
}
