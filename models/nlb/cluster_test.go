package nlb

import (
	"testing"
	"time"

	"lbsim/models/flow"
)

// A host dies at 0 s, right after its heartbeat: the others notice after five
// heartbeats, at 5.0 s, and convergence ends at 7.5 s, or 8.0 s if it takes 3 s.
func TestDeadHostIsLeftOutAfterFiveHeartbeats(t *testing.T) {
	for _, c := range []struct {
		convergence time.Duration
		ends        float64
	}{{2500 * time.Millisecond, 7.5}, {3 * time.Second, 8}} {
		s := newStand(t, 3, func(x *Config, _ *[]Service) { x.Convergence = c.convergence })
		s.inStep()
		s.at(0)
		s.answers[0] = flow.Silent
		s.at(c.ends - 0.001)
		s.expectBuckets("[20 20 20]")
		if _, n := s.takers(0); n["-"] == 0 || n["a"] != 0 || n["-"]+n["b"]+n["c"] != clients {
			t.Errorf("before convergence ends, hosts take %v; what is a's nobody should", n)
		}
		s.at(c.ends)
		s.expectBuckets("[0 30 30]")
		if _, n := s.takers(0); n["-"] != 0 {
			t.Errorf("after convergence, %d clients are unanswered", n["-"])
		}
		if down, ends := s.noted(flow.MarkedDown, 0), s.noted(flow.Converged, 0); down != 5 || ends != c.ends {
			t.Errorf("left out at %g, converged at %g; want 5 and %g", down, ends, c.ends)
		}
	}
}

// Whenever it dies and whatever the phases of the heartbeats are, a host is left
// out 4 s to 6 s after its death, and convergence ends within ten seconds.
func TestDeadHostWhateverThePhases(t *testing.T) {
	for k := range 40 {
		s := newStand(t, 3, nil)
		dies := 10 + float64(k)/37
		s.at(dies)
		s.answers[1] = flow.Silent
		s.at(30)
		down, ends := s.noted(flow.MarkedDown, 0)-dies, s.noted(flow.Converged, 0)-dies
		if down < 4 || down > 6 || ends < down+2.4999 || ends > down+2.5001 || ends > 10 {
			t.Errorf("left out after %g s, converged after %g s", down, ends)
		}
	}
}

// A host that comes back joins when its first heartbeat was heard and convergence
// has ended, and has its full share at once.
func TestReturningHostHasNoRamp(t *testing.T) {
	s := newStand(t, 3, nil)
	s.at(10)
	s.answers[1] = flow.Silent
	s.at(30)
	s.expectBuckets("[30 0 30]")
	s.answers[1] = flow.Accepts
	s.at(32.49)
	s.expectBuckets("[30 0 30]")
	s.at(33.5)
	s.expectBuckets("[20 20 20]")
	up := s.noted(flow.MarkedUp, 30)
	if up < 32.5 || up > 33.5 {
		t.Errorf("the host has joined at %g", up)
	}
	if m := s.cl.Meter(0, 1, s.e.Now()); m.Weight != 1 {
		t.Errorf("its weight is %g", m.Weight)
	}
	if _, n := s.takers(0); n["b"] < clients/5 || n["-"] != 0 {
		t.Errorf("hosts take %v", n)
	}
}

// A reboot that is over before five heartbeats were missed still is one: the host
// takes nothing until it has joined again.
func TestShortDeath(t *testing.T) {
	s := newStand(t, 3, nil)
	s.at(10)
	s.answers[0] = flow.Silent
	s.at(12)
	s.answers[0] = flow.Accepts
	s.at(13.1)
	if _, n := s.takers(0); n["a"] != 0 {
		t.Errorf("a takes %d connections before it has joined", n["a"])
	}
	s.at(16)
	if _, n := s.takers(0); n["-"] != 0 || n["a"] == 0 {
		t.Errorf("after it has joined, hosts take %v", n)
	}
	if s.noted(flow.MarkedDown, 0) >= 0 {
		t.Error("the host was left out")
	}
}

// The death of a service is not a host's: it keeps its clients and refuses them for
// as long as the service is dead.
func TestBlindToADeadService(t *testing.T) {
	s := newStand(t, 3, nil)
	_, before := s.takers(0)
	s.at(10)
	s.answers[2] = flow.Refuses
	s.at(600)
	s.expectBuckets("[20 20 20]")
	_, after := s.takers(0)
	if after["-"] != before["c"] || after["a"] != before["a"] || after["b"] != before["b"] {
		t.Errorf("hosts take %v, before the service died %v", after, before)
	}
	if got := s.cl.Refused(); got != uint64(before["c"]) {
		t.Errorf("%d attempts met a dead service, want %d", got, before["c"])
	}
	if len(s.notes) != 0 {
		t.Errorf("the cluster noted %v", s.notes)
	}
}

