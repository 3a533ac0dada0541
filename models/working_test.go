package models_test

import (
	"slices"
	"testing"
	"time"

	"lbsim/models"
)

// A server is down from the failure of its host until its machine has booted, and
// while it hangs; all are while the balancer is.
func TestServiceMeter(t *testing.T) {
	c := plain([]string{"ex1", "ex2"}, map[string][]string{"rpc": {"ex1", "ex2"}},
		models.Action{At: at(20), Fail: "hv1"}, models.Action{At: at(40), Recover: "hv1"},
		models.Action{At: at(50), Fail: "ex2/rpc"}, models.Action{At: at(60), Recover: "ex2/rpc"},
		models.Action{At: at(70), Fail: "balancer"}, models.Action{At: at(73), Recover: "balancer"})
	hosted(&c, "none", 2)
	w, _ := chronicled(t, c, 80)
	want := []time.Duration{5*second + 3*second, 30*second + 5*second, 37 * second} // none, one, both
	if got := w.ServiceMeter(0, w.Engine().Now()).Up; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
