package cluster_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/dist"
	"lbsim/sim"
)

// A cycle is a group from the failure of one of its hosts until all are up again.
// What happens in one of a hundred thousand of them is seen by importance sampling:
// the others fail many times as often as they should, and what comes of it has the
// weight by which it is less likely than that (Glynn and Iglehart 1989). As hosts
// that are up have no memory, what is so in the long run follows from cycles.
type cycle struct {
	e          *sim.Engine
	need       int
	rate, fast float64 // failures of a host per second: as it is, and in the cycle

	hosts, down int
	weight      float64 // the logarithm of the likelihood ratio
	last        sim.Time
	since       sim.Time // since when too few answer

	// What has come of it, each with its weight: how long it took, and how long until
	// there were too few, if that came first; how long and how often there were.
	length, until, lacking, times float64
	hit                           float64 // the weight if there were too few, else 0
}

// advance changes the weight by the time in which hosts could have failed.
func (c *cycle) advance() {
	now := c.e.Now()
	c.weight += (c.fast - c.rate) * float64(c.hosts-c.down) * now.Sub(c.last).Seconds()
	c.last = now
}

func (c *cycle) Down(int, cluster.Ending) {
	if c.advance(); c.down > 0 {
		c.weight += math.Log(c.rate / c.fast)
	}
	if c.down++; c.hosts-c.down != c.need-1 {
		return
	}
	c.since = c.e.Now()
	w := math.Exp(c.weight)
	c.times += w
	if c.hit == 0 {
		c.hit, c.until = w, w*c.e.Now().Seconds()
	}
}

func (c *cycle) Up(int, bool) {
	c.advance()
	w := math.Exp(c.weight)
	if c.down--; c.hosts-c.down == c.need {
		c.lacking += w * c.e.Now().Sub(c.since).Seconds()
	}
	if c.down > 0 {
		return
	}
	if c.length = w * c.e.Now().Seconds(); c.hit == 0 {
		c.until = c.length
	}
	c.e.Stop()
}

func (c *cycle) Speed(int, float64)      {}
func (c *cycle) Stun(int, time.Duration) {}

// atOnce is an exponential law, but for its first draw, which is 0: the first host
// fails when the run begins.
type atOnce struct {
	dist.Dist
	began bool
}

func (a *atOnce) Build() dist.Dist { return &atOnce{Dist: a.Dist} }

func (a *atOnce) Quantile(p float64) float64 {
	if !a.began {
		a.began = true
		return 0
	}
	return a.Dist.Quantile(p)
}

// cycles adds up so many of a group of single machines. Together the hosts that are
// left fail half as often as one is repaired, so that weights have a variance.
func (g *group) cycles(e *sim.Engine, n int) (sum cycle) {
	config := g.config()
	fast := 0.5 / g.down.Seconds() / float64(len(g.hosts)-1)
	config.Failures.Host.MTBF = 0
	config.Failures.Host.Law = &atOnce{Dist: (&dist.Exponential{Mean: dist.Seconds(1 / fast)}).Build()}
	for i := range n {
		c := &cycle{e: nth(e, n, i), need: g.need, rate: 1 / g.up.Seconds(), fast: fast, hosts: len(g.hosts)}
		cluster.New(c.e, config, cluster.Options{Machines: c})
		c.e.Run(sim.Never)
		sum.length += c.length
		sum.until += c.until
		sum.lacking += c.lacking
		sum.times += c.times
		sum.hit += c.hit
	}
	// Before each cycle all are up until one of them fails.
	first := float64(n) * g.up.Seconds() / float64(len(g.hosts))
	sum.length += first
	sum.until += first
	return sum
}

// cyclesOf is how many cycles a replication of the group has.
func (g *group) cyclesOf() int {
	n := 1250 * (len(g.hosts) - 1)
	if testing.Short() {
		n /= 5
	}
	return n
}

// Three hosts that are down together once in many thousand years, and, so that the
// method is seen to be right, those of TestAllDown and TestTimeToAllDown again.
func TestRarelyAllDown(t *testing.T) {
	for _, which := range []string{"3-10000", "2-10000", "3-2000", "2-500"} {
		for _, x := range []struct {
			row string
			of  func(c *cycle) float64
		}{
			{"anti", func(c *cycle) float64 { return c.lacking / c.length }},
			{"freq", func(c *cycle) float64 { return c.times / c.length * (8760 * hour).Seconds() }},
			{"mttf", func(c *cycle) float64 { return c.until / c.hit / hour.Seconds() }},
			{"mttf1", func(c *cycle) float64 { return c.until / c.hit / hour.Seconds() }},
		} {
			id := "avail-" + x.row + "-" + which
			t.Run(id, func(t *testing.T) {
				p := parametersOf(t, id)
				g := p.replicas(apart(p.Replicas)...)
				checkRow(t, id, func(e *sim.Engine) float64 {
					sum := g.cycles(e, g.cyclesOf())
					return x.of(&sum)
				})
			})
		}
	}
}

// Fewer than k of n where each has a host of its own and none fails by itself.
func TestRarelyTooFew(t *testing.T) {
	for _, id := range known.WithPrefix("place-1_1") {
		if !strings.HasSuffix(id, "-0.0") {
			continue
		}
		t.Run(id, func(t *testing.T) {
			g := sharedGroup(t, id)
			checkRow(t, id, func(e *sim.Engine) float64 {
				sum := g.cycles(e, g.cyclesOf())
				return sum.lacking / sum.length
			})
		})
	}
}