// Clients behind one SNAT address are one client under single affinity, and
// without affinity they are not.
func TestAddressIsOneClient(t *testing.T) {
	hosts := func(affinity Affinity) map[string]int {
		s := newStand(t, 4, with(Multiple, affinity, 0))
		n := map[string]int{}
		for range 400 {
			_, what := s.ask(0, 7)
			n[what]++
		}
		return n
	}
	if n := hosts(SingleAffinity); len(n) != 1 {
		t.Errorf("single affinity: hosts take %v of one address", n)
	}
	if n := hosts(NetworkAffinity); len(n) != 1 {
		t.Errorf("network affinity: hosts take %v of one address", n)
	}
	n := hosts(NoAffinity)
	for _, h := range []string{"a", "b", "c", "d"} {
		if n[h] < 60 || n[h] > 140 {
			t.Errorf("no affinity: hosts take %v of one address, want about 100 each", n)
		}
	}
}

// The stand's clients are one class C network: under network affinity one host
// takes all of them.
func TestNetworkAffinityMergesAClassC(t *testing.T) {
	s := newStand(t, 4, with(Multiple, NetworkAffinity, 0))
	if _, n := s.takers(0); len(n) != 1 {
		t.Errorf("hosts take %v of one network", n)
	}
	s = newStand(t, 4, nil)
	if _, n := s.takers(0); len(n) != 4 {
		t.Errorf("single affinity: hosts take %v", n)
	}
}

// A host of load weight 0 gets nothing under the rule.
func TestWeightZero(t *testing.T) {
	s := newStand(t, 3, func(_ *Config, x *[]Service) { (*x)[0].Members[1].Weight = 0 })
	s.expectBuckets("[30 0 30]")
	if _, n := s.takers(0); n["b"] != 0 || n["-"] != 0 {
		t.Errorf("hosts take %v", n)
	}
}

// A new weight makes all hosts converge: it holds after a heartbeat and 2.5 s.
func TestNewWeightConverges(t *testing.T) {
	s := newStand(t, 3, nil)
	s.at(10)
	s.cl.SetWeight(0, 0, 100)
	s.at(12.49)
	s.expectBuckets("[20 20 20]")
	s.at(13.5)
	s.expectBuckets("[30 15 15]")
	if got := s.noted(flow.Converged, 0); got < 12.5 || got > 13.5 {
		t.Errorf("converged at %g", got)
	}
}

// In single-host mode the lowest handling priority takes all, and the next lowest
// after it has died.
func TestSingleHost(t *testing.T) {
	s := newStand(t, 3, func(_ *Config, x *[]Service) {
		(*x)[0].Rule.Mode = Single
		(*x)[0].Members[0].Priority, (*x)[0].Members[1].Priority, (*x)[0].Members[2].Priority = 3, 1, 2
	})
	for _, step := range []struct {
		at   float64
		want string
	}{{1, "b"}, {20, "c"}, {40, "b"}} {
		s.at(step.at)
		if _, n := s.takers(0); n[step.want] != clients {
			t.Errorf("at %g hosts take %v, want all by %s", step.at, n, step.want)
		}
		switch step.at {
		case 1:
			s.answers[1] = flow.Silent
		case 20:
			s.answers[1] = flow.Accepts
		}
	}
	if m := s.cl.Meter(0, 0, s.e.Now()); m.Weight != 0 {
		t.Error("a host that takes nothing has weight")
	}
}

// A disabled rule blocks, and what no rule matches goes to the default host,
// whatever the handling priorities of other rules say.
func TestDisabledAndDefault(t *testing.T) {
	s := newStand(t, 3, func(_ *Config, x *[]Service) {
		one := (*x)[0]
		blocked, other := one, one
		blocked.Name, blocked.Rule.Mode = "blocked", Disabled
		other.Name, other.Rule.Mode = "other", ByDefault
		*x = append(*x, blocked, other)
	})
	if _, n := s.takers(1); n["-"] != clients {
		t.Errorf("disabled: hosts take %v", n)
	}
	if _, n := s.takers(2); n["a"] != clients {
		t.Errorf("without a rule hosts take %v, want all by the default host", n)
	}
	s.at(10)
	s.cl.Disable(0)
	s.at(20)
	if _, n := s.takers(2); n["b"] != clients {
		t.Errorf("without its default host, hosts take %v", n)
	}
}
