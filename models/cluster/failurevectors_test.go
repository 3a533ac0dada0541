package cluster_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/sim"
)

// The vectors F1 to F14 of the sheet on failures: each figure of the sheet by its
// formula, and then what the cluster does in a long run.

// year is 8760 hours.
const year = 8760 * hour

// figure fails unless a formula gives what the sheet prints.
func figure(t *testing.T, name string, got, printed, precision float64) {
	t.Helper()
	if !(math.Abs(got-printed) <= precision) {
		t.Errorf("%s: the formula gives %.12g, the sheet has %.12g", name, got, printed)
	}
}

// What runs measure may be off by these parts of a value; what is rare takes too
// long to be seen often.
const (
	nearly = 0.01
	rarely = 0.05
)

// F1, F2, F3, A1: a part of MTTR/(MTTF+MTTR) of the time is lost, of 525,600 minutes
// a year; and A12: whatever the laws are.
func TestRenewal(t *testing.T) {
	for _, x := range []struct {
		name               string
		mttf, mttr         float64
		available, minutes float64
	}{
		{"F1", 8760, 4, 0.99954359, 239.89},
		{"F2", 4380, 4, 0.99908759, 479.56},
		{"F3", 8760, 24, 0.99726776, 1436.07},
	} {
		lost := x.mttr / (x.mttf + x.mttr)
		figure(t, x.name, 1-lost, x.available, 5e-9)
		figure(t, x.name+" in minutes a year", lost*525_600, x.minutes, 0.005)
		up, down := hours(x.mttf), hours(x.mttr)
		for _, l := range []struct {
			name        string
			law, repair dist.Spec
		}{
			{"exponential", nil, nil},
			{"Weibull and lognormal", &dist.Weibull{Mean: up, Shape: 0.75}, &dist.Lognormal{Mean: down, CV: 1}},
			{"Weibull and constant", &dist.Weibull{Mean: up, Shape: 1.5}, &dist.Constant{Mean: down}},
		} {
			name := x.name + ", " + l.name
			t.Run(name, func(t *testing.T) {
				g := &group{hosts: []int{1}, need: 1, up: up, down: down}
				if l.law != nil {
					g.up, g.down, g.law, g.repair = 0, 0, l.law, l.repair
				}
				checkNumber(t, name, lost, nearly, g.unavailable(spells(20_000, lost, down)))
			})
		}
	}
}

// F1 for machines that fail by themselves.
func TestRenewalOfMachines(t *testing.T) {
	const lost = 4.0 / 8764
	g := &group{hosts: []int{1}, need: 1, vmUp: year, vmDown: 4 * hour}
	checkNumber(t, "F1 of machines", lost, nearly, g.unavailable(spells(20_000, lost, g.vmDown)))
}

// kOfN is A3: the probability that k of n are up, each with probability a.
func kOfN(k, n int, a float64) (sum float64) {
	for i := k; i <= n; i++ {
		choose := 1.0
		for j := range i {
			choose *= float64(n-j) / float64(j+1)
		}
		sum += choose * math.Pow(a, float64(i)) * math.Pow(1-a, float64(n-i))
	}
	return sum
}

// F4, F5, F6, A3: k of n that fail independently.
func TestKOfN(t *testing.T) {
	for _, x := range []struct {
		vector         string
		k, n           int
		each           float64
		all, precision float64
	}{
		{"F4", 1, 2, 0.99, 0.9999, 1e-12},
		{"F4", 2, 3, 0.99, 0.999702, 1e-12},
		{"F4", 3, 4, 0.99, 0.99940797, 1e-12},
		{"F4", 4, 5, 0.99, 0.99901985, 5e-9},
		{"F5", 2, 4, 0.99, 0.99999603, 5e-9},
		{"F5", 7, 8, 0.99, 0.99730992, 5e-9},
		{"F6", 2, 3, 0.999, 0.999997002, 1e-12},
	} {
		name := fmt.Sprintf("%s, %d of %d at %g", x.vector, x.k, x.n, x.each)
		t.Run(name, func(t *testing.T) {
			figure(t, name, kOfN(x.k, x.n, x.each), x.all, x.precision)
			if x.vector == "F6" {
				figure(t, "minutes a year", (1-kOfN(x.k, x.n, x.each))*525_600, 1.576, 0.0005)
			}
			g := &group{hosts: apart(x.n), need: x.k, up: hours(x.each / (1 - x.each)), down: hour}
			want := 1 - kOfN(x.k, x.n, x.each)
			n, tolerance := 8000.0, nearly
			if want < 1e-5 {
				n, tolerance = 2000, rarely
			}
			lasts := g.down / time.Duration(x.n-x.k+1)
			checkNumber(t, name, want, tolerance, g.unavailable(spells(n, want, lasts)))
		})
	}
}

