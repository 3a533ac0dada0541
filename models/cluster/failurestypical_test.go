package cluster_test

import (
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/sim"
)

// The values of failures.md, section 2, as mean times from one failure to the next,
// and the law of a host's hardware (A10: of the shape 0.75, which fails more often
// when it is young).
func TestTypicalFailures(t *testing.T) {
	f := cluster.Typical()
	for _, p := range flow.Check(f) {
		t.Errorf("%s: %s", p.Path, p.Text)
	}
	const year = 8760 * time.Hour
	for name, c := range map[string]struct {
		p          *cluster.Process
		up, repair time.Duration
	}{
		"host":          {f.Host, 10 * year, 8 * time.Hour},
		"host software": {f.HostSoftware, year, 10 * time.Minute},
		"vm":            {f.VM, year, 3 * time.Minute},
		"rack":          {f.Rack, 5 * year, 2 * time.Hour},
		"datastore":     {f.Datastore, 10 * year, 4 * time.Hour},
	} {
		figure(t, name, c.p.Cycle(), (c.up + c.repair).Seconds(), 1e-3)
	}
	failed := 1 - f.Host.Law.Build().Quantile(0.5)/(10*year).Seconds()
	if failed < 0.4 {
		t.Errorf("half of the hosts fail in the first %.0f %% of the mean", 100*(1-failed))
	}
	if f.FromScalar("rare") == nil || f.FromScalar("typical") != nil {
		t.Error("typical is the word for it, and rare is none")
	}
}

// A host whose hardware and software fail by themselves: where each has no memory,
// and neither fails while the host is down, it is down for the part x/(1+x) of the
// time with x the sum of the two rates times their repairs.
func TestHostSoftware(t *testing.T) {
	c := (&group{hosts: []int{1}, up: 1000 * hour, down: 10 * hour}).config()
	c.Failures.HostSoftware = &cluster.Process{MTBF: 100 * hour, MTTR: hour}
	const x, length = 0.01 + 0.01, 2_000_000 * hour
	checkNumber(t, "host software", x/(1+x), nearly, func(e *sim.Engine) float64 {
		w := &watch{e: e, need: 1, up: 1}
		cluster.New(e, c, cluster.Options{Machines: w})
		e.Run(sim.Time(length))
		return w.lacking().Seconds() / length.Seconds()
	})
}
