package cluster_test

import "testing"

// Who has no room at first is not up, without having been told to be down; one that
// drives another out at first has always run.
func TestFirstPlacement(t *testing.T) {
	r := rigOf(t, `platform: wsfc
hosts: [{names: "h[1-2]", cores: 4, memory: 8GB}]
vms:
  - {name: low, on: h1, memory: 6GB, priority: 1000}
  - {name: high, memory: 8GB, priority: 3000}
  - {name: other, memory: 8GB, priority: 3000}
`)
	for v, want := range []bool{false, true, true} {
		m := r.c.VMMeter(v, 0)
		if r.c.Serving(v) != want || r.down[v] || m.Outages+m.Restarts != 0 {
			t.Errorf("%s answers: %v; told to be down: %v; %+v", r.config.VMs[v].Name, r.c.Serving(v), r.down[v], m)
		}
	}
	if n := r.c.Meter(r.e.Now()); n.Evicted+n.Restarts != 0 {
		t.Errorf("at the start: %+v", n)
	}
}
