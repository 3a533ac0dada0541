package traffic_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/traffic"
)

// everySecond is one request a second.
func everySecond(demand time.Duration, retry traffic.Retry) traffic.Stream {
	return traffic.Stream{Arrivals: &traffic.Deterministic{Rate: 1}, Demand: &dist.Constant{Mean: demand}, Retry: retry}
}

// Three failures in a row open the circuit for ten seconds. Then one request is
// sent on trial, or two, and what they meet decides.
func TestBreakerStates(t *testing.T) {
	for _, c := range []struct {
		trials int
		demand time.Duration
		want   []int // seconds in which requests are sent, up to 60
	}{
		{1, time.Millisecond, []int{1, 2, 3, 4, 5, 15, 25, 35, 45, 55, 56, 57, 58, 59, 60}},
		{2, time.Millisecond, []int{1, 2, 3, 4, 5, 15, 25, 35, 45, 55, 56, 57, 58, 59, 60}},
		// The answer at 3.5 s ends the first row. Two trials are under way from 57 s
		// on, and the circuit closes at 58.5 s.
		{2, 1500 * time.Millisecond, []int{1, 2, 3, 4, 5, 6, 16, 26, 36, 46, 56, 57, 59, 60}},
	} {
		r := newRig(t, 1, everySecond(c.demand, traffic.Retry{
			Attempts: 1, Backoff: noJitter(second), Breaker: &traffic.Breaker{Failures: 3, Open: 10 * second, HalfOpen: c.trials, Scope: traffic.ScopeClient},
		}))
		var sent []int
		r.refuse = func(uint16) flow.Outcome {
			at := int(r.e.Now().Seconds())
			sent = append(sent, at)
			if at >= 3 && at < 50 {
				return flow.Reset
			}
			return flow.Accepted
		}
		r.run(60)
		if !slices.Equal(sent, c.want) {
			t.Errorf("%d trials of %v: sent at %v, want %v", c.trials, c.demand, sent, c.want)
		}
		if r.ended[flow.Rejected] != 60-len(sent) {
			t.Errorf("%d trials: %v", c.trials, r.ended)
		}
	}
}

// An answer ends a row of failures.
func TestBreakerCountsFailuresInARow(t *testing.T) {
	r := newRig(t, 1, everySecond(time.Millisecond, traffic.Retry{
		Attempts: 1, Backoff: noJitter(second), Breaker: &traffic.Breaker{Failures: 3, Open: 10 * second, HalfOpen: 1, Scope: traffic.ScopeClient},
	}))
	n := 0
	r.refuse = func(uint16) flow.Outcome {
		if n++; n%3 == 0 {
			return flow.Accepted
		}
		return flow.Reset
	}
	r.run(300)
	if n != 300 {
		t.Errorf("%d of 300 requests were sent", n)
	}
}

// Over a held connection it is requests that fail.
func TestBreakerOfHeldConnections(t *testing.T) {
	r := newRig(t, 1, traffic.Stream{
		Requests: &traffic.Requests{Think: &dist.Constant{Mean: second}, Demand: &dist.Constant{Mean: 10 * second}},
		Retry: traffic.Retry{
			Timeout: second, Attempts: 1, Backoff: noJitter(second), Breaker: &traffic.Breaker{Failures: 2, Open: 20 * second, HalfOpen: 1, Scope: traffic.ScopeClient},
		},
	})
	n := 0
	r.refuse = func(uint16) flow.Outcome { n++; return flow.Accepted }
	r.run(60)
	// Requests at 1 and 4 s time out at 2 and 5 s. The circuit is open until 25 s;
	// then a connection is made, over which the trial times out, and about 22 s
	// later the next.
	if n != 4 || r.ended[flow.TimedOut] != 4 || r.ended[flow.Rejected] != 0 {
		t.Errorf("%d connections, %v", n, r.ended)
	}
}

