package models_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// withoutBalancer makes the world one of Windows NLB's hosts.
func withoutBalancer(c *models.Config, r nlb.Rule) {
	c.NLB = &nlb.Config{}
	c.NLB.SetDefaults()
	c.NLB.Rules = map[string]nlb.Rule{"all": r}
}

// Whatever happens to hosts, nothing is lost or counted twice, under every rule.
func TestLawsWithoutBalancer(t *testing.T) {
	for _, r := range []nlb.Rule{
		{Mode: nlb.Multiple, Affinity: nlb.NoAffinity}, {Mode: nlb.Multiple, Affinity: nlb.SingleAffinity},
		{Mode: nlb.Multiple, Affinity: nlb.NetworkAffinity}, {Mode: nlb.Multiple, Affinity: nlb.SingleAffinity, Extended: 10 * second},
		{Mode: nlb.Single, Affinity: nlb.SingleAffinity}, {Mode: nlb.ByDefault, Affinity: nlb.SingleAffinity},
	} {
		for _, existing := range []nlb.Existing{nlb.Keep, nlb.Reset} {
			for variant := range 2 {
				name := fmt.Sprintf("%s, %s, %v, %s, %d", r.Mode, r.Affinity, r.Extended, existing, variant)
				t.Run(name, func(t *testing.T) {
					c := harsh(variant)
					withoutBalancer(&c, r)
					c.NLB.Existing = existing
					for i := range c.Servers {
						if r.Mode != nlb.Multiple {
							c.Servers[i].Cores = 3 // one does the work of all
						}
					}
					for i := range c.Timeline {
						c.Timeline[i].Set = maps.Clone(c.Timeline[i].Set)
						maps.DeleteFunc(c.Timeline[i].Set, func(path string, _ int) bool { return strings.HasSuffix(path, ".max_connections") })
					}
					c.Timeline[1].How = models.Silent
					keepBooks(t, name, c)
				})
			}
		}
	}
}

// A client of a rule with affinity moves only for a reason that the run can name.
func TestMovesWithoutBalancerHaveReasons(t *testing.T) {
	seen := map[flow.Move]int{}
	for _, extended := range []time.Duration{0, 5 * second} {
		c := persistent(nil, lb.TCP)
		withoutBalancer(&c, nlb.Rule{Mode: nlb.Multiple, Affinity: nlb.SingleAffinity, Extended: extended})
		c.Timeline[0].How = models.Silent
		c.Sites = append(c.Sites, snat.Site{Name: "train", Clients: 30, NAT: &snat.NAT{Addresses: 4, Pooling: snat.Arbitrary, Sizes: &snat.Equal{}}})
		c.Traffic[0].From = append(c.Traffic[0].From, "train")
		h := &clientHomes{t: t, served: map[flow.ClientID]int32{}, moves: map[flow.Move]int{}}
		run(t, build(t, c, "moves", 0, h), 100*second)
		for why, n := range h.moves {
			seen[why] += n
		}
	}
	for _, why := range []flow.Move{flow.Stayed, flow.ServerDown, flow.Drained, flow.KeyChanged, flow.Remapped, flow.Expired} {
		if seen[why] == 0 {
			t.Errorf("nobody %v", why)
		}
	}
	t.Log(seen)
}

// outcomes counts what became of connection attempts.
type outcomes struct {
	silent
	since sim.Time
	of    map[flow.Outcome]int
	last  sim.Time // when an attempt failed last
}

func (o *outcomes) Assigned(_ flow.ConnID, c *flow.Conn, what flow.Outcome, now sim.Time) {
	if now < o.since {
		return
	}
	o.of[what]++
	if what != flow.Accepted {
		o.last = now
	}
}

// arrivals is a world of 3 hosts and short connections of 300 clients, whose
// first host fails at 30 s.
func arrivals(how models.Failure) models.Config {
	c := models.Config{
		Sites:    []snat.Site{{Name: "home", Clients: 300}},
		Traffic:  []traffic.Stream{{Name: "web", From: []string{"home"}, Arrivals: &traffic.Poisson{Rate: 100}, Demand: &dist.Constant{Mean: 5 * time.Millisecond}, Retry: traffic.Retry{Attempts: 1}}},
		Timeline: []models.Action{{At: 30 * second, Fail: "s1", How: how}},
	}
	addServers(&c, 3, server.Config{Cores: 2, Queue: server.Unlimited, Discipline: server.PS}, nil)
	withoutBalancer(&c, nlb.Rule{Mode: nlb.Multiple, Affinity: nlb.SingleAffinity})
	return c
}

// A server that has crashed on a machine that runs keeps its share of the clients,
// who are refused to the end; one whose machine is dead loses it within ten
// seconds.
func TestWhatHostsNotice(t *testing.T) {
	crashed := &outcomes{since: sim.Time(60 * second), of: map[flow.Outcome]int{}}
	w := build(t, arrivals(models.Crash), "crash", 0, crashed)
	run(t, w, 100*second)
	if n := crashed.of; n[flow.Reset] < n[flow.Accepted]/4 {
		t.Errorf("after a crash attempts end as %v: about a third should be refused", n)
	}
	if w.Refused() == 0 {
		t.Error("no attempt met a dead server")
	}
	dead := &outcomes{of: map[flow.Outcome]int{}}
	w = build(t, arrivals(models.Silent), "silent", 0, dead)
	run(t, w, 100*second)
	if dead.of[flow.TimedOut] == 0 || dead.last > sim.Time(70*second) {
		t.Errorf("after a death attempts end as %v, the last failure at %v", dead.of, dead.last)
	}
}

// What a cluster cannot be is a problem.
func TestImpossibleHosts(t *testing.T) {
	c := arrivals(models.Crash)
	c.Balancer.Services[0].Servers[0].Priority = 2
	c.Balancer.Services[0].Servers[1].Priority = 2
	if ps := c.Check(); len(ps) != 1 || !strings.Contains(ps[0].Text, "never converge") {
		t.Errorf("two hosts have one number: %v", ps)
	}
	c = models.Config{Sites: arrivals("").Sites, Traffic: arrivals("").Traffic}
	addServers(&c, 33, server.Config{Cores: 1, Discipline: server.PS}, nil)
	withoutBalancer(&c, nlb.Rule{Mode: nlb.Multiple, Affinity: nlb.SingleAffinity})
	if ps := c.Check(); len(ps) != 1 || !strings.Contains(ps[0].Text, "33 hosts") {
		t.Errorf("33 hosts: %v", ps)
	}
}

// A program may leave everything out: that is a mistake like any other.
func TestHostsWithoutServers(t *testing.T) {
	c := arrivals(models.Crash)
	withoutBalancer(&c, nlb.Rule{Mode: nlb.Multiple, Affinity: nlb.SingleAffinity})
	c.Servers = nil
	if len(c.Check()) == 0 {
		t.Error("nothing is wrong with hosts that do not exist")
	}
}