// F7, A2: a pair of balancers of which one is needed, and three servers of which
// two are, in series. Each component has its own process.
func TestSeries(t *testing.T) {
	pair, servers := kOfN(1, 2, 0.999), kOfN(2, 3, 0.99)
	figure(t, "pair", pair, 0.999999, 1e-12)
	figure(t, "servers", servers, 0.999702, 1e-12)
	figure(t, "F7", pair*servers, 0.99970100, 5e-9)
	c := (&group{hosts: apart(5)}).config()
	c.Failures = &cluster.Failures{}
	for h := range c.Hosts {
		up := 99 * hour
		if h < 2 {
			up = 999 * hour
		}
		name := c.Hosts[h].Name
		c.Failures.Common = append(c.Failures.Common, cluster.Common{
			Name: name, Hosts: []string{name}, Process: cluster.Process{MTBF: up, MTTR: hour},
		})
	}
	length := spells(8000, 1-pair*servers, hour/2)
	var first float64 // how much of the time the pair was down, in the runs of one seed
	checkNumber(t, "F7", 1-pair*servers, nearly, func(e *sim.Engine) float64 {
		w := &series{e: e, up: [2]int{2, 3}}
		cluster.New(e, c, cluster.Options{Machines: w})
		e.Run(sim.Time(length))
		w.count()
		first += w.pair.Seconds() / length.Seconds() / replications
		return w.down.Seconds() / length.Seconds()
	})
	t.Logf("the pair alone: %.3g of the time, in runs of all seeds", first)
}

// series is a system of machines 0 and 1, one of which is needed, and 2, 3 and 4,
// of which two are.
type series struct {
	e          *sim.Engine
	up         [2]int
	last       sim.Time
	down, pair time.Duration
}

func (s *series) count() {
	d := s.e.Now().Sub(s.last)
	s.last = s.e.Now()
	if s.up[0] < 1 {
		s.pair += d
	}
	if s.up[0] < 1 || s.up[1] < 2 {
		s.down += d
	}
}

func (s *series) change(vm, by int) {
	s.count()
	s.up[min(vm/2, 1)] += by
}

func (s *series) Down(vm int, _ cluster.Ending) { s.change(vm, -1) }
func (s *series) Up(vm int, _ bool)             { s.change(vm, 1) }
func (s *series) Speed(int, float64)            {}
func (s *series) Stun(int, time.Duration)       {}

// birthDeath is A9: the probability that more than n-k of n are down, with so many
// crews and r = MTTR/MTTF.
func birthDeath(k, n, crews int, r float64) float64 {
	p, sum, down := 1.0, 1.0, 0.0
	for i := 1; i <= n; i++ {
		p *= float64(n-i+1) * r / float64(min(i, crews))
		sum += p
		if i > n-k {
			down += p
		}
	}
	return down / sum
}

// F8, A7: two units and one crew are down together for 2r²/(1+2r+2r²), with a crew
// each for (r/(1+r))². A9: three units of which two are needed, and one crew or two.
func TestCrews(t *testing.T) {
	const r = 0.01
	figure(t, "F8, a crew each", r/(1+r)*r/(1+r), 9.80296e-5, 5e-11)
	figure(t, "F8, one crew", 2*r*r/(1+2*r+2*r*r), 1.96040e-4, 5e-10)
	figure(t, "A9 for two and one crew", birthDeath(1, 2, 1, r), 1.96040e-4, 5e-10)
	for _, x := range []struct {
		name        string
		k, n, crews int
	}{{"F8, a crew each", 1, 2, 2}, {"F8, one crew", 1, 2, 1}, {"A9, one crew", 2, 3, 1}, {"A9, two crews", 2, 3, 2}} {
		t.Run(x.name, func(t *testing.T) {
			g := &group{hosts: apart(x.n), need: x.k, up: 100 * hour, down: hour, crews: x.crews % x.n}
			want := birthDeath(x.k, x.n, x.crews, r)
			checkNumber(t, x.name, want, nearly, g.unavailable(spells(5000, want, hour)))
		})
	}
}

// F9, A8: the mean time until both of two are down, from when both are up.
func TestTimeToBothDown(t *testing.T) {
	const rate, repair = 1.0 / 1000, 1.0 / 10
	figure(t, "F9", (3*rate+repair)/(2*rate*rate), 51_500, 1e-6)
	g := &group{hosts: apart(2), need: 1, up: 1000 * hour, down: 10 * hour}
	checkNumber(t, "F9", 51_500, nearly, func(e *sim.Engine) float64 { return g.timeToTooFew(e, 300) })
}

