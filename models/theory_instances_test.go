package models_test

import (
	"fmt"
	"math"
	"testing"

	"lbsim/models/internal/theory"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// manyBalancers are ten servers behind some balancers, each of which knows its
// own connections only. All see the same requests.
type manyBalancers struct {
	t    *testing.T
	load float64
}

// responses returns the mean response times of the replications.
func (b manyBalancers) responses(balancers int, policy lb.SchedulerPolicy) (w []float64) {
	s := system{rate: 10 * b.load, servers: 10, balancers: balancers, scheduler: policy}
	for i := range 8 {
		m := observe(b.t, s.config(), fmt.Sprint("balancers ", b.load), i, 500*second, 8000*second)
		w = append(w, mean(m.response))
	}
	return w
}

// worse returns the logarithms of by how much more time requests take with so
// many balancers than with one.
func (b manyBalancers) worse(balancers int, policy lb.SchedulerPolicy) []float64 {
	return logRatios(b.responses(balancers, policy), b.responses(1, policy))
}

func logRatios(a, b []float64) (x []float64) {
	for i := range a {
		x = append(x, math.Log(a[i]/b[i]))
	}
	return x
}

// expectMore fails unless x is above 0 beyond doubt.
func expectMore(t *testing.T, what string, x []float64) {
	t.Helper()
	mean, half := theory.Interval(x, 0.999)
	t.Logf("%s: times %.3f, at least %.3f", what, math.Exp(mean), math.Exp(mean-half))
	if mean-half <= 0 {
		t.Errorf("%s: not more beyond doubt", what)
	}
}

func difference(a, b []float64) (x []float64) {
	for i := range a {
		x = append(x, a[i]-b[i])
	}
	return x
}

// A balancer that knows a tenth of the connections still takes the server with
// the fewest of these for the best. Two choices go wrong less, because they
// know less from the start.
func TestLeastConnectionsOfManyBalancers(t *testing.T) {
	t.Parallel()
	at := manyBalancers{t, 0.9}
	least, two := at.worse(10, &sched.LeastConnections{}), at.worse(10, &sched.TwoChoices{})
	expectMore(t, "least connections, 10 balancers against 1", least)
	expectMore(t, "two choices, 10 balancers against 1", two)
	expectMore(t, "what that costs least connections against two choices", difference(least, two))
}

// To many balancers with few connections each, all servers look idle. If they
// then all prefer the one that is listed first, as IPVS does, they herd:
// random would be better, and two choices still are better than that.
func TestBalancersHerd(t *testing.T) {
	t.Parallel()
	at := manyBalancers{t, 0.5}
	herd, random := at.responses(10, &sched.LeastConnections{Like: "ipvs"}), at.responses(10, &sched.Random{})
	expectMore(t, "first listed of equals against random", logRatios(herd, random))
	expectMore(t, "random against two choices", logRatios(random, at.responses(10, &sched.TwoChoices{})))
	expectMore(t, "random against the longest unchanged of equals", logRatios(random, at.responses(10, &sched.LeastConnections{})))
	alone := at.worse(1, &sched.LeastConnections{Like: "ipvs"})
	if m, _ := theory.Interval(alone, 0.99); m != 0 {
		t.Errorf("the same simulation twice differs by %v", m)
	}
}

// Balancers that take turns without regard to each other send a server its
// requests at times that are the more random, the more balancers there are:
// from the response time of one round robin to that of a random split.
func TestRoundRobinOfManyBalancers(t *testing.T) {
	t.Parallel()
	at := manyBalancers{t, 0.8}
	var before []float64
	for _, k := range []int{1, 10, 255} {
		w := at.responses(k, &sched.RoundRobin{})
		m, half := theory.Interval(w, 0.99)
		t.Logf("%d balancers: %.3f +- %.3f", k, m, half)
		if k == 1 {
			known.Check(t, "rr-10-r0.8-W", w)
		} else {
			expectMore(t, fmt.Sprintf("%d balancers against fewer", k), logRatios(w, before))
		}
		if k == 255 {
			theory.CheckNumber(t, known.Row(t, "random-10-r0.8-W").Number(), 0.08, w)
		}
		before = w
	}
}

// Least connections and two choices lose their sight in the same way: with
// many balancers they are hardly better than random.
func TestManyBalancersAreBlind(t *testing.T) {
	t.Parallel()
	at := manyBalancers{t, 0.5}
	for _, policy := range []lb.SchedulerPolicy{&sched.LeastConnections{}, &sched.TwoChoices{}, &sched.JoinIdleQueue{}} {
		t.Run(fmt.Sprintf("%T", policy), func(t *testing.T) {
			theory.CheckNumber(t, known.Row(t, "random-10-r0.5-W").Number(), 0.04, at.responses(255, policy))
		})
	}
}
