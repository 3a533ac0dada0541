package models_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/sim"
)

// A scheduler that knows no priorities gets them where servers have some, once.
func TestCompleteAddsPriorities(t *testing.T) {
	first := &sched.First{}
	named := func(p lb.SchedulerPolicy, change func(*lb.MemberConfig)) lb.SchedulerPolicy {
		c := arriving(1, nil)
		addServers(&c, 3, plainServer, p)
		change(&c.Balancer.Services[0].Servers[1])
		c.Complete()
		once := c.Balancer.Services[0].Scheduler
		c.Complete()
		if c.Balancer.Services[0].Scheduler != once {
			t.Error("completed twice is not the same")
		}
		return once
	}
	if p := named(first, func(*lb.MemberConfig) {}); p != lb.SchedulerPolicy(first) {
		t.Errorf("servers without priorities get %T", p)
	}
	own := &sched.Priority{Within: first, MinActive: 2, Overprovisioning: 1.4}
	if p := named(own, func(m *lb.MemberConfig) { m.Backup = true }); p != lb.SchedulerPolicy(own) {
		t.Errorf("a scheduler with priorities is replaced: %+v", p)
	}
	for _, change := range []func(*lb.MemberConfig){
		func(m *lb.MemberConfig) { m.Backup = true },
		func(m *lb.MemberConfig) { m.Priority = 1 },
	} {
		p, ok := named(first, change).(*sched.Priority)
		if !ok || p.Within != lb.SchedulerPolicy(first) || p.MinActive != 1 || !p.AllBackups {
			t.Errorf("servers with priorities get %+v", p)
		}
		if p, ok := named(nil, change).(*sched.Priority); !ok || p.Within == nil {
			t.Errorf("without a scheduler they get %+v", p)
		}
	}
}

// taken observes when each server takes a connection first and last.
type taken struct {
	silent
	first, last map[int32]sim.Time
}

func (o *taken) Opened(_ flow.ConnID, c *flow.Conn, now sim.Time) {
	if _, ok := o.first[c.Server]; !ok {
		o.first[c.Server] = now
	}
	o.last[c.Server] = now
}

// Backup servers serve from when the balancer finds the others down until it
// finds one up.
func TestBackupServersServeWhileOthersAreDown(t *testing.T) {
	for _, policy := range []lb.SchedulerPolicy{
		&sched.RoundRobin{}, &sched.TwoChoices{}, &sched.JoinIdleQueue{}, &sched.Aperture{Min: 1, Low: 0.5, High: 2, Size: 12},
	} {
		c := arriving(100, nil)
		c.Traffic[0].Demand = &dist.Exponential{Mean: time.Millisecond}
		addServers(&c, 4, plainServer, policy)
		s := &c.Balancer.Services[0]
		s.Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 2}
		for m := range s.Servers {
			s.Servers[m].Backup = m >= 2
		}
		c.Timeline = []models.Action{
			{At: 10 * second, Fail: "s1"}, {At: 20 * second, Fail: "s2"}, {At: 40 * second, Recover: "s2"},
		}
		o := &taken{first: map[int32]sim.Time{}, last: map[int32]sim.Time{}}
		w := build(t, c, "backup servers", 0, o)
		run(t, w, 60*second)
		for _, b := range []int32{2, 3} {
			if at := o.first[b].Seconds(); at < 21 || at > 23 {
				t.Errorf("%T: backup server s%d serves from %v s", policy, b+1, at)
			}
			if at := o.last[b].Seconds(); at < 41 || at > 43 {
				t.Errorf("%T: backup server s%d serves until %v s", policy, b+1, at)
			}
		}
		if o.last[0].Seconds() > 10 || o.last[1].Seconds() < 59 {
			t.Errorf("%T: s1 serves until %v, s2 until %v", policy, o.last[0], o.last[1])
		}
	}
}

// Each of several balancers has its own groups.
func TestPrioritiesOfSeveralBalancers(t *testing.T) {
	c := arriving(200, nil)
	c.Traffic[0].Demand = &dist.Exponential{Mean: time.Millisecond}
	addServers(&c, 6, plainServer, &sched.LeastConnections{})
	s := &c.Balancer.Services[0]
	s.Instances = 3
	for m := range s.Servers {
		s.Servers[m].Priority = []int{5, 5, 3, 3, 1, 1}[m]
	}
	s.Scheduler = &sched.Priority{Within: &sched.LeastConnections{}, MinActive: 3, Overprovisioning: 1.4}
	o := &taken{first: map[int32]sim.Time{}, last: map[int32]sim.Time{}}
	run(t, build(t, c, "priorities", 0, o), 20*second)
	var used []int32
	for m := range int32(6) {
		if _, ok := o.first[m]; ok {
			used = append(used, m)
		}
	}
	if !slices.Equal(used, []int32{0, 1, 2, 3}) {
		t.Errorf("servers %v are used", used)
	}
}
