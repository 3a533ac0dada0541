package models_test

import (
	"math"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// bounded is a ramp that bounds what the returned server may be given, as the
// theory has it: continuously.
type bounded struct {
	time time.Duration
	fair float64 // rate of one server; 0: the share of all connections is bounded
}

// NewRamp implements lb.RampPolicy.
func (p bounded) NewRamp(lb.Basis) lb.Ramp { return p }

// Begins implements lb.Ramp.
func (bounded) Begins(lb.Return) bool { return true }

// At implements lb.Ramp.
func (p bounded) At(up sim.Time, _ int32) lb.Stage {
	part := max(1, float64(up)) / float64(p.time) // 0 would be no bound
	if p.fair > 0 {
		return lb.Stage{Weight: 1, Rate: p.fair * part, Over: part >= 1}
	}
	return lb.Stage{Weight: 1, Share: part, Over: part >= 1}
}

// filling observes how a single returned server is filled.
type filling struct {
	*returning
	other     sim.Time // last connection that another server got
	first     sim.Time // first one after the return, -1 before
	saturated sim.Time // time in which all went to the returned server
	gap       sim.Time // how long that must be to count
	opens     []bool   // the server's own, of all connections since the return
}

func newFilling(r rejoin) *filling {
	return &filling{returning: newReturning(r), first: -1, gap: sim.Time(0.2e9)}
}

// Assigned implements flow.Observer.
func (o *filling) Assigned(id flow.ConnID, c *flow.Conn, out flow.Outcome, now sim.Time) {
	if o.since >= 0 && o.level < 0 {
		o.opens = append(o.opens, c.Server == 0)
		if c.Server != 0 {
			o.idle(now)
		}
	}
	o.returning.Assigned(id, c, out, now)
}

// idle counts the time for which no other server has got a connection.
func (o *filling) idle(now sim.Time) {
	if t := now - max(o.other, o.since); t >= o.gap {
		o.saturated += t
	}
	if o.other = now; o.first < 0 {
		o.first = now
	}
}

// share is the part of the last n connections that the returned server got.
func (o *filling) share(n int) float64 {
	got := 0.0
	for _, mine := range o.opens[len(o.opens)-n:] {
		if mine {
			got++
		}
	}
	return got / float64(n)
}

// boundedCase is a pool of connections that are so many that they come close
// to the fluid: 15000 to a server.
func boundedCase(servers int, hold time.Duration, p lb.RampPolicy) rejoin {
	return rejoin{
		servers: servers, back: 1, rate: 15000 * float64(servers) / hold.Seconds(), hold: hold,
		policy: &sched.LeastConnections{}, ramp: p,
	}
}

// fillings runs replications until the returned server is level.
func fillings(t *testing.T, r rejoin, look func(o *filling, run func(until time.Duration))) (all []*filling) {
	t.Helper()
	for i := range few(6) {
		o := newFilling(r)
		w := build(t, r.config(), t.Name(), i, o)
		run(t, w, r.recovery()+second)
		if look != nil {
			look(o, func(until time.Duration) { run(t, w, until) })
		}
		for w.Engine().Now() < sim.Time(r.recovery()+r.hold*3/2) && o.level < 0 {
			run(t, w, time.Duration(w.Engine().Now())+5*second)
		}
		if o.level < 0 {
			t.Fatal("the returned server never reaches the others")
		}
		o.idle(o.level)
		all = append(all, o)
	}
	return all
}

func numbers(all []*filling, of func(o *filling) float64) (x []float64) {
	for _, o := range all {
		x = append(x, of(o))
	}
	return x
}

// Least connections with a bound on the returned server's share of all new
// connections that grows to 1: the storm is put off more than it is prevented.
func TestRampInShare(t *testing.T) {
	for _, c := range ramps {
		t.Run(c.rows, func(t *testing.T) {
			t.Parallel()
			all := fillings(t, boundedCase(c.servers, c.hold, bounded{time: c.ramp}), nil)
			// In the time of a thousand connections the bound grows by some 3 %
			// of itself at most.
			share := numbers(all, func(o *filling) float64 { return o.share(1000) })
			var multiple []float64
			for _, s := range share {
				multiple = append(multiple, s*float64(c.servers))
			}
			id := "ramp-cap-" + c.rows + "-"
			for name, x := range map[string][]float64{
				"t_fill":             numbers(all, func(o *filling) float64 { return (o.level - o.since).Seconds() }),
				"share_at_fill":      share,
				"rate_multiple_peak": multiple,
			} {
				t.Run(id+name, func(t *testing.T) { known.Check(t, id+name, x) })
			}
		})
	}
}

var steps = []rampCase{
	{"4-600-60", 4, 600 * second, 60 * second},
	{"4-600-300", 4, 600 * second, 300 * second},
	{"10-600-300", 10, 600 * second, 300 * second},
	{"3-120-60", 3, 120 * second, 60 * second},
}

// HAProxy's sixteenths with least connections: after each step every new
// connection goes to the returned server until it has caught up. The theory's
// steps are a sixteenth of the ramp, HAProxy's come at the next whole second.
func TestRampInSixteenths(t *testing.T) {
	for _, c := range steps {
		t.Run(c.rows, func(t *testing.T) {
			t.Parallel()
			id := "ramp-step16-" + c.rows + "-"
			all := fillings(t, boundedCase(c.servers, c.hold, &ramp.HAProxy{Time: c.ramp}), nil)
			check := func(name string, x []float64) {
				t.Run(id+name, func(t *testing.T) { known.Check(t, id+name, x) })
			}
			check("saturated_s", numbers(all, func(o *filling) float64 { return o.saturated.Seconds() }))
			check("t_full", numbers(all, func(o *filling) float64 { return (o.level - o.since).Seconds() }))
			effective := numbers(all, func(o *filling) float64 {
				if o.first >= 0 && o.first-o.since < sim.Time(math.Ceil(c.ramp.Seconds()/16)*1e9) {
					return 1
				}
				return 0
			})
			check("effective", effective)
			if effective[0] == 0 {
				// The second step overruns the first: a longer ramp shows how
				// long that would take to catch up.
				all = fillings(t, boundedCase(c.servers, c.hold, &ramp.HAProxy{Time: 10 * c.ramp}), nil)
			}
			check("first_step_catch_up_s", numbers(all, func(o *filling) float64 { return (o.first - o.since).Seconds() }))
		})
	}
}

// A bound on the returned server's rate that grows to its fair rate, then plain
// least connections: most of the storm is left for later.
func TestRampInRate(t *testing.T) {
	for _, c := range steps {
		t.Run(c.rows, func(t *testing.T) {
			t.Parallel()
			r := boundedCase(c.servers, c.hold, nil)
			fair := r.rate / float64(r.servers)
			r.ramp = bounded{time: c.ramp, fair: fair}
			var atEnd []float64
			all := fillings(t, r, func(o *filling, run func(time.Duration)) {
				run(time.Duration(o.since) + c.ramp)
				atEnd = append(atEnd, o.at[0]/(fair*r.hold.Seconds()))
			})
			n := float64(c.servers)
			storm := c.hold.Seconds() * math.Log(n/(n-1))
			left := numbers(all, func(o *filling) float64 { return (o.level - o.since).Seconds() - c.ramp.Seconds() })
			id := "ramp-member-" + c.rows + "-"
			t.Run(id+"count_at_R_over_fair", func(t *testing.T) { known.Check(t, id+"count_at_R_over_fair", atEnd) })
			t.Run(id+"storm_s_after_ramp", func(t *testing.T) { known.Check(t, id+"storm_s_after_ramp", left) })
			t.Run(id+"storm_fraction_left", func(t *testing.T) {
				row := known.Row(t, id+"storm_fraction_left")
				known.CheckNumber(t, id+"storm_fraction_left", row.Number()*storm, left)
			})
		})
	}
}
