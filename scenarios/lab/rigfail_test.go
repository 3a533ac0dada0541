package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
)

// failing is a scenario of three servers, of which b has trouble.
const failing = `name: trouble
duration: 3s
sites: [{name: here, clients: 2}]
traffic: [{name: t, from: [here], arrivals: {kind: poisson, rate: 1/s}, demand: 1ms, retry: {timeout: %s}}]
balancer:
  product: %s
  services:
    - {name: web, port: 80, mode: %s, scheduler: %s, health: %s, connect_timeout: 500ms, servers: [a, b, c]}
servers: [{name: a}, {name: b}, {name: c}]
timeline: [%s]
`

// told returns the marks as text, without their times.
func told(o *Observation) string {
	var list []string
	for _, m := range o.Marks {
		list = append(list, fmt.Sprintf("%s %s", string(rune('a'+m.Server)), m.Text))
	}
	return strings.Join(list, "; ")
}

// count is how many visits that began between two instants a function is true of.
func count(o *Observation, from, to time.Duration, is func(v *Visit) bool) (n int) {
	for i := range o.Visits {
		if v := &o.Visits[i]; v.Began >= from && v.Began < to && is(v) {
			n++
		}
	}
	return n
}

const tcpChecks = "{kind: tcp, every: 100ms, timeout: 100ms, fall: 3, rise: 2}"

// A server that crashes loses its connections at once, is taken out by the third
// check that fails, and is used again after two that do not.
func TestCrash(t *testing.T) {
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", tcpChecks, "{at: 1s, fail: b}, {at: 2s, recover: b}")))
	o := observe(t, r, every(280, 10*ms, time.Minute))
	want := "b fails: its connections are reset; b is marked down; b comes back, empty; b is marked up"
	if got := told(o); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	if d := o.Marks[1].At - o.Marks[0].At; d < 190*ms {
		t.Errorf("down after %v: less than two intervals", d)
	}
	of := func(v *Visit) bool { return v.Server == 1 }
	had := func(v *Visit) bool { return of(v) && v.Taken < o.Marks[0].At }
	lost := func(v *Visit) bool { return had(v) && v.Outcome == flow.Reset && v.Ended >= o.Marks[0].At }
	if n, m := count(o, 0, o.End, had), count(o, 0, o.End, lost); n < 25 || m != n {
		t.Errorf("of %d connections of the server, %d are reset", n, m)
	}
	elsewhere := func(v *Visit) bool { return v.Server == 0 || v.Server == 2 }
	if n, m := count(o, o.Marks[1].At, o.Marks[2].At, elsewhere), count(o, o.Marks[1].At, o.Marks[2].At, func(*Visit) bool { return true }); n != m {
		t.Errorf("while it was out, %d of %d connections went to the others", n, m)
	}
	if n := count(o, o.Marks[3].At, o.End, of); n < 5 {
		t.Errorf("%d connections after its return", n)
	}
	for _, v := range o.Visits {
		if v.Outcome == flow.Accepted && v.Ended != o.End {
			t.Errorf("a connection that is left ended at %v", v.Ended)
		}
	}
	t.Logf("down after %v, up after %v, late %v", o.Marks[1].At-o.Marks[0].At, o.Marks[3].At-o.Marks[2].At, o.Late)
}

// To a server that is silent nobody can connect; those that it had hear nothing, until
// it comes back and knows nothing of them.
func TestSilent(t *testing.T) {
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", tcpChecks, "{at: 1s, fail: b, how: silent}, {at: 2s, recover: b}")))
	o := observe(t, r, every(280, 10*ms, time.Minute))
	want := "b falls silent: nobody is told; b is marked down; b comes back, empty; b is marked up"
	if got := told(o); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	if d := o.Marks[1].At - o.Marks[0].At; d < 290*ms {
		t.Errorf("down after %v: a check that hears nothing waits for its time-out", d)
	}
	of := func(v *Visit) bool { return v.Server == 1 }
	early := func(v *Visit) bool { return of(v) && v.Taken < o.Marks[0].At && v.Ended < o.Marks[2].At }
	if n := count(o, 0, o.Marks[0].At, early); n != 0 {
		t.Errorf("%d connections to the server ended while it was silent", n)
	}
	// Who tried then may reach it when it is back.
	reached := func(v *Visit) bool { return of(v) && v.Taken > o.Marks[0].At+200*ms && v.Taken < o.Marks[2].At }
	if n := count(o, 0, o.End, reached); n != 0 {
		t.Errorf("%d connections reached the silent server", n)
	}
	t.Logf("down after %v, up after %v", o.Marks[1].At-o.Marks[0].At, o.Marks[3].At-o.Marks[2].At)
}

// A service that hangs fails checks by requests, and answers when it works again; who
// does not wait that long has no answer.
func TestHang(t *testing.T) {
	health := "{kind: http, every: 100ms, timeout: 100ms, fall: 3, rise: 2}"
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "2s", haproxy, "http", "round-robin", health, "{at: 1s, fail: b/web}, {at: 2s, recover: b/web}")))
	o := observe(t, r, requests(every(280, 10*ms, 0), ms))
	want := "b hangs: its port is open, but it answers nothing; b is marked down; b works again; b is marked up"
	if got := told(o); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	stuck := func(v *Visit) bool { return v.Server == 1 && v.Ended >= o.Marks[2].At }
	if n := count(o, o.Marks[0].At, o.Marks[1].At, stuck); n < 3 {
		t.Errorf("%d requests waited until the service worked again", n)
	}
	if n := count(o, 0, 3*time.Second, func(v *Visit) bool { return v.Outcome != flow.Completed }); n != 0 {
		t.Errorf("%d requests had no answer", n)
	}
}

