package place

import (
	"testing"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// A machine that was stopped starts where it was, on the platforms that leave it
// there: not on the next host, unless its own is down and the platform goes on.
func TestStartAgain(t *testing.T) {
	for _, c := range []struct {
		policy cluster.Policy
		goesOn bool
	}{
		{newWSFC(), true}, {newProxmox(), true}, {newNova(), false}, {newNone(), false},
	} {
		view := hosts(3, 40)
		w := c.policy.NewPlacer(cluster.Env{View: view, Rand: sim.NewStream(1, 0, "cluster/place")})
		q := cluster.Query{VM: 0, Cause: cluster.Started, From: 1, Attempt: 1}
		if d := w.Place(q); d.Host != 1 {
			t.Errorf("%T: %+v", c.policy, d)
		}
		view.Hosts[1].Up = false
		if d := w.Place(q); d.Host == 1 || d.Host >= 0 != c.goesOn {
			t.Errorf("%T without its host: %+v", c.policy, d)
		}
	}
}