// F13, A4: four failovers a year of 30 s each are 120 s a year.
func TestFailoversOfAYear(t *testing.T) {
	r := rigOf(t, `platform: wsfc
hosts: [{names: "h[1-2]", cores: 4, memory: 8GB}]
vms: [{name: v, on: h1, memory: 1GB, boot: 15s, service: 5s}]
`)
	for i := range 4 {
		h := "h" + fmt.Sprint(i%2+1)
		for _, line := range []string{fmt.Sprintf("at %dh fail %s", 2000*i+1000, h), fmt.Sprintf("at %dh recover %s", 2000*i+1004, h)} {
			if err := r.Command(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	end := sim.Time(8760 * time.Hour)
	r.e.Run(end)
	m := r.c.VMMeter(0, end)
	down := time.Duration(end) - m.Up
	if down != 2*time.Minute || m.Failovers != 4 {
		t.Errorf("down for %v, %d failovers", down, m.Failovers)
	}
	figure(t, "F13", down.Seconds()/end.Seconds(), 3.80e-6, 0.01e-6)
}

// F14, A6: a tenth of the failures of two units is common to both. Of what is lost,
// the common cause is nearly all.
func TestCommonCause(t *testing.T) {
	own, common := 1/(1+4*0.9/8760), 1/(1+0.4/8760)
	pair := kOfN(1, 2, own)
	figure(t, "own", own, 0.99958921, 5e-9)
	figure(t, "pair", 1-pair, 1.6875e-7, 5e-12)
	figure(t, "common", common, 0.99995434, 5e-9)
	figure(t, "F14", pair*common, 0.99995417, 5e-9)
	g := &group{hosts: apart(2), need: 1, up: hours(8760 / 0.9), down: 4 * hour}
	t.Run("pair", func(t *testing.T) {
		checkNumber(t, "F14, pair", 1-pair, rarely, g.unavailable(spells(1500, 1-pair, 2*hour)))
	})
	t.Run("common", func(t *testing.T) {
		length := spells(8000, 1-pair*common, 4*hour)
		checkNumber(t, "F14", 1-pair*common, nearly, func(e *sim.Engine) float64 {
			c := g.config()
			c.Failures.Common = []cluster.Common{{Name: "update", Hosts: []string{"h0", "h1"}, Process: cluster.Process{MTBF: 10 * year, MTTR: 4 * hour}}}
			w := &watch{e: e, need: 1, up: 2}
			cluster.New(e, c, cluster.Options{Machines: w})
			e.Run(sim.Time(length))
			return w.lacking().Seconds() / length.Seconds()
		})
	})
}

// The tail check of the sheet: two of three in 10^6 h are within three standard
// errors of A3, and with one crew of A9.
func TestTailCheck(t *testing.T) {
	for _, x := range []struct {
		name, failures string
		want           float64
	}{
		{"A3", "{host: {mtbf: 99h, mttr: 1h}}", 1 - kOfN(2, 3, 0.99)},
		{"A9", "{host: {mtbf: 99h, mttr: 1h, crews: 1}}", birthDeath(2, 3, 1, 1.0/99)},
	} {
		got, half := measure(t, alone(3, x.failures), 25_000, less(2)) // 40 times
		check(t, x.name, got, half, x.want, 0.1)
	}
}

// Bursts, side by side: a host's failure takes the other one of its rack along,
// within a minute, never and in 37 % of all cases. With r = MTTR/MTTF both are down
// for (r² + r p)/(1 + 2r + r² + r p) of the time, by the chain of 0, 1 and 2 that are
// down, where bursts take no time; the half minute that they take is a thousandth of
// eight hours' repair.
func TestBursts(t *testing.T) {
	const r = 0.01
	for _, p := range []float64{0, 0.37} {
		name := fmt.Sprintf("probability %g", p)
		t.Run(name, func(t *testing.T) {
			want := (r*r + r*p) / (1 + 2*r + r*r + r*p)
			g := &group{hosts: apart(2), need: 1, up: 800 * hour, down: 8 * hour}
			length := spells(10_000, want, 4*hour)
			checkNumber(t, name, want, nearly, func(e *sim.Engine) float64 {
				c := g.config()
				c.Failures.Burst = &cluster.Burst{}
				c.Failures.Burst.SetDefaults()
				c.Failures.Burst.Probability = flow.Share(p)
				c.Failures.Burst.Within = dist.Seconds(c.Failures.Burst.Within.Hours() * hour.Seconds())
				for h := range c.Hosts {
					c.Hosts[h].Rack = "r"
				}
				w := &watch{e: e, need: 1, up: 2}
				cluster.New(e, c, cluster.Options{Machines: w})
				e.Run(sim.Time(length))
				return w.lacking().Seconds() / length.Seconds()
			})
		})
	}
}
