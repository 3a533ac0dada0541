package lab

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lbsim/models/flow"
)

// A run begins with a check of the last of three servers, so that the second fails
// the third of its checks at 1.7 s, as one that crashes at 1 s does in a simulation:
// not before, but for the time in which the check was noticed, and how much after is
// the machine's affair.
func TestBeginning(t *testing.T) {
	health := "{kind: tcp, every: 300ms, timeout: 100ms, fall: 3, rise: 2}"
	var r *rig
	var o *Observation
	// On a busy machine HAProxy's first checks may be over before one can look.
	for attempts := 5; attempts > 0 && (r == nil || r.every == 0); attempts-- {
		r = rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", health, "{at: 1s, fail: b}")))
		o = observe(t, r, every(10, 10*ms, 10*ms))
	}
	if r.every != 300*ms {
		t.Fatalf("checks are said to come every %v", r.every)
	}
	for _, m := range o.Marks {
		if m.Kind == flow.MarkedDown && (m.At < 1600*ms || m.Server != 1 || m.Service != 0) {
			t.Errorf("marked down at %v: %+v", m.At, m)
		}
	}
	began := time.Duration(r.began.Load())
	if d := (began - r.tested) % r.every; d != 0 {
		t.Errorf("it began %v after a check", d)
	}
}

// Without checks a run begins at once, and where an interval is long it does not wait
// for one.
func TestBeginningAtOnce(t *testing.T) {
	for _, health := range []string{"none", "{kind: tcp, every: 10m, timeout: 100ms, fall: 3, rise: 2}"} {
		r := rigOf(t, planOf(t, fmt.Sprintf(failing, "0s", haproxy, "tcp", "round-robin", health, "")))
		if err := r.awaitCheck(context.Background()); err != nil || r.every != 0 {
			t.Errorf("%s: a check every %v, %v", health, r.every, err)
		}
	}
}
