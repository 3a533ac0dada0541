package lb_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/ramp"
	"lbsim/sim"
)

// busy is a return to a service of which three others carry the load.
var busy = lb.Return{Cause: lb.CheckedUp, Others: 3, Settled: 3, Rate: 4000}

// Every ramp spares a server at first, never takes back what it has allowed and
// ends. Those that put the scheduler aside do so for a while.
func TestRampTable(t *testing.T) {
	for _, kind := range ramp.Table {
		p := kind.New()
		if problems := flow.Check(p); len(problems) > 0 || kind.Doc == "" {
			t.Errorf("%s: %v", kind.Name, problems)
		}
		r := p.NewRamp(lb.ByLoad)
		if r == nil {
			if kind.Name != "none" {
				t.Errorf("%s does not act with least connections", kind.Name)
			}
			continue
		}
		if s, ok := r.(lb.Stepped); ok && s.Step() <= 0 {
			t.Errorf("%s goes in steps of %v", kind.Name, s.Step())
		}
		begins := r.Begins(busy)
		if taker, ok := r.(lb.TurnTaker); ok {
			if begins || taker.Turns(busy, 4) <= 0 {
				t.Errorf("%s: begins %v, %d turns", kind.Name, begins, taker.Turns(busy, 4))
			}
			continue
		}
		if !begins {
			t.Errorf("%s does not begin when a server is up again", kind.Name)
		}
		first := r.At(0, 1000)
		if first.Over || first.Weight > 0.1 && first.Limit == 0 && first.Rate == 0 && first.Share == 0 {
			t.Errorf("%s begins with %+v", kind.Name, first)
		}
		last := first
		for up := sim.Time(0); ; up += sim.Time(time.Second) / 10 {
			s := r.At(up, 1000)
			if s.Over {
				break
			}
			if s.Weight < last.Weight || s.Weight > 1 || s.Limit < last.Limit || s.Rate < last.Rate || s.Share < last.Share || s.Share > 1 {
				t.Fatalf("%s: %+v after %+v, at %v", kind.Name, s, last, up)
			}
			if last = s; up > sim.Time(time.Hour) {
				t.Fatalf("%s does not end", kind.Name)
			}
		}
	}
}

// With which algorithms a ramp acts, and after what.
func TestRampsAct(t *testing.T) {
	const all = "turn load chance hash order"
	bases := strings.Fields(all) // in the order of the constants
	causes := strings.Fields("start check maintenance drain weight")
	linear := func(like string) *ramp.Linear { return &ramp.Linear{Time: 60 * time.Second, Like: like} }
	for _, c := range []struct {
		name        string
		p           lb.RampPolicy
		with, after string
	}{
		{"linear", linear("none"), all, "start check maintenance drain weight"}, // nobody asks at the start
		{"f5", linear("f5"), all, "check maintenance drain"},
		{"kemp", linear("kemp"), "load", "check maintenance drain"},
		{"alb", linear("alb"), "turn", "check maintenance drain"},
		{"nginx", linear("nginx"), "turn load", "check maintenance"},
		{"open-telekom", linear("open-telekom"), "turn", "check maintenance drain"},
		{"haproxy", &ramp.HAProxy{Time: time.Minute}, all, "check maintenance"},
		{"envoy", &ramp.Envoy{Window: time.Minute, Aggression: 1}, "turn load chance", "check maintenance"},
		{"startup-round-robin", &ramp.StartupRoundRobin{}, "load chance", "start check maintenance drain"},
		{"request-rate", &ramp.RequestRate{Amount: 1, Unit: "percent"}, "turn load chance", "check maintenance drain"},
		{"doubling-limit", &ramp.DoublingLimit{Initial: 1, Every: time.Second, Factor: 2, End: 9}, all, "check maintenance drain"},
	} {
		var with, after []string
		for i, basis := range bases {
			r := c.p.NewRamp(lb.Basis(i))
			if r == nil {
				continue
			}
			with = append(with, basis)
			if len(with) > 1 {
				continue
			}
			for k, cause := range causes {
				from := busy
				from.Cause = lb.Cause(k)
				taker, ok := r.(lb.TurnTaker)
				if r.Begins(from) || ok && taker.Turns(from, 4) > 0 {
					after = append(after, cause)
				}
			}
		}
		if got := strings.Join(with, " "); got != c.with {
			t.Errorf("%s acts with %s, want %s", c.name, got, c.with)
		}
		if got := strings.Join(after, " "); got != c.after {
			t.Errorf("%s acts after %s, want %s", c.name, got, c.after)
		}
	}
}