// What an operator wants: a server in maintenance keeps its connections and gets no
// more, one that drains neither, and both come back.
func TestOperator(t *testing.T) {
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", tcpChecks,
		"{at: 500ms, disable: b}, {at: 1s, enable: b}, {at: 1500ms, drain: c}, {at: 2s, enable: c}, "+
			"{at: 2500ms, set: {balancer.services.web.servers.a.weight: 0}}")))
	o := observe(t, r, every(280, 10*ms, time.Minute))
	want := "b is taken out for maintenance; b is put back; c drains: it gets no new clients; c is put back; a has weight 0 instead of 1"
	if got := told(o); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	for i, server := range []int{1, 2} {
		of := func(v *Visit) bool { return v.Server == server }
		if n := count(o, o.Marks[2*i].At+200*ms, o.Marks[2*i+1].At-100*ms, of); n != 0 {
			t.Errorf("server %d got %d connections while it was out", server, n)
		}
	}
	if n := count(o, o.Marks[4].At+200*ms, o.End, func(v *Visit) bool { return v.Server == 0 }); n != 0 {
		t.Errorf("%d connections to a server without weight", n)
	}
	if n := count(o, 0, o.End, func(v *Visit) bool { return v.Outcome != flow.Accepted }); n != 0 {
		t.Errorf("%d connections ended", n)
	}
}

// When no server is left, the balancer turns away; a server that refuses before that
// is known resets.
func TestNobodyLeft(t *testing.T) {
	for _, mode := range []string{"tcp", "http"} {
		r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, mode, "round-robin", tcpChecks, "{at: 1s, fail: web, how: crash}")))
		arrivals := every(28, 100*ms, 50*ms)
		if mode == "http" {
			requests(arrivals, ms)
		}
		o := observe(t, r, arrivals)
		down := o.Marks[len(o.Marks)-1].At
		if len(o.Marks) != 6 {
			t.Fatalf("%s: %s", mode, told(o))
		}
		rejected := func(v *Visit) bool { return v.Outcome == flow.Rejected && v.Server < 0 }
		if n := count(o, down, o.End, rejected); n < 10 {
			t.Errorf("%s: %d turned away when all were down", mode, n)
		}
		if n := count(o, 0, o.Marks[0].At-100*ms, rejected); n != 0 {
			t.Errorf("%s: %d turned away when none was", mode, n)
		}
	}
}

// nginx leaves a server out after a failure, which it says, and tries it again.
func TestPassive(t *testing.T) {
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", nginx, "http", "round-robin", "{kind: passive, max_fails: 1, fail_timeout: 1s}", "{at: 500ms, fail: b}, {at: 600ms, recover: b}")))
	o := observe(t, r, requests(every(280, 10*ms, 0), ms))
	want := "b fails: its connections are reset; b is left out; b comes back, empty; b is used again: a connection succeeded"
	if got := told(o); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	// For a second by nginx's clock; how late its message comes is the machine's affair.
	if d := o.Marks[3].At - o.Marks[1].At; d < 500*ms {
		t.Errorf("used again after %v", d)
	}
}

// leftovers are the processes of the balancers that were started with files of a
// folder that the lab makes, and these folders.
func leftovers(t *testing.T, r *rig, pid int) (list []string) {
	t.Helper()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		list = append(list, fmt.Sprintf("process %d", pid))
	}
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range commands {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), r.folder) {
			list = append(list, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	if _, err := os.Stat(r.folder); err == nil {
		list = append(list, r.folder)
	}
	for _, s := range r.services {
		if listens(int(s.bind.Port())) {
			list = append(list, "port "+s.host)
		}
	}
	return list
}

// A run that is given up leaves nothing behind: no process, no file, no open port.
func TestInterrupted(t *testing.T) {
	for _, product := range []string{haproxy, nginx} {
		r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", product, "tcp", "round-robin", "none", "")))
		pid, backends := r.process.cmd.Process.Pid, r.backends
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("enough")
		time.AfterFunc(300*ms, func() { cancel(why) })
		if o, err := r.run(ctx, every(280, 10*ms, time.Minute)); o != nil || !errors.Is(err, why) {
			t.Errorf("%s: %v, %v", product, o, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		left := leftovers(t, r, pid)
		for _, b := range backends {
			if listens(int(b.at.Port())) {
				left = append(left, "port "+b.at.String())
			}
		}
		if len(left) > 0 {
			t.Errorf("%s: left behind: %s", product, strings.Join(left, ", "))
		}
	}
}

// A balancer that dies ends the run, with what it said.
func TestBalancerDies(t *testing.T) {
	r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", "none", "")))
	pid := r.process.cmd.Process.Pid
	time.AfterFunc(300*ms, func() { killGroup(pid) })
	if _, err := r.run(context.Background(), every(280, 10*ms, time.Minute)); err == nil || !strings.Contains(err.Error(), "has ended (signal: killed)") {
		t.Errorf("got %v", err)
	}
}
