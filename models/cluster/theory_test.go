package cluster_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dist"
	"lbsim/models/internal/theory"
	"lbsim/sim"
)

// known is what the cluster must reproduce: the rows avail-* and place-* of the
// collection that models/testdata/README.md describes, copied without change.
var known = theory.Load("testdata/theory.json")

func TestMain(m *testing.M) { os.Exit(known.Run(m)) }

// hour is an hour of a row: a run lasts 292 years at most, and what is measured
// does not depend on the unit.
const hour = time.Second

// hours are so many of them.
func hours(x float64) time.Duration { return dist.Seconds(x * hour.Seconds()) }

// replications is how many runs an interval is of.
const replications = 16

// sample runs the replications of a row. Each row has seeds of its own: hosts of
// the same name have the same luck in runs of the same seed, so that rows which
// share it are all too low or all too high.
func sample(id string, seed uint64, f func(e *sim.Engine) float64) (x []float64) {
	h := fnv.New64a()
	h.Write([]byte(theory.Salted(id)))
	for i := range uint64(replications) {
		x = append(x, f(sim.New(seed+h.Sum64(), i)))
	}
	return x
}

// checkRow compares a row with replications, and logs what others would have
// given: a value that is off to the same side in both may be a bias.
func checkRow(t *testing.T, id string, f func(e *sim.Engine) float64) {
	t.Helper()
	known.Check(t, id, sample(id, 1, f))
	others(t, id, known.Row(t, id).Number(), f)
}

// checkNumber does so for a number that is not a row's.
func checkNumber(t *testing.T, id string, want, tolerance float64, f func(e *sim.Engine) float64) {
	t.Helper()
	theory.CheckNumber(t, want, tolerance, sample(id, 1, f))
	others(t, id, want, f)
}

// others logs what other replications would have given.
func others(t *testing.T, id string, want float64, f func(e *sim.Engine) float64) {
	t.Helper()
	if !testing.Short() && !theory.Validating() {
		mean, half := theory.Interval(sample(id, 2, f), 0.99)
		t.Logf("other seeds: %.6g: %+.2f %% off, interval +-%.2f %%", mean, 100*(mean/want-1), 100*half/mean)
	}
}

// group is machines on hosts that nobody restarts elsewhere: they answer as soon as
// their host does.
type group struct {
	hosts    []int         // how many machines each has
	need     int           // so many are to answer
	up, down time.Duration // mean times that a host works and is repaired
	crews    int           // 0: one for each

	// The laws of these times if they are not exponential.
	law, repair dist.Spec

	// What machines do by themselves, unless it is 0, as it may be for hosts.
	vmUp, vmDown time.Duration
}

// platform is one as it is without parameters of its own.
func platform(kind string) cluster.Policy {
	p, ok := place.Table.Lookup(kind)
	if !ok {
		panic(kind)
	}
	return p
}

// config describes the group.
func (g *group) config() *cluster.Config {
	c := &cluster.Config{Platform: platform("none")}
	c.SetDefaults()
	for h, n := range g.hosts {
		c.Hosts = append(c.Hosts, cluster.Host{Name: fmt.Sprintf("h%d", h), Cores: 4, Memory: 8e9})
		for range n {
			c.VMs = append(c.VMs, cluster.VM{Name: fmt.Sprintf("v%d", len(c.VMs)), On: c.Hosts[h].Name, Cores: 1, Memory: 1e9, Priority: cluster.Medium})
		}
	}
	c.Failures = &cluster.Failures{}
	if g.up > 0 || g.law != nil {
		c.Failures.Host = &cluster.Process{MTBF: g.up, MTTR: g.down, Law: g.law, Repair: g.repair, Crews: g.crews}
	}
	if g.vmUp > 0 {
		c.Failures.VM = &cluster.Process{MTBF: g.vmUp, MTTR: g.vmDown}
	}
	return c
}

// begin has the group in a run.
func (g *group) begin(e *sim.Engine) *watch {
	w := &watch{e: e, need: g.need}
	for _, n := range g.hosts {
		w.up += n
	}
	cluster.New(e, g.config(), cluster.Options{Machines: w})
	return w
}

// run lets the group fail and be repaired for so long.
func (g *group) run(e *sim.Engine, length time.Duration) *watch {
	w := g.begin(e)
	e.Run(sim.Time(length))
	return w
}

// watch counts when fewer machines answer than are needed.
type watch struct {
	e     *sim.Engine
	need  int
	first bool // the run ends when it comes to that

	up    int
	since sim.Time
	sum   time.Duration
	times int
}

func (w *watch) Down(int, cluster.Ending) {
	if w.up--; w.up == w.need-1 {
		w.since = w.e.Now()
		if w.times++; w.first {
			w.e.Stop()
		}
	}
}

func (w *watch) Up(int, bool) {
	if w.up++; w.up == w.need {
		w.sum += w.e.Now().Sub(w.since)
	}
}

func (w *watch) Speed(int, float64)      {}
func (w *watch) Stun(int, time.Duration) {}

// unavailable is the part of a run of that length in which too few of the group
// answer.
func (g *group) unavailable(length time.Duration) func(e *sim.Engine) float64 {
	return func(e *sim.Engine) float64 { return g.run(e, length).lacking().Seconds() / length.Seconds() }
}

// timeToTooFew is the mean time, over so many runs, until too few of the group
// answer, in hours.
func (g *group) timeToTooFew(e *sim.Engine, runs int) float64 {
	sum := 0.0
	for i := range runs {
		w := g.begin(nth(e, runs, i))
		w.first = true
		w.e.Run(sim.Never)
		sum += w.e.Now().Seconds() / hour.Seconds()
	}
	return sum / float64(runs)
}

// nth is the engine of the i-th of n runs that are one replication.
func nth(e *sim.Engine, n, i int) *sim.Engine {
	seed, replication := e.Seed()
	return sim.New(seed, replication*uint64(n)+uint64(i))
}

// apart is one machine on each of so many hosts.
func apart(n int) []int { return slices.Repeat([]int{1}, n) }

// spells is for how long to run, in each replication, to see a state so many times
// in all that has this part of the time and lasts so long.
func spells(n, part float64, lasts time.Duration) time.Duration {
	if testing.Short() {
		n /= 10
	}
	n *= theory.Part()
	return hours(n * lasts.Seconds() / hour.Seconds() / part / replications)
}

// lacking is for how long there were too few.
func (w *watch) lacking() time.Duration {
	if w.up < w.need {
		return w.sum + w.e.Now().Sub(w.since)
	}
	return w.sum
}
