package traffic_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// once is a stream with one arrival in the first 2000 s, after half of that.
func once(retry traffic.Retry) traffic.Stream {
	return traffic.Stream{Arrivals: &traffic.Deterministic{Rate: 0.001}, Demand: &dist.Constant{Mean: 10 * second}, Retry: retry}
}

func noJitter(first time.Duration) traffic.BackoffPolicy {
	return &traffic.ConstantBackoff{First: first, Jitter: traffic.NoJitter}
}

// A SYN that nobody answers is sent again 1, 3, 7 and 15 s after the first, and
// given up after 21 s; with a first time-out of 3 s, two more are sent in that
// time (RFC 6298).
func TestSYNsAreSentAgain(t *testing.T) {
	for _, c := range []struct {
		timeout, connect, syn time.Duration
		want                  []float64 // seconds after the first
		end                   float64
	}{
		{0, 21 * second, second, []float64{0, 1, 3, 7, 15}, 21},
		{0, 127 * second, second, []float64{0, 1, 3, 7, 15, 31, 63}, 127},
		{0, 21 * second, 3 * second, []float64{0, 3, 9}, 21},
		{5 * second, 21 * second, second, []float64{0, 1, 3}, 5},
		{0, 0, 0, []float64{0}, 0},
	} {
		r := newRig(t, 1, once(traffic.Retry{Timeout: c.timeout, ConnectTimeout: c.connect, SYNTimeout: c.syn, Attempts: 1, Backoff: noJitter(second)}))
		var sent []float64
		began, ended := sim.Time(0), sim.Time(0)
		r.refuse = func(uint16) flow.Outcome {
			if began == 0 {
				began = r.e.Now()
			}
			sent = append(sent, time.Duration(r.e.Now()-began).Seconds())
			return flow.Unanswered
		}
		r.finished = func(o flow.Outcome) { ended = r.e.Now() }
		r.run(1999)
		if !slices.Equal(sent, c.want) || (ended-began).Seconds() != c.end || r.ended[flow.TimedOut] != 1 {
			t.Errorf("%v: SYNs after %v s, want %v; given up after %v s; %v", c, sent, c.want, (ended - began).Seconds(), r.ended)
		}
	}
}

// A SYN that is answered at last makes the attempt go on.
func TestSYNMeetsBalancerThatIsBack(t *testing.T) {
	r := newRig(t, 1, once(traffic.Retry{Timeout: 20 * second, ConnectTimeout: 21 * second, SYNTimeout: second, Attempts: 1, Backoff: noJitter(second)}))
	n := 0
	r.refuse = func(uint16) flow.Outcome {
		if n++; n < 4 {
			return flow.Unanswered
		}
		return flow.Accepted
	}
	r.run(1999)
	if n != 4 || r.ended[flow.Completed] != 1 || len(r.asked) != 1 { // after 7 s and 10 s of work
		t.Errorf("%d SYNs, %v", n, r.ended)
	}
}

// A request that takes longer than its time-out is given up and sent again, while
// the server works on all of them.
func TestRequestsAreGivenUp(t *testing.T) {
	r := newRig(t, 1, once(traffic.Retry{Timeout: 4 * second, Attempts: 3, Backoff: noJitter(second)}))
	var at []float64
	r.finished = func(o flow.Outcome) { at = append(at, r.e.Now().Seconds()) }
	r.run(1012)
	if present := r.flows.Requests.Len(); present != 2 || r.held != 1 { // the first has ended after 10 s
		t.Errorf("%d requests are at the server, and %d connections", present, r.held)
	}
	r.run(1999)
	if !slices.Equal(at, []float64{1004, 1009, 1014}) || r.ended[flow.TimedOut] != 3 {
		t.Errorf("given up at %v, %v", at, r.ended)
	}
	if r.flows.Requests.Len() != 0 || r.flows.Conns.Len() != 0 || r.held != 0 {
		t.Errorf("%d requests and %d connections are left, %d held", r.flows.Requests.Len(), r.flows.Conns.Len(), r.held)
	}
}

// A client that holds a connection closes it when a request times out, with the
// others that are under way over it, and sends all of them again over the next.
func TestHeldConnectionsAreGivenUp(t *testing.T) {
	r := newRig(t, 1, traffic.Stream{
		Requests: &traffic.Requests{Rate: 1, Demand: &dist.Constant{Mean: 10 * second}},
		Retry:    traffic.Retry{Timeout: 4 * second, Attempts: 2, Backoff: noJitter(second)},
	})
	r.run(500)
	var tries [3]int
	for _, q := range r.asked {
		tries[q.attempt]++
	}
	// Four seconds of requests, one to reconnect, in turn; those are then sent
	// again, and time out for good.
	if tries[1] < 300 || tries[2] < tries[1]*9/10 || tries[2] > tries[1] || r.ended[flow.Completed] != 0 {
		t.Errorf("attempts %v, %v", tries, r.ended)
	}
	if r.flows.Conns.Len() > 1 || r.most > 1 {
		t.Errorf("%d connections of one client", r.most)
	}
	if r.ended[flow.TimedOut]+r.present() != len(r.asked) {
		t.Errorf("%d asked, %v, %d present", len(r.asked), r.ended, r.present())
	}
}

// A client that thinks has one request at a time, however often that is sent.
func TestThinkersWaitForRetries(t *testing.T) {
	r := newRig(t, 1, traffic.Stream{
		Requests: &traffic.Requests{Think: &dist.Constant{Mean: second}, Demand: &dist.Constant{Mean: 10 * second}},
		Retry:    traffic.Retry{Timeout: 4 * second, Attempts: 3, Backoff: noJitter(2 * second)},
	})
	r.run(20.5)
	var at []float64
	for _, q := range r.asked {
		at = append(at, q.at.Seconds())
	}
	// Sent after 1 s, given up after 5, sent again after 7 and 13, given up for
	// good after 17; the connection is back after 19, and the client thinks.
	if want := []float64{1, 7, 13, 20}; !slices.Equal(at, want) {
		t.Errorf("requests at %v, want %v", at, want)
	}
}
