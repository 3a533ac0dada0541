package cluster_test

import (
	"maps"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// speeds is what machines are told of their speed.
type speeds map[int]float64

func (s speeds) Down(int, cluster.Ending)    {}
func (s speeds) Up(int, bool)                {}
func (s speeds) Speed(vm int, f float64)     { s[vm] = f }
func (s speeds) Stun(_ int, _ time.Duration) {}

func shared(t *testing.T, vms string) (*sim.Engine, *cluster.Cluster, speeds) {
	t.Helper()
	config, err := configOf("platform: none\nhosts: [{names: \"h[1-2]\", cores: 8, memory: 64GB}]\nvms: " + vms + "\n")
	if err != nil {
		t.Fatal(err)
	}
	e, s := sim.New(1, 0), speeds{}
	return e, cluster.New(e, config, cluster.Options{Machines: s}), s
}

// Machines on a host with too few cores share them, as far as they have work; one
// that is promised more gets it, and the others have less.
func TestSpeed(t *testing.T) {
	for _, x := range []struct {
		name, vms string
		busy      []int
		want      speeds
	}{
		{"enough", "[{names: \"a[1-2]\", cores: 4, on: h1}]", []int{4, 4}, speeds{}},
		{"two on one", "[{names: \"a[1-2]\", cores: 8, on: h1}]", []int{8, 8}, speeds{0: 0.5, 1: 0.5}},
		{"one idle", "[{names: \"a[1-2]\", cores: 8, on: h1}]", []int{8, 0}, speeds{0: 1, 1: 1}},
		{"one has little work", "[{names: \"a[1-2]\", cores: 8, on: h1}]", []int{8, 2}, speeds{0: 0.8, 1: 0.8}},
		{"a promise", "[{name: a, cores: 8, reserved: 6, on: h1}, {name: b, cores: 8, on: h1}]", []int{8, 8}, speeds{0: 0.75, 1: 0.25}},
		// 6 of 8 for a leave 2 for 16: then 0.5 of 8 that b is promised counts, too.
		{"two promises", "[{name: a, cores: 8, reserved: 6, on: h1}, {name: b, cores: 8, reserved: 1, on: h1}, {name: c, cores: 8, on: h1}]",
			[]int{8, 8, 8}, speeds{0: 0.75, 1: 0.125, 2: 0.125}},
		{"a second round", "[{name: a, cores: 8, reserved: 5, on: h1}, {name: b, cores: 8, reserved: 2, on: h1}, {name: c, cores: 8, on: h1}]",
			[]int{8, 8, 8}, speeds{0: 0.625, 1: 0.25, 2: 0.125}},
	} {
		_, c, got := shared(t, x.vms)
		for v, busy := range x.busy {
			c.SetBusy(v, busy)
		}
		if !maps.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
}

// A machine that comes slows the others, one that goes lets them have its part, and
// the time without a core is counted.
func TestSpeedAfterMoves(t *testing.T) {
	e, c, got := shared(t, "[{name: a, cores: 8, on: h1, memory: 1GB}, {name: b, cores: 8, on: h2, memory: 1GB}]")
	e.Run(sim.Time(10 * time.Second))
	c.Migrate(1, 0, cluster.Live)
	e.Run(sim.Time(11500 * time.Millisecond))
	if want := (speeds{0: 0.5, 1: 0.5}); !maps.Equal(got, want) {
		t.Fatalf("together: %v, want %v", got, want)
	}
	c.FailVM(0)
	e.Run(sim.Time(15 * time.Second))
	if got[1] != 1 {
		t.Fatalf("b has %v of its time when a is down", got[1])
	}
	c.RecoverVM(0)
	e.Run(sim.Time(17 * time.Second))
	c.StopVM(0)
	e.Run(sim.Time(20 * time.Second))
	if ready := c.VMMeter(1, e.Now()).Ready; got[1] != 1 || ready != time.Second {
		t.Errorf("b has %v of its time, and waited for %v", got[1], ready)
	}
}
