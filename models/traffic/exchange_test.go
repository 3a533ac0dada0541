package traffic_test

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/models/traffic"
)

// perRequest returns the stream as it is where the balancer chooses a server for
// each request.
func perRequest(s traffic.Stream) traffic.Stream {
	s.PerRequest = true
	return s
}

// kinds are streams with requests: of clients that hold connections and of
// clients that arrive, at a rate and in a closed loop.
func kinds() map[string]traffic.Stream {
	demand := exponential(10 * time.Millisecond)
	rate, think := &traffic.Requests{Rate: 1, Demand: demand}, &traffic.Requests{Think: exponential(second), Demand: demand}
	return map[string]traffic.Stream{
		"held, rate":     {Requests: rate, Connections: &traffic.Connections{PerClient: 2}},
		"held, think":    {Requests: think},
		"arrived, rate":  {Requests: rate, Arrivals: &traffic.Poisson{Rate: 20}, Connections: &traffic.Connections{PerClient: 1, Lifetime: exponential(5 * second)}},
		"arrived, think": {Requests: think, Arrivals: &traffic.Poisson{Rate: 20}, Connections: &traffic.Connections{PerClient: 1, Lifetime: exponential(5 * second)}},
	}
}

// The same clients send the same requests at the same times in both modes, so
// that variants can be compared with common random numbers.
func TestModesSendTheSameRequests(t *testing.T) {
	for name, s := range kinds() {
		tcp, http := newRig(t, 100, s), newRig(t, 100, perRequest(s))
		tcp.run(100)
		http.run(100)
		for _, r := range []*rig{tcp, http} {
			slices.SortFunc(r.asked, func(a, b request) int {
				return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.client, b.client))
			})
		}
		if len(tcp.asked) < 5000 || !slices.Equal(tcp.asked, http.asked) {
			t.Errorf("%s: %d and %d requests, which are not the same", name, len(tcp.asked), len(http.asked))
		}
	}
}

// Requests are sent at random times at the rate of the clients.
func TestExchangesArePoisson(t *testing.T) {
	for name, s := range kinds() {
		r := newRig(t, 100, perRequest(s))
		const length = 2000
		r.run(length)
		var gaps, squares float64
		for i := 1; i < len(r.asked); i++ {
			d := (r.asked[i].at - r.asked[i-1].at).Seconds()
			gaps, squares = gaps+d, squares+d*d
		}
		n := float64(len(r.asked))
		want := map[string]float64{"held, rate": 100, "held, think": 100 / 1.01, "arrived, rate": 100, "arrived, think": 100 / 1.01}[name]
		if rate := n / length; math.Abs(rate/want-1) > 0.02 {
			t.Errorf("%s: %.2f requests a second, want %.2f", name, rate, want)
		}
		// The coefficient of variation of exponential gaps is 1. Sessions come in
		// clumps: theirs is a little higher.
		if cv := math.Sqrt(squares/n/(gaps/n)/(gaps/n) - 1); math.Abs(cv-1) > 0.03 {
			t.Errorf("%s: the gaps have a coefficient of variation of %.3f", name, cv)
		}
	}
}

// Every request that arrives ends or is present, and none holds its server
// longer than it takes.
func TestExchangesEnd(t *testing.T) {
	for name, s := range kinds() {
		s.Retry = traffic.Retry{Attempts: 2, Backoff: traffic.DefaultBackoff()}
		r := newRig(t, 100, perRequest(s))
		n := 0
		r.refuse = func(uint16) flow.Outcome {
			n++
			return []flow.Outcome{flow.Accepted, flow.Rejected, flow.Reset, flow.Accepted, flow.Reset}[n%5]
		}
		r.run(500)
		ended := 0
		for _, k := range r.ended {
			ended += k
		}
		if present := r.flows.Requests.Len(); len(r.asked) != ended+present || present != r.held || r.held != r.flows.Conns.Len() {
			t.Errorf("%s: %d arrived, %v, %d present, %d held, %d connections", name, len(r.asked), r.ended, present, r.held, r.flows.Conns.Len())
		}
		if r.most > 15 { // 1 on average
			t.Errorf("%s: %d requests were under way at a time", name, r.most)
		}
	}
}

// Slots of clients that have gone are used again: a long run needs no more of
// them than a short one.
func TestExchangesReuseSlots(t *testing.T) {
	for _, name := range []string{"arrived, rate", "arrived, think"} {
		r := newRig(t, 100, perRequest(kinds()[name]))
		r.run(500)
		before := traffic.Slots(r.g)
		r.run(5000)
		if after := traffic.Slots(r.g); after > before*5/4 || before < 50 {
			t.Errorf("%s: %d slots after 500 s, %d after 5000 s", name, before, after)
		}
	}
}

// A request is tried as often as the stream says; a client that thinks goes on
// after it has given up, and each wait is drawn anew.
func TestExchangesAreRetried(t *testing.T) {
	for name, s := range kinds() {
		s.Retry = traffic.Retry{Attempts: 3, Backoff: &traffic.UniformBackoff{First: second, Max: 2 * second}}
		r := newRig(t, 1, perRequest(s))
		r.refuse = func(uint16) flow.Outcome { return flow.Rejected }
		r.run(1000)
		var tries [5]int
		for _, q := range r.asked {
			tries[q.attempt]++
		}
		if tries[1] < 100 || tries[1]-tries[2] > 300 || tries[2]-tries[3] > 300 || tries[4] != 0 {
			t.Errorf("%s: attempts %v", name, tries)
		}
		if name != "held, think" {
			continue
		}
		waits := map[time.Duration]bool{} // one request at a time: the attempts stand in a row
		for i, q := range r.asked[1:] {
			if q.attempt > 1 {
				wait := time.Duration(q.at - r.asked[i].at)
				if waits[wait] || wait < second || wait > 2*second {
					t.Fatalf("%s: it waits %v, a second time or not between 1 and 2 s", name, wait)
				}
				waits[wait] = true
			}
		}
	}
}
