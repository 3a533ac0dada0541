package cluster_test

import (
	"strings"
	"testing"
	"time"

	"lbsim/sim"
)

// A round empties each host, reboots it and puts it back, one after the other; what
// cannot move in time is shut down. A host that is down anyway is left out.
func TestMaintenance(t *testing.T) {
	const base = `
platform: wsfc
hosts: [{names: "h[1-3]", cores: 8, memory: 10GB}]
maintenance: {every: 1h, takes: 5m, patience: 10m}
`
	for _, x := range []struct {
		name, vms string
		before    func(r *rig)
		want      []string
	}{
		{"all move", "vms: [{name: a, on: h1, memory: 1GB}, {name: b, on: h2, memory: 2GB}]", nil, []string{
			"3600.000s h1 is being emptied for maintenance", "3600.000s vm:a moves from h1 to h2 (normal)",
			"3601.500s vm:a is on h2", "3601.500s h1 is empty", "3601.500s h1 is rebooted",
			"3901.500s h1 is up", "3901.500s h1 takes machines again",
			"3902.500s h2 is being emptied for maintenance",
			"3902.500s vm:a moves from h2 to h1 (normal)", "3902.500s vm:b moves from h2 to h1 (normal)",
			"3904.000s vm:a is on h1", "3905.000s vm:b is on h1", "3905.000s h2 is empty", "3905.000s h2 is rebooted",
			"4205.000s h2 is up", "4205.000s h2 takes machines again",
			"4206.000s h3 is being emptied for maintenance", "4206.000s h3 is rebooted",
			"4506.000s h3 is up", "4506.000s h3 takes machines again",
		}},
		{"one cannot, and a host is down", "vms: [{name: a, on: h1, memory: 9GB}, {name: b, on: h2, memory: 5GB}]",
			func(r *rig) { r.c.FailHost(2) }, []string{
				"0.000s h3 fails", "10.000s h3 is known to be down",
				"3600.000s h1 is being emptied for maintenance", "4200.000s h1 is rebooted", "4200.000s vm:a is down", "4200.000s vm:a has been shut down",
				"4200.000s vm:a has no host (failed_wait_retry)",
				"4500.000s h1 is up", "4500.000s h1 takes machines again",
				"4500.000s vm:a starts on h1 (normal)", "4560.000s vm:a is online on h1",
				"4561.000s h2 is being emptied for maintenance",
				"5161.000s h2 is rebooted", "5161.000s vm:b is down", "5161.000s vm:b has been shut down",
				"5161.000s vm:b has no host (failed_wait_retry)",
				"5461.000s h2 is up", "5461.000s h2 takes machines again", "5461.000s vm:b starts on h2 (normal)", "5521.000s vm:b is online on h2",
			}},
		{"a host fails while it is emptied", "vms: [{name: a, on: h1, memory: 9GB}]",
			func(r *rig) {
				r.c.FailHost(1)
				r.c.FailHost(2)
				sim.Bind(r.e, "test", sim.Fault, func(uint32) { r.c.FailHost(0) }).At(sim.Time(3700*time.Second), 0)
			}, []string{
				"0.000s h2 fails", "0.000s h3 fails", "10.000s h2 is known to be down", "10.000s h3 is known to be down",
				"3600.000s h1 is being emptied for maintenance", "3700.000s h1 fails", "3700.000s vm:a is down",
				"3710.000s h1 is known to be down", "3710.000s vm:a has no host (pending_no_host)", "3710.000s h1 takes machines again",
			}},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := rigOf(t, base+x.vms)
			if x.before != nil {
				x.before(r)
			}
			r.e.Run(sim.Time(7000 * time.Second))
			for i := range r.out {
				r.out[i] = strings.TrimSpace(r.out[i])
			}
			if got := strings.Join(r.out, "\n"); got != strings.Join(x.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(x.want, "\n"))
			}
			if wrong := r.c.Check(false); wrong != nil {
				t.Error(wrong)
			}
			if n := r.c.Meter(r.e.Now()).HostFailures; x.before == nil && n != 0 {
				t.Errorf("%d failures of hosts were counted", n)
			}
		})
	}
}