// Breakers of a site see the failures of all its clients.
func TestBreakerScope(t *testing.T) {
	sent := map[traffic.Scope]int{}
	for _, scope := range []traffic.Scope{traffic.ScopeClient, traffic.ScopeSite} {
		s := everySecond(time.Millisecond, traffic.Retry{
			Attempts: 1, Backoff: noJitter(second), Breaker: &traffic.Breaker{Failures: 5, Open: time.Hour, HalfOpen: 1, Scope: scope},
		})
		r := newRig(t, 20, s)
		r.refuse = func(uint16) flow.Outcome { sent[scope]++; return flow.Reset }
		r.run(1000)
	}
	if sent[traffic.ScopeSite] != 5 || sent[traffic.ScopeClient] != 100 {
		t.Errorf("sent: %v", sent)
	}
}

// Of ten requests a second that all fail, a fifth may be retried, and three a
// second besides: 50 in ten seconds, at most, whichever ten seconds these are.
func TestBudget(t *testing.T) {
	s := everySecond(time.Millisecond, traffic.Retry{
		Attempts: 3, Backoff: noJitter(100 * time.Millisecond), Budget: &traffic.Budget{Ratio: 0.2, Min: 3, Scope: traffic.ScopeSite},
	})
	s.Arrivals = &traffic.Deterministic{Rate: 10}
	r := newRig(t, 50, s)
	r.refuse = func(uint16) flow.Outcome { return flow.Rejected }
	r.run(100.05)
	retries := map[int]int{}
	all := 0
	for _, q := range r.asked {
		if q.attempt > 1 {
			retries[int(q.at.Seconds()-0.1)]++ // when the budget was asked
			all++
		}
	}
	for from := range 90 {
		n := 0
		for k := range 10 {
			n += retries[from+k]
		}
		if n > 50 {
			t.Errorf("%d retries in the ten seconds from %d s on", n, from)
		}
	}
	if all < 480 || all > 510 { // 30 and as many as come at once, then 50 in 10 s
		t.Errorf("%d retries in 100 s", all)
	}
	r = newRig(t, 50, everySecond(time.Millisecond, traffic.Retry{
		Attempts: 3, Backoff: noJitter(time.Second), Budget: &traffic.Budget{Scope: traffic.ScopeSite},
	}))
	r.refuse = func(uint16) flow.Outcome { return flow.Rejected }
	r.run(100)
	if len(r.asked) != 100 {
		t.Errorf("a budget of nothing lets %d requests be sent 100 times", len(r.asked))
	}
}

// Jitter is drawn as the article says.
func TestJitter(t *testing.T) {
	for _, c := range []struct {
		jitter      traffic.Jitter
		least, most [3]time.Duration // after the first, second and tenth failure
	}{
		{traffic.NoJitter, [3]time.Duration{second, 2 * second, 20 * second}, [3]time.Duration{second, 2 * second, 20 * second}},
		{traffic.FullJitter, [3]time.Duration{}, [3]time.Duration{second, 2 * second, 20 * second}},
		{traffic.EqualJitter, [3]time.Duration{second / 2, second, 10 * second}, [3]time.Duration{second, 2 * second, 20 * second}},
		{traffic.DecorrelatedJitter, [3]time.Duration{second, second, second}, [3]time.Duration{3 * second, 9 * second, 20 * second}},
	} {
		b := &traffic.ExponentialBackoff{First: second, Max: 20 * second, Jitter: c.jitter}
		for i, failures := range []int{1, 2, 10} {
			low, high := time.Hour, time.Duration(0)
			for k := range uint64(10_000) {
				d := b.Delay(failures, traffic.Luck{U: numbers, Last: 100*k + 50, Step: 1})
				low, high = min(low, d), max(high, d)
			}
			near := func(got, want time.Duration) bool { return (got - want).Abs() <= want/20+20*time.Millisecond }
			if !near(low, c.least[i]) || !near(high, c.most[i]) {
				t.Errorf("%s after %d failures: from %v to %v, want from %v to %v", c.jitter, failures, low, high, c.least[i], c.most[i])
			}
		}
	}
}
