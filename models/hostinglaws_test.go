package models_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/traffic"
)

// turmoil puts the servers of a world on a cluster in which everything happens, by
// chance and by the timeline.
func turmoil(c *models.Config, r *rand.Rand) {
	x := hosted(c, place.Table.Names()[r.IntN(len(place.Table))], 2+r.IntN(3))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for i := range x.Hosts {
		h := &x.Hosts[i]
		h.Cores, h.Memory = 2+r.IntN(3), flow.Size(2+r.IntN(3))*1e9
		h.Rack, h.Datastore = pick("", "r1", "r2"), pick("", "d1")
	}
	x.VMs = append(x.VMs, cluster.VM{Name: "other", Cores: 2, Memory: 1e9, Priority: cluster.High, Boot: second})
	for i := range x.VMs {
		v := &x.VMs[i]
		v.On, v.Boot, v.Service = "", time.Duration(r.IntN(4))*second, time.Duration(r.IntN(3))*second
		if r.IntN(2) == 0 {
			v.Classes = []string{"A"}
		}
	}
	x.Migration.Stun = time.Duration(r.IntN(4)) * second
	x.Migration.Disk = 200e6
	c.Timeline = c.Timeline[4:]
	process := func() *cluster.Process {
		return &cluster.Process{MTBF: time.Duration(100+r.IntN(200)) * second, MTTR: time.Duration(1+r.IntN(8)) * second, Crews: r.IntN(2)}
	}
	x.Failures = &cluster.Failures{Host: process(), VM: process(), Datastore: process(), Burst: &cluster.Burst{Probability: 0.5, Within: second}}
	for _, p := range []**cluster.Process{&x.Failures.Host, &x.Failures.VM, &x.Failures.Datastore} {
		if r.IntN(2) == 0 && p != &x.Failures.Host {
			*p = nil
		}
	}
	c.Failures = &models.Breakdowns{Balancer: process()}
	c.Failures.Server = &models.Breakdown{Process: *process(), How: []models.Failure{"", models.Silent, models.Hang}[r.IntN(3)]}
	c.Failures.Service = &models.Breakdown{Process: *process(), How: []models.Failure{"", models.Crash}[r.IntN(2)]}
	if r.IntN(2) == 0 {
		c.Balancer.Pair = &lb.Pair{Failover: second / 2, Advert: second, Priority: 100, Preempt: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			c.Balancer.Pair.Sync = []lb.Synced{lb.SyncedConnections}
		}
	}
	host := func() string { return x.Hosts[r.IntN(len(x.Hosts))].Name }
	vm := func() string { return "vm:" + x.VMs[r.IntN(len(x.VMs))].Name }
	for i := range 20 {
		a := models.Action{At: time.Duration(i)*4*second + time.Duration(r.IntN(4000))*time.Millisecond}
		switch r.IntN(16) {
		case 0:
			a.Fail, a.How = host(), []models.Failure{"", models.Isolated, models.Unreachable}[r.IntN(3)]
		case 1, 2, 3:
			a.Recover = host()
		case 4:
			a.Fail = vm()
		case 5:
			a.Drain = host()
		case 6, 7, 8:
			a.Enable = host()
		case 9:
			a.Stop = vm()
		case 10, 11, 12:
			a.Start = vm()
		default:
			a.Migrate, a.To, a.Migration = vm(), host(), []models.Moving{"live", "quick", "cold"}[r.IntN(3)]
		}
		c.Timeline = append(c.Timeline, a)
	}
}

// Whatever happens to hosts, machines, programs and balancers: no request or
// connection is lost or counted twice, and no place is free while one waits.
func TestLawsOfHosted(t *testing.T) {
	n := uint64(120)
	if testing.Short() {
		n = 20
	}
	var ended [5]int
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := harsh(int(seed % 4))
			c.Traffic[0].Arrivals, c.Traffic[0].Demand = &traffic.Poisson{Rate: 30}, &dist.Exponential{Mean: 20 * time.Millisecond}
			c.Balancer.Services[0].Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
			if seed%3 == 0 {
				c.Balancer.Services[0].OnDown = lb.Suspended
			}
			turmoil(&c, rand.New(rand.NewPCG(seed, 0)))
			_, l := balance(t, t.Name(), c)
			for o, k := range l.ended {
				ended[o] += k
			}
		})
	}
	for o, least := range [5]int{flow.Completed: 100, flow.Rejected: 100, flow.TimedOut: 10, flow.Reset: 10} {
		if ended[o] < least*int(n) {
			t.Errorf("%v requests ended in all: too little happens", ended)
		}
	}
}

// What fails by chance is down for the part of the time that its means say, and a
// pair is when both are.
func TestBreakdowns(t *testing.T) {
	const hours = 200000
	up := 1 / (1 + 1/9.0) // 9 h of 10
	for _, x := range []struct {
		name     string
		failures models.Breakdowns
		pair     bool
		servers  int
		want     float64
	}{
		{"servers that crash", models.Breakdowns{Server: breakdown("")}, false, 2, up * up},
		{"servers that hang", models.Breakdowns{Server: breakdown(models.Hang)}, false, 2, up * up},
		{"services that hang", models.Breakdowns{Service: breakdown("")}, false, 2, up * up},
		{"services that crash", models.Breakdowns{Service: breakdown(models.Crash)}, false, 2, up * up},
		{"one balancer", models.Breakdowns{Balancer: &breakdown("").Process}, false, 1, up},
		{"a pair of balancers", models.Breakdowns{Balancer: &breakdown("").Process}, true, 1, 1 - (1-up)*(1-up)},
		{"all in a row", models.Breakdowns{Balancer: &breakdown("").Process, Server: breakdown("")}, false, 1, up * up},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			names := []string{"ex1", "ex2"}[:x.servers]
			c := plain(names, map[string][]string{"rpc": names})
			c.Traffic[0].Arrivals, c.Failures = &traffic.Deterministic{Rate: 1e-6}, &x.failures
			if hosted(&c, "none", 1); x.pair {
				c.Balancer.Pair = &lb.Pair{Failover: time.Microsecond, Advert: second, Priority: 100}
			}
			w := build(t, c, t.Name(), 0, silent{})
			run(t, w, hours*time.Hour)
			all := w.ServiceMeter(0, w.Engine().Now()).Up
			got := all[x.servers].Hours() / hours
			// 20,000 renewals: the standard error is below 0.2 %.
			if math.Abs(got/x.want-1) > 0.006 {
				t.Errorf("all work for %.5f of the time, want %.5f", got, x.want)
			}
		})
	}
}

func breakdown(how models.Failure) *models.Breakdown {
	return &models.Breakdown{Process: cluster.Process{MTBF: 9 * time.Hour, MTTR: time.Hour}, How: how}
}