func TestRampParameters(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		p    lb.RampPolicy
		want string // paths with a problem
	}{
		{&ramp.Linear{Time: 1}, ""},
		{&ramp.Linear{}, "time"},
		{&ramp.Linear{Time: 25 * time.Hour}, "time"},
		{&ramp.Linear{Time: s, Floor: 1.1}, "floor"},
		{&ramp.Linear{Time: s, Floor: flow.Share(math.NaN())}, "floor"},
		{&ramp.Linear{Time: s, Like: "haproxy"}, "like"},
		{&ramp.Linear{Like: "f5"}, ""},
		{&ramp.Linear{Time: 900 * s, Like: "f5"}, ""},
		{&ramp.Linear{Time: 901 * s, Like: "f5"}, "time"},
		{&ramp.Linear{Time: 600 * s, Like: "kemp"}, ""},
		{&ramp.Linear{Time: 601 * s, Like: "kemp"}, "time"},
		{&ramp.Linear{Like: "alb"}, ""},
		{&ramp.Linear{Time: 29 * s, Like: "alb"}, "time"},
		{&ramp.Linear{Time: 900 * s, Like: "alb"}, ""},
		{&ramp.Linear{Time: 1201 * s, Like: "open-telekom"}, "time"},
		{&ramp.Linear{Time: -s, Like: "nginx"}, "time"},
		{&ramp.HAProxy{}, "time"},
		{&ramp.HAProxy{Time: time.Millisecond}, ""},
		{&ramp.Envoy{}, "window aggression"},
		{&ramp.Envoy{Window: s, Aggression: math.NaN(), MinWeight: 2}, "aggression min_weight"},
		{&ramp.StartupRoundRobin{Requests: -1}, "requests"},
		{&ramp.RequestRate{}, "unit"},
		{&ramp.RequestRate{Unit: "percent", Amount: 101}, "amount"},
		{&ramp.RequestRate{Unit: "per-second", Amount: 101}, ""},
		{&ramp.RequestRate{Unit: "per-second", Interval: 1}, "amount interval"},
		{&ramp.DoublingLimit{}, "initial every factor end"},
		{&ramp.DoublingLimit{Initial: 8, Every: s, Add: 8, End: 8}, "end"},
		{&ramp.DoublingLimit{Initial: 8, Every: s, Add: -1, End: 9}, "add"},
	} {
		var paths []string
		for _, problem := range flow.Check(c.p) {
			paths = append(paths, problem.Path)
		}
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%+v: problems with %q, want %q", c.p, got, c.want)
		}
	}
}

// Rules of the products about the company that a server returns to.
func TestRampsInCompany(t *testing.T) {
	begins := func(like string, r lb.Return) bool {
		r.Cause = lb.CheckedUp
		return (&ramp.Linear{Time: 60 * time.Second, Like: like}).NewRamp(lb.ByTurn).Begins(r)
	}
	for _, c := range []struct {
		like string
		r    lb.Return
		want bool
	}{
		{"alb", lb.Return{Others: 2, Settled: 1}, true},
		{"alb", lb.Return{Others: 2}, false}, // both in slow start themselves
		{"alb", lb.Return{}, false},
		{"nginx", lb.Return{Others: 1}, true},
		{"nginx", lb.Return{}, false},
		{"open-telekom", lb.Return{}, false},
		{"f5", lb.Return{}, true},
	} {
		if got := begins(c.like, c.r); got != c.want {
			t.Errorf("%s begins %v with %+v", c.like, got, c.r)
		}
	}
}
