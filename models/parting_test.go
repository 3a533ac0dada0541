package models_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
)

// parting runs a world of two servers, and of four clients that hold a connection
// each and send a request a second after the last answer, for a minute. A third
// server, page, is in no service.
func parting(t *testing.T, change func(s *lb.Service), retry traffic.Retry, timeline ...models.Action) *diary {
	t.Helper()
	service := lb.Service{
		Name: "rpc", Scheduler: &sched.RoundRobin{}, Servers: []lb.MemberConfig{{Name: "a", Weight: 1}, {Name: "b", Weight: 1}},
		Health: lb.Health{Kind: lb.TCPCheck, Every: time.Second, Timeout: time.Second, Fall: 1, Rise: 1},
	}
	change(&service)
	if retry.Attempts == 0 {
		retry.Attempts = 1
	}
	retry.Backoff = &traffic.ConstantBackoff{First: 100 * time.Millisecond, Jitter: traffic.NoJitter}
	c := models.Config{
		Sites: []snat.Site{{Name: "hq", Clients: 4}},
		Traffic: []traffic.Stream{{
			Name: "mail", From: []string{"hq"}, To: "rpc", Retry: retry,
			Connections: &traffic.Connections{PerClient: 1},
			Requests:    &traffic.Requests{Think: &dist.Constant{Mean: time.Second}, Demand: &dist.Constant{Mean: 100 * time.Millisecond}},
		}},
		Balancer: lb.Config{Services: []lb.Service{service}},
		Servers:  []server.Config{{Name: "a", Cores: 8, Queue: server.Unlimited, Discipline: server.FIFO}, {Name: "b", Cores: 8, Queue: server.Unlimited, Discipline: server.FIFO}, {Name: "page", Cores: 1, Queue: server.Unlimited, Discipline: server.FIFO}},
		Timeline: timeline,
	}
	d := &diary{names: []string{"rpc"}, why: map[flow.Refusal]int{}}
	w, err := models.New(c, 1, 0, d)
	if err != nil {
		t.Fatal(err)
	}
	for s := range 60 {
		if err := w.Run(time.Duration(s+1) * time.Second); err != nil {
			t.Fatal(err)
		}
		if err := w.CheckLaws(); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// What clients of a silent server see until it is back, 20 s later, depends on
// what the balancer does with their connections when it marks the server down.
func TestClientsOfASilentServer(t *testing.T) {
	for _, c := range []struct {
		fate    lb.Fate
		timeout time.Duration
		ended   string // requests that were not completed
		served  bool   // all clients are, between 20 and 30 s
	}{
		// Nobody is told: the two clients wait until the server is back, and is
		// found to know nothing of them.
		{lb.Kept, 0, "reset 2", false},
		// They learn of it as soon as the balancer does.
		{lb.Cut, 0, "reset 2", true},
		// The requests are asked again at b.
		{lb.Reselected, 0, "reset 2", true},
		// Nobody is told, ever.
		{lb.Dropped, 0, "", false},
		// Clients find out by their own time-outs.
		{lb.Dropped, 5 * time.Second, "timed_out 2", true},
		{lb.Kept, 5 * time.Second, "timed_out 2", true},
		{lb.Suspended, 5 * time.Second, "timed_out 2", true},
		{lb.Suspended, 0, "reset 2", false},
	} {
		t.Run(fmt.Sprintf("%s %v", c.fate, c.timeout), func(t *testing.T) {
			d := parting(t, func(s *lb.Service) { s.OnDown = c.fate }, traffic.Retry{Timeout: c.timeout},
				models.Action{At: 10500 * time.Millisecond, Fail: "a", How: models.Silent}, models.Action{At: 30500 * time.Millisecond, Recover: "a"})
			var ended []string
			for _, o := range []flow.Outcome{flow.Rejected, flow.TimedOut, flow.Reset} {
				if n := d.between(0, 60, "rpc "+o.String()); n > 0 {
					ended = append(ended, fmt.Sprintf("%v %d", o, n))
				}
			}
			if got := strings.Join(ended, ", "); got != c.ended {
				t.Errorf("ended: %s, want %s", got, c.ended)
			}
			// Four clients complete a request each 1.1 s: 36 in ten seconds.
			n := d.between(20, 30, "rpc completed")
			if c.served != (n > 30) {
				t.Errorf("%d requests are completed from 20 to 30 s", n)
			}
		})
	}
}

// IPVS drops what is sent to a server that was removed. When it is added again,
// the connections go on, and TCP has lost nothing.
func TestConnectionsResume(t *testing.T) {
	d := parting(t, func(s *lb.Service) { s.OnRemove = lb.Suspended }, traffic.Retry{},
		models.Action{At: 10500 * time.Millisecond, Remove: "a"}, models.Action{At: 20500 * time.Millisecond, Add: "a"})
	if n := d.between(0, 60, "rpc reset") + d.between(0, 60, "rpc timed_out") + d.between(0, 60, "rpc rejected"); n != 0 {
		t.Errorf("%d requests are lost", n)
	}
	longest := 0.0
	for _, w := range d.waits {
		longest = max(longest, w[1]-w[0])
	}
	// A request of about 11 s is sent again 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s later.
	if longest < 9 || longest > 13.5 {
		t.Errorf("the longest wait is %.1f s", longest)
	}
	if n := d.between(30, 60, "rpc completed"); n < 100 {
		t.Errorf("%d requests are completed in the last 30 s", n)
	}
}

// With both servers down, clients meet the sorry server: their requests are
// rejected, and they come back for a server that is up.
func TestSorryServerAnswers(t *testing.T) {
	d := parting(t, func(s *lb.Service) { s.Sorry = "page" }, traffic.Retry{},
		models.Action{At: 10500 * time.Millisecond, Fail: "a"}, models.Action{At: 10500 * time.Millisecond, Fail: "b"},
		models.Action{At: 30500 * time.Millisecond, Recover: "a"})
	rejected := d.between(12, 31, "rpc rejected")
	if rejected < 20 || d.between(12, 30, "rpc completed") > 0 {
		t.Errorf("%d requests are rejected and %d completed while nobody serves", rejected, d.between(12, 30, "rpc completed"))
	}
	if n := d.between(40, 60, "rpc completed"); n < 60 || d.between(40, 60, "rpc rejected") > 0 {
		t.Errorf("%d requests are completed afterwards, and %d rejected", n, d.between(40, 60, "rpc rejected"))
	}
}
